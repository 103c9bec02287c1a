// The checker: users chat over bad links while the server is killed repeatedly. At the end everyone's state, built only
// from frames and `sync`, must equal the server's.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Client } from '../integration/client.mjs';
import { forEachAtOnce, within } from '../integration/data.mjs';
import { TestServer } from '../integration/server.mjs';
import { caughtUp, compareClient, compareTruth, readTruth } from './truth.mjs';
import { BackendActor, UserActor } from './workload.mjs';
import { World, pause } from './world.mjs';

const FLOOD = 1050; // messages: more changed objects than a client is updated with step by step
const DEADLINE = 300_000;
/// Connections that are not read are soon given up.
export const BACKLOG = { CARIOS_WS_MAX_BACKLOG_BYTES: '524288' };

async function kill(world) {
  await world.server.kill();
  world.counts.kills += 1;
  await world.server.start();
}

/// Some lose the network, and meanwhile one channel gets so far ahead that they must reset it.
export async function flood(world) {
  world.counts.floods += 1;
  const { client } = world.steady;
  const away = world.players.filter((player) => player.client.channels.has(world.flooded.id)).slice(0, 4);
  for (const { link } of away) link.block();
  const numbers = Array.from({ length: FLOOD }, (_, i) => i);
  await forEachAtOnce(numbers, 40, async () => {
    const entry = world.newSend(world.flooded.id, 'flood');
    const message = await client.sendMessage(entry.channel, entry.content, { idempotency_key: entry.key });
    world.acknowledged(entry, message, message.duplicate);
  });
  for (const { link } of away) link.unblock();
}

export async function rotate(world) {
  world.counts.rotations += 1;
  const rotated = await world.server.cli('epoch', 'rotate');
  assert.equal(rotated.code, 0, rotated.stderr);
  // Connected clients notice when they make a request or reconnect.
  for (const { client } of world.everyone) if (world.chance(0.5)) client.drop();
}

/// What happens to everyone, in this order, repeatedly, spread over the run.
const SCRIPT = [kill, flood, kill, rotate, kill];

class Checker {
  constructor(world, { operations, seconds, pace, script }) {
    Object.assign(this, { world, operations, seconds, pace, script });
  }

