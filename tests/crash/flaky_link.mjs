// A bad network between clients and the server: a TCP proxy that delays, splits, cuts and loses data.

import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { deferred } from '../integration/data.mjs';

/// Probability of each fault, for each piece of data.
const ROUGH = {
  delay: 0.15, // is held for a while, and so is what follows
  longestDelay: 40, // ms
  tear: 0.1, // arrives in two pieces
  cut: 0.004, // is the last one, complete or not
  hang: 0.002, // is the last one for now: the connection looks alive, but nothing passes
  longestHang: 2500, // ms
};

/// One client's path to the server. `upstream()` returns the server's port; `random` decides about faults.
export class FlakyLink {
  counts = { connections: 0, cuts: 0, hangs: 0, late: 0, delays: 0 };
  #rough = true;
  #blocked = false;
  #held = null; // settled when data flows again
  #pairs = new Set();
  #server = null;

  static async open(upstream, random) {
    const link = new FlakyLink(upstream, random);
    link.#server = createServer({ noDelay: true }, (socket) => link.#accept(socket));
    link.#server.listen(0, '127.0.0.1');
    await once(link.#server, 'listening');
    return link;
  }

  constructor(upstream, random) {
    this.upstream = upstream;
    this.random = random;
  }

  get port() {
    return this.#server.address().port;
  }
  /// The server as a client sees it through this link.
  base = () => `http://127.0.0.1:${this.port}`;
  get webSocketUrl() {
    return `ws://127.0.0.1:${this.port}/v1/ws`;
  }

  /// From now on there are no faults; hanging connections are cut.
  heal() {
    this.#rough = false;
    for (const pair of this.#pairs) {
      if (pair.hanging) pair.end();
    }
  }

  /// Cuts all open connections.
  cut() {
    for (const pair of this.#pairs) pair.end();
  }

  /// No network until `unblock`.
  block() {
    this.#blocked = true;
    this.cut();
  }
  unblock() {
    this.#blocked = false;
  }

  /// Nothing passes until `release`; then everything does that was sent meanwhile.
  hold() {
    this.#held ??= deferred();
  }
  release() {
    this.#held?.resolve();
    this.#held = null;
  }

  async close() {
    this.release();
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(near) {
    if (this.#blocked) {
      near.on('error', () => {});
      near.resetAndDestroy();
      return;
    }
    this.counts.connections += 1;
    const far = connect({ port: this.upstream(), host: '127.0.0.1', noDelay: true });
    const pair = {
      hanging: null, // 'lost': data sent now never arrives. 'late': it arrives after the client has gone.
      end: () => {
        this.#pairs.delete(pair);
        near.resetAndDestroy();
        near.destroy(); // immediately, without waiting for anything
        far.destroy();
      },
    };
    this.#pairs.add(pair);
    for (const socket of [near, far]) {
      socket.on('error', () => {}); // followed by 'close'
      socket.on('close', () => (pair.hanging === 'late' && socket === near ? undefined : pair.end()));
    }
    this.#pass(near, far, pair, true);
    this.#pass(far, near, pair, false);
  }

  async #pass(from, to, pair, upward) {
    try {
      for await (const piece of from) {
        if (this.#held) await this.#held.promise;
        if (pair.hanging === 'lost' || (pair.hanging && !upward)) continue;
        if (this.#rough) await this.#treat(piece, to, pair);
        else to.write(piece);
      }
      if (!pair.hanging) to.end();
    } catch {
      // One of the two was cut.
    }
  }

  async #treat(piece, to, pair) {
    const { random, counts } = this;
    const fate = random();
    if (fate < ROUGH.cut) {
      counts.cuts += 1;
      // The peer may still receive it, or part of it.
      if (random() < 0.7) await written(to, piece.subarray(0, Math.ceil(random() * piece.length)));
      return pair.end();
    }
    if (fate < ROUGH.cut + ROUGH.hang) return this.#hang(piece, to, pair);
    if (random() < ROUGH.delay) {
      counts.delays += 1;
      await pause(random() * ROUGH.longestDelay);
    }
    if (piece.length > 1 && random() < ROUGH.tear) {
      const at = 1 + Math.floor(random() * (piece.length - 1));
      to.write(piece.subarray(0, at));
      await pause(random() * 2);
      return to.write(piece.subarray(at));
    }
    if (!to.write(piece)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
    return undefined;
  }

  /// The connection is half open. A client that gives it up may still have reached the server, only later.
  async #hang(piece, to, pair) {
    this.counts.hangs += 1;
    pair.hanging = this.random() < 0.5 ? 'late' : 'lost';
    const late = pair.hanging === 'late';
    if (late) this.counts.late += 1;
    await pause(this.random() * ROUGH.longestHang);
    if (late) await written(to, piece);
    pair.end();
  }
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function written(socket, piece) {
  return new Promise((resolve) => (socket.destroyed ? resolve() : socket.write(piece, resolve)));
}
