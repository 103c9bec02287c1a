// Runs what the project's README says to type, and that of the server.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import WebSocket from 'ws';
import { eventually, freePort, within } from './data.mjs';
import { frame, replaced, snippet, start, startProxy, temporaryFolder, type } from './readme.mjs';
import { Rest } from './rest.mjs';
import { TestServer } from './server.mjs';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

const serverReadme = readFileSync(new URL('../../examples/server/README.md', import.meta.url), 'utf8');

/// Puts the server where a build in `folder` would have put it.
function placeServer(folder) {
  mkdirSync(join(folder, 'build/examples/server'), { recursive: true });
  symlinkSync(process.env.CARIOSAN_SERVER, join(folder, 'build/examples/server/cariosan-server'));
}

/// Runs the five calls and checks the output.
async function typeFiveCalls(t, server, name) {
  const screen = join(server.folder, name);
  let code = snippet(readme, 'sh', 'call users');
  code = replaced(code, 'sqlite:data/cariosan.db', server.env.CARIOS_DATABASE_URL);
  code = replaced(code, 'http://localhost:8080', server.base());
  // A person waits a moment; the test checks.
  const look = (words) => `until grep -aq ${words} ${name}; do sleep 0.05; done`;
  code = replaced(code, 'sleep 1\n', `${look('connection.ready')}\n`);
  code = replaced(code, '\nwait\n', `\n${look('message.created')}\nkill %1\nwait\n`);
  code = replaced(code, 'timeout 5', 'timeout 60');
  const typed = start(t, 'bash', ['-mc', `exec >${name}; ${code}`], { cwd: server.folder });
  const [status] = await within(typed.closed, 'the five calls', 120_000);
  const shown = readFileSync(screen, 'utf8');
  assert.equal(status, 0, typed.output + shown);
  // The frame and the response.
  assert.match(shown, /"type":"message\.created".*"content":"Halo!"/s);
  assert.equal(shown.split('"content":"Halo!"').length - 1, 2, shown);
}

test('the first message in five calls, and again when they are pasted a second time', async (t) => {
  const server = await TestServer.start(t);
  placeServer(server.folder);
  await typeFiveCalls(t, server, 'first');
  const key = readFileSync(join(server.folder, 'shop.txt'), 'utf8');
  await typeFiveCalls(t, server, 'second');
  assert.equal(readFileSync(join(server.folder, 'shop.txt'), 'utf8'), key);
});

test('a receiver of webhooks in Node', async (t) => {
  const server = await TestServer.start(t, { env: { CARIOS_WEBHOOK_ALLOW_PRIVATE: 'true' } });
  const shop = await server.createWorkspace();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const { id, signing_secret } = await shop.rest.expect(201, 'POST', '/v1/webhooks', { url, events: ['*'] });
  // A file beside node_modules would find its packages.
  const receiver = start(t, process.execPath, ['--input-type=module', '-'],
      { cwd: dirname(fileURLToPath(import.meta.url)), env: { ...process.env, SIGNING_SECRET: signing_secret } });
  receiver.child.stdin.end(replaced(snippet(readme, 'js', 'standardwebhooks'), '3000', String(port)));
  const post = (headers) => fetch(url, { method: 'POST', body: '{}', headers }).then(({ status }) => status, () => 0);
  await eventually(async () => (await post({})) === 400, 'the receiver');
  assert.equal(await post({ 'webhook-id': 'evt_1', 'webhook-timestamp': '1', 'webhook-signature': 'v1,AAAA' }), 400);
  await shop.rest.expect(201, 'POST', `/v1/webhooks/${id}/ping`, {});
  await eventually(() => /evt_\S+ ping/.test(receiver.output), 'the delivery');
});

