// The server as examples/server/delivery describes it: behind an nginx that terminates TLS, and with a certificate of its own. The package
// is tested by tests/delivery.

import assert from 'node:assert/strict';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import WebSocket from 'ws';
import { freePort, within } from './data.mjs';
import { identity } from './identity.mjs';
import { frame, replaced, snippet, startProxy, temporaryFolder } from './readme.mjs';
import { TestServer } from './server.mjs';

const readme = readFileSync(new URL('../../examples/server/delivery/README.md', import.meta.url), 'utf8');
const settings = readFileSync(new URL('../../examples/server/delivery/server.env', import.meta.url), 'utf8');

// Nobody has signed the certificate; that clients check it is tested elsewhere.
process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';

/// NAME=value, one a line, without comments.
function environment(text) {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

/// Alice sends over a WebSocket at this address and sees her message there.
async function alice(t, server, base) {
  const shop = await server.createWorkspace();
  await shop.rest.expect(201, 'POST', '/v1/users', { external_id: 'alice', name: 'Alice' });
  await shop.rest.expect(201, 'POST', '/v1/channels', { type: 'group', external_id: 'order_1', name: '1', member_external_ids: ['alice'] });
  const { token } = await shop.rest.expect(200, 'POST', '/v1/users/alice/tokens');
  // As a page on the same site: its origin is the address it was loaded from.
  const socket = new WebSocket(`${base.replace('http', 'ws')}/v1/ws`, ['cariosan.v1', `cariosan.jwt.${token}`],
      { origin: base, rejectUnauthorized: false });
  t.after(() => socket.terminate());
  await within(frame(socket, 'connection.ready'), 'the socket');
  const created = frame(socket, 'message.created');
  const sent = await fetch(`${base}/v1/channels/order_1/messages`,
      { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: '{"content":"Halo!"}' });
  assert.equal(sent.status, 201, await sent.text());
  assert.equal((await within(created, 'the message')).message.content, 'Halo!');
}

test('nginx terminates TLS', async (t) => {
  const { CARIOS_TRUSTED_PROXIES } = environment(settings);
  const server = await TestServer.start(t, { env: { CARIOS_TRUSTED_PROXIES } });
  const { certificate, key } = identity(t);
  let lines = replaced(snippet(readme, 'nginx', 'ssl_certificate'), '/etc/letsencrypt/live/chat.example.com/fullchain.pem', certificate);
  lines = replaced(lines, '/etc/letsencrypt/live/chat.example.com/privkey.pem', key);
  const front = await startProxy(t, temporaryFolder(t), lines, server.port);
  if (front === null) return console.log('skipped: nginx is not installed');
  await alice(t, server, front);
});

test('the server terminates TLS', async (t) => {
  const folder = temporaryFolder(t);
  const { certificate, key } = identity(t);
  copyFileSync(certificate, join(folder, 'fullchain.pem'));
  copyFileSync(key, join(folder, 'privkey.pem'));
  const lines = environment(replaced(snippet(readme, 'sh', 'CARIOS_TLS_CERT_FILE'), '/etc/cariosan/tls', folder));
  const server = await TestServer.start(t, { env: { ...lines, CARIOS_HTTP_HOST: '127.0.0.1', CARIOS_HTTP_PORT: String(await freePort()) } });
  await alice(t, server, server.base());
});
