// Attachments from outside: a client requests permission, uploads to a store that verifies every signature, and sends a
// message with the file.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertError } from './rest.mjs';
import { BUCKET, S3Server } from './s3_server.mjs';
import { TestServer, run } from './server.mjs';
import { upload } from './upload.mjs';

const FILE = Buffer.from('\x89PNG, or what a test takes for one');
const PICTURE = { filename: 'Foto kucing.png', content_type: 'image/png', size_bytes: FILE.length };

async function shopOf(t, env = {}) {
  const store = await S3Server.start(t);
  const server = await TestServer.start(t, { env: { ...store.variables, ...env } });
  const shop = await server.createWorkspace();
  for (const name of ['alice', 'budi']) await shop.createUser(name);
  await shop.createGroup('g', ['alice', 'budi']);
  return { store, server, shop, alice: await shop.as('alice') };
}

const presign = (rest, more = {}) => rest.expect(200, 'POST', '/v1/attachments/presign', { ...PICTURE, ...more });

const send = (rest, body, channel = 'g') =>
  rest.request('POST', `/v1/channels/${channel}/messages`, { body: { content: '', ...body } });

test('a file is uploaded, sent and read', async (t) => {
  const { store, shop, alice } = await shopOf(t);
  const before = Date.now();
  const permission = await presign(alice);
  assert.equal(permission.method, 'PUT');
  assert.deepEqual(permission.headers, { 'Content-Type': 'image/png', 'Content-Length': String(FILE.length) });
  const life = Date.parse(permission.expires_at) - before;
  assert.ok(life > 14 * 60_000 && life <= 16 * 60_000, permission.expires_at);
  assert.ok(permission.public_url.startsWith(`${store.origin}/${BUCKET}/${shop.id}/`), permission.public_url);

  assert.deepEqual(await upload(permission, FILE), { status: 200, code: undefined });
  const file = await fetch(permission.public_url);
  assert.equal(file.headers.get('content-type'), 'image/png');
  assert.deepEqual(Buffer.from(await file.arrayBuffer()), FILE);

  const sent = await send(alice, { type: 'image', content: '', attachment_url: permission.public_url });
  assert.equal(sent.status, 201, sent.text);
  assert.equal(sent.body.type, 'image');
  assert.equal(sent.body.attachment_url, permission.public_url);
  const { messages } = await (await shop.as('budi')).expect(200, 'GET', '/v1/channels/g/messages');
  assert.equal(messages[0].attachment_url, permission.public_url);
});

test('the store only accepts exactly what was permitted', async (t) => {
  const { store, alice } = await shopOf(t);
  const permission = await presign(alice);
  const refused = { status: 403, code: 'SignatureDoesNotMatch' };
  const length = (body) => ({ 'Content-Length': String(body.length) });

  await t.test('no other type', async () => {
    assert.deepEqual(await upload(permission, FILE, { headers: { 'Content-Type': 'text/html' } }), refused);
  });
  await t.test('no longer or shorter file', async () => {
    for (const body of [Buffer.concat([FILE, FILE]), FILE.subarray(1)]) {
      assert.deepEqual(await upload(permission, body, { headers: length(body) }), refused);
    }
  });
  await t.test('no other key', async () => {
    const url = permission.upload_url.replace('/Foto', '/Fota');
    assert.notEqual(url, permission.upload_url);
    assert.deepEqual(await upload(permission, FILE, { url }), refused);
  });
  await t.test('no other signature', async () => {
    const url = permission.upload_url.replace(/(X-Amz-Signature=)(.)/, (_, name, digit) => name + (digit === '0' ? '1' : '0'));
    assert.deepEqual(await upload(permission, FILE, { url }), refused);
  });
  await t.test('no extended validity, and nothing after its end', async () => {
    const url = permission.upload_url.replace('X-Amz-Expires=900', 'X-Amz-Expires=9000');
    assert.notEqual(url, permission.upload_url);
    assert.deepEqual(await upload(permission, FILE, { url }), refused);
    store.now = () => Date.parse(permission.expires_at) + 1000;
    assert.deepEqual(await upload(permission, FILE), { status: 403, code: 'AccessDenied' });
    store.now = Date.now;
  });
  assert.equal(store.objects.size, 0);
  assert.equal((await upload(permission, FILE)).status, 200);
});

test('names in all scripts are signed as they are sent', async (t) => {
  const { alice } = await shopOf(t);
  for (const filename of ['写真 1.png', '../../etc/passwd', 'a+b&c=d?e#f%2F.png', '😀', 'ü'.repeat(127)]) {
    const permission = await presign(alice, { filename });
    assert.deepEqual(await upload(permission, FILE), { status: 200, code: undefined }, filename);
    assert.equal((await fetch(permission.public_url)).status, 200, filename);
    assert.equal((await send(alice, { type: 'file', attachment_url: permission.public_url })).status, 201, filename);
  }
});

