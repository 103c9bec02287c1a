// The operator's console: how it is served, and to whom.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestServer } from './server.mjs';

const files = (html) => [...html.matchAll(/(?:href|src)="(\/[^"#?]+)/g)].map((match) => match[1]);

test('the console is served without the demo, is not kept, and may load nothing from elsewhere', async (t) => {
  const server = await TestServer.start(t);
  const page = await server.open.get('/console');
  assert.equal(page.status, 200);
  assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8');
  assert.equal((await server.open.get('/')).status, 404);
  assert.equal((await server.open.get('/console/index.html')).status, 404);
  const paths = files(page.text);
  assert.deepEqual([...new Set(paths)].sort(), ['/console/app.js', '/console/icon.svg', '/console/style.css']);
  for (const path of ['/console', ...paths]) {
    const { status, headers } = await server.open.get(path);
    assert.equal(status, 200, path);
    assert.equal(headers.get('cache-control'), 'no-store', path);
    assert.equal(headers.get('etag'), null, path);
    assert.equal(headers.get('x-frame-options'), 'DENY', path);
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
    assert.equal(headers.get('referrer-policy'), 'no-referrer', path);
    assert.equal(headers.get('cross-origin-opener-policy'), 'same-origin', path);
    assert.equal(headers.get('content-security-policy'),
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
  }
  assert.doesNotMatch(page.text, /<script(?! type="module" src=)|<style|\son[a-z]+=|\sstyle=/);
});

test('the console is there with the demo too, at any name of the server', async (t) => {
  const server = await TestServer.start(t, { args: ['--demo'] });
  assert.equal((await server.open.get('/console')).status, 200);
  assert.equal((await server.open.get('/')).status, 200);
});

test('CARIOS_CONSOLE says who may load it', async (t) => {
  const proxied = { headers: { 'X-Forwarded-For': '192.0.2.1' } };
  for (const [access, here, throughProxy] of [['on', 200, 200], ['local', 200, 404], ['off', 404, 404]]) {
    const server = await TestServer.start(t, { env: { CARIOS_CONSOLE: access } });
    for (const path of ['/console', '/console/icon.svg']) {
      assert.equal((await server.open.get(path)).status, here, access + path);
      assert.equal((await server.open.get(path, proxied)).status, throughProxy, access + path);
    }
    await server.stop();
  }
});
