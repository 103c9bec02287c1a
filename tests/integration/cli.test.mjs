// The command line: with the server running and without, and its error messages.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from './client.mjs';
import { fixture, within } from './data.mjs';
import { Rest, allPages, assertError, readToken } from './rest.mjs';
import { TestServer, TestWorkspace, run } from './server.mjs';

const lines = (text) => text.trim().split('\n');

for (const mode of ['with the server running', 'without a server']) {
  test(`workspaces and tokens ${mode}`, async (t) => {
    const server = TestServer.prepare(t);
    if (mode === 'with the server running') await server.start();

    const shop = JSON.parse(await server.done('workspace', 'create', '--name', 'Shop', '--json'));
    assert.match(shop.api_key, /^pk_live_/);
    assert.match(shop.api_secret, /^sk_.{27,}$/);
    const test_ = JSON.parse(await server.done('workspace', 'create', '--name', 'Try', '--test', '--json'));
    assert.match(test_.api_key, /^pk_test_/);
    const human = await server.done('workspace', 'create', '--name', 'Third');
    assert.match(human, /^workspace +[0-9a-f-]{36} +Third\napi_key +pk_live_\S+\napi_secret +sk_\S+\n$/);
    const listed = lines(await server.done('workspace', 'list', '--json')).map(JSON.parse);
    assert.deepEqual(listed.map((each) => each.name), ['Shop', 'Try', 'Third']);
    assert.ok(!JSON.stringify(listed).includes('sk_'));

    assert.match(await server.failed(1, 'token', '--user', 'alice'), /several workspaces/);
    assert.match(
        await server.failed(1, 'token', '--workspace', 'Nowhere', '--user', 'alice'),
        /no workspace has the name or id Nowhere/);
    assert.match(await server.failed(1, 'token', '--workspace', 'Shop', '--user', 'alice'), /has no user alice; make one with "cariosan-server user create --workspace Shop --id alice --name NAME"/);
    if (!server.running) await server.start();
    const workspace = new TestWorkspace(server, shop);
    await workspace.createUser('alice');
    const token = (await server.done('token', '--workspace', shop.id, '--user', 'alice', '--ttl', '1h')).trim();
    assert.equal(readToken(token).exp - readToken(token).iat, 3600);
    await new Rest(server.base, `Bearer ${token}`).expect(200, 'GET', '/v1/me');

    const unasked = await server.cli('workspace', 'delete', '--workspace', 'Shop');
    assert.equal(unasked.code, 2);
    assert.match(unasked.stderr, /--yes/);
    assert.equal((await workspace.rest.get('/v1/workspace')).status, 200);
    await server.done('workspace', 'delete', '--workspace', 'Shop', '--yes');
    assertError(await new Rest(server.base, `Bearer ${token}`).get('/v1/me'), 401, 'UNAUTHORIZED');
    await within((async () => {
      // For up to five seconds the key is still cached, but not what it opened.
      for (;;) {
        const answer = await workspace.rest.get('/v1/workspace');
        if (answer.status === 401) return;
        assertError(answer, 404, 'NOT_FOUND');
      }
    })(), 'the end of the key');
    assert.equal(lines(await server.done('workspace', 'list', '--json')).length, 2);
  });
}

test('a secret is rotated', async (t) => {
  const server = await TestServer.start(t);
  const shop = await server.createWorkspace();
  const fresh = JSON.parse(
      await server.done('workspace', 'rotate-secret', '--workspace', 'Shop', '--keep-old', '24h', '--json'));
  assert.equal(fresh.api_key, shop.apiKey);
  const freshRest = new Rest(server.base, `Bearer ${fresh.api_key}:${fresh.api_secret}`);
  await freshRest.expect(200, 'GET', '/v1/workspace');
  await shop.rest.expect(200, 'GET', '/v1/workspace');
  const last = JSON.parse(await server.done('workspace', 'rotate-secret', '--workspace', 'Shop', '--json'));
  assert.equal(last.api_key, shop.apiKey);
  await new Rest(server.base, `Bearer ${last.api_key}:${last.api_secret}`).expect(200, 'GET', '/v1/workspace');
  for (const rest of [shop.rest, freshRest]) {
    // "Within five seconds": checked until it is true.
    await within((async () => {
      while ((await rest.get('/v1/workspace')).status !== 401);
    })(), 'the end of an old secret');
  }
});

