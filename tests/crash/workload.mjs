// What the users and the backend in the checker test do: random actions, each repeated until it has a final answer.

import { once } from 'node:events';
import { pause } from './world.mjs';

const EMOJI = ['👍', '🎉', '❤️', '😂', '🇮🇩'];
const MOST_UNDER_WAY = 4; // sends by one user

function table(weights) {
  const total = weights.reduce((sum, [weight]) => sum + weight, 0);
  return (random) => {
    let left = random() * total;
    return weights.find(([weight]) => (left -= weight) < 0)[1];
  };
}

/// One user on one device. Chooses by what their client holds; if that is outdated, the server refuses.
export class UserActor {
  #choose = table([
    [40, () => this.#send()],
    [10, () => this.#edit()],
    [18, () => this.#react()],
    [2, () => this.#pin()],
    [4, () => this.#unsend()],
    [12, () => this.#read()],
    [2, () => this.#leave()],
    [3, () => this.#administer()],
    [4, () => this.#look()],
    [2, () => this.#type()],
    [1, () => this.player.client.drop()],
    [0.4, () => this.player.client.startAfresh()],
  ]);
  #underWay = new Set();

  constructor(world, player) {
    this.world = world;
    this.player = player;
  }

  async run(pace) {
    const { world } = this;
    while (!world.over) {
      world.counts.operations += 1;
      await this.#choose(world.random)();
      await pause(world.random() * pace);
    }
    await Promise.all(this.#underWay);
  }

  #channel() {
    const channels = [...this.player.client.channels.values()];
    return channels.length > 0 ? this.world.pick(channels) : null;
  }

  #message(fits) {
    const channel = this.#channel();
    const recent = channel?.list().slice(-30).filter((message) => message.deleted_at === null && fits(message)) ?? [];
    return recent.length > 0 ? { channel, message: this.world.pick(recent) } : null;
  }

  /// Runs a command over the WebSocket if there is one; otherwise, or if that is lost, over REST.
  async #do(type, data, method, path, body) {
    const { client, rest } = this.player;
    let repeated = false;
    if (client.connected && this.world.chance(0.7)) {
      const frame = await client.ask(type, data).catch(() => null);
      if (frame && !frame.data.retryable) {
        if (frame.type === 'ack') return { status: 200, body: frame.data.message ?? frame.data, repeated };
        this.world.counts.refused += 1;
        return { status: 400, body: { error: frame.data }, repeated };
      }
      repeated = true;
      this.world.counts.unanswered += 1;
    }
    const answer = await this.world.call(rest, method, path, body);
    return { ...answer, repeated: repeated || answer.repeated };
  }

  async #send() {
    const channel = this.#channel();
    if (channel === null) return;
    const { world, player } = this;
    const text = world.chance(0.05) ? 'é👩‍👩‍👧 long '.repeat(60) : 'hello';
    const entry = world.newSend(channel.id, text);
    entry.author = player.user.id;
    const more = { idempotency_key: entry.key, ...this.#decorate(channel) };
    while (this.#underWay.size >= MOST_UNDER_WAY) await Promise.race(this.#underWay);
    const sent = this.#deliver(entry, more).then(() => this.#underWay.delete(sent));
    this.#underWay.add(sent);
  }

  #decorate(channel) {
    const { world } = this;
    const more = {};
    const others = channel.present().filter((member) => member.user.external_id !== null);
    if (world.chance(0.2) && others.length > 0) {
      const user = world.pick(others).user.external_id;
      more.mentions = [world.chance(0.5) ? user : { user, spans: [[0, 2], [3, 1]] }];
    }
    const parents = channel.list().slice(-20).filter((message) => message.deleted_at === null);
    if (world.chance(0.25) && parents.length > 0) more.parent_id = world.pick(parents).id;
    if (world.chance(0.1)) more.metadata = { tags: ['a', { b: 1.5 }], seen: null };
    return more;
  }

  /// One message sent on one or several paths at once, as by an impatient user, or an app that does not trust
  /// its connection.
  async #deliver(entry, more) {
    const { world, player: { client, rest } } = this;
    const ways = [];
    const kind = world.random();
    const bySocket = async () => {
      const { connection } = client;
      const message = await client.sendMessage(entry.channel, entry.content, more);
      world.acknowledged(entry, message, message.duplicate);
      // Only if nothing else could have overtaken it; a send that was refused for now goes behind those after it.
      const once = !message.duplicate && !message.resent && client.connection === connection;
      if (once && kind < 0.6) this.#inOrder(entry, connection);
    };
    const byRest = async () => {
      const answer = await world.call(
          rest, 'POST', `/v1/channels/${entry.channel}/messages`, { content: entry.content, ...more });
      if (answer.status >= 400) throw new Error(answer.text);
      world.acknowledged(entry, answer.body, answer.status === 200);
    };
    if (kind < 0.8) ways.push(bySocket());
    if (kind >= 0.6) ways.push(byRest());
    if (kind > 0.95) ways.push(byRest());
    const settled = await Promise.allSettled(ways);
    // One path may be refused because another was faster: what counts is whether any was acknowledged.
    entry.refused = settled.every(({ status }) => status === 'rejected');
  }

  /// The sends of one connection to one channel keep their order.
  #inOrder(entry, connection) {
    this.sent ??= [];
    this.sent.push({ connection, channel: entry.channel, number: entry.number, seq: entry.seq });
  }

  async #edit() {
    const found = this.#message((message) => message.user.id === this.player.user.id && message.type === 'text');
    if (!found) return;
    const { channel, message } = found;
    const entry = this.world.entryOf(message);
    const content = `${message.content.slice(0, 40)} edited ${this.world.counts.operations}`;
    entry.contents.add(content);
    const path = `/v1/channels/${channel.id}/messages/${message.id}`;
    await this.#do(
        'message.edit', { channel: channel.id, message_id: message.id, content }, 'PATCH', path, { content });
  }

  async #unsend() {
    const found = this.#message((message) => message.user.id === this.player.user.id || this.world.chance(0.05));
    if (!found) return;
    const { channel, message } = found;
    const entry = this.world.entryOf(message);
    entry.deleteTried = true;
    const path = `/v1/channels/${channel.id}/messages/${message.id}`;
    const answer = await this.#do('message.delete', { channel: channel.id, message_id: message.id }, 'DELETE', path);
    if (answer.status === 200) entry.deleted = true;
  }

  async #react() {
    const found = this.#message(() => true);
    if (!found) return;
    const { channel, message } = found;
    const emoji = this.world.pick(EMOJI);
    const mine = message.reactions.find((reaction) => reaction.reacted_by_me)?.emoji;
    const path = `/v1/channels/${channel.id}/messages/${message.id}/reactions/`;
    const removes = mine !== undefined && this.world.chance(0.5);
    const data = { channel: channel.id, message_id: message.id, emoji: removes ? mine : emoji };
    await this.#do(
        removes ? 'reaction.remove' : 'reaction.add', data, removes ? 'DELETE' : 'PUT',
        path + encodeURIComponent(data.emoji));
  }

  /// Of a group: refused unless the user is an admin there.
  async #pin() {
    const found = this.#message(() => true);
    if (!found) return;
    const { channel, message } = found;
    const method = message.pinned_at !== undefined && this.world.chance(0.7) ? 'DELETE' : 'PUT';
    await this.world.call(this.player.rest, method, `/v1/channels/${channel.id}/messages/${message.id}/pin`);
  }

  /// Both kinds of receipt, for the newest message or any other.
  async #read() {
    const channel = this.#channel();
    if (!channel) return;
    const { world } = this;
    const recent = channel.list().slice(-10);
    const body = recent.length > 0 && world.chance(0.6) ? { message_id: world.pick(recent).id } : {};
    const kind = world.chance(0.4) ? 'delivered' : 'read';
    const answer = await this.#do(
        `message.${kind}`, { channel: channel.id, ...body }, 'POST', `/v1/channels/${channel.id}/${kind}`, body);
    const held = this.player.client.channels.get(channel.id);
    if (answer.status === 200 && held === channel) channel.mergeReceipt(answer.body.receipt);
  }

  async #leave() {
    const channel = this.#channel();
    if (channel?.settings?.type !== 'group' || channel.id === this.world.flooded.id) return;
    await this.world.call(this.player.rest, 'DELETE', `/v1/me/channels/${channel.id}`);
  }

  /// Actions for group admins; others are refused.
  async #administer() {
    const { world, player } = this;
    const channel = this.#channel();
    if (channel?.settings?.type !== 'group') return;
    const path = `/v1/channels/${channel.id}`;
    const someone = world.pick(world.users).external_id;
    const what = world.random();
    if (what < 0.1) {
      // For a moment: whoever sends meanwhile is refused.
      await world.call(player.rest, 'PATCH', path, { frozen: true });
      await world.call(player.rest, 'PATCH', path, { frozen: false });
    } else if (what < 0.4) {
      await world.call(player.rest, 'PATCH', path, { name: `name ${world.counts.operations}`, metadata: { by: someone } });
    } else if (what < 0.6) {
      const role = world.chance(0.6) ? 'admin' : 'member';
      await world.call(player.rest, 'PATCH', `${path}/members/${someone}`, { role });
    } else if (what < 0.8) {
      await world.call(player.rest, 'POST', `${path}/members`, { external_ids: [someone] });
    } else {
      await world.call(player.rest, 'DELETE', `${path}/members/${someone}`);
    }
  }

  /// Scrolls back, or opens the list of members.
  async #look() {
    const channel = this.#channel();
    if (!channel) return;
    if (this.world.chance(0.7)) await this.player.client.loadOlder(channel.id, 20);
    else await this.player.client.loadMembers(channel.id);
  }

  #type() {
    const channel = this.#channel();
    const { client } = this.player;
    if (channel && client.connected) client.send('typing.start', { channel: channel.id });
  }
}

