// HTTPS and secure WebSockets from outside, with certificates made by the program `openssl`.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect as connectPlain } from 'node:net';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { Client } from './client.mjs';
import { within } from './data.mjs';
import { identity } from './identity.mjs';
import { run, TestServer } from './server.mjs';

// The certificates are checked where that is the point, by `certificateOf`.
process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';

/// The fingerprint of the server's certificate, which must be the one in this file.
async function certificateOf(server, file) {
  const socket = connectTls({ host: '127.0.0.1', port: server.port, ca: readFileSync(file), rejectUnauthorized: true, ALPNProtocols: ['h2', 'http/1.1'] });
  await within(once(socket, 'secureConnect'), 'the handshake');
  assert.equal(socket.alpnProtocol, 'http/1.1');
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

async function logged(server, text) {
  const seen = async () => {
    while (!server.log.includes(text)) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  await within(seen(), text);
}

test('everything is served over TLS, and a new certificate needs no restart', async (t) => {
  const files = identity(t);
  const server = await TestServer.start(t, { env: files.env });
  assert.match(server.base(), /^https:/);
  assert.equal((await server.open.get('/readyz')).status, 200);
  assert.equal((await server.open.get('/healthz')).status, 200);
  assert.equal((await server.cli('healthcheck')).code, 0);

  const shop = await server.createWorkspace();
  for (const name of ['alice', 'budi']) await shop.createUser(name);
  await shop.createGroup('g', ['alice', 'budi']);
  const clients = [];
  for (const name of ['alice', 'budi']) {
    const client = new Client(server, await shop.token(name), { reconnect: false, deflate: name === 'budi' });
    t.after(() => client.close());
    const synced = once(client, 'synced');
    client.open();
    await within(synced, 'the first sync');
    clients.push(client);
  }
  const exchange = async (content) => {
    const event = within(clients[1].nextFrame(({ type, data }) => type === 'message.created' && data.message.content === content), 'the event');
    await clients[0].sendMessage('g', content);
    await event;
  };
  await exchange('halo');
  await exchange('selamat pagi '.repeat(500).trim());

  const first = await certificateOf(server, files.certificate);
  files.issue();
  process.kill(server.pid, 'SIGHUP');
  await logged(server, 'server.tls_reloaded');
  const second = await certificateOf(server, files.certificate);
  assert.notEqual(second, first);

  const good = readFileSync(files.certificate);
  writeFileSync(files.certificate, 'no certificate');
  process.kill(server.pid, 'SIGHUP');
  await logged(server, 'server.tls_not_reloaded');
  assert.match(server.log, /"level":"error".*server\.tls_not_reloaded.*cannot use .*server\.pem as the TLS certificate/);
  writeFileSync(files.certificate, good);
  assert.equal(await certificateOf(server, files.certificate), second);
  await exchange('still here');
  for (const client of clients) {
    assert.equal(client.connected, true);
    assert.deepEqual(client.violations, []);
  }

  const plain = connectPlain(server.port, '127.0.0.1');
  plain.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
  let answer = '';
  plain.on('data', (bytes) => (answer += bytes));
  await within(once(plain, 'close'), 'the end of plain HTTP');
  assert.match(answer, /^HTTP\/1\.1 400 [\s\S]*This port speaks HTTPS/);

  const closes = clients.map((client) => once(client, 'closed'));
  assert.equal((await server.end('SIGTERM')).code, 0);
  for (const [code] of await Promise.all(closes)) assert.equal(code, 1001);
});

test('a server whose certificate cannot be used does not start, and says why', async (t) => {
  const files = identity(t);
  const server = TestServer.prepare(t);
  const refused = async (env, words) => {
    const { code, stderr } = await run([], { ...server.env, ...files.env, ...env });
    assert.notEqual(code, 0);
    assert.match(stderr, words);
  };
  await refused({ CARIOS_TLS_KEY_FILE: '' }, /CARIOS_TLS_KEY_FILE: is not set/);
  await refused({ CARIOS_TLS_CERT_FILE: '/nowhere.pem' }, /cannot use \/nowhere\.pem as the TLS certificate: No such file or directory/);
  await refused({ CARIOS_TLS_KEY_FILE: files.certificate }, /cannot use .*server\.pem as the TLS key/);
  await refused({ CARIOS_TLS_KEY_FILE: identity(t).key }, /the TLS key .* does not belong to the certificate/);
});