test('in production, behind nginx, and restarted', async (t) => {
  const folder = temporaryFolder(t);
  placeServer(folder);
  const port = await freePort();
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CARIOS_')));
  const code = replaced(snippet(readme, 'sh', 'mkdir -p data/production'), '\nbuild/', '\nexec build/');
  const run = async () => {
    const server = start(t, 'bash', ['-ec', code], { cwd: folder, env: { ...inherited, CARIOS_HTTP_PORT: String(port) } });
    await eventually(() => {
      assert.equal(server.child.exitCode, null, server.output);
      return server.output.includes(`ready: http://127.0.0.1:${port}/`);
    }, 'the server');
    return server;
  };
  const first = await run();
  const front = await startProxy(t, folder, snippet(readme, 'nginx', 'proxy_pass'), port);
  if (front === null) console.log('skipped: nginx is not installed, the server is asked directly');
  const base = front ?? `http://127.0.0.1:${port}`;

  const [settings, create, backup, restore] = snippet(readme, 'sh', 'cariosan-server restore').trim().split('\n');
  const typed = (line) => type(`${settings}\n${line}`, folder, inherited);
  const made = typed(create);
  const [api_key, api_secret] = ['api_key', 'api_secret'].map((name) => new RegExp(`^${name}\\s+(\\S+)$`, 'm').exec(made)[1]);
  const backend = new Rest(() => base, `Bearer ${api_key}:${api_secret}`);
  await backend.expect(201, 'POST', '/v1/users', { external_id: 'alice', name: 'Alice' });
  await backend.expect(201, 'POST', '/v1/channels',
      { type: 'group', external_id: 'order_1', name: 'Order #1', member_external_ids: ['alice'] });
  const { token } = await backend.expect(200, 'POST', '/v1/users/alice/tokens');

  // From a page on the same site.
  const socket = new WebSocket(`${base.replace('http', 'ws')}/v1/ws`, ['cariosan.v1', `cariosan.jwt.${token}`], { origin: base });
  t.after(() => socket.terminate());
  await within(frame(socket, 'connection.ready'), 'the socket');
  const created = frame(socket, 'message.created');
  await backend.expect(201, 'POST', '/v1/channels/order_1/messages', { user: 'alice', content: 'Halo!' });
  assert.equal((await within(created, 'the message')).message.content, 'Halo!');

  const anyone = new Rest(() => base);
  assert.equal((await anyone.get('/metrics')).status, 401);
  assert.equal((await anyone.get('/')).status, 404);

  typed(backup);
  await backend.expect(201, 'POST', '/v1/channels/order_1/messages', { user: 'alice', content: 'after the backup' });
  first.child.kill('SIGTERM');
  assert.deepEqual(await within(first.closed, 'the end'), [0, null], first.output);
  typed(restore);
  await run();
  const alice = new Rest(() => base, `Bearer ${token}`);
  assert.equal((await alice.expect(200, 'GET', '/v1/me')).external_id, 'alice');
  const { messages } = await alice.expect(200, 'GET', '/v1/channels/order_1/messages');
  assert.deepEqual(messages.map(({ content }) => content), ['Halo!']);
});