/// The backend of the first workspace: memberships, channels, moderation.
export class BackendActor {
  #choose = table([
    [20, () => this.#add()],
    [10, () => this.#remove()],
    [8, () => this.#bounce()],
    [6, () => this.#changeSettings()],
    [8, () => this.#write()],
    [4, () => this.#moderate()],
    [5, () => this.#makeChannel()],
    [3, () => this.#deleteChannel()],
    [2, () => this.#rename()],
    [6, () => this.#changeRole()],
  ]);

  constructor(world) {
    this.world = world;
  }

  async run(pace) {
    const { world } = this;
    while (!world.over) {
      world.counts.operations += 1;
      await this.#choose(world.random)();
      await pause(world.random() * pace);
    }
  }

  #group() {
    return this.world.pick(this.world.groups);
  }
  #someone() {
    return this.world.pick(this.world.users).external_id;
  }

  #add() {
    const names = [this.#someone(), this.#someone()];
    return this.world.backend('POST', `/v1/channels/${this.#group().id}/members`, { external_ids: names });
  }

  #remove() {
    return this.world.backend('DELETE', `/v1/channels/${this.#group().id}/members/${this.#someone()}`);
  }

  /// Removes a member, and usually adds them again at once: often while that user's client is being synchronised.
  async #bounce() {
    const { world } = this;
    const player = world.pick(world.players.filter(({ user }) => user.workspace === world.shop));
    const channels = [...player.client.channels.values()].filter(({ settings }) => settings?.type === 'group');
    if (channels.length === 0) return;
    const { id } = world.pick(channels);
    if (world.chance(0.6)) {
      const ready = once(player.client, 'ready');
      player.client.drop();
      await Promise.race([ready, pause(300)]);
      await pause(world.random() * 6);
    }
    const path = `/v1/channels/${id}/members`;
    await world.backend('DELETE', `${path}/${player.user.external_id}`);
    if (world.chance(0.7)) {
      await world.backend('POST', path, { external_ids: [player.user.external_id] });
    }
  }

  #changeSettings() {
    const { world } = this;
    const body = { name: `g ${world.counts.operations}` };
    if (world.chance(0.3)) body.avatar_url = world.chance(0.5) ? `https://example.com/${world.made++}.png` : null;
    return world.backend('PATCH', `/v1/channels/${this.#group().id}`, body);
  }

  async #changeRole() {
    const role = this.world.chance(0.5) ? 'admin' : 'member';
    await this.world.backend('PATCH', `/v1/channels/${this.#group().id}/members/${this.#someone()}`, { role });
  }

  async #write() {
    const { world } = this;
    const entry = world.newSend(this.#group().id, 'from the backend');
    const type = world.chance(0.4) ? 'system' : 'text';
    const body = { user: this.#someone(), content: entry.content, type, idempotency_key: entry.key };
    const answer = await world.backend('POST', `/v1/channels/${entry.channel}/messages`, body);
    entry.refused = answer.status >= 400;
    if (!entry.refused) world.acknowledged(entry, answer.body, answer.status === 200);
  }

  async #moderate() {
    const { world } = this;
    const group = this.#group();
    const { body } = await world.backend('GET', `/v1/channels/${group.id}/messages?limit=20`);
    const messages = body?.messages?.filter((message) => message.deleted_at === null) ?? [];
    if (messages.length === 0) return;
    const message = world.pick(messages);
    const { id } = message;
    const entry = world.entryOf(message);
    entry.deleteTried = true;
    const answer = await world.backend('DELETE', `/v1/channels/${group.id}/messages/${id}`);
    if (answer.status === 200) entry.deleted = true;
  }

  async #makeChannel() {
    const { world } = this;
    if (world.chance(0.3)) return world.makeDirect(...this.#two());
    if (world.groups.length >= 12) return undefined;
    const names = world.users.filter(() => world.chance(0.4)).map((user) => user.external_id);
    return world.makeGroup(`made${world.made++}`, names);
  }

  #two() {
    const [one, ...rest] = [...this.world.users].sort(() => this.world.random() - 0.5);
    return [one.external_id, rest[0].external_id];
  }

  async #deleteChannel() {
    const { world } = this;
    const made = world.groups.filter(({ external_id }) => external_id.startsWith('made'));
    if (made.length < 3) return;
    const gone = world.pick(made);
    world.groups.splice(world.groups.indexOf(gone), 1);
    await world.backend('DELETE', `/v1/channels/${gone.id}`);
  }

  #rename() {
    const user = this.#someone();
    return this.world.backend('POST', '/v1/users', { external_id: user, name: `${user} ${this.world.made++}` });
  }
}
