// Push from outside: who is notified of a message, with what content, and that a kill loses none. The service
// is a stand-in.

import assert from 'node:assert/strict';
import { generateKeyPairSync, createVerify } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { within } from './data.mjs';
import { PushStandIn } from './push_stand_in.mjs';
import { run, TestServer } from './server.mjs';

const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});

/// Token server and FCM in one. `answer(token)` decides the response to a notification: status and body.
class PushService extends PushStandIn {
  constructor() {
    super();
    this.tokens = 0;
    this.answer = () => [200, { name: 'projects/shop/messages/1' }];
  }

  take(request, body) {
    const text = body.toString('utf8');
    if (request.url === '/token') return this.#token(text);
    const { message } = JSON.parse(text);
    this.pushes.push({ ...message, url: request.url, authorization: request.headers.authorization, text });
    const answer = this.answer(message.token);
    return answer && json(...answer);
  }

  #token(form) {
    const assertion = new URLSearchParams(form).get('assertion');
    const [header, claims, signature] = assertion.split('.');
    const good = createVerify('RSA-SHA256').update(`${header}.${claims}`).verify(publicKey, signature, 'base64url');
    this.tokens += 1;
    return json(good ? 200 : 400, good ? { access_token: 'opened', expires_in: 3600, token_type: 'Bearer' } : {});
  }
}

const json = (status, value) => ({ status, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(value) });

function keyFile(folder, service, more = {}) {
  const path = join(folder, 'service-account.json');
  writeFileSync(path, JSON.stringify({
    type: 'service_account', project_id: 'shop', private_key_id: 'k1', private_key: privateKey,
    client_email: 'push@shop.iam.gserviceaccount.com', token_uri: `${service.url}/token`, ...more,
  }));
  return path;
}

async function shopOf(t) {
  const service = await PushService.start(t);
  const server = TestServer.prepare(t);
  server.env.CARIOS_FCM_SERVICE_ACCOUNT_FILE = keyFile(server.folder, service);
  server.env.CARIOS_FCM_BASE_URL = service.url;
  await server.start();
  const shop = await server.createWorkspace();
  const people = {};
  for (const name of ['alice', 'budi', 'citra', 'dewi']) {
    await shop.createUser(name, name.toUpperCase());
    people[name] = await shop.as(name);
    await people[name].expect(201, 'POST', '/v1/me/devices', { token: `device-of-${name}`, platform: 'android' });
  }
  await shop.createGroup('g', ['alice', 'budi', 'citra', 'dewi']);
  return { service, server, shop, ...people };
}

const send = (rest, content) => rest.expect(201, 'POST', '/v1/channels/g/messages', { content });

test('a message is pushed to the others, with its title and channel, and never its text', async (t) => {
  const { service, alice, citra, dewi } = await shopOf(t);
  await citra.expect(200, 'PATCH', '/v1/me/channels/g', { muted: true });
  await dewi.request('PUT', '/v1/me/blocks/alice', { body: {} });
  const { id, channel_id: channel } = await send(alice, 'a secret text');
  await within(service.until((all) => all.length === 1), 'the push');
  await send(await alice, 'another');
  await within(service.until((all) => all.length === 2), 'the second push');
  const [first] = service.pushes;
  assert.deepEqual(service.pushes.map(({ token }) => token), ['device-of-budi', 'device-of-budi']);
  assert.equal(first.notification.title, 'ALICE sent a message');
  assert.equal(first.data.channel_id, channel);
  assert.equal(first.data.message_id, id);
  assert.equal(first.url, '/v1/projects/shop/messages:send');
  assert.equal(first.authorization, 'Bearer opened');
  assert.ok(!first.text.includes('secret'));
  assert.equal(service.tokens, 1, 'one access token for all');
});

test('an unregistered device is removed', async (t) => {
  const { service, alice } = await shopOf(t);
  service.answer = (token) => (token === 'device-of-budi'
    ? [404, { error: { code: 404, status: 'NOT_FOUND', details: [{ '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode: 'UNREGISTERED' }] } }]
    : [200, { name: 'x' }]);
  await send(alice, 'one');
  await within(service.until((all) => all.length === 3), 'three devices');
  await within((async () => {
    for (let n = 0; ; ++n) {
      const before = service.pushes.length;
      await send(alice, `message ${n}`);
      await service.until((all) => all.some(({ token }, i) => i >= before && token === 'device-of-dewi'));
      const tokens = service.pushes.slice(before).map(({ token }) => token);
      if (!tokens.includes('device-of-budi') && tokens.length >= 2) return;
    }
  })(), 'a message that is not pushed to it');
});

test('after a kill between commit and push, everything acknowledged is pushed', async (t) => {
  const { service, server, alice } = await shopOf(t);
  service.answer = () => null;
  const sent = [];
  for (let n = 0; n < 10; ++n) sent.push((await send(alice, `message ${n}`)).id);
  await within(service.until((all) => all.length > 0), 'a push that hangs');
  await server.kill();
  service.pushes.length = 0;
  service.answer = () => [200, { name: 'x' }];
  await server.start();
  const missing = () => sent.filter((id) => !service.pushes.some((push) => push.data.message_id === id && push.token === 'device-of-budi'));
  await within(service.until(() => missing().length === 0), 'all of them', 120_000);
});

test('an invalid configuration of push fails the start with one line', async (t) => {
  const service = await PushService.start(t);
  const server = TestServer.prepare(t);
  const broken = join(server.folder, 'broken.json');
  writeFileSync(broken, '{"type":"service_account"');
  const faults = [
    [{ CARIOS_FCM_SERVICE_ACCOUNT_FILE: join(server.folder, 'nothing.json') }, /CARIOS_FCM_SERVICE_ACCOUNT_FILE: cannot be read: No such file/],
    [{ CARIOS_FCM_SERVICE_ACCOUNT_FILE: server.folder }, /CARIOS_FCM_SERVICE_ACCOUNT_FILE: cannot be read/],
    [{ CARIOS_FCM_SERVICE_ACCOUNT_FILE: broken }, /CARIOS_FCM_SERVICE_ACCOUNT_FILE: /],
    [{ CARIOS_FCM_SERVICE_ACCOUNT_FILE: keyFile(server.folder, service, { private_key: 'swordfish' }) }, /CARIOS_FCM_SERVICE_ACCOUNT_FILE: /],
    [{ CARIOS_FCM_PROJECT_ID: 'shop' }, /CARIOS_FCM_PROJECT_ID: is set without/],
  ];
  for (const [variables, line] of faults) {
    const { code, stderr } = await run([], { ...server.env, ...variables });
    assert.equal(code, 1, stderr);
    assert.match(stderr, line);
    assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
    assert.ok(!stderr.includes('swordfish'));
  }
  const path = keyFile(server.folder, service);
  const wrong = await run([], { ...server.env, CARIOS_FCM_SERVICE_ACCOUNT_FILE: path, CARIOS_FCM_BASE_URL: 'ftp://x' });
  assert.match(wrong.stderr, /CARIOS_FCM_BASE_URL: /);
});
