// Replays the exchanges of tests/golden through an engine that is mounted in a server of another language; the README there says
// what the steps are. The server is a program: the engine's options are its argument, and it prints {"base","key"} of a new
// workspace, takes lines "drain MILLISECONDS", and ends when its input does.
//
//   node golden_mount.mjs PROGRAM [ARGUMENT...]
//
// Time passes by itself here: steps about the clock need nothing, and what they bring is waited for.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import WebSocket from 'ws';
import { within } from './data.mjs';

const golden = join(dirname(fileURLToPath(import.meta.url)), '../golden');
const command = process.argv.slice(2);

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const USERS = { alice: 'Alice', bob: 'Budi', eve: 'Eve' };

// By the member that holds it: a value that gets no number, and one that does.
const UNNUMBERED = { token: '<token>', request_id: '<request>', connection_id: '<connection>', epoch: '<epoch>' };
const NUMBERED = { signing_secret: 'secret', event_id: 'event', upload_url: 'upload', public_url: 'file', attachment_url: 'file', next_cursor: 'cursor' };

// Frames that come some time after their cause, and those of them that come where the files, whose clock stands still, have none.
const BY_CLOCK = ['presence.update', 'unread', 'channel.events'];
const OFTENER = ['presence.update', 'unread'];

function optionsOf(file) {
  const limits = {};
  for (const name of ['large_channel', 'search_steps']) if (name in file) limits[name] = file[name];
  const options = { storage: 'sqlite::memory:', jwt_secret: 'a secret of the tests, long enough for HS256', rates: false, limits, webhooks: false };
  if (file.attachments) options.s3 = { bucket: 'files', public_url: 'https://files.example', access_key: 'key', secret_key: 'secret' };
  return options;
}

/// The value of a JSON text that is written as the engine writes it: nothing on the way has written it anew.
function exact(text) {
  const value = JSON.parse(text);
  assert.equal(JSON.stringify(value), text);
  return value;
}

/// Names for what differs from run to run.
class Names {
  #names = new Map();
  #counts = new Map();
  epoch = '';

  copy() {
    const names = new Names();
    names.#names = new Map(this.#names);
    names.#counts = new Map(this.#counts);
    names.epoch = this.epoch;
    return names;
  }

  normalise(value, member = '') {
    if (Array.isArray(value)) return value.map((each) => this.normalise(each, member));
    if (value !== null && typeof value === 'object') {
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, this.normalise(each, name)]));
    }
    return typeof value === 'string' ? this.#normaliseText(value, member) : value;
  }

  resolve(text) {
    let resolved = text;
    for (const [value, name] of this.#names) resolved = resolved.replaceAll(name, value);
    return resolved.replaceAll('<epoch>', this.epoch);
  }

  #normaliseText(text, member) {
    if (member === 'idempotency_key') return text;
    if (member in UNNUMBERED) return UNNUMBERED[member];
    if (member === 'signing_secret' || member === 'event_id') return this.#name(NUMBERED[member], text);
    if (ID.test(text)) return this.#name('id', text);
    if (TIME.test(text)) return '<time>';
    return member in NUMBERED ? this.#name(NUMBERED[member], text) : text;
  }

  #name(kind, value) {
    if (!this.#names.has(value)) {
      this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
      this.#names.set(value, `<${kind} ${this.#counts.get(kind)}>`);
    }
    return this.#names.get(value);
  }
}

