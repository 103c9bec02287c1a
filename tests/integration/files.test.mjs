// Files without a bucket: uploads to the server's own folder, as they are permitted, and reads of what was uploaded.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, within } from './data.mjs';
import { assertError } from './rest.mjs';
import { TestServer, run } from './server.mjs';

const FILE = Buffer.from('\x89PNG, or what a test takes for one: 0123456789');
const MIB = 1 << 20;

async function shopOf(t, env = {}) {
  const server = TestServer.prepare(t);
  server.env.CARIOS_ATTACHMENTS_DIR = join(server.folder, 'files');
  Object.assign(server.env, env);
  await server.start();
  const shop = await server.createWorkspace();
  for (const name of ['alice', 'budi']) await shop.createUser(name);
  await shop.createGroup('g', ['alice', 'budi']);
  return { server, shop, alice: await shop.as('alice') };
}

const presign = (rest, file = FILE, more = {}) => rest.expect(
    200, 'POST', '/v1/attachments/presign', { filename: 'Foto kucing.png', content_type: 'image/png', size_bytes: file.length, ...more });

/// Uploads as permitted. `headers` and `url` change what the client does. Answers like a call of `Rest`.
async function put(permission, body, { headers = {}, url = permission.upload_url } = {}) {
  const sent = httpRequest(url, { method: permission.method, headers: { ...permission.headers, ...headers } });
  sent.on('error', () => {});
  sent.end(body);
  const [response] = await within(once(sent, 'response'), 'the answer to an upload');
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return { status: response.statusCode, headers: new Headers(response.headers), text, body: text === '' ? undefined : JSON.parse(text) };
}

/// A GET of the address, with the headers as the client sends them.
async function get(url, headers = {}, method = 'GET') {
  const sent = httpRequest(url, { method, headers }).end();
  const [response] = await within(once(sent, 'response'), 'a file');
  const parts = [];
  for await (const part of response) parts.push(part);
  return { status: response.statusCode, headers: response.headers, content: Buffer.concat(parts) };
}

const files = (server) => readdirSync(server.env.CARIOS_ATTACHMENTS_DIR, { recursive: true, withFileTypes: true }).filter((each) => each.isFile()
  && !each.name.startsWith('.'));
const unfinished = (server) => readdirSync(join(server.env.CARIOS_ATTACHMENTS_DIR, '.incoming'));

async function residentBytes(server) {
  const [, pages] = readFileSync(`/proc/${server.pid}/statm`, 'utf8').split(' ');
  return Number(pages) * 4096;
}

test('a file is uploaded, sent, read, and still there after a restart', async (t) => {
  const { server, shop, alice } = await shopOf(t);
  const permission = await presign(alice);
  assert.ok(permission.upload_url.startsWith(`${server.base()}/v1/files/${shop.id}/`), permission.upload_url);
  assert.equal((await get(permission.public_url)).status, 404);
  assert.equal((await put(permission, FILE)).status, 200);
  const sent = await alice.expect(201, 'POST', '/v1/channels/g/messages', { type: 'image', content: '', attachment_url: permission.public_url });
  assert.equal(sent.attachment_url, permission.public_url);

  for (const restarted of [false, true]) {
    if (restarted) {
      await server.kill();
      await server.start();
    }
    const file = await get(permission.public_url);
    assert.equal(file.status, 200);
    assert.deepEqual(file.content, FILE);
    assert.equal(file.headers['content-type'], 'image/png');
    assert.equal(file.headers['content-length'], String(FILE.length));
    assert.equal(file.headers['x-content-type-options'], 'nosniff');
    assert.equal(file.headers['content-security-policy'], "sandbox; default-src 'none'");
    assert.equal(file.headers['content-disposition'], "inline; filename*=UTF-8''Foto-kucing.png");
    assert.equal(file.headers['cache-control'], 'private, max-age=31536000, immutable');
    assert.equal(file.headers['access-control-allow-origin'], '*');
    assert.equal(file.headers['transfer-encoding'], undefined);
  }
  assert.equal(statSync(join(server.env.CARIOS_ATTACHMENTS_DIR, '.secret')).mode & 0o777, 0o600);
});

