// The chat client of the demo page (examples/server/page) in Node, for its tests: two users of one channel.

import { webcrypto } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import WebSocket from 'ws';
import { eventually } from './data.mjs';
import { TestServer } from './server.mjs';

globalThis.crypto ??= webcrypto;
globalThis.CustomEvent ??= class extends Event {
  constructor(type, { detail } = {}) {
    super(type);
    this.detail = detail;
  }
};

// Node treats a `.js` file as a module if a package says so; a browser needs no package.
const folder = mkdtempSync(join(tmpdir(), 'cariosan-page-'));
after(() => rmSync(folder, { recursive: true, force: true }));
cpSync(fileURLToPath(new URL('../../examples/server/page', import.meta.url)), folder, { recursive: true });
writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
export const { ChatClient } = await import(pathToFileURL(join(folder, 'client.js')));
export const { Channel } = await import(pathToFileURL(join(folder, 'channel.js')));
export const { Pins } = await import(pathToFileURL(join(folder, 'pins.js')));
export const { isAccepted, Upload } = await import(pathToFileURL(join(folder, 'upload.js')));

/// The first result of `read` that is not false, null or undefined.
export async function until(read, what) {
  let value;
  await eventually(async () => (value = await read()), what);
  return value;
}

/// A started client of one user, with the channel `external` loaded.
export async function open(t, server, shop, userId, external, storage = null) {
  const token = await shop.token(userId);
  const client = new ChatClient({ origin: server.base(), token: async () => token, storage, WebSocket });
  t.after(() => client.stop());
  client.resumed = [];
  client.addEventListener('resumed', ({ detail }) => client.resumed.push(detail));
  client.start();
  const find = () => client.channelList().find(({ settings }) => settings.external_id === external);
  const { id } = await until(() => client.state.name === 'live' && find(), `${userId} live`);
  client.open(id);
  client.channel = () => client.channels.get(id);
  client.message = (messageId) => client.channel().messages.get(messageId);
  await until(() => client.channel().loaded && client.channel().receiptsLoaded, `${userId} loaded`);
  return client;
}

export async function twoPeople(t, env = {}) {
  const server = await TestServer.start(t, { env });
  const shop = await server.createWorkspace();
  for (const [id, name] of [['alice', 'Alice'], ['budi', 'Budi']]) await shop.createUser(id, name);
  await shop.createGroup('order_1', ['alice', 'budi'], 'Order #1');
  const alice = await open(t, server, shop, 'alice', 'order_1');
  const budi = await open(t, server, shop, 'budi', 'order_1');
  return { server, shop, alice, budi };
}

/// Sends a message and returns it as the sender sees it once the server has it.
export async function say(client, content, more = {}) {
  const { id } = client.channel();
  client.send(id, { content, ...more });
  return until(() => client.channel().list().find((message) => message.content === content), content);
}