test('the commands that the README of the server lists', (t) => {
  const folder = temporaryFolder(t);
  const env = { ...process.env, CARIOS_DATABASE_URL: 'sqlite:cariosan.db', CARIOS_JWT_SECRET: 'x'.repeat(32) };
  writeFileSync(join(folder, 'chat.jsonl'), '{"channel":"past","ts":"2024-05-01T10:00:00Z","user":"alice","text":"Halo?","id":1}\n');
  const lines = snippet(serverReadme, 'sh', 'workspace create').trim().split('\n');
  // Some serve, or need what is not here: they must be known, with their options.
  const elsewhere = /^cariosan-server (--demo|migrate-storage|healthcheck)/;
  for (const line of lines.filter((each) => !elsewhere.test(each))) type(line.replace('/backups/', './copy-'), folder, env);
  assert.match(readFileSync(join(folder, 'shop.jsonl'), 'utf8'), /"kind":"message".*Halo\?/);
  for (const line of lines.filter((each) => elsewhere.test(each))) {
    const words = line.replace(/#.*/, '').trim().split(' ').slice(1);
    const command = words[0].startsWith('--') ? '' : words[0];
    const help = type(`cariosan-server ${command} --help`, folder, env);
    for (const option of words.filter((word) => word.startsWith('--'))) assert.ok(help.includes(`${option} `), line);
  }
});

test('attachments in a bucket, as the README of the server says', async (t) => {
  const folder = temporaryFolder(t);
  const port = await freePort();
  const code = replaced(snippet(serverReadme, 'sh', 'CARIOS_S3_BUCKET'), ' cariosan-server', ' exec "$CARIOSAN_SERVER"');
  const env = { ...process.env, CARIOS_HTTP_PORT: String(port), CARIOS_DATABASE_URL: `sqlite:${folder}/chat.db`, CARIOS_JWT_SECRET: 'x'.repeat(32) };
  const server = start(t, 'bash', ['-ec', code], { cwd: folder, env });
  const base = `http://127.0.0.1:${port}`;
  await eventually(() => {
    assert.equal(server.child.exitCode, null, server.output);
    return fetch(`${base}/readyz`).then(({ ok }) => ok, () => false);
  }, 'the server');
  type('cariosan-server workspace create --name Shop && cariosan-server user create --workspace Shop --id alice --name Alice', folder, env);
  const token = type('cariosan-server token --workspace Shop --user alice', folder, env).trim();
  const { upload_url } = await new Rest(() => base, `Bearer ${token}`).expect(200, 'POST', '/v1/attachments/presign',
      { filename: 'a.png', content_type: 'image/png', size_bytes: 4 });
  assert.match(upload_url, /^http:\/\/127\.0\.0\.1:9000\/chat-files\/.*X-Amz-Signature=/);
});

test('the settings of several nodes are accepted, as far as their servers', async (t) => {
  const page = readFileSync(new URL('../../examples/server/operations.md', import.meta.url), 'utf8');
  let code = replaced(snippet(page, 'sh', 'CARIOS_REDIS_URL'), 'CARIOS_JWT_SECRET=…', `CARIOS_JWT_SECRET=${'x'.repeat(32)}`);
  // Ports at which nobody listens, instead of names that somebody might answer for.
  code = replaced(replaced(code, '@db.internal', '@127.0.0.1:9'), '@cache.internal:6379', '@127.0.0.1:9');
  const { status, stderr } = spawnSync('bash', ['-ec', `set -a\n${code}\nexec "$CARIOSAN_SERVER"`],
      { cwd: temporaryFolder(t), encoding: 'utf8', env: { ...process.env, CARIOS_HTTP_PORT: '0' }, timeout: 300_000 });
  assert.equal(status, 1, stderr);
  if (/PostgreSQL is not supported by this build/.test(stderr)) return console.log('skipped: the server was built without PostgreSQL');
  assert.match(stderr, /127\.0\.0\.1/);
  assert.doesNotMatch(stderr, /accepted:|"variable":"CARIOS_/, 'only the servers are missing');
});

test('the reference shows how a page opens a WebSocket', async (t) => {
  const page = readFileSync(new URL('../../src/protocol/reference/authentication.md', import.meta.url), 'utf8');
  const server = await TestServer.start(t);
  const shop = await server.createWorkspace();
  await shop.rest.expect(201, 'POST', '/v1/users', { external_id: 'alice', name: 'Alice' });
  const { token } = await shop.rest.expect(200, 'POST', '/v1/users/alice/tokens');
  const code = replaced(snippet(page, 'js', 'new WebSocket'), 'wss://chat.example/v1/ws', server.webSocketUrl);
  const socket = new Function('WebSocket', 'token', `${code}\nreturn socket;`)(WebSocket, token);
  t.after(() => socket.terminate());
  assert.equal((await within(frame(socket, 'connection.ready'), 'the socket')).user.external_id, 'alice');
});