test('parts of a file, what a client has already, and HEAD', async (t) => {
  const { alice } = await shopOf(t);
  const large = randomBytes(300_000);
  const permission = await presign(alice, large);
  assert.equal((await put(permission, large)).status, 200);
  const whole = await get(permission.public_url);
  const tag = whole.headers.etag;
  assert.deepEqual(whole.content, large);

  const parts = [['bytes=0-0', 0, 1], ['bytes=10-19', 10, 20], ['bytes=299990-', 299_990, 300_000], ['bytes=-7', 299_993, 300_000],
    ['bytes=0-999999', 0, 300_000]];
  for (const [range, from, to] of parts) {
    const part = await get(permission.public_url, { Range: range });
    assert.equal(part.status, 206, range);
    assert.equal(part.headers['content-range'], `bytes ${from}-${to - 1}/300000`);
    assert.deepEqual(part.content, large.subarray(from, to), range);
  }
  for (const range of ['bytes=0-1,4-5', 'bytes=5-1', 'lines=0-1', 'bytes=', 'bytes=x-1']) {
    assert.equal((await get(permission.public_url, { Range: range })).status, 200, range);
  }
  const outside = await get(permission.public_url, { Range: 'bytes=300000-' });
  assert.equal(outside.status, 416);
  assert.equal(outside.headers['content-range'], 'bytes */300000');
  assert.equal((await get(permission.public_url, { Range: 'bytes=0-1', 'If-Range': '"another"' })).status, 200);
  assert.equal((await get(permission.public_url, { Range: 'bytes=0-1', 'If-Range': tag })).status, 206);

  const known = await get(permission.public_url, { 'If-None-Match': `"x", ${tag}` });
  assert.deepEqual([known.status, known.content.length, known.headers.etag], [304, 0, tag]);
  const head = await get(permission.public_url, {}, 'HEAD');
  assert.deepEqual([head.status, head.content.length, head.headers['content-length']], [200, 0, '300000']);
});

test('an upload must be exactly what was permitted', async (t) => {
  const { server, shop, alice } = await shopOf(t);
  const permission = await presign(alice);
  const url = permission.upload_url;
  const signature = /signature=(.*)$/.exec(url)[1];
  const altered = [url.replace('Foto', 'Fota'), url.replace('size=', 'size=1'), url.replace('image%2Fpng', 'text%2Fhtml'),
    url.replace(/expires=\d+/, 'expires=99999999999'), url.replace(signature, signature.replace(/^./, (c) => (c === '0' ? '1' : '0'))),
    url.replace(`/${shop.id}/`, '/0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b/'), url.replace('/Foto', '/../Foto'), url.replace('/Foto', '%2FFoto'),
    `${url}&x=1`, url.slice(0, url.indexOf('?'))];
  for (const each of altered) {
    assert.notEqual(each, url);
    assertError(await put(permission, FILE, { url: each }), 403, 'FORBIDDEN');
  }
  assertError(await put(permission, FILE, { headers: { 'Content-Type': 'text/html' } }), 415, 'UNSUPPORTED_MEDIA_TYPE');
  for (const body of [Buffer.concat([FILE, FILE]), FILE.subarray(1)]) {
    assertError(await put(permission, body, { headers: { 'Content-Length': String(body.length) } }), 400, 'VALIDATION_ERROR');
  }
  const { 'Content-Length': length, ...rest } = permission.headers;
  assert.equal(length, String(FILE.length));
  assertError(await put({ ...permission, headers: rest }, FILE, { headers: { 'Transfer-Encoding': 'chunked' } }), 400, 'VALIDATION_ERROR');
  assert.deepEqual(files(server), []);

  assert.equal((await put(permission, FILE)).status, 200);
  assert.equal((await put(permission, FILE)).status, 200, 'the same file once more');
  assertError(await put(permission, Buffer.from(FILE).fill('x')), 409, 'CONFLICT');
  assert.deepEqual((await get(permission.public_url)).content, FILE);
  assert.deepEqual(unfinished(server), []);

  const post = await alice.request('POST', new URL(permission.public_url).pathname, { body: {} });
  assertError(post, 405, 'METHOD_NOT_ALLOWED');
});

