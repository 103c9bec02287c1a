// What a client holds of one channel, and the rules by which frames change it (sections 5 and 6 of the protocol).

/// Applies frames and answers to a channel. Knows no network.
export class ChannelState {
  constructor(id, viewer = null) {
    this.id = id;
    this.viewer = viewer; // the id of the user whose client this is
    this.rev = 0;
    this.receiptRev = 0;
    this.settings = null;
    this.messages = new Map(); // by id
    this.members = new Map(); // by user id
    this.receipts = new Map(); // by user id
    this.complete = false; // the whole history is held
    this.applied = []; // the revisions of the frames that were applied, for tests
  }

  /// The messages in the order of the channel.
  list() {
    return [...this.messages.values()].sort((left, right) => left.seq - right.seq);
  }

  /// Of two copies the higher `rev` wins.
  mergeMessage(message) {
    const held = this.messages.get(message.id);
    if (held && held.rev > message.rev) return;
    this.messages.set(message.id, { ...held, ...message });
  }

  /// A live message says nothing of who reacted: what is held stays.
  #mergeEvent(message) {
    const mine = this.messages.get(message.id)?.reactions.find((reaction) => reaction.reacted_by_me)?.emoji;
    const reactions = message.reactions.map((reaction) => ({ ...reaction, reacted_by_me: reaction.emoji === mine }));
    this.mergeMessage({ ...message, reactions });
  }

  /// Changes a message that is held, unless the copy is newer than the frame.
  #change(id, rev, change) {
    const held = this.messages.get(id);
    if (!held || held.rev > rev) return;
    held.rev = rev;
    change(held);
  }

  #blank(message, deletedAt) {
    Object.assign(message, {
      content: '', attachment_url: null, metadata: {}, reactions: [], deleted_at: deletedAt,
    });
    for (const name of ['mentions', 'parent_id', 'quoted_message']) delete message[name];
  }

  #react(message, type, data) {
    const held = message.reactions.find((reaction) => reaction.reacted_by_me)?.emoji;
    const changed = type === 'reaction.added' ? data.emoji : undefined;
    const mine = data.user_id === this.viewer ? changed : held;
    message.reactions = data.reactions.map((reaction) => ({ ...reaction, reacted_by_me: reaction.emoji === mine }));
  }

  #renewQuotes(parentId, change) {
    for (const message of this.messages.values()) {
      if (message.parent_id === parentId && message.quoted_message) change(message.quoted_message);
    }
  }

  mergeMember(userId, member) {
    const held = this.members.get(userId);
    if (!held || held.rev <= member.rev) this.members.set(userId, member);
  }

  mergeSettings(settings) {
    if (!this.settings || this.settings.settings_rev <= settings.settings_rev) this.settings = settings;
  }

  /// What is to be done with a durable frame: 'apply', 'ignore' or 'ask' for changes.
  judge(rev, since = rev - 1) {
    if (rev <= this.rev) return 'ignore';
    return since <= this.rev ? 'apply' : 'ask';
  }

  applyEvent(type, data) {
    this.rev = data.rev;
    this.applied.push(data.rev);
    this.#applyContent(type, data);
  }

  #applyContent(type, data) {
    switch (type) {
      case 'message.created':
        return this.mergeMessage(data.message);
      case 'message.updated':
        this.#mergeEvent(data.message);
        return this.#renewQuotes(data.message.id, (quote) => {
          quote.content = [...data.message.content].slice(0, 200).join('');
        });
      case 'message.deleted':
        this.#change(data.message_id, data.rev, (message) => this.#blank(message, data.deleted_at));
        return this.#renewQuotes(data.message_id, (quote) => Object.assign(quote, { content: '', deleted: true }));
      case 'reaction.added':
      case 'reaction.removed':
        return this.#change(data.message_id, data.rev, (message) => this.#react(message, type, data));
      case 'channel.created':
      case 'channel.updated':
        this.mergeSettings(data.channel);
        for (const member of data.members ?? []) this.mergeMember(member.user.id, member);
        return undefined;
      case 'member.joined':
      case 'member.left':
      case 'member.updated':
        for (const member of data.members) this.mergeMember(member.user_id ?? member.user.id, member);
        return undefined;
      case 'channel.events':
        for (const event of data.events) this.#applyContent(event.type, event.data);
        return undefined;
      case 'channel.rev':
        return undefined;
      default:
        throw new Error(`a durable frame of an unknown type: ${type}`);
    }
  }

  /// The body of `changes` or of a `channel.sync`.
  applyChanges(body) {
    if (body.reset) {
      this.messages.clear();
      this.members.clear();
      this.settings = null;
      this.rev = 0;
      this.complete = false;
    }
    if (body.channel) this.mergeSettings(body.channel);
    for (const message of body.messages ?? []) {
      this.mergeMessage(message);
      // A changed parent does not bring its replies again.
      this.#renewQuotes(message.id, (quote) => {
        quote.content = [...message.content].slice(0, 200).join('');
        quote.deleted = message.deleted_at !== null;
      });
    }
    for (const member of body.members ?? []) this.mergeMember(member.user_id ?? member.user.id, member);
    for (const receipt of body.receipts ?? []) {
      const held = this.receipts.get(receipt.user_id);
      if (!held || held.last_read_seq <= receipt.last_read_seq) this.receipts.set(receipt.user_id, receipt);
    }
    if (body.rev > this.rev) this.applied.push(body.rev);
    this.rev = Math.max(this.rev, body.rev);
    this.receiptRev = Math.max(this.receiptRev, body.receipt_rev);
  }
}
