// What a client holds of one channel, and the rules by which frames change it (sections 5 and 6 of the protocol).

const QUOTE_LENGTH = 200; // code points

function quoted(content) {
  return [...content].slice(0, QUOTE_LENGTH).join('');
}

/// Applies frames and answers to a channel. Does not use the network.
export class ChannelState {
  constructor(id, viewer = null) {
    this.id = id;
    this.viewer = viewer; // the id of the client's user
    this.violations = []; // frames that contradict what is held
    this.forget();
  }

  /// Forgets everything about the channel.
  forget() {
    this.rev = 0;
    this.receiptRev = 0;
    this.settings = null;
    this.messages = new Map(); // by id
    this.members = new Map(); // by user id, former members included
    this.receipts = new Map(); // by user id
    this.lastSeq = 0;
    this.heldFrom = 1; // every message from this `seq` on is held, once `rev` is reached
    this.allMembers = true; // every member is held, once `rev` is reached
    this.allReceipts = true; // and everyone's receipt
    this.generation = (this.generation ?? 0) + 1; // earlier requests are no longer valid
  }

  /// The messages in channel order.
  list() {
    return [...this.messages.values()].sort((left, right) => left.seq - right.seq);
  }

  /// The current members.
  present() {
    return [...this.members.values()].filter((member) => !member.left);
  }

  get complete() {
    return this.heldFrom === 1;
  }

  /// Of two copies, the one with the higher `rev` wins.
  mergeMessage(message) {
    this.lastSeq = Math.max(this.lastSeq, message.seq);
    const held = this.messages.get(message.id);
    if (!held || held.rev <= message.rev) this.messages.set(message.id, message);
  }

  /// The message of an ack. Its quote is as old as the ack, so it only counts if it is ahead of the frames.
  mergeAck(message) {
    const held = this.messages.get(message.id);
    if (held ? message.rev > held.rev : message.rev > this.rev) this.mergeMessage({ ...message });
  }