test('an upload is judged by its head, before its body', async (t) => {
  const { server, alice } = await shopOf(t);
  const big = { size_bytes: 20 * MIB };
  const permission = await presign(alice, FILE, big);
  const { pathname, search } = new URL(permission.upload_url);
  const head = (query) => `PUT ${pathname}${query} HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: ${20 * MIB}\r\nExpect: 100-continue\r\n\r\n`;
  for (const [query, answer] of [[search, /^HTTP\/1\.1 100 /], [`${search}0`, /^HTTP\/1\.1 403 /]]) {
    const socket = connect(server.port, '127.0.0.1');
    t.after(() => socket.destroy());
    socket.write(head(query));
    const [first] = await within(once(socket, 'data'), 'the answer to a head');
    assert.match(String(first), answer);
  }
});

test('a connection that is cut leaves nothing', async (t) => {
  const { server, alice } = await shopOf(t);
  const permission = await presign(alice, FILE, { size_bytes: MIB });
  const sent = httpRequest(permission.upload_url, { method: 'PUT', headers: permission.headers });
  sent.on('error', () => {});
  sent.write(randomBytes(MIB / 2));
  await eventually(() => unfinished(server).length === 1, 'the beginning of the upload');
  sent.destroy();
  await eventually(() => unfinished(server).length === 0, 'the end of the upload');
  assert.deepEqual(files(server), []);
  const whole = randomBytes(MIB);
  assert.equal((await put(permission, whole)).status, 200);
  assert.deepEqual((await get(permission.public_url)).content, whole);
});

test('pages of all origins may upload and read', async (t) => {
  const { server, alice } = await shopOf(t, { CARIOS_CORS_ALLOWED_ORIGINS: 'https://shop.example' });
  const permission = await presign(alice);
  const { pathname } = new URL(permission.upload_url);
  const asked = await server.open.request('OPTIONS', pathname, {
    headers: { Origin: 'https://other.example', 'Access-Control-Request-Method': 'PUT', 'Access-Control-Request-Headers': 'content-type' } });
  assert.equal(asked.status, 204);
  assert.equal(asked.headers.get('access-control-allow-origin'), '*');
  assert.match(asked.headers.get('access-control-allow-methods'), /PUT/);
  assert.match(asked.headers.get('access-control-allow-headers'), /Content-Type/);
  const refused = await put(permission, FILE, { url: `${permission.upload_url}0`, headers: { Origin: 'https://other.example' } });
  assert.equal(refused.headers.get('access-control-allow-origin'), '*');
});

/// Uploads a file and sends it.
async function sendFile(alice, content, more = {}) {
  const permission = await presign(alice, content);
  assert.equal((await put(permission, content)).status, 200);
  return alice.expect(201, 'POST', '/v1/channels/g/messages', { type: 'image', content: '', attachment_url: permission.public_url, ...more });
}
const removed = async (server) => Number(/^cariosan_files_removed_total (\d+)$/m.exec((await server.open.get('/metrics')).text)[1]);

