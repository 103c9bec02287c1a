// The parent's side of the checker: the world of `tests/crash`, whose users play in processes of their own, with the client of
// this package.

import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { within } from '../../../../../../tests/integration/data.mjs';
import { World } from '../../../../../../tests/crash/world.mjs';

const HOSTS = 4;
const DEADLINE = 120_000;
/// Numbers above that are of messages by users; below, by the backend.
const BY_USERS = 1e8;
const STORAGES = ['file', 'file', 'indexeddb', 'file', 'memory'];

/// A user's client as the parent knows it: which channels it shows, and how to cut it off.
class RemoteClient extends EventEmitter {
  channels = new Map();
  broken = [];
  vanished = [];

  constructor(link, token) {
    super();
    this.setMaxListeners(0);
    Object.assign(this, { link, token });
  }
  open() {}
  drop() {
    this.link.cut();
  }
  async close() {}
}

/// A process with some of the users.
class Host {
  runs = 0;
  kills = 0;
  #child = null;
  #closed = null;

  constructor(field, players) {
    Object.assign(this, { field, players });
  }

  /// `fresh`: without anything that was stored.
  start({ fresh = false } = {}) {
    const { field } = this;
    const players = this.players.map(({ index, client, storage }) => ({
      index, url: client.link.base(), token: client.token,
      storage: storage === 'file' && !fresh ? { folder: join(field.folder, String(index)) } : storage === 'file' ? 'memory' : storage,
    }));
    const settings = { seed: field.seed, run: this.runs++, pace: field.pace, users: field.users.map(({ external_id }) => external_id), players };
    const child = spawn(process.execPath, [field.program, JSON.stringify(settings)], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child = child;
    this.#closed = once(child, 'close');
    child.stdin.on('error', () => {}); // it was killed
    createInterface({ input: child.stdout }).on('line', (line) => {
      // The last line of a process that was killed may be cut off.
      let told = null;
      try {
        told = JSON.parse(line);
      } catch {
        return;
      }
      field.heard(told);
    });
  }

  tell(what) {
    this.#child.stdin.write(`${JSON.stringify(what)}\n`);
  }

  async kill() {
    this.kills += 1;
    this.#child.kill('SIGKILL');
    await this.#closed;
  }

  async end() {
    this.#child?.kill('SIGKILL');
    await this.#closed;
  }
}

export class Field extends World {
  presses = new Map(); // number → {player, key, channel, number, failed, retried, done: the client has let go of it, told: what became of it, in order}
  discards = new Set();
  #entries = new Map();
  #answers = new EventEmitter();

  constructor(server, seed, { folder, program, pace }) {
    super(server, seed);
    Object.assign(this, { folder, program, pace });
    this.#answers.setMaxListeners(0);
  }

  makeClient(link, token) {
    return new RemoteClient(link, token);
  }

  async populate(t) {
    await super.populate(t);
    const players = this.players.map((player, index) => Object.assign(player, { index, storage: STORAGES[index % STORAGES.length] }));
    this.hosts = Array.from({ length: HOSTS }, (_, at) => new Host(this, players.filter(({ index }) => index % HOSTS === at)));
    t.after(() => Promise.all(this.hosts.map((host) => host.end())));
  }

  /// What users write is numbered by themselves, so it may be met before it is told.
  entryOf(message) {
    const number = Number(/^#(\d+) /.exec(message.content)[1]);
    if (number < BY_USERS) return super.entryOf(message);
    return this.#entryAt(number);
  }

  #entryAt(number) {
    const known = this.#entries.get(number) ?? { number, contents: new Set(), deleteTried: false };
    this.#entries.set(number, known);
    return known;
  }

  wasUnsent(number) {
    return this.#entries.get(number)?.deleteTried ?? false;
  }

  heard(told) {
    if (told.kept) return this.#kept(told.kept);
    const { client } = this.players[told.player];
    if (told.holds) client.channels = new Map(told.holds.map(({ id, type }) => [id, { id, settings: { type } }]));
    if (told.live) client.emit('ready');
    if (told.broken) client.broken.push(told.broken);
    if (told.vanished) client.vanished.push(told.vanished);
    if (told.unsending) this.entryOf({ content: told.unsending }).deleteTried = true;
    if (told.discarding) this.discards.add(numberOf(told.discarding));
    if (told.done) Object.assign(this.#pressOfKey(told.done) ?? {}, { done: true });
    if (told.retrying) {
      const press = this.#pressOf(told.retrying);
      Object.assign(press, { retried: true, failed: false });
      press.told?.push('retried');
    }
    if (told.failed) {
      const press = this.#pressOfKey(told.failed.key);
      if (press) press.failed = told.failed.code ?? 'unknown';
      press?.told.push(`failed ${told.failed.code}`);
      this.counts.failed = (this.counts.failed ?? 0) + 1;
    }
    if (told.stopped || told.settled !== undefined || told.held) this.#answers.emit('answer', told);
    return undefined;
  }

  #pressOfKey(key) {
    return [...this.presses.values()].find((press) => press.key === key);
  }

  #pressOf(content) {
    return this.presses.get(numberOf(content)) ?? {};
  }

  #kept({ player, key, channel, text, state }) {
    const number = numberOf(text);
    const press = this.presses.get(number) ?? { player, key, channel, number, failed: false, retried: false, done: false, told: [] };
    press.told.push(`${state} in run ${this.hosts[player % HOSTS].runs}`);
    if (state === 'failed') press.failed ||= true;
    this.presses.set(number, press);
  }

  /// Tells every process, and waits for the answer of each user.
  async ask(what, fits, deadline = DEADLINE) {
    const answers = new Map();
    const done = this.#collect(answers, fits);
    for (const host of this.hosts) host.tell(what);
    await within(done, `${JSON.stringify(what)} by everyone`, deadline);
    return answers;
  }

  #collect(answers, fits) {
    return new Promise((resolve) => {
      const hear = (told) => {
        if (!fits(told)) return;
        answers.set(told.player, told);
        if (answers.size < this.players.length) return;
        this.#answers.off('answer', hear);
        resolve();
      };
      this.#answers.on('answer', hear);
    });
  }

  /// What one user holds, once it is at these revisions or `patience` is over.
  async report(player, revs, patience) {
    const answer = new Promise((resolve) => {
      const hear = (told) => {
        if (told.player !== player.index || !told.held) return;
        this.#answers.off('answer', hear);
        resolve(told);
      };
      this.#answers.on('answer', hear);
    });
    this.hosts[player.index % HOSTS].tell({ report: { player: player.index, revs, within: patience } });
    return within(answer, `a report of ${player.index}`, patience + DEADLINE);
  }
}

export const numberOf = (content) => Number(/^#(\d+) /.exec(content)?.[1]);