test('import errors', async (t) => {
  const server = TestServer.prepare(t);
  assert.match(await server.failed(1, 'import', fixture('chat.jsonl')), /there is no database/);
  await server.done('workspace', 'create', '--name', 'Shop');
  assert.match(await server.failed(2, 'import', join(server.folder, 'nothing')), /does not exist/);
  assert.match(await server.failed(2, 'import'), /FILE is required/);
  assert.match(await server.failed(1, 'import', fixture('chat.jsonl'), '--source', 'a\nb'), /--source/);
  // 25 invalid lines: 20 are shown, then a count, or all.
  const file = join(server.folder, 'bad.jsonl');
  writeFileSync(file, '{}\n'.repeat(25) + `${'x'.repeat(1_100_000)}\n`);
  // The closing count is a result, even if there were invalid lines.
  const failing = async (...args) => {
    const result = await server.cli('import', file, ...args);
    assert.equal(result.code, 1, result.stdout + result.stderr);
    return lines(result.stderr);
  };
  const some = await failing();
  assert.equal(some.length, 21);
  assert.match(some.at(-1), /6 more bad lines/);
  const all = await failing('--verbose');
  assert.equal(all.length, 26);
  assert.match(all.at(-1), /line 26: longer than 1 MiB/);
  assert.equal(
      (await server.cli('import', file)).stdout, 'imported 0 messages (0 replies), skipped 26, already there 0\n');
});

test('export prints everything', async (t) => {
  const server = await TestServer.start(t);
  const shop = await server.createWorkspace();
  await server.cli('import', fixture('chat.jsonl'));
  const things = lines(await server.done('export', '--workspace', 'Shop')).map(JSON.parse);
  const count = (kind) => things.filter((thing) => thing.kind === kind).length;
  assert.deepEqual(['workspace', 'user', 'channel', 'member', 'message'].map(count), [1, 3, 2, 4, 7]);
  assert.equal(things[0].id, shop.id);
  const seqs = things.filter((thing) => thing.kind === 'message' && thing.channel_external_id === '#general')
                   .map((thing) => thing.seq);
  assert.deepEqual(seqs, [1, 2, 3, 4, 5]);
  assert.ok(!JSON.stringify(things).includes(shop.apiSecret));
});

test('backup and restore', async (t) => {
  const server = await TestServer.start(t);
  const shop = await server.createWorkspace();
  for (const name of ['alice', 'budi']) await shop.createUser(name);
  const group = await shop.createGroup('g', ['alice', 'budi']);
  const client = new Client(server, await shop.token('alice'));
  t.after(() => client.close());
  client.open();

  // Under load: sends continue during the copy.
  let sending = true;
  const acknowledged = [];
  const load = (async () => {
    for (let i = 0; sending; ++i) acknowledged.push(await client.sendMessage('g', `m${i} ${'.'.repeat(1000)}`));
  })();
  await within(client.until(() => acknowledged.length >= 200), 'some traffic');
  const before = acknowledged.length;
  const copy = join(server.folder, 'copy.db');
  await server.done('backup', copy);
  const during = acknowledged.length;
  await within(client.until(() => acknowledged.length >= during + 50), 'more traffic');
  sending = false;
  await load;
  assert.match(await server.failed(1, 'backup', copy), /exists/);
  assert.match(await server.failed(1, 'restore', copy), /in use; stop the server first/);

  const { epoch } = client;
  await server.stop();
  await server.done('restore', copy);
  await server.start();
  const present = await shop.rest.expect(200, 'GET', `/v1/channels/${group.id}`);
  assert.ok(
      present.last_seq >= before && present.last_seq <= acknowledged.length, `${before} ≤ ${present.last_seq}`);
  await within(client.until(() => client.synced && client.epoch !== epoch), 'the new epoch');
  await within(client.until(() => client.channels.get(group.id)?.rev === present.rev), 'the restored state');
  const fresh = await client.sendMessage('g', 'after');
  assert.equal(fresh.seq, present.last_seq + 1);

  // A backup that is not a database is refused, and the existing one stays.
  await server.stop();
  writeFileSync(join(server.folder, 'rubbish.db'), 'x'.repeat(10_000));
  assert.equal((await server.cli('restore', join(server.folder, 'rubbish.db'))).code, 1);
  await server.start();
  assert.equal((await shop.rest.expect(200, 'GET', `/v1/channels/${group.id}`)).last_seq, present.last_seq + 1);
});

