// Web Push from outside: a browser's side is played here, which decrypts what the server posts and checks who signed it.

import assert from 'node:assert/strict';
import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from 'node:crypto';
import { test } from 'node:test';
import { within } from './data.mjs';
import { PushStandIn } from './push_stand_in.mjs';
import { run, TestServer } from './server.mjs';

const SUBJECT = 'mailto:shop@example.com';

/// The service that a browser names, and the browsers themselves. `answer(name)` decides the status and headers.
class PushService extends PushStandIn {
  #browsers = new Map();

  constructor() {
    super();
    this.answer = () => [201, {}];
  }

  /// The token that a browser of this name registers.
  subscribe(name) {
    const keys = createECDH('prime256v1');
    const browser = { keys, publicKey: keys.generateKeys(), auth: randomBytes(16) };
    this.#browsers.set(`/push/${name}`, { name, ...browser });
    return JSON.stringify({
      endpoint: `${this.url}/push/${name}`,
      expirationTime: null,
      keys: { p256dh: browser.publicKey.toString('base64url'), auth: browser.auth.toString('base64url') },
    });
  }

  take(request, body) {
    const browser = this.#browsers.get(request.url);
    this.pushes.push({ name: browser.name, headers: request.headers, text: decrypted(body, browser) });
    const [status, headers] = this.answer(browser.name);
    return { status, headers };
  }

  names() {
    return this.pushes.map(({ name }) => name);
  }
}

/// RFC 8291, section 3.4, as the browser does it.
function decrypted(body, { keys, publicKey, auth }) {
  const salt = body.subarray(0, 16);
  assert.equal(body.readUInt32BE(16), 4096);
  assert.equal(body[20], 65);
  const sender = body.subarray(21, 86);
  const derive = (secret, with_, info, bytes) => Buffer.from(hkdfSync('sha256', secret, with_, info, bytes));
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), publicKey, sender]);
  const input = derive(keys.computeSecret(sender), auth, info, 32);
  const key = derive(input, salt, 'Content-Encoding: aes128gcm\0', 16);
  const nonce = derive(input, salt, 'Content-Encoding: nonce\0', 12);
  const cipher = createDecipheriv('aes-128-gcm', key, nonce);
  cipher.setAuthTag(body.subarray(-16));
  const plain = Buffer.concat([cipher.update(body.subarray(86, -16)), cipher.final()]);
  assert.equal(plain.at(-1), 2, 'the last record');
  return plain.subarray(0, -1).toString('utf8');
}

/// The claims of the header, if the key that the browser knows has signed them.
function signedClaims(header, publicKey) {
  const [, token, key] = header.match(/^vapid t=([^,]+), k=(.+)$/);
  assert.equal(key, publicKey);
  const [head, claims, signature] = token.split('.');
  const point = Buffer.from(key, 'base64url');
  const jwk = { kty: 'EC', crv: 'P-256', x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33).toString('base64url') };
  const verifier = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' };
  assert.ok(verify('sha256', Buffer.from(`${head}.${claims}`), verifier, Buffer.from(signature, 'base64url')));
  assert.equal(JSON.parse(Buffer.from(head, 'base64url')).alg, 'ES256');
  return JSON.parse(Buffer.from(claims, 'base64url'));
}