test('a message can only contain files of its own workspace', async (t) => {
  const { server, shop, alice } = await shopOf(t);
  const other = await server.createWorkspace('Other');
  await other.createUser('eve');
  const foreign = await presign(await other.as('eve'));
  const own = await presign(alice);
  const bad = [foreign.public_url, `${own.public_url}?x=1`, `${own.public_url}#x`, own.upload_url, 'https://example.com/a.png',
    own.public_url.replace(shop.id, `${other.id}/../${shop.id}`)];
  for (const attachment_url of bad) {
    for (const [rest, more] of [[alice, {}], [shop.rest, { user: 'alice' }]]) {
      const answer = await send(rest, { type: 'image', content: 'x', attachment_url, ...more });
      assertError(answer, 400, 'VALIDATION_ERROR');
      assert.equal(answer.body.error.details.field, 'attachment_url');
    }
  }
  assert.equal((await send(shop.rest, { type: 'image', attachment_url: own.public_url, user: 'alice' })).status, 201);
});

test('a forbidden upload is refused before anything is signed', async (t) => {
  const { shop, alice } = await shopOf(t, { CARIOS_ATTACHMENT_TYPES: 'image/png,audio/*', CARIOS_MAX_ATTACHMENT_SIZE_BYTES: '1000' });
  const ask = (more, rest = alice) => rest.post('/v1/attachments/presign', { ...PICTURE, ...more });
  const large = await ask({ size_bytes: 1001 });
  assertError(large, 400, 'VALIDATION_ERROR');
  assert.deepEqual(large.body.error.details, { field: 'size_bytes', limit: 1000 });
  const type = await ask({ content_type: 'image/gif' });
  assertError(type, 400, 'VALIDATION_ERROR');
  assert.equal(type.body.error.details.field, 'content_type');
  assert.match(type.body.error.message, /image\/png.*audio\/\*/);
  assert.equal((await ask({ content_type: 'IMAGE/PNG', size_bytes: 1000 })).status, 200);
  assert.equal((await ask({ content_type: 'audio/ogg' })).status, 200);
  assertError(await ask({}, shop.rest), 403, 'FORBIDDEN');
});

test('the store refuses a secret it does not know, and the server is not affected', async (t) => {
  const { server, alice } = await shopOf(t, { CARIOS_S3_SECRET_KEY: 'not-the-secret' });
  const permission = await presign(alice);
  assert.deepEqual(await upload(permission, FILE), { status: 403, code: 'SignatureDoesNotMatch' });
  assert.equal((await send(alice, { content: 'still here' })).status, 201);
  assert.doesNotMatch(server.log, /not-the-secret/);
});

test('a store that is down only affects uploads', async (t) => {
  const { alice } = await shopOf(t, { CARIOS_S3_ENDPOINT: 'http://127.0.0.1:1' });
  const permission = await presign(alice);
  await assert.rejects(upload(permission, FILE), { code: 'ECONNREFUSED' });
  assert.equal((await send(alice, { content: 'still here' })).status, 201);
});

test('without a bucket, everything about attachments says so', async (t) => {
  const server = await TestServer.start(t);
  const shop = await server.createWorkspace();
  await shop.createUser('alice');
  await shop.createGroup('g', ['alice']);
  const alice = await shop.as('alice');
  for (const answer of [await alice.post('/v1/attachments/presign', PICTURE),
    await send(alice, { type: 'image', attachment_url: 'https://example.com/a.png' })]) {
    assertError(answer, 503, 'UNAVAILABLE');
    assert.match(answer.body.error.message, /attachments are not configured/);
    assert.equal(answer.body.error.retryable, false);
    assert.equal(answer.headers.get('retry-after'), null);
  }
});

test('an invalid bucket fails the start with one line that shows no secret', async (t) => {
  const server = TestServer.prepare(t);
  const good = { CARIOS_S3_BUCKET: BUCKET, CARIOS_S3_ACCESS_KEY: 'key', CARIOS_S3_SECRET_KEY: 'hunter2' };
  const bad = [['CARIOS_S3_SECRET_KEY', ''], ['CARIOS_S3_SECRET_KEY', 'hunter2 hunter2'], ['CARIOS_S3_ENDPOINT', 's3.example.com'],
    ['CARIOS_ATTACHMENT_TYPES', 'pictures']];
  for (const [name, value] of bad) {
    const ended = await run([], { ...server.env, ...good, [name]: value });
    assert.notEqual(ended.code, 0);
    assert.match(ended.stderr, new RegExp(`^[^\\n]*${name}: [^\\n]*\\n$`));
    assert.doesNotMatch(ended.stderr, /hunter2/);
  }
});