/// The program, with an engine of its own.
class Mount {
  static async start(t, options) {
    const mount = new Mount();
    mount.child = spawn(command[0], [...command.slice(1), JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = once(mount.child, 'close');
    t.after(async () => {
      mount.child.stdin.end();
      const [code] = await within(ended, 'the end of the mount').catch(() => [mount.child.kill('SIGKILL')]);
      assert.equal(code, 0);
    });
    const [line] = await within(once(createInterface(mount.child.stdout), 'line'), 'the start of the mount');
    Object.assign(mount, JSON.parse(line));
    return mount;
  }

  async call(method, path, { authorization = `Bearer ${this.key}`, body, headers = {} } = {}) {
    const all = { ...headers };
    if (authorization !== null) all.Authorization = authorization;
    if (body !== undefined) all['Content-Type'] ??= 'application/json';
    const response = await fetch(this.base + path, { method, headers: all, body });
    return { status: response.status, type: response.headers.get('content-type') ?? '', text: await response.text() };
  }

  async expect(status, method, path, body) {
    const answer = await this.call(method, path, { body: body && JSON.stringify(body) });
    assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`);
    return answer.text === '' ? undefined : JSON.parse(answer.text);
  }

  async token(user) {
    return (await this.expect(200, 'POST', '/v1/auth/token', { user_id: user })).token;
  }
}

/// One WebSocket.
class Client {
  frames = [];
  #waiting = null;

  constructor(base, token) {
    this.socket = new WebSocket(`${base.replace('http', 'ws')}/v1/ws`, ['cariosan.v1', `cariosan.jwt.${token}`]);
    this.opened = once(this.socket, 'open');
    this.socket.on('message', (bytes) => {
      this.frames.push(exact(bytes.toString()));
      this.#waiting?.();
    });
  }

  async next(milliseconds = 60_000) {
    if (this.frames.length === 0) {
      await within(new Promise((resolve) => (this.#waiting = resolve)), 'a frame', milliseconds);
      this.#waiting = null;
    }
    return this.frames.shift();
  }

  async leave() {
    if (this.socket.readyState === WebSocket.CLOSED) return;
    const closed = once(this.socket, 'close');
    this.socket.close();
    await within(closed, 'the end of a connection');
  }
}

/// A file being replayed.
class Scenario {
  #names = new Names();
  #clients = new Map();
  #early = new Map();

  constructor(mount) {
    this.mount = mount;
  }

  async begin(file) {
    if (file.world !== 'shop') return;
    const { mount } = this;
    for (const [external_id, name] of Object.entries(USERS)) await mount.expect(201, 'POST', '/v1/users', { external_id, name });
    await mount.expect(201, 'POST', '/v1/channels', { type: 'group', external_id: 'order_1', name: 'A group', member_external_ids: ['alice', 'bob'] });
    const answer = await mount.call('GET', '/v1/me/channels', { authorization: `Bearer ${await mount.token('alice')}` });
    this.#names.epoch = JSON.parse(answer.text).epoch;
  }

  /// Runs a step, and returns it as it should be if what happened is right.
  async take(step) {
    if ('connect' in step) {
      const name = step.as ?? step.connect;
      this.#clients.set(name, new Client(this.mount.base, await this.mount.token(step.connect)));
      this.#early.set(name, []);
      await this.#clients.get(name).opened;
    } else if ('disconnect' in step) {
      await this.#clients.get(step.disconnect).leave();
      this.#clients.delete(step.disconnect);
    } else if ('drain' in step) {
      this.mount.child.stdin.write(`drain ${step.drain}\n`);
    } else if ('send' in step) {
      this.#clients.get(step.client).socket.send(await this.#textOf(step.send));
    } else if ('receive' in step) {
      return { ...step, receive: await this.#receive(step) };
    } else if ('request' in step) {
      return this.#askUntil(step);
    }
    return step;
  }

  async end() {
    for (const client of this.#clients.values()) await client.leave();
    const left = [...this.#early.values()].flat().filter(({ type }) => !OFTENER.includes(type));
    assert.deepEqual(left, []);
  }

  /// Some frames may overtake each other, so groups are in the order of their types.
  async #receive(step) {
    const client = this.#clients.get(step.client);
    const early = this.#early.get(step.client);
    const expected = new Map(step.receive.filter(({ type }) => BY_CLOCK.includes(type)).map((frame) => [frame.type, frame]));
    const frames = [];
    for (const frame of expected.values()) frames.push(await this.#byClock(step, client, early, frame));
    const waiting = early.filter(({ type }) => !BY_CLOCK.includes(type));
    while (frames.length < step.receive.length) {
      const frame = waiting.shift() ?? await client.next();
      if (early.includes(frame)) early.splice(early.indexOf(frame), 1);
      (BY_CLOCK.includes(frame.type) ? early : frames).push(frame);
    }
    const inOrder = frames.map((frame, index) => ({ frame, index })).sort((a, b) =>
      a.frame.type < b.frame.type ? -1 : a.frame.type > b.frame.type ? 1 : a.index - b.index);
    return inOrder.map(({ frame }) => this.#names.normalise(frame));
  }

  /// The frame that a step about the clock brings. Here it comes at its time: before the step, or after it, and others of its kind too,
  /// where the clock of the files stood still meanwhile.
  async #byClock(step, client, early, expected) {
    let found = { type: expected.type, data: {} };
    while (JSON.stringify(this.#names.copy().normalise(found)) !== JSON.stringify(expected)) {
      const kept = early.findIndex(({ type }) => type === expected.type);
      if (kept === -1) {
        try {
          early.push(await client.next(20_000));
        } catch {
          assert.ok(expected.type === 'presence.update' && await this.#isKnown(step.client, expected), `${JSON.stringify(expected)} did not come`);
          return expected;
        }
        continue;
      }
      const [frame] = early.splice(kept, 1);
      found = expected.type === 'channel.events' ? joined(found, frame) : frame;
    }
    return found;
  }

  /// Who came online before a client connected, which takes longer here than in the files, is not told it: the client asks.
  async #isKnown(user, { data: { users } }) {
    const ids = users.map(({ external_id }) => external_id).join();
    const { text } = await this.mount.call('GET', `/v1/presence?users=${ids}`, { authorization: `Bearer ${await this.mount.token(user)}` });
    const { presence } = JSON.parse(text);
    return users.every((each) => presence.some(({ external_id, status }) => external_id === each.external_id && status === each.status));
  }

  async #askUntil(step) {
    let answer = await this.#ask(step);
    while (step.until && JSON.parse(answer.text)[step.until].length === 0) answer = await this.#ask(step);
    const { answer: _, lines, ...happened } = step;
    happened.status = answer.status;
    if (answer.type === 'application/x-ndjson') {
      happened.lines = this.#names.normalise(answer.text.trimEnd().split('\n').map(exact));
    } else if (answer.status === 400 && !answer.type.startsWith('application/json')) {
      happened.answer = step.answer; // the server has refused it itself, and the mount has not seen it
    } else if (answer.text !== '') {
      happened.answer = this.#names.normalise(exact(answer.text));
      // What a store wants signed is its own affair: the one of the files is not a real one.
      if ('upload_url' in happened.answer) happened.answer.headers = step.answer.headers;
    }
    return happened;
  }

  async #ask(step) {
    const [method, target] = this.#names.resolve(step.request).split(/ (.*)/);
    const authorization = step.as === 'nobody' ? null :
      `Bearer ${step.as === 'backend' ? this.mount.key : await this.mount.token(step.as)}`;
    const body = 'body' in step ? await this.#textOf(step.body) : undefined;
    return this.mount.call(method, target, { authorization, body, headers: step.headers });
  }

  async #textOf(value) {
    let text = this.#names.resolve(JSON.stringify(value));
    for (const user of Object.keys(USERS)) {
      if (text.includes(`<token of ${user}>`)) text = text.replaceAll(`<token of ${user}>`, await this.mount.token(user));
    }
    return text;
  }
}

/// One batch of events as if it had come instead of two.
function joined(first, second) {
  const since = first.data.since ?? second.data.since;
  return { type: second.type, data: { ...second.data, since, events: [...(first.data.events ?? []), ...second.data.events] } };
}

const files = readdirSync(golden).filter((name) => name.endsWith('.json'));
assert.ok(files.length >= 10);
for (const name of files) {
  test(basename(name, '.json'), async (t) => {
    const file = JSON.parse(readFileSync(join(golden, name), 'utf8'));
    const mount = await Mount.start(t, optionsOf(file));
    const scenario = new Scenario(mount);
    await scenario.begin(file);
    for (const [index, step] of file.steps.entries()) {
      const happened = await scenario.take(step);
      assert.deepEqual(happened, step, `step ${index}`);
      // The order of members, too.
      for (const part of ['answer', 'lines', 'receive']) assert.equal(JSON.stringify(happened[part]), JSON.stringify(step[part]), `step ${index}`);
    }
    await scenario.end();
  });
}