async function madeKey(server) {
  const { code, stdout } = await run(['vapid-key'], server.env);
  assert.equal(code, 0);
  const [, secret, shown] = stdout.match(/^CARIOS_VAPID_PRIVATE_KEY=(\S{43})\n# applicationServerKey: (\S{87})\n$/);
  return { secret, shown };
}

async function shopOf(t, names = ['budi']) {
  const service = await PushService.start(t);
  const server = TestServer.prepare(t);
  const { secret, shown } = await madeKey(server);
  Object.assign(server.env, {
    CARIOS_VAPID_PRIVATE_KEY: secret, CARIOS_VAPID_SUBJECT: SUBJECT, CARIOS_WEB_PUSH_ALLOW_PRIVATE: 'true',
  });
  await server.start();
  const shop = await server.createWorkspace();
  const people = {};
  for (const name of ['alice', ...names]) {
    await shop.createUser(name, name.toUpperCase());
    people[name] = await shop.as(name);
  }
  await shop.createGroup('g', ['alice', ...names]);
  const tokens = {};
  for (const name of names) {
    tokens[name] = service.subscribe(name);
    await people[name].expect(201, 'POST', '/v1/me/devices', { token: tokens[name], platform: 'web' });
  }
  return { service, server, shown, tokens, ...people };
}

const send = (rest, content) => rest.expect(201, 'POST', '/v1/channels/g/messages', { content });

test('a browser gets who wrote where, encrypted and signed, and never the text', async (t) => {
  const { service, shown, alice } = await shopOf(t);
  const before = Date.now() / 1000;
  const sent = await send(alice, 'a secret text');
  await within(service.until((all) => all.length === 1), 'the push');
  const [{ text, headers }] = service.pushes;
  assert.deepEqual(JSON.parse(text), { channel_id: sent.channel_id, message_id: sent.id, title: 'ALICE sent a message' });
  assert.equal(headers['content-encoding'], 'aes128gcm');
  assert.match(headers.topic, /^[\w-]{1,32}$/);
  assert.ok(Number(headers.ttl) > 0);
  const claims = signedClaims(headers.authorization, shown);
  assert.equal(claims.aud, service.url);
  assert.equal(claims.sub, SUBJECT);
  assert.ok(claims.exp > before && claims.exp <= before + 86_400);
});

test('a subscription that is gone is dropped, and one that is removed gets nothing', async (t) => {
  const { service, alice, budi, citra, tokens } = await shopOf(t, ['budi', 'citra', 'dewi']);
  service.answer = (name) => [name === 'budi' ? 410 : 201, {}];
  await citra.expect(204, 'DELETE', `/v1/me/devices/${encodeURIComponent(tokens.citra)}`);
  await send(alice, 'one');
  await within(service.until((all) => all.length === 2), 'two pushes');
  assert.deepEqual(service.names().sort(), ['budi', 'dewi']);
  await within((async () => {
    for (let n = 0; ; ++n) {
      const before = service.pushes.length;
      await send(alice, `message ${n}`);
      await service.until((all) => all.some(({ name }, i) => i >= before && name === 'dewi'));
      const { devices } = await budi.expect(200, 'GET', '/v1/me/devices');
      if (devices.length === 0) return;
    }
  })(), 'the device to be dropped');
});

test('a service that asks to wait gets the same push later', async (t) => {
  const { service, alice } = await shopOf(t);
  let asked = 0;
  service.answer = () => (++asked === 1 ? [429, { 'Retry-After': '1' }] : [201, {}]);
  const { id } = await send(alice, 'one');
  await within(service.until((all) => all.length === 2), 'the second attempt');
  assert.deepEqual(service.pushes.map(({ text }) => JSON.parse(text).message_id), [id, id]);
});

test('an invalid configuration of Web Push fails the start with one line', async (t) => {
  const server = TestServer.prepare(t);
  const { secret } = await madeKey(server);
  const faults = [
    [{ CARIOS_VAPID_PRIVATE_KEY: secret }, /CARIOS_VAPID_SUBJECT: is not set/],
    [{ CARIOS_VAPID_SUBJECT: SUBJECT }, /CARIOS_VAPID_PRIVATE_KEY: is not set/],
    [{ CARIOS_VAPID_PRIVATE_KEY: secret, CARIOS_VAPID_SUBJECT: 'swordfish' }, /CARIOS_VAPID_SUBJECT: /],
    [{ CARIOS_VAPID_PRIVATE_KEY: 'A'.repeat(43), CARIOS_VAPID_SUBJECT: SUBJECT }, /CARIOS_VAPID_PRIVATE_KEY: /],
    [{ CARIOS_VAPID_PRIVATE_KEY: `${server.folder}/nothing.pem`, CARIOS_VAPID_SUBJECT: SUBJECT }, /CARIOS_VAPID_PRIVATE_KEY: /],
  ];
  for (const [variables, line] of faults) {
    const { code, stderr } = await run([], { ...server.env, ...variables });
    assert.equal(code, 1, stderr);
    assert.match(stderr, line);
    assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
    assert.ok(!stderr.includes('swordfish') && !stderr.includes(secret));
  }
});