test('a file leaves the disk with the last message that names it', async (t) => {
  const { server, shop, alice } = await shopOf(t);
  const first = await sendFile(alice, FILE);
  const url = first.attachment_url;
  const second = await alice.expect(201, 'POST', '/v1/channels/g/messages', { type: 'file', content: 'again', attachment_url: url });
  const other = await sendFile(alice, Buffer.from('another file'));
  assert.equal(files(server).length, 2);
  await alice.expect(200, 'PATCH', `/v1/channels/g/messages/${second.id}`, { content: 'edited' });

  await alice.expect(200, 'DELETE', `/v1/channels/g/messages/${first.id}`);
  await alice.expect(200, 'DELETE', `/v1/channels/g/messages/${other.id}`);
  await eventually(() => files(server).length === 1, 'the end of the other file');
  assert.deepEqual((await get(url)).content, FILE);
  await alice.expect(200, 'DELETE', `/v1/channels/g/messages/${second.id}`);
  await eventually(() => files(server).length === 0, 'the end of the file');
  assertError(await alice.request('GET', new URL(url).pathname), 404, 'NOT_FOUND');
  assert.equal(await removed(server), 2);

  for (const content of ['one', 'two']) await sendFile(alice, Buffer.from(content));
  await shop.createUser('cici');
  await shop.rest.expect(200, 'POST', '/v1/channels/g/members', { external_ids: ['cici'] });
  const kept = await sendFile(await shop.as('cici'), Buffer.from('three'));
  await shop.rest.expect(204, 'DELETE', '/v1/users/alice?messages=erase');
  await eventually(() => files(server).length === 1, 'the end of an erased user\'s files');
  assert.equal((await get(kept.attachment_url)).status, 200);
  await shop.rest.expect(204, 'DELETE', '/v1/channels/g');
  await eventually(() => files(server).length === 0, 'the end of a channel\'s files');
});

test('what was erased while the server was down, or under another address, is taken away as well', async (t) => {
  const { server, alice } = await shopOf(t);
  const messages = [];
  for (let i = 0; i < 5; ++i) messages.push(await sendFile(alice, Buffer.from(`file ${i}`)));
  await server.stop();
  // Without its folder, this server forgets nothing.
  const folder = server.env.CARIOS_ATTACHMENTS_DIR;
  delete server.env.CARIOS_ATTACHMENTS_DIR;
  await server.start();
  for (const { id } of messages) await alice.expect(200, 'DELETE', `/v1/channels/g/messages/${id}`);
  await server.stop();
  Object.assign(server.env, { CARIOS_ATTACHMENTS_DIR: folder, CARIOS_ATTACHMENTS_PUBLIC_URL: 'https://moved.example' });
  assert.equal(files(server).length, 5);
  await server.start();
  await eventually(() => files(server).length === 0, 'the end of the files');
});

test('a workspace has so much room for files, and no more', async (t) => {
  const { server, shop, alice } = await shopOf(t, { CARIOS_ATTACHMENTS_QUOTA_BYTES: String(2 * MIB + 100) });
  const content = randomBytes(MIB);
  const permissions = await Promise.all(Array.from({ length: 8 }, () => presign(alice, content)));
  const check = (answer) => {
    assertError(answer, 400, 'VALIDATION_ERROR');
    assert.deepEqual(answer.body.error.details, { limit: 2 * MIB + 100, reason: 'quota' });
  };
  const answers = await Promise.all(permissions.map((permission) => put(permission, content)));
  assert.equal(answers.filter(({ status }) => status === 200).length, 2);
  answers.filter(({ status }) => status !== 200).forEach(check);
  const asking = { body: { filename: 'a.png', content_type: 'image/png', size_bytes: MIB } };
  check(await alice.request('POST', '/v1/attachments/presign', asking));

  await server.kill();
  await server.start();
  const late = await presign(alice, content);
  // Refused before the body: a client that waits for "100 Continue" never sends it.
  const { pathname, search } = new URL(late.upload_url);
  const socket = connect(server.port, '127.0.0.1');
  t.after(() => socket.destroy());
  socket.write(`PUT ${pathname}${search} HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: ${MIB}\r\nExpect: 100-continue\r\n\r\n`);
  const [first] = await within(once(socket, 'data'), 'the answer to a head');
  assert.match(String(first), /^HTTP\/1\.1 400 /);

  const sent = await alice.expect(201, 'POST', '/v1/channels/g/messages', { type: 'image', content: '',
    attachment_url: permissions[answers.findIndex(({ status }) => status === 200)].public_url });
  await shop.rest.expect(200, 'DELETE', `/v1/channels/g/messages/${sent.id}`);
  let next;
  await eventually(async () => (next = await alice.request('POST', '/v1/attachments/presign', asking)).status === 200, 'room for another file');
  assert.equal((await put(next.body, content)).status, 200);
  assert.equal(files(server).length, 2);
});