  /// The progress of the run: 0 to 1.
  #progress() {
    if (this.seconds === 0) return this.world.counts.operations / this.operations;
    return (Date.now() - this.begun) / 1000 / this.seconds;
  }

  async connect() {
    await Promise.all(this.world.everyone.map(({ client }) => {
      const synced = once(client, 'synced');
      client.open();
      return within(synced, 'a first sync', DEADLINE);
    }));
  }

  async play() {
    const { world } = this;
    this.begun = Date.now();
    this.users = world.players.map((player) => new UserActor(world, player));
    const actors = [...this.users, new BackendActor(world), new BackendActor(world)];
    const running = Promise.all(actors.map((actor) => actor.run(this.pace)));
    running.catch(() => {}); // handled below
    const rounds = this.seconds === 0 ? 1 : Math.max(1, Math.round(this.seconds / 60));
    const script = Array.from({ length: rounds }, () => this.script).flat();
    for (const [index, disturb] of script.entries()) {
      const moment = (index + 0.2 + 0.7 * world.random()) / script.length;
      await Promise.race([running, this.#until(() => this.#progress() >= moment)]);
      // On a slow machine a disturbance may take longer than its share: a run of so many seconds ends on time, after one round.
      if (this.seconds > 0 && index >= this.script.length && this.#progress() >= 1) break;
      await disturb(world);
    }
    await Promise.race([running, this.#until(() => this.#progress() >= 1)]);
    world.over = true;
    await within(running, 'the last answers', DEADLINE);
  }

  async #until(condition) {
    while (!condition() && !this.world.ended) await pause(5);
  }

  /// Everything is quiet; compares every client with the server.
  async compare() {
    const { world } = this;
    for (const { link } of world.players) link.heal();
    const truths = new Map();
    await forEachAtOnce([...new Set(world.everyone.map(({ user }) => user))], 2, async (user) => {
      truths.set(user, await readTruth(user.rest, user.id));
    });
    const found = [];
    for (const [user, truth] of truths) found.push(...compareTruth(truth, this.#name(user)));
    found.push(...(await this.#compareAll(truths, { receipts: false, when: 'live' })));
    // A sync delivers receipts.
    for (const { client } of world.everyone) client.drop();
    found.push(...(await this.#compareAll(truths, { receipts: true, when: 'resumed' })));
    for (const { client } of world.everyone) {
      for (const state of client.channels.values()) state.forget();
      client.drop();
    }
    found.push(...(await this.#compareAll(truths, { receipts: true, when: 'from nothing' })));
    return found;
  }

  #name(user) {
    return `${user.external_id} of ${user.workspace.name}`;
  }

  async #compareAll(truths, { receipts, when }) {
    const found = [];
    for (const [index, { client, user }] of this.world.everyone.entries()) {
      const truth = truths.get(user);
      const where = `client ${index} (${this.#name(user)}, ${when})`;
      // Did not help: the comparison will show what is missing.
      await within(client.until(() => caughtUp(client, truth)), where, this.patience).catch(() => {
        found.push(`${where} does not catch up: connected ${client.connected}, synced ${client.synced}, ` +
            `idle ${client.idle}, pending ${client.pending.length}`);
      });
      found.push(...compareClient(client, truth, { receipts, where }));
    }
    return found;
  }

  /// Every acknowledged send exists exactly once, as it was written or edited.
  async checkSends() {
    const { world } = this;
    const found = [];
    const stored = await this.#storedMessages();
    const expected = new Map();
    for (const entry of world.sends.values()) if (entry.id !== null) expected.set(entry.id, entry);
    const channels = new Set([...stored.values()].map((message) => message.channel_id));
    for (const [id, entry] of expected) {
      const message = stored.get(id);
      if (!message && world.groups.some((group) => group.id === entry.channel)) {
        found.push(`message ${entry.number} was acknowledged and is lost`);
      }
      if (message) found.push(...this.#checkSend(entry, message));
    }
    for (const message of stored.values()) {
      // A send that was refused to the user's last attempt may have reached the server before.
      const known = expected.has(message.id) || message.deleted_at !== null ||
          [...world.sends.values()].some((entry) => entry.refused && entry.content === message.content);
      if (!known) found.push(`nobody received message ${message.seq} of ${message.channel_id}: ${message.content}`);
    }
    found.push(...this.#checkOrder());
    return { found, stored, messages: stored.size, channels: channels.size };
  }

  async #storedMessages() {
    const { world } = this;
    const stored = new Map();
    await forEachAtOnce(world.groups, 2, async ({ id }) => {
      const seqs = new Set();
      let before = '';
      for (;;) {
        const page = await world.shop.rest.expect(200, 'GET', `/v1/channels/${id}/messages?limit=100${before}`);
        for (const message of page.messages) {
          stored.set(message.id, message);
          assert(!seqs.has(message.seq), `two messages of a channel have the seq ${message.seq}`);
          seqs.add(message.seq);
        }
        if (!page.has_more) break;
        before = `&before=${page.messages.at(-1).id}`;
      }
      const { last_seq } = await world.shop.rest.expect(200, 'GET', `/v1/channels/${id}`);
      assert.equal(seqs.size, last_seq, 'the seqs of a channel have no holes');
      assert.equal(Math.max(0, ...seqs), last_seq, 'the seqs of a channel are 1, 2, 3 …');
    });
    return stored;
  }

  #checkSend(entry, message) {
    const found = [];
    const { number } = entry;
    if (message.seq !== entry.seq) found.push(`message ${number} moved from ${entry.seq} to ${message.seq}`);
    if (message.deleted_at === null) {
      if (!entry.contents.has(message.content)) found.push(`message ${number} says ${message.content}`);
      if (entry.deleted) found.push(`message ${number} was unsent and is there`);
    } else if (!entry.deleteTried) {
      found.push(`message ${number} is gone, though nobody unsent it`);
    }
    return found;
  }

  #checkOrder() {
    const found = [];
    for (const { sent = [], player } of this.users) {
      const last = new Map();
      for (const { connection, channel, number, seq } of [...sent].sort((a, b) => a.number - b.number)) {
        const key = `${connection} ${channel}`;
        if (seq < (last.get(key)?.seq ?? 0)) {
          found.push(`message ${number} of ${player.user.external_id} overtook ${last.get(key).number}`);
        }
        last.set(key, { number, seq });
      }
    }
    return found;
  }
}

/// Plays for this many `operations`, or `seconds` if not 0, and returns `{found, report, stored}`: all broken promises,
/// what happened, and the messages that there are, by id. `server` is the one to play with, or several that look like one;
/// absent: one is started. `script` is what happens to it, and `prepare` is called with the world before it begins.
export async function check(t, { seed, operations = 2500, seconds = 0, pace = 60, patience = 60_000, server, script = SCRIPT, prepare }) {
  server ??= await TestServer.start(t, { env: BACKLOG });
  const world = new World(server, seed);
  await world.populate(t);
  await prepare?.(world);
  const checker = new Checker(world, { operations, seconds, pace, script });
  checker.patience = patience;
  await checker.connect();
  await checker.play();
  const found = await checker.compare();
  const sends = await checker.checkSends();
  const judged = world.log.judge();
  found.push(...sends.found, ...world.violations, ...world.log.violations);
  for (const [index, { client }] of world.everyone.entries()) {
    found.push(...client.broken.map((what) => `client ${index}: ${what}`));
  }
  const links = world.players.map(({ link }) => link.counts);
  const sum = (name) => links.reduce((total, counts) => total + counts[name], 0);
  const report = {
    seed, ...world.counts, sends: world.sends.size, messages: sends.messages, frames: world.log.frames, judged,
    connections: sum('connections'), cuts: sum('cuts'), hangs: sum('hangs'), late: sum('late'), delays: sum('delays'),
    resumes: world.everyone.reduce((total, { client }) => total + client.resumes, 0),
    resets: world.everyone.reduce((total, { client }) => total + client.resets, 0),
  };
  return { found, report, stored: sends.stored };
}