test('a database belongs to one process', async (t) => {
  const server = await TestServer.start(t);
  const second = await run([], { ...server.env, CARIOS_HTTP_PORT: '0' });
  assert.equal(second.code, 1);
  assert.match(second.stderr, /in use by another process.*PostgreSQL/);
  assert.equal((await server.open.get('/readyz')).status, 200);
  assert.equal(statSync(`${server.database}.sock`).mode & 0o777, 0o600);
  // The remains of a killed server do no harm.
  await server.kill();
  assert.ok(existsSync(`${server.database}.sock`));
  await server.done('workspace', 'list');
  await server.start();
});

test('healthcheck', async (t) => {
  const server = await TestServer.start(t);
  await server.done('healthcheck');
  await server.stop();
  assert.match(await server.failed(1, 'healthcheck'), /cannot connect to http:\/\/127\.0\.0\.1:\d+/);
});

test('the secret of a development server is stored beside its database', async (t) => {
  const server = TestServer.prepare(t, { env: { CARIOS_JWT_SECRET: '' } });
  await server.start();
  const path = `${server.database}.jwt-secret`;
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const secret = readFileSync(path, 'utf8');
  const shop = await server.createWorkspace();
  await shop.createUser('alice');
  const alice = await shop.as('alice');
  await server.stop();
  await server.start();
  assert.equal(readFileSync(path, 'utf8'), secret);
  await alice.expect(200, 'GET', '/v1/me');
});

test('invalid configuration and wrong usage end with one line', async (t) => {
  const server = TestServer.prepare(t);
  for (const [name, value, what] of [
           [
             'CARIOS_HTTP_PORT', 'http',
             /CARIOS_HTTP_PORT: "http" is no such number; accepted: a whole number from 0 to 65535/
           ],
           ['CARIOS_ENV', 'live', /CARIOS_ENV: "live" is none of the choices; accepted: dev, prod, test/],
           ['CARIOS_JWT_SECRET', 'hunter2', /CARIOS_JWT_SECRET: has only 7 bytes; accepted: at least 32 bytes/],
           // In a build without them, both are refused.
           [
             'CARIOS_DATABASE_URL', 'postgres://me:hunter2@127.0.0.1:1/x',
             /cannot open the database: PostgreSQL: .*refused|CARIOS_DATABASE_URL: PostgreSQL is not supported by this build/
           ],
           ['CARIOS_REDIS_URL', 'redis://me:hunter2@x', /CARIOS_REDIS_URL: (is set, but a SQLite file belongs to one server|is not supported by this build)/],
  ]) {
    const result = await run([], { ...server.env, [name]: value });
    assert.equal(result.code, 1);
    assert.equal(lines(result.stderr).length, 1, result.stderr);
    assert.match(result.stderr, what);
    assert.ok(!result.stderr.includes('hunter2'));
  }
  const nowhere = await run([], { ...server.env, CARIOS_DATABASE_URL: `sqlite:${server.folder}/no/such/chat.db` });
  assert.equal(nowhere.code, 1);
  assert.match(nowhere.stderr, /no\/such\/chat\.db/);
  const taken = await TestServer.start(t);
  const port = await run([], { ...server.env, CARIOS_HTTP_PORT: String(taken.port) });
  assert.equal(port.code, 1);
  assert.match(port.stderr, /address|in use/i);

  for (const args
           of [['nonsense'], ['workspace'], ['workspace', 'create'], ['token'], ['--nonsense'], ['epoch'],
               ['workspace', 'delete'], ['workspace', 'rotate-secret', '--workspace', 'x', '--keep-old', 'long'],
               ['import', fixture('chat.jsonl'), 'more']]) {
    const result = await server.cli(...args);
    assert.equal(result.code, 2, args.join(' '));
    assert.equal(result.stdout, '');
    assert.ok(result.stderr.length > 0);
  }
  assert.match((await server.cli('--version')).stdout, /^cariosan-server \d+\.\d+\.\d+\n$/);
  for (const args
           of [[], ['workspace'], ['workspace', 'create'], ['token'], ['import'], ['export'], ['backup'],
               ['restore'], ['epoch', 'rotate'], ['vapid-key'], ['healthcheck']]) {
    const result = await server.cli(...args, '--help');
    assert.equal(result.code, 0);
    assert.match(result.stdout, /Usage: /);
  }
});