test('a backup has the files that its messages name', async (t) => {
  const { server, alice } = await shopOf(t);
  if (!server.database.endsWith('.db') || server.env.CARIOS_DATABASE_URL?.startsWith('postgres')) return t.skip('PostgreSQL has its own tools');
  const erased = await sendFile(alice, Buffer.from('erased after the backup'));
  const kept = await sendFile(alice, FILE);
  const copy = join(server.folder, 'copy.db');
  await server.done('backup', copy);
  await alice.expect(200, 'DELETE', `/v1/channels/g/messages/${erased.id}`);
  await eventually(() => files(server).length === 1, 'the end of the file');
  const late = await sendFile(alice, Buffer.from('sent after the backup'));

  await server.stop();
  await server.done('restore', copy);
  await server.start();
  assert.equal((await get(erased.attachment_url)).content.toString(), 'erased after the backup');
  assert.deepEqual((await get(kept.attachment_url)).content, FILE);
  assert.equal((await get(late.attachment_url)).status, 200, 'a file that nobody names stays for a day');
  // What is erased here stays in the backup.
  await alice.expect(200, 'DELETE', `/v1/channels/g/messages/${kept.id}`);
  await eventually(async () => (await get(kept.attachment_url)).status === 404, 'the end of the file');
  assert.equal(readdirSync(`${copy}.files`, { recursive: true }).filter((name) => name.endsWith('Foto-kucing.png')).length, 2);
});

test('a hundred large uploads at once cost little memory', async (t) => {
  const { server, alice } = await shopOf(t);
  const size = 25 * MIB;
  const content = randomBytes(size);
  const hash = createHash('sha256').update(content).digest('hex');
  const permissions = await Promise.all(Array.from({ length: 100 }, () => presign(alice, content)));
  // One upload before, so that what every upload needs once is not counted.
  assert.equal((await put(await presign(alice, content), content)).status, 200);
  const idle = await residentBytes(server);
  let most = idle;
  const watch = setInterval(async () => (most = Math.max(most, await residentBytes(server))), 20);
  const began = Date.now();
  const answers = await Promise.all(permissions.map((permission) => put(permission, content)));
  const seconds = (Date.now() - began) / 1000;
  clearInterval(watch);
  assert.deepEqual(answers.filter(({ status }) => status !== 200), []);
  const above = (most - idle) / MIB;
  console.log(`100 uploads of 25 MiB: ${(2500 / seconds).toFixed(0)} MiB/s, ${above.toFixed(1)} MiB above idle`);
  // AddressSanitizer keeps what was freed.
  if (process.env.ASAN_OPTIONS === undefined) assert.ok(above <= 64, `${above} MiB above idle`);
  const read = await get(permissions[99].public_url);
  assert.equal(createHash('sha256').update(read.content).digest('hex'), hash);
});

test('a folder that cannot be used fails the start with one line', async (t) => {
  const server = TestServer.prepare(t);
  const bad = [['CARIOS_ATTACHMENTS_DIR', { CARIOS_ATTACHMENTS_DIR: '/proc/files' }],
    ['CARIOS_ATTACHMENTS_PUBLIC_URL', { CARIOS_ATTACHMENTS_DIR: join(server.folder, 'f'), CARIOS_ATTACHMENTS_PUBLIC_URL: 'chat.example.com' }],
    ['CARIOS_ATTACHMENTS_PUBLIC_URL', { CARIOS_ATTACHMENTS_DIR: join(server.folder, 'f'), CARIOS_ENV: 'prod' }]];
  for (const [name, env] of bad) {
    const ended = await run([], { ...server.env, ...env });
    assert.notEqual(ended.code, 0);
    assert.match(ended.stderr, new RegExp(`^[^\\n]*${name}: [^\\n]*\\n$`));
  }
});
