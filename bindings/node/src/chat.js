import { closed, isFull } from './error.js';
import { Events } from './events.js';
import * as library from './library.js';
import { mount, serveRequest } from './mount.js';
import { exportLines, importLines } from './operation.js';

const { Kind } = library;

/// Items that are handed out before other things of the event loop get their turn.
const ITEMS_PER_TURN = 256;

export const backend = (workspace) => ({ workspace });
export const user = (workspace, name) => ({ workspace, user: name });
export const open = (options, { onLog, moderator } = {}) => new Chat(options, onLog, moderator);
export const restore = (backup, storage) => library.callAside('restore', backup, storage);

export function describe() {
  const text = [null];
  const length = [0];
  library.call('describe', text, length);
  return JSON.parse(library.takeText(text, length));
}

export class Chat {
  #engine;
  #judging;
  #moderator;
  #onLog;
  #last = 0;
  #waiting = new Map(); // by ticket: what takes its items, and returns whether it is answered
  #sockets = new Map();
  #subscriptions = new Map();
  #polling;
  #busy = new Set(); // what other threads do in the library
  #closing = null;

  constructor(options, onLog, moderator) {
    const judge = moderator ? (ticket, draft) => void this.#judge(ticket, draft) : null;
    const opened = library.open(JSON.stringify(options), judge);
    this.#engine = opened.engine;
    this.#judging = opened.judging;
    this.#moderator = moderator;
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
    const subscription = this.number('subscribe', workspace);
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

  backup(path) {
    return this.aside('backup', path);
  }

  async rotateEpoch() {
    const epoch = [null];
    await this.aside('rotate_epoch', epoch);
    return library.takeText(epoch);
  }

  async metrics() {
    return this.textAside('metrics');
  }

  export(workspace, user) {
    return exportLines(this, workspace, user);
  }

  import(options, more) {
    return importLines(this, options, more);
  }

  drain(milliseconds) {
    library.call('drain', this.#open(), milliseconds);
  }

  close(milliseconds = 10_000) {
    this.#closing ??= (async () => {
      await library.callAside('close', this.#engine, milliseconds);
      await this.#polling;
      while (this.#busy.size > 0) await Promise.allSettled(this.#busy);
      const engine = this.#engine;
      this.#engine = null;
      await library.free(engine);
      library.release(this.#judging);
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

  /// Opens something that has a number.
  number(name, ...args) {
    const number = [0];
    library.call(name, this.#open(), ...args, number);
    return Number(number[0]);
  }

  /// Calls a function that waits, on another thread.
  async aside(name, ...args) {
    const done = library.callAside(name, this.#open(), ...args);
    this.#busy.add(done);
    try {
      await done;
    } finally {
      this.#busy.delete(done);
    }
  }

  /// The same for one that hands out a text, or null.
  async textAside(name, ...args) {
    const text = [null];
    const length = [0];
    await this.aside(name, ...args, text, length);
    return library.takeText(text, length);
  }

  beginWith(name, args, take, fail) {
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

  /// Called by the library on the thread that polls or closes, which waits meanwhile: it returns at its first await.
  async #judge(ticket, draft) {
    try {
      await undefined;
      const verdict = JSON.stringify(await this.#moderator(JSON.parse(draft)));
      if (this.#engine !== null) library.call('answer', this.#engine, ticket, verdict ?? null);
    } catch (error) {
      // What could not be judged is left to the deadline. Behind it, or closed, nobody waits any more.
      if (error.code !== 'NOT_FOUND' && error.code !== 'UNAVAILABLE') process.emitWarning(`the moderator failed: ${error.stack ?? error}`);
    }
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
