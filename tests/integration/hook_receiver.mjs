// The backend of a shop that receives webhooks: an HTTP server that answers as a test says, and records what arrives.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

export class HookReceiver {
  /// Answers 200 to everything until `answer` is replaced; that gets the delivery and the response, and may leave it open.
  static async start(t, port = 0) {
    const receiver = new HookReceiver();
    await receiver.#listen(port);
    t.after(() => receiver.stop());
    return receiver;
  }

  #server;
  #sockets = new Set();
  #waiting = [];

  constructor() {
    this.deliveries = [];
    this.answer = (_, response) => response.writeHead(200).end();
  }

  async #listen(port) {
    this.#server = createServer((request, response) => this.#take(request, response));
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => {});
    });
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = this.#server.address().port;
    this.url = `http://127.0.0.1:${this.port}/hook`;
  }

  async stop() {
    for (const socket of this.#sockets) socket.destroy();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  async #take(request, response) {
    const parts = [];
    for await (const part of request) parts.push(part);
    const text = Buffer.concat(parts).toString('utf8');
    const delivery = { text, body: JSON.parse(text), headers: request.headers, method: request.method };
    this.deliveries.push(delivery);
    this.answer(delivery, response);
    this.#waiting = this.#waiting.filter((look) => !look());
  }

  /// The first result of `find(deliveries)` that is not undefined, false or null; called again after each delivery.
  until(find) {
    return new Promise((resolve) => {
      const look = () => {
        const value = find(this.deliveries);
        if (value === undefined || value === false || value === null) return false;
        resolve(value);
        return true;
      };
      if (!look()) this.#waiting.push(look);
    });
  }

  /// Waits for all of these events; returns them in the order of their first arrival.
  events(name) {
    const seen = new Map();
    for (const { body } of this.deliveries) if (body.event === name && !seen.has(body.event_id)) seen.set(body.event_id, body);
    return [...seen.values()];
  }
}

/// Throws unless the delivery was signed with this secret. Uses the library that receivers use.
export function verify(secret, { text, headers }) {
  return new Webhook(secret).verify(text, headers);
}