  /// A live message has no reactions: those held stay.
  #mergeEvent(message) {
    const held = this.messages.get(message.id);
    if (!held) return this.#missing('message.updated', message.seq);
    const mine = held.reactions.find((reaction) => reaction.reacted_by_me)?.emoji;
    const reactions = message.reactions.map((reaction) => ({ ...reaction, reacted_by_me: reaction.emoji === mine }));
    this.mergeMessage({ ...message, reactions });
    return undefined;
  }

  /// A message that is not held may be one that was never loaded.
  #missing(type, seq) {
    if (seq === undefined || seq >= this.heldFrom) {
      this.violations.push(`${type} at ${this.rev} of ${this.id}: message ${seq ?? ''} was never delivered`);
    }
  }

  /// Changes a held message, unless the copy is newer than the frame.
  #change(type, data, change) {
    const held = this.messages.get(data.message_id);
    if (!held) return this.heldFrom === 1 || data.seq !== undefined ? this.#missing(type, data.seq) : undefined;
    if (held.rev > data.rev) return undefined;
    held.rev = data.rev;
    return change(held);
  }

  #blank(message, deletedAt) {
    Object.assign(message, {
      content: '', attachment_url: null, metadata: {}, reactions: [], deleted_at: deletedAt,
    });
    for (const name of ['mentions', 'parent_id', 'quoted_message', 'pinned_at', 'pinned_by']) delete message[name];
  }

  #react(message, type, data) {
    const held = message.reactions.find((reaction) => reaction.reacted_by_me)?.emoji;
    const changed = type === 'reaction.added' ? data.emoji : undefined;
    const mine = data.user_id === this.viewer ? changed : held;
    message.reactions = data.reactions.map((reaction) => ({ ...reaction, reacted_by_me: reaction.emoji === mine }));
  }

  #renewQuotes(parentId, content, deleted) {
    for (const message of this.messages.values()) {
      const quote = message.quoted_message;
      if (message.parent_id !== parentId || !quote || quote.hidden) continue;
      message.quoted_message = { ...quote, content: quoted(content), deleted };
    }
  }

  mergeMember(userId, member) {
    const held = this.members.get(userId);
    if (!held || held.rev <= member.rev) this.members.set(userId, member);
  }

  mergeSettings(settings) {
    this.lastSeq = Math.max(this.lastSeq, settings.last_seq ?? 0);
    if (!this.settings || this.settings.settings_rev <= settings.settings_rev) this.settings = settings;
  }

  /// A receipt only moves forward.
  mergeReceipt(receipt) {
    const held = this.receipts.get(receipt.user_id) ?? { user_id: receipt.user_id };
    const merged = { ...held };
    for (const kind of ['read', 'delivered']) {
      const seq = receipt[`last_${kind}_seq`];
      if (seq === undefined || seq < (held[`last_${kind}_seq`] ?? -1)) continue;
      merged[`last_${kind}_seq`] = seq;
      merged[`last_${kind}_at`] = receipt[`last_${kind}_at`];
    }
    this.receipts.set(receipt.user_id, merged);
  }

  /// `receipt.read` and `receipt.delivered`. What was read was delivered.
  applyReceiptEvent(kind, { user_id, seq, at }) {
    this.mergeReceipt({ user_id, last_delivered_seq: seq, last_delivered_at: at });
    if (kind === 'read') this.mergeReceipt({ user_id, last_read_seq: seq, last_read_at: at });
  }

  /// The position up to which a user has read ('read') or received ('delivered'): the receipt, or that user's
  /// newest message.
  cursor(userId, kind = 'read') {
    let seq = this.receipts.get(userId)?.[`last_${kind}_seq`] ?? 0;
    for (const message of this.messages.values()) {
      if (message.user.id === userId) seq = Math.max(seq, message.seq);
    }
    return seq;
  }

  /// How many messages the viewer has not read, without unsent ones, and how many of them mention the viewer. Both are null
  /// if not every unread message is held.
  unread() {
    const read = this.cursor(this.viewer);
    if (this.heldFrom > read + 1) return { unread_count: null, mention_count: null };
    const unread = this.list().filter(({ seq, deleted_at: deleted }) => seq > read && !deleted);
    const mentions = unread.filter(({ mentions: named }) => named?.some(({ user_id: user }) => user === this.viewer));
    return { unread_count: unread.length, mention_count: Math.min(100, mentions.length) };
  }

  /// What to do with a durable frame: 'apply', 'ignore' or 'ask' for changes.
  judge(rev, since = rev - 1) {
    if (rev <= this.rev) return 'ignore';
    return since <= this.rev ? 'apply' : 'ask';
  }

  applyEvent(type, data) {
    this.rev = data.rev;
    this.#applyContent(type, data);
  }

  #applyContent(type, data) {
    switch (type) {
      case 'message.created':
        return this.mergeMessage({ ...data.message });
      case 'message.updated':
        this.#mergeEvent(data.message);
        return this.#renewQuotesOf(data.message);
      case 'message.deleted':
        this.#change(type, data, (message) => this.#blank(message, data.deleted_at));
        return this.#renewQuotes(data.message_id, '', true);
      case 'reaction.added':
      case 'reaction.removed':
        return this.#change(type, data, (message) => this.#react(message, type, data));
      case 'channel.created':
      case 'channel.updated':
        this.mergeSettings(data.channel);
        return this.#applyMembers(data.members ?? []);
      case 'member.joined':
      case 'member.left':
      case 'member.updated':
        this.lastSeq = Math.max(this.lastSeq, data.last_seq);
        this.#applyMembers(data.members);
        if (type === 'member.joined') this.#startCursors(data);
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

  /// A quoted message may be held in a newer copy, from an ack; or not be held although a reply is.
  #renewQuotesOf(message) {
    const { id, content, deleted_at: deleted } = this.messages.get(message.id) ?? message;
    this.#renewQuotes(id, content, deleted !== null);
  }

  #applyMembers(members) {
    for (const member of members) this.mergeMember(member.user_id ?? member.user.id, member);
  }

  /// A user who joins has read and received everything.
  #startCursors({ members, last_seq: seq }) {
    for (const { user } of members) {
      this.receipts.set(user.id, { user_id: user.id, last_read_seq: seq, last_delivered_seq: seq });
    }
  }

  /// The body of `changes` or of a `channel.sync`.
  applyChanges(body) {
    if (body.reset) this.forget();
    if (body.channel) this.mergeSettings(body.channel);
    for (const message of body.messages ?? []) {
      // A changed parent does not bring its replies again.
      this.mergeMessage({ ...message });
      this.#renewQuotesOf(message);
    }
    this.#applyMembers(body.members ?? []);
    for (const receipt of body.receipts ?? []) this.mergeReceipt(receipt);
    if (body.reset) {
      this.heldFrom = Math.min(this.lastSeq + 1, ...body.messages.map((message) => message.seq));
      this.allMembers = false;
      this.allReceipts = false;
    }
    // Another read may have brought newer state; what follows this page begins where it ends.
    this.rev = body.rev;
    this.receiptRev = Math.max(this.receiptRev, body.receipt_rev);
  }

  /// An item of `GET /v1/me/channels`: only the revisions; messages are loaded later.
  applySummary(item) {
    this.forget();
    this.mergeSettings(item.channel);
    this.rev = item.channel.rev;
    this.receiptRev = item.channel.receipt_rev;
    this.heldFrom = this.lastSeq + 1;
    this.allMembers = false;
    this.allReceipts = false;
    this.mergeReceipt({
      user_id: this.viewer,
      last_read_seq: item.last_read_seq,
      last_delivered_seq: item.last_delivered_seq,
    });
  }

  /// A page of `GET …/messages` next to the oldest message held.
  applyOlder(page) {
    for (const message of page.messages) this.mergeMessage(message);
    this.heldFrom = page.has_more ? Math.min(this.heldFrom, ...page.messages.map((message) => message.seq)) : 1;
  }

  /// If an answer is older than what is held, changes since then are requested again.
  stepBack({ rev }) {
    this.rev = Math.min(this.rev, rev);
  }
}
