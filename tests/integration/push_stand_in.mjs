// A service that pushes are posted to, played by the test.

import { once } from 'node:events';
import { createServer } from 'node:http';

/// A push service. Those that extend it note in `pushes` what they `take(request, body)`, and return its answer: status, headers and
/// body, or nothing, if there is to be none.
export class PushStandIn {
  static async start(t) {
    const service = new this();
    await service.#listen();
    t.after(() => service.stop());
    return service;
  }

  #server;
  #waiting = [];
  #sockets = new Set();

  constructor() {
    this.pushes = [];
  }

  async #listen() {
    this.#server = createServer((request, response) => this.#serve(request, response));
    this.#server.on('connection', (socket) => this.#sockets.add(socket));
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.url = `http://127.0.0.1:${this.#server.address().port}`;
  }

  async stop() {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request, response) {
    const parts = [];
    for await (const part of request) parts.push(part);
    const answer = this.take(request, Buffer.concat(parts));
    this.#waiting = this.#waiting.filter((look) => !look());
    if (answer) response.writeHead(answer.status, answer.headers).end(answer.body);
  }

  /// Once the pushes are such that `find(pushes)` holds.
  until(find) {
    return new Promise((resolve) => {
      const look = () => find(this.pushes) && (resolve(), true);
      if (!look()) this.#waiting.push(look);
    });
  }
}
