// Everyone in the checker test: two workspaces, their channels, twenty clients with bad links, and a record of
// what they did.

import { randomUUID } from 'node:crypto';
import { Client } from '../integration/client.mjs';
import { forEachAtOnce, seededRandom } from '../integration/data.mjs';
import { Rest } from '../integration/rest.mjs';
import { FlakyLink } from './flaky_link.mjs';
import { FrameLog } from './frame_log.mjs';

export const USERS = 16; // in the first workspace; the first two have two devices each
const CROWD = 100; // passive members of the largest channel

export function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/// A user's client with its link to the server.
class Player {
  constructor(user, client, link) {
    Object.assign(this, { user, client, link });
  }
}

export class World {
  log = new FrameLog();
  violations = [];
  players = [];
  groups = []; // {id, external_id} in the first workspace, where channels are created and deleted
  sends = new Map(); // key → what was sent with it
  counts = { operations: 0, kills: 0, rotations: 0, floods: 0, unanswered: 0, refused: 0 };
  #numbered = [];
  made = 0; // number for the next new name
  over = false; // nothing new is started
  ended = false; // and nothing is waited for

  constructor(server, seed) {
    this.server = server;
    this.seed = seed;
    this.random = seededRandom(seed);
  }

  /// The client of a user, behind a link of its own.
  makeClient(link, token, options) {
    return new Client(link, token, options);
  }

  pick(list) {
    return list[Math.floor(this.random() * list.length)];
  }
  chance(probability) {
    return this.random() < probability;
  }

  async populate(t) {
    const { server } = this;
    t.after(() => {
      this.over = true;
      this.ended = true;
    });
    this.shop = await server.createWorkspace('Shop');
    this.other = await server.createWorkspace('Other');
    this.users = await this.#makeUsers(this.shop, USERS);
    this.flooder = { ...(await this.shop.createUser('flooder')), workspace: this.shop };
    const others = await this.#makeUsers(this.other, 2);
    const crowd = Array.from({ length: CROWD }, (_, i) => `c${i}`);
    await forEachAtOnce(crowd, 8, (name) => this.shop.createUser(name));

    const names = this.users.map((user) => user.external_id);
    for (let i = 0; i < 5; ++i) await this.makeGroup(`g${i}`, names.slice(i, i + 5 + i));
    this.crowded = await this.makeGroup('crowd', [...names.slice(0, 12)]);
    await this.shop.rest.expect(200, 'POST', '/v1/channels/crowd/members', { external_ids: crowd });
    this.flooded = await this.makeGroup('flood', ['flooder', ...names.slice(0, 9)]);
    for (let i = 0; i < 3; ++i) await this.makeDirect(names[i], names[i + 7]);
    const elsewhere = await this.other.createGroup('g0', others.map((user) => user.external_id));
    await this.#note(elsewhere, this.other);

    const devices = [...this.users, ...this.users.slice(0, USERS === 16 ? 2 : 0), ...others];
    for (const [index, user] of devices.entries()) await this.#addPlayer(t, user, index);
    this.steady = await this.#addSteady(t, this.flooder);
  }

  async #makeUsers(workspace, count) {
    const users = [];
    for (let i = 0; i < count; ++i) {
      const user = await workspace.createUser(`u${i}`);
      users.push({ ...user, workspace, rest: await workspace.as(`u${i}`) });
    }
    return users;
  }

  async makeGroup(external_id, members) {
    const channel = await this.backend('POST', '/v1/channels', {
      type: 'group', external_id, name: external_id, member_external_ids: members,
    });
    const group = { id: channel.body.id, external_id };
    this.groups.push(group);
    await this.#note(channel.body, this.shop);
    return group;
  }

  async makeDirect(one, two) {
    const channel = await this.backend('POST', '/v1/channels', { type: 'direct', member_external_ids: [one, two] });
    await this.#note(channel.body, this.shop);
  }

  /// Tells the log about a new channel: its frames go to connected clients, and may be lost with them.
  async #note({ id }, workspace) {
    this.log.made(id, workspace.id);
    const { body } = await this.call(workspace.rest, 'GET', `/v1/channels/${id}/members?limit=100`);
    this.log.members(id, body.members);
  }

  async #addPlayer(t, user, index) {
    const { server } = this;
    const random = seededRandom(this.seed + 1000 + index);
    const link = await FlakyLink.open(() => server.port, random);
    const token = await user.workspace.token(user.external_id);
    const client = this.makeClient(link, token, { random, heartbeat: 500, trustAcks: index % 2 === 1 });
    t.after(async () => {
      await client.close();
      await link.close();
    });
    this.#watch(client, user);
    const player = new Player(user, client, link);
    player.rest = new Rest(link.base, `Bearer ${token}`);
    this.players.push(player);
  }

  /// A client with a good link.
  async #addSteady(t, user) {
    const token = await user.workspace.token(user.external_id);
    const client = new Client(this.server, token, { random: this.random });
    t.after(() => client.close());
    user.rest = new Rest(this.server.base, `Bearer ${token}`);
    this.#watch(client, user);
    return new Player(user, client, null);
  }

  #watch(client, user) {
    client.on('frame', (frame) => this.log.frame(frame, user.id, user.workspace.id));
  }

  get everyone() {
    return [...this.players, this.steady];
  }

  /// A call that is repeated until the server's answer is final. `repeated` says that an earlier attempt may already
  /// have taken effect.
  async call(rest, method, path, body) {
    let repeated = false;
    for (;;) {
      if (this.ended) throw new Error(`${method} ${path}: the test is over`);
      const answer = await rest.request(method, path, { body }).catch(() => null);
      if (answer && answer.status === 500) this.violations.push(`${method} ${path}: ${answer.text}`);
      if (answer && answer.status < 500 && answer.status !== 429) {
        if (answer.status >= 400) this.counts.refused += 1;
        const channel = answer.body?.members && /channels\/([0-9a-f-]{36})\/members/.exec(path)?.[1];
        if (channel) this.log.members(channel, answer.body.members);
        return { ...answer, repeated };
      }
      repeated = true;
      this.counts.unanswered += 1;
      await pause(10 + this.random() * 40);
    }
  }

  /// The first workspace's backend, with a good link.
  backend(method, path, body) {
    return this.call(this.shop.rest, method, path, body);
  }

  /// Records a message before it is sent; `sent` gets the result.
  newSend(channel, content) {
    const entry = {
      key: randomUUID(), number: this.sends.size + 1, channel, author: null, id: null, first: 0, refused: false,
      contents: new Set(), deleteTried: false, deleted: false,
    };
    entry.content = `#${entry.number} ${content}`;
    entry.contents.add(entry.content);
    this.sends.set(entry.key, entry);
    this.#numbered[entry.number] = entry;
    return entry;
  }

  /// What is known about a message by its text: its frame may arrive before its ack.
  entryOf({ content }) {
    return this.#numbered[Number(/^#(\d+) /.exec(content)[1])];
  }

  /// An acknowledgement: all with the same key must name the same message, and at most one may say that it is new.
  acknowledged(entry, message, duplicate) {
    if (entry.id !== null && entry.id !== message.id) {
      this.violations.push(`message ${entry.number} was stored twice: ${entry.id}, ${message.id}`);
    }
    entry.id = message.id;
    entry.seq = message.seq;
    if (!duplicate) entry.first += 1;
    if (entry.first > 1) this.violations.push(`message ${entry.number} was new twice`);
  }
}
