// What all REST responses have in common: credentials, envelope, headers, CORS, methods, types and sizes; and
// the open paths.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rest, assertError, makeToken, rawExchange, readToken } from './rest.mjs';
import { JWT_SECRET, TestServer } from './server.mjs';

const ORIGIN = 'https://shop.example';

test('HTTP', async (t) => {
  const server = await TestServer.start(t, {
    env: { CARIOS_CORS_ALLOWED_ORIGINS: ORIGIN, CARIOS_METRICS_TOKEN: 'scrape-me' },
  });
  const shop = await server.createWorkspace();
  await shop.createUser('alice', 'Alice');
  const alice = await shop.as('alice');
  const { open } = server;

  await t.test('credentials', async () => {
    const refuse = async (authorization) => {
      const answer = await open.request('GET', '/v1/workspace', { authorization });
      return assertError(answer, 401, 'UNAUTHORIZED');
    };
    await refuse(null);
    await refuse('');
    await refuse('Bearer');
    await refuse('Bearer ');
    await refuse(`Basic ${Buffer.from(`${shop.apiKey}:${shop.apiSecret}`).toString('base64')}`);
    await refuse(`Bearer ${shop.apiKey}:${shop.apiSecret}x`);
    await refuse(`Bearer ${shop.apiKey}:`);
    await refuse(`Bearer ${shop.apiKey}`);
    await refuse(`Bearer pk_live_nothing:${shop.apiSecret}`);
    const scheme =
        await open.request('GET', '/v1/workspace', {authorization: `bearer ${shop.apiKey}:${shop.apiSecret}`});
    assert.equal(scheme.status, 200, 'the scheme has no case (RFC 9110)');
  });

  await t.test('tokens', async () => {
    const good = readToken(await shop.token('alice'));
    const now = Math.floor(Date.now() / 1000);
    const get = (token) => open.request('GET', '/v1/me', { authorization: `Bearer ${token}` });
    assert.equal((await get(makeToken(good, JWT_SECRET))).status, 200);
    // A minute of leeway in both directions.
    assert.equal((await get(makeToken({ ...good, iat: now - 200, exp: now - 30 }, JWT_SECRET))).status, 200);
    assert.equal((await get(makeToken({ ...good, nbf: now + 30 }, JWT_SECRET))).status, 200);
    const expired = assertError(await get(makeToken({ ...good, iat: now - 200, exp: now - 100 }, JWT_SECRET)), 401, 'UNAUTHORIZED');
    assert.equal(expired.details.reason, 'expired');

    const valid = makeToken(good, JWT_SECRET);
    const [head, body, signature] = valid.split('.');
    const without = (name) => Object.fromEntries(Object.entries(good).filter(([key]) => key !== name));
    const forged = {
      'another key': makeToken(good, 'x'.repeat(40)),
      'no signature': `${head}.${body}.`,
      'two parts': `${head}.${body}`,
      'four parts': `${valid}.x`,
      'none': makeToken(good, JWT_SECRET, {header: {alg: 'none'}}),
      'None without signature': `${Buffer.from('{"alg":"None"}').toString('base64url')}.${body}.`,
      'another algorithm': makeToken(good, JWT_SECRET, {header: {alg: 'HS512'}, hash: 'sha512'}),
      'HS512 named, HS256 made': makeToken(good, JWT_SECRET, {header: {alg: 'HS512'}}),
      'RS256': makeToken(good, JWT_SECRET, {header: {alg: 'RS256'}}),
      'lower case': makeToken(good, JWT_SECRET, {header: {alg: 'hs256'}}),
      'no algorithm': makeToken(good, JWT_SECRET, {header: {typ: 'JWT'}}),
      'a critical extension': makeToken(good, JWT_SECRET, {header: {alg: 'HS256', crit: ['x'], x: 1}}),
      'a header that is no object': makeToken(good, JWT_SECRET, {header: '"HS256"'}),
      'another body':
          `${head}.${Buffer.from(JSON.stringify({...good, ext: 'budi'})).toString('base64url')}.${signature}`,
      'padding': `${head}.${body}.${signature}=`,
      'another issuer': makeToken({...good, iss: 'other'}, JWT_SECRET),
      'not yet valid': makeToken({...good, nbf: now + 1000}, JWT_SECRET),
      'a text as time': makeToken({...good, exp: String(good.exp)}, JWT_SECRET),
      'a workspace that is none': makeToken({...good, ws: 'shop'}, JWT_SECRET),
      'claims that are no object': makeToken('[1]', JWT_SECRET),
      'claims that are no JSON': makeToken('{', JWT_SECRET),
      'rubbish': 'a.b.c',
      'dots': '..',
    };
    for (const name of ['iss', 'sub', 'ws', 'exp'])
      forged[`without ${name}`] = makeToken(without(name), JWT_SECRET);
    for (const [name, token] of Object.entries(forged)) {
      const answer = await get(token);
      assert.equal(answer.status, 401, `${name}: ${answer.text}`);
      assertError(answer, 401, 'UNAUTHORIZED');
    }
    const elsewhere = makeToken({ ...good, ws: '01890000-0000-7000-8000-000000000000' }, JWT_SECRET);
    assertError(await get(elsewhere), 401, 'UNAUTHORIZED');
  });

  await t.test('every response has an id, and errors have the envelope', async () => {
    const ids = new Set();
    for (const path of ['/healthz', '/v1/me', '/nothing', '/v1/users/x/y/z']) {
      const answer = await open.get(path);
      assert.ok(answer.headers.get('x-request-id'), path);
      ids.add(answer.headers.get('x-request-id'));
      assert.equal(answer.headers.get('x-content-type-options'), 'nosniff', path);
      assert.equal(answer.headers.get('cache-control'), answer.status < 400 ? null : 'no-store', path);
    }
    assert.equal(ids.size, 4);
    assertError(await open.get('/nothing'), 404, 'NOT_FOUND');
    assertError(await alice.get('/v1/nothing'), 404, 'NOT_FOUND');
    assertError(await open.get('/v1/..%2f..%2fetc/passwd'), 404, 'NOT_FOUND');
  });

  await t.test('methods', async () => {
    const wrong = await alice.delete('/v1/me');
    assertError(wrong, 405, 'METHOD_NOT_ALLOWED');
    assert.match(wrong.headers.get('allow'), /\bGET\b/);
    assertError(await open.post('/healthz', {}), 405, 'METHOD_NOT_ALLOWED');
    for (const unheard of ['QUERY', 'BREW']) {
      const answer = await alice.request(unheard, '/v1/me');
      assertError(answer, 405, 'METHOD_NOT_ALLOWED');
      assert.match(answer.headers.get('allow'), /\bGET\b/);
      assertError(await open.request(unheard, '/nothing'), 404, 'NOT_FOUND');
    }
    const head = await alice.request('HEAD', '/v1/me');
    assert.equal(head.status, 200);
    assert.equal(head.text, '');
    assert.ok(Number(head.headers.get('content-length')) > 0);
    const page = await open.request('HEAD', '/openapi.json');
    assert.equal(page.status, 200);
  });

  await t.test('types and sizes of bodies', async () => {
    const user = JSON.stringify({ external_id: 'x', name: 'x' });
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', '']) {
      const answer = await shop.rest.request('POST', '/v1/users', {body: user, headers: {'Content-Type': type}});
      assertError(answer, 415, 'UNSUPPORTED_MEDIA_TYPE');
    }
    for (const
             type of ['application/json', 'Application/JSON; charset=utf-8', 'application/json;charset="UTF-8"']) {
      const answer = await shop.rest.request('POST', '/v1/users', {body: user, headers: {'Content-Type': type}});
      assert.ok(answer.status < 300, `${type}: ${answer.text}`);
    }
    const big = await shop.rest.request('POST', '/v1/users', { body: ' '.repeat((1 << 20) + 1) });
    assertError(big, 413, 'PAYLOAD_TOO_LARGE');
    const fits = await shop.rest.request('POST', '/v1/users', { body: user + ' '.repeat((1 << 20) - user.length) });
    assert.equal(fits.status, 200);
    const text = await rawExchange(
        server.base(), `POST /v1/users HTTP/1.1\r\nHost: x\r\nAuthorization: ${shop.rest.authorization}\r\n` +
            'Content-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n');
    assert.match(text, /^HTTP\/1\.1 413 /);
  });

  await t.test('a request is checked by its head, before its body is read', async () => {
    // The body never comes, so a check that waited for it would never answer.
    const ask = (line, fields) =>
      rawExchange(
        server.base(),
        `${line} HTTP/1.1\r\nHost: x\r\nOrigin: ${ORIGIN}\r\nX-Request-Id: early\r\nContent-Length: 1000000\r\n` +
          `Expect: 100-continue\r\n${fields}\r\n`,
      );
    const key = `Authorization: Bearer ${shop.apiKey}:${shop.apiSecret}\r\n`;
    const json = 'Content-Type: application/json\r\n';
    const judge = async (status, line, fields) => {
      const text = await ask(line, fields);
      assert.match(text, new RegExp(`^HTTP/1\\.1 ${status} `), line);
      assert.match(text, /\r\nX-Request-Id: early\r\n/);
      assert.ok(text.includes(`\r\nAccess-Control-Allow-Origin: ${ORIGIN}\r\n`), text);
      assert.match(text, /\r\nConnection: close\r\n/);
    };
    await judge(401, 'POST /v1/users', json);
    await judge(401, 'POST /v1/users', `Authorization: Bearer pk_live_x:sk_y\r\n${json}`);
    await judge(403, 'POST /v1/users', `Authorization: Bearer ${await shop.token('alice')}\r\n${json}`);
    await judge(404, 'POST /v1/nothing', key + json);
    await judge(405, 'POST /v1/me', key + json);
    await judge(415, 'POST /v1/users', `${key}Content-Type: text/plain\r\n`);
  });

  await t.test('sizes of heads', async () => {
    const ask = (head) =>
        rawExchange(server.base(), `GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${head}\r\n`);
    assert.match(await ask(''), /^HTTP\/1\.1 200 /);
    assert.match(await ask(`X-A: ${'a'.repeat(15_000)}\r\n`), /^HTTP\/1\.1 200 /);
    const large = await ask(`X-A: ${'a'.repeat(17_000)}\r\n`);
    assert.match(large, /^HTTP\/1\.1 431 /);
    assert.match(large, /HEADERS_TOO_LARGE/);
    assert.match(large, /X-Content-Type-Options: nosniff\r\n/);
    assert.match(large, /Cache-Control: no-store\r\n/);
    const early = await ask(`Origin: ${ORIGIN}\r\n${'X-A: a\r\n'.repeat(65)}`);
    assert.match(early, /^HTTP\/1\.1 431 /);
    assert.ok(early.includes(`\r\nAccess-Control-Allow-Origin: ${ORIGIN}\r\n`), early);
    assert.match(await ask('X-A: a\r\n'.repeat(60)), /^HTTP\/1\.1 200 /);
  });

  await t.test('anything but HTTP is answered 400', async () => {
    for (const bytes
             of ['rubbish\r\n\r\n', 'GET / HTTP/1.1\r\nHost : x\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n',
                 'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
                 'POST /v1/users HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
                 '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n']) {
      const text = await rawExchange(server.base(), bytes);
      assert.match(text, /^HTTP\/1\.1 4\d\d /, JSON.stringify(bytes));
    }
  });

  await t.test('several requests on one connection', async () => {
    const one = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n';
    const text =
        await rawExchange(server.base(), one + one + one.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
    assert.equal(text.match(/HTTP\/1\.1 200 /g).length, 3);
    assert.equal(text.match(/Keep-Alive: timeout=75\r\n/g).length, 2, 'not on the last one');
    const chunk = (content) => `${content.length.toString(16)}\r\n${content}\r\n`;
    const chunked =
        'POST /v1/users HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n' +
        `Authorization: Bearer ${shop.apiKey}:${shop.apiSecret}\r\nTransfer-Encoding: chunked\r\n\r\n` +
        chunk('{"external_id":"ch",') + chunk('"name":"c"}') + chunk('');
    assert.match(await rawExchange(server.base(), chunked), /^HTTP\/1\.1 201 /);
  });

  await t.test('CORS', async () => {
    const ask = (origin, path = '/v1/me') => alice.get(path, { headers: { Origin: origin } });
    const listed = await ask(ORIGIN);
    assert.equal(listed.headers.get('access-control-allow-origin'), ORIGIN);
    assert.match(listed.headers.get('vary') ?? '', /Origin/i);
    assert.equal((await ask('https://evil.example')).headers.get('access-control-allow-origin'), null);
    assert.equal((await ask('null')).headers.get('access-control-allow-origin'), null);
    const failed = await open.get('/v1/me', { headers: { Origin: ORIGIN } });
    assert.equal(failed.status, 401);
    assert.equal(
        failed.headers.get('access-control-allow-origin'), ORIGIN, 'a page must be able to read errors too');

    const preflight = (origin) => open.request('OPTIONS', '/v1/channels/x/messages', {
      headers: {
        Origin: origin,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'authorization,content-type'
      },
    });
    const good = await preflight(ORIGIN);
    assert.equal(good.status, 204);
    assert.equal(good.headers.get('access-control-allow-origin'), ORIGIN);
    assert.match(good.headers.get('access-control-allow-methods'), /POST/);
    assert.match(good.headers.get('access-control-allow-headers'), /authorization/i);
    assert.match(good.headers.get('access-control-allow-headers'), /content-type/i);
    assert.equal((await preflight('https://evil.example')).headers.get('access-control-allow-origin'), null);
  });

  await t.test('the open paths', async () => {
    assert.equal((await open.get('/healthz')).status, 200);
    assert.equal((await open.get('/readyz')).status, 200);
    assert.equal((await open.get('/metrics')).status, 401);
    assert.equal((await open.request('GET', '/metrics', { authorization: 'Bearer scrape-m' })).status, 401);
    const metrics = await open.request('GET', '/metrics', { authorization: 'Bearer scrape-me' });
    assert.equal(metrics.status, 200);
    assert.match(metrics.headers.get('content-type'), /^text\/plain/);
    assert.match(metrics.text, /^# TYPE cariosan_\w+ (counter|gauge|histogram)$/m);
    const { body: description } = await open.get('/openapi.json');
    assert.match(description.openapi, /^3\.1/);
    for (const path
             of ['/v1/users', '/v1/channels/{channel}/messages', '/v1/me/channels',
                 '/v1/channels/{channel}/changes']) {
      assert.ok(description.paths[path], path);
    }
  });

  await t.test('without the demo there is no page', async () => {
    const answers = await Promise.all(['/', '/index.html', '/app.js', '/style.css', '/demo.json'].map((path) => open.get(path)));
    for (const { status, body } of answers) {
      assert.equal(status, 404);
      assert.equal(body.error.code, 'NOT_FOUND');
    }
  });

  await t.test('the log leads from an error to its request, and contains no secrets or texts', async () => {
    const rest = new Rest(server.base, `Bearer ${shop.apiKey}:${shop.apiSecret}`);
    await rest.get('/v1/users?cursor=hidden-in-a-query');
    const refused = [await rest.get('/v1/nowhere'), await rest.post('/v1/users', {}), await open.get('/v1/ws'),
      await rest.post('/v1/users', { external_id: 'x'.repeat(2 << 20) })];
    await server.stop();
    const records = server.log.split('\n').filter((each) => each.startsWith('{')).map((each) => JSON.parse(each));
    for (const { status, body } of refused) {
      const lines = records.filter((each) => each.request_id === body.error.request_id);
      assert.equal(lines.length, 1, body.error.request_id);
      assert.deepEqual([lines[0].event, lines[0].status, lines[0].code], ['request.done', status, body.error.code]);
    }
    assert.deepEqual(refused.map((each) => each.status), [404, 400, 426, 413]);
    for (const line of server.log.split('\n').filter((each) => each.startsWith('{'))) {
      const record = JSON.parse(line);
      assert.ok(record.time && record.level && record.event, line);
    }
    for (const secret of [shop.apiSecret, JWT_SECRET, 'scrape-me', 'hidden-in-a-query', 'eyJ']) {
      assert.ok(!server.log.includes(secret), secret);
    }
  });
});
