import { once } from 'node:events';
import { createServer } from 'node:http';
import WebSocket from 'ws';
import { backend, open, user } from '../src/index.js';

/// A workspace with alice and bob in the group "room".
export class World {
  static async open(t, options = {}, parts = {}) {
    const world = new World();
    world.chat = open({ storage: 'sqlite::memory:', jwt_secret: '0123456789abcdef0123456789abcdef', rates: false, ...options }, parts);
    t.after(() => world.chat.close());
    const made = await world.chat.call('workspace.create', { name: 'Shop' });
    Object.assign(world, { id: made.id, key: `${made.api_key}:${made.api_secret}`, backend: backend(made.id), alice: user(made.id, 'alice'), bob: user(made.id, 'bob') });
    for (const name of ['alice', 'bob']) await world.chat.call('user.upsert', { external_id: name, name }, world.backend);
    await world.chat.call('channel.create', { type: 'group', external_id: 'room', member_external_ids: ['alice', 'bob'] }, world.backend);
    return world;
  }

  send(content) {
    return this.chat.call('message.send', { channel: 'room', content }, this.alice);
  }

  async token(name) {
    return (await this.chat.call('auth.token', { user_id: name }, this.backend)).token;
  }

  /// Mounted at /chat of a server whose own answer to everything is "the shop".
  async serve(t, listener = (_, response) => response.end('the shop')) {
    this.server = createServer(listener);
    this.chat.mount(this.server, '/chat');
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = this.server.address().port;
    t.after(() => {
      this.server.closeAllConnections();
      this.server.close();
    });
  }

  ask(method, path, { body, authorization = `Bearer ${this.key}`, signal, headers } = {}) {
    const all = { Authorization: authorization, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers };
    return fetch(`http://127.0.0.1:${this.port}${path}`, { method, headers: all, body, signal });
  }

  connect(token, options) {
    return new Client(`ws://127.0.0.1:${this.port}/chat/v1/ws`, token, options);
  }
}

/// One WebSocket, and the frames that it got.
export class Client {
  #frames = [];
  #look = () => {};

  constructor(url, token, options) {
    this.socket = new WebSocket(url, ['cariosan.v1', `cariosan.jwt.${token}`], options);
    this.closed = new Promise((resolve) => this.socket.on('close', resolve));
    this.socket.on('error', () => {});
    this.socket.on('message', (bytes) => {
      this.#frames.push(JSON.parse(bytes.toString()));
      this.#look();
    });
  }

  async until(type) {
    for (;;) {
      const at = this.#frames.findIndex((frame) => frame.type === type);
      if (at !== -1) return this.#frames.splice(0, at + 1).at(-1);
      await new Promise((resolve) => (this.#look = resolve));
    }
  }
}
