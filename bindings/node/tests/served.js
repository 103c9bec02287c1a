// A server with an engine mounted at /chat, or at the second argument, for tests that talk to it from outside (tests/integration/golden_mount.mjs).

import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { open } from '../src/index.js';

const chat = open(JSON.parse(process.argv[2]));
const { api_key, api_secret } = await chat.call('workspace.create', { name: 'Shop' });
const server = createServer();
const prefix = process.argv[3] ?? '/chat';
chat.mount(server, prefix);
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ base: `http://127.0.0.1:${server.address().port}${prefix}`, key: `${api_key}:${api_secret}` }));
});
for await (const line of createInterface(process.stdin)) {
  const [, milliseconds] = /^drain (\d+)$/.exec(line) ?? [];
  if (milliseconds) chat.drain(Number(milliseconds));
}
await chat.close();
server.closeAllConnections();
server.close();
