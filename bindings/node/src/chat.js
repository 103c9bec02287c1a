import { closed, isFull } from './error.js';
import { Events } from './events.js';
import * as library from './library.js';
import { mount, serveRequest } from './mount.js';

const { Kind } = library;

/// Items that are handed out before other things of the event loop get their turn.
const ITEMS_PER_TURN = 256;

export const backend = (workspace) => ({ workspace });
export const user = (workspace, name) => ({ workspace, user: name });
export const open = (options, { onLog } = {}) => new Chat(options, onLog);

export class Chat {
  #engine;
  #onLog;
  #last = 0;
  #waiting = new Map(); // by ticket: what takes its items, and returns whether it is answered
  #sockets = new Map();
  #subscriptions = new Map();
  #polling;
  #closing = null;

  constructor(options, onLog) {
    const engine = [null];
    library.call('open', library.ABI_VERSION, JSON.stringify(options), engine);
    [this.#engine] = engine;
    this.#onLog = onLog;
    this.#polling = this.#poll();
  }

  async call(name, fields = {}, caller = {}) {
    const { data, error } = await new Promise((resolve, reject) => {
      this.begin((ticket) => library.call('call', this.#open(), JSON.stringify(caller), name, JSON.stringify(fields), ticket), (item) => {
        resolve(item);
        return true;
      }, reject);
    });
    if (error) throw error;
    return data.length === 0 ? undefined : JSON.parse(data.toString());
  }

  events(workspace) {
    const number = [0];
    library.call('subscribe', this.#open(), workspace, number);
    const subscription = Number(number[0]);
    const events = new Events(() => {
      if (this.#subscriptions.delete(subscription)) this.tell('unsubscribe', subscription);
    });
    this.#subscriptions.set(subscription, events);
    return events;
  }

  handler() {
    return (request, response) => serveRequest(this, request, response, request.url);
  }

  mount(server, prefix = '') {
    mount(this, server, prefix);
  }

  drain(milliseconds) {
    library.call('drain', this.#open(), milliseconds);
  }

  close(milliseconds = 10_000) {
    this.#closing ??= (async () => {
      await library.callAside('close', this.#engine, milliseconds);
      await this.#polling;
      const engine = this.#engine;
      this.#engine = null;
      await library.free(engine);
    })();
    return this.#closing;
  }

  // What follows is for the other files.

  /// Begins what is answered by items: `start` hands in a ticket, `take` gets its items and returns whether that was all.
  begin(start, take, fail) {
    const ticket = ++this.#last;
    this.#waiting.set(ticket, take);
    try {
      start(ticket);
    } catch (error) {
      this.#waiting.delete(ticket);
      fail(error);
    }
  }

  beginHead(name, args, take, fail) {
    this.begin((ticket) => library.call(name, this.#open(), ...args, ticket), take, fail);
  }

  addSocket(session, socket) {
    this.#sockets.set(session, socket);
  }

  endSession(session) {
    this.#sockets.delete(session);
    this.tell('session_closed', session);
  }

  /// Tells the library about a request, session or subscription that may have ended there.
  tell(name, ...args) {
    try {
      if (this.#engine !== null) library.call(name, this.#engine, ...args);
    } catch {
      // It has ended.
    }
  }

  /// Hands in a part of a body or a text. False if the library has no room now; true also if it is of no use any more.
  handIn(name, ...args) {
    try {
      if (this.#engine !== null) library.call(name, this.#engine, ...args);
    } catch (error) {
      return !isFull(error);
    }
    return true;
  }

  #open() {
    if (this.#engine === null) throw closed();
    return this.#engine;
  }

  async #poll() {
    const item = [null];
    try {
      for (;;) {
        await library.callAside('poll', this.#engine, -1, item);
        for (let i = 0; item[0] !== null; ++i) {
          this.#take(library.takeItem(item[0]));
          item[0] = null;
          if (i < ITEMS_PER_TURN) library.call('poll', this.#engine, 0, item);
        }
      }
    } catch (error) {
      if (error.code !== 'UNAVAILABLE') throw error;
    }
    for (const [ticket, take] of this.#waiting) take({ kind: Kind.RESULT, ticket, error: closed(), data: Buffer.alloc(0), headers: [], status: 0 });
    for (const events of this.#subscriptions.values()) events.end();
    this.#waiting.clear();
    this.#subscriptions.clear();
  }

  #take(item) {
    switch (item.kind) {
      case Kind.LOG:
        this.#onLog?.(JSON.parse(item.data.toString()));
        break;
      case Kind.EVENT:
        this.#subscriptions.get(item.handle)?.put(JSON.parse(item.data.toString()));
        break;
      case Kind.TEXT: case Kind.CLOSE: case Kind.PING:
        this.#sockets.get(item.handle)?.take(item);
        if (item.kind === Kind.CLOSE) this.#sockets.delete(item.handle);
        break;
      default:
        if (this.#waiting.get(item.ticket)?.(item)) this.#waiting.delete(item.ticket);
    }
  }
}
