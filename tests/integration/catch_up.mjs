// What a client reads over REST to complete what it got in frames: changes after a gap, older messages, members.

/// `client` has `connected`, `connection`, `epoch`, `channels`, `rest`, `resets` and `violations`; `on` has the functions
/// `take` (a durable frame that had to wait), `drop` (a channel) and `otherEpoch`.
export class CatchUp {
  #asking = new Map(); // channel's state → the frames that wait for requested changes
  #work = new Set(); // requests in progress

  constructor(client, on) {
    this.client = client;
    this.on = on;
  }

  get idle() {
    return this.#asking.size === 0;
  }

  settled() {
    return Promise.allSettled([...this.#work]);
  }

  /// Keeps a frame of a channel whose changes are being read. Returns whether it did.
  keep(channel, type, data) {
    const waiting = this.#asking.get(channel);
    waiting?.push({ connection: this.client.connection, type, data });
    return waiting !== undefined;
  }

  /// Reads changes until the channel has everything that the server had. Frames wait meanwhile.
  ask(channel) {
    if (this.#asking.has(channel)) return;
    this.#asking.set(channel, []);
    const { client } = this;
    const work = this.#readChanges(channel).catch((error) => client.violations.push(error.stack)).then(() => {
      this.#work.delete(work);
      const waiting = this.#asking.get(channel);
      this.#asking.delete(channel);
      // Frames of a lost connection may lie within a partial read: `sync` brings them again.
      for (const { connection, type, data } of waiting) {
        const lives = client.connected && connection === client.connection;
        const counts = lives && client.channels.get(channel.id) === channel;
        if (counts) this.on.take(channel, type, data);
      }
      client.emit('changed', channel);
    });
    this.#work.add(work);
  }

  /// Returns a function that tells whether an answer requested now, on this connection, is still valid.
  #asker(channel) {
    const { client } = this;
    const { connection } = client;
    return () =>
      client.connected && client.connection === connection && client.channels.get(channel.id) === channel;
  }

  async #readChanges(channel) {
    const { client } = this;
    const counts = this.#asker(channel);
    let more = true;
    while (more && counts()) {
      const query =
          `since=${channel.rev}&receipts_since=${channel.receiptRev}&epoch=${encodeURIComponent(client.epoch)}`;
      const answer = await this.#read(`/v1/channels/${channel.id}/changes?${query}`, counts);
      if (answer === null) return; // The next `sync` repeats the request.
      if (answer.status !== 200) {
        this.on.drop(channel.id);
        return;
      }
      if (answer.body.epoch !== client.epoch) {
        this.on.otherEpoch(answer.body.epoch);
        return;
      }
      // The state went back meanwhile: the answer begins too late.
      if (!answer.body.reset && answer.body.since > channel.rev) continue;
      if (answer.body.reset) client.resets += 1;
      const before = channel.rev;
      channel.applyChanges(answer.body);
      client.emit('changed', channel);
      more = answer.body.has_more || channel.rev < before;
    }
  }

  /// A GET, repeated over an unreliable link; null once the answer would no longer be valid.
  async #read(path, counts) {
    const { client } = this;
    while (counts()) {
      const answer = await client.rest.get(path).catch(() => null);
      if (!counts()) return null;
      if (answer && [200, 403, 404].includes(answer.status)) return answer;
      if (answer && answer.status < 500 && answer.status !== 429) {
        throw new Error(`${path} is answered with ${answer.status}: ${answer.text}`);
      }
      await new Promise((resolve) => setTimeout(resolve, client.fastestRetry));
    }
    return null;
  }

  /// Reads one page of a list of the channel and passes it to `apply`.
  async #load(channel, path, apply) {
    const { generation } = channel;
    const answer = await this.#read(`/v1/channels/${channel.id}/${path}`, this.#asker(channel));
    if (answer?.status !== 200 || channel.generation !== generation) return null;
    apply(answer.body);
    // The page may be older than the frames, so changes since its revision are requested again.
    if (answer.body.rev < channel.rev) {
      channel.stepBack(answer.body);
      this.ask(channel);
    }
    this.client.emit('changed', channel);
    return answer.body;
  }

  /// Reads the page before the oldest message held. Returns whether there is more.
  async loadOlder(id, limit) {
    const channel = this.client.channels.get(id);
    if (!channel || channel.complete) return false;
    const from = channel.heldFrom;
    const page = await this.#load(channel, `messages?limit=${limit}&before=seq:${from}`, (body) => {
      if (channel.heldFrom === from) channel.applyOlder(body);
    });
    return page?.has_more ?? false;
  }

  /// Reads all members. Returns whether it succeeded.
  async loadMembers(id) {
    const channel = this.client.channels.get(id);
    if (!channel) return false;
    const { generation } = channel;
    let cursor = '';
    for (;;) {
      const page = await this.#load(channel, `members?limit=100${cursor}`, (body) => {
        for (const member of body.members) channel.mergeMember(member.user.id, member);
      });
      if (page === null || channel.generation !== generation) return false;
      if (!page.has_more) break;
      cursor = `&cursor=${encodeURIComponent(page.next_cursor)}`;
    }
    channel.allMembers = true;
    return true;
  }
}
