// The bundled server's demo: its workspace, who gets its tokens, and how its page is served.

import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { test } from 'node:test';
import { createContext, runInContext } from 'node:vm';
import { gunzipSync } from 'node:zlib';
import { Rest } from './rest.mjs';
import { TestServer } from './server.mjs';

/// `fetch` sets some headers itself, including `Host`, and decompresses.
function raw(server, path, headers) {
  return new Promise((resolve, reject) => {
    httpRequest(new URL(path, server.base()), { headers }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => {
        const body = Buffer.concat(parts);
        resolve({ status: response.statusCode, headers: response.headers, body, text: body.toString() });
      });
    }).on('error', reject).end();
  });
}

async function checkPage({ open }) {
  const page = await open.get('/');
  assert.equal(page.status, 200);
  assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8');
  assert.match(page.headers.get('content-security-policy'), /default-src 'none'/);
  assert.equal(page.headers.get('x-content-type-options'), 'nosniff');
  const known = await open.get('/', { headers: { 'If-None-Match': page.headers.get('etag') } });
  assert.equal(known.status, 304);
  assert.equal(known.text, '');
  const local = [...page.text.matchAll(/(?:href|src)="(\/[^"#?]+)"/g)].map((match) => match[1]);
  assert.ok(local.length > 0);
  for (const path of local) assert.equal((await open.get(path)).status, 200, path);
  assert.equal((await open.get('/index.html')).status, 404);
  const worker = await open.get('/sw.js');
  assert.equal(worker.headers.get('content-type'), 'text/javascript; charset=utf-8');
  assert.match(worker.text, /'push'/);
}

test('the demo', async (t) => {
  const server = await TestServer.start(t, { args: ['--demo'] });
  const { body: demo } = await server.open.get('/demo.json');
  assert.equal(demo.workspace.name, 'Demo');
  assert.match(demo.push_key, /^[\w-]{87}$/);
  assert.equal(statSync(`${server.database}.vapid-key`).mode & 0o777, 0o600);
  assert.deepEqual(demo.users.map((user) => [user.external_id, user.name]), [['alice', 'Alice'], ['budi', 'Budi']]);
  const alice = new Rest(server.base, `Bearer ${demo.users[0].token}`);
  const { channels } = await alice.expect(200, 'GET', '/v1/me/channels');
  assert.equal(channels.length, 2);
  assert.equal(channels[0].channel.external_id, 'order_1');
  assert.equal(channels[0].channel.name, 'Order #1');
  const before = channels.map((item) => item.channel.last_seq);
  assert.ok(before.every((seq) => seq > 1));
  assert.match(demo.backend_key, /^pk_live_\w+:sk_\w+$/);
  for (const headers of [{ 'X-Forwarded-For': '192.0.2.1' }, { 'X-Real-IP': '127.0.0.1' }, { Via: '1.1 proxy' },
                         { 'CF-Connecting-IP': '192.0.2.1' }, { Host: 'evil.example' }, { Origin: 'https://evil.example' },
                         { 'Sec-Fetch-Site': 'cross-site' }]) {
    const refused = await raw(server, '/demo.json', headers);
    assert.equal(refused.status, 404, JSON.stringify(headers));
    assert.doesNotMatch(refused.text, /sk_|eyJ/);
  }
  for (const host of ['evil.example', 'localhost.evil.example', '192.0.2.1']) {
    for (const path of ['/', '/demo.json']) assert.equal((await raw(server, path, { Host: host })).status, 404, host + path);
  }
  assert.equal((await raw(server, '/', { Host: '[::1]:8080' })).status, 200);
  const served = await raw(server, '/demo.json', { Host: 'localhost:1' });
  assert.equal(served.status, 200);
  assert.equal((await server.open.get('/demo.json')).headers.get('x-content-type-options'), 'nosniff');
  await checkPage(server);
  await server.stop();
  await server.start(['--demo']);
  const again = await alice.expect(200, 'GET', '/v1/me/channels');
  assert.deepEqual(again.channels.map((item) => item.channel.last_seq), before);
  assert.equal((await server.cli('workspace', 'list')).stdout.trim().split('\n').length, 1);
});

test('the demo in another language', async (t) => {
  const server = await TestServer.start(t, { args: ['--demo', '--demo-language', 'id'] });
  const { body: demo } = await server.open.get('/demo.json');
  assert.equal(demo.language, 'id');
  const alice = new Rest(server.base, `Bearer ${demo.users[0].token}`);
  const names = async () => (await alice.expect(200, 'GET', '/v1/me/channels')).channels.map(({ channel }) => channel.name);
  assert.ok((await names()).includes('Pesanan #1'));
  await server.stop();
  await server.start(['--demo']);
  assert.equal((await server.open.get('/demo.json')).body.language, 'en');
  assert.deepEqual((await names()).filter(Boolean).sort(), ['Order #1', 'Pesanan #1']);
  assert.match((await server.cli('--help')).stdout, /--demo-language/);
  const refused = await server.cli('--demo', '--demo-language', 'xx');
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /--demo-language/);
});

test('the page is one compressed file per type, which browsers keep as long as it is unchanged', async (t) => {
  const server = await TestServer.start(t, { args: ['--demo'] });
  const page = (await raw(server, '/', {})).text;
  const files = [...page.matchAll(/(?:href|src)="(\/[^"#]+)"/g)].map((match) => match[1]).filter((path) => path !== '/');
  assert.deepEqual(files.map((path) => path.replace(/\?.*/, '')).filter((path) => path !== '/icon.svg').sort(), ['/app.js', '/style.css']);
  // On a slow network only these words are shown for a while.
  assert.ok(page.indexOf('Loading…') < page.indexOf('style.css'));
  for (const path of files) {
    const plain = await raw(server, path, {});
    const packed = await raw(server, path, { 'Accept-Encoding': 'br, gzip;q=0.5' });
    const refused = await raw(server, path, { 'Accept-Encoding': 'gzip;q=0, identity' });
    assert.equal(packed.headers['content-encoding'], 'gzip', path);
    assert.deepEqual(gunzipSync(packed.body), plain.body, path);
    assert.ok(packed.body.length < plain.body.length, path);
    assert.notEqual(packed.headers.etag, plain.headers.etag, path);
    assert.equal((await raw(server, path, { 'Accept-Encoding': 'gzip', 'If-None-Match': packed.headers.etag })).status, 304);
    for (const other of [plain, refused]) assert.equal(other.headers['content-encoding'], undefined, path);
    for (const one of [plain, packed]) assert.equal(one.headers.vary, 'Accept-Encoding', path);
    assert.equal(plain.headers['cache-control'], path.includes('?v=') ? 'public, max-age=31536000, immutable' : 'no-cache', path);
  }
  assert.equal((await raw(server, '/app.js?v=another', {})).headers['cache-control'], 'no-cache');
  assert.equal((await raw(server, '/style.css', {})).headers['content-type'], 'text/css; charset=utf-8');

  // The script contains every module once, before those that import it. It runs up to the module that needs a page.
  const script = (await raw(server, '/app.js', {})).text;
  const context = createContext({ TextEncoder, EventTarget, AbortController, XMLHttpRequest: class {}, Intl });
  const [client, texts, english, pane] = runInContext(`${script.slice(0, script.indexOf('const app_js'))}\n[client_js, texts_js, texts_en_js, pane_js]`, context);
  assert.ok('ChatClient' in client && 'Pane' in pane);
  texts.useTexts({ en: english.exported });
  assert.equal(texts.text('send'), 'Send');
});
