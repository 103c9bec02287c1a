/// What one client knows of one channel, and the rules by which frames and answers change it (protocol,
/// sections 4 to 6). No network and no DOM, so that the rules can be read and tested alone.
///
/// Held are the messages of one unbroken window that reaches to the newest. Older ones are left to the next
/// `before=` page, which shows their present state, so a change of one that is not held may be dropped.

const QUOTE_CODE_POINTS = 200;

/// Of two copies of a message the higher `rev` wins. Copies of one `rev` differ only in what is meant for
/// this viewer alone (`reacted_by_me`, `idempotency_key`); absent means: keep what you have.
function mergeMessage(held, incoming) {
    const [newer, older] = incoming.rev >= held.rev ? [incoming, held] : [held, incoming];
    const reactions = (newer.reactions ?? []).map((reaction) => {
        if (reaction.reacted_by_me !== undefined) return reaction;
        const before = (older.reactions ?? []).find((other) => other.emoji === reaction.emoji);
        return { ...reaction, reacted_by_me: before?.reacted_by_me ?? false };
    });
    return { ...newer, reactions, idempotency_key: newer.idempotency_key ?? older.idempotency_key };
}

function blankMessage(message, { rev, deleted_at }) {
    const { mentions, attachment_url, ...rest } = message;
    return { ...rest, rev, deleted_at, content: '', attachment_url: null, metadata: {}, reactions: [] };
}

/// The quote that shows `parent` as it is now.
function quoteOf(parent) {
    const points = Array.from(parent.content);
    return {
        id: parent.id,
        user_id: parent.user?.id ?? null,
        user_name: parent.user?.name ?? '',
        content: points.slice(0, QUOTE_CODE_POINTS).join(''),
        type: parent.type,
        deleted: Boolean(parent.deleted_at),
    };
}

export class Channel {
    rev = 0;
    receiptRev = 0;
    /// The highest `rev` any frame has named. Above `rev`: something is missing and must be read.
    seenRev = 0;
    settings = null;
    role = null;
    muted = false;
    memberCount = 0;
    lastSeq = 0;
    lastMessage = null;
    mentionCount = 0;
    lastActivity = '';
    members = new Map();
    membersLoaded = false;
    messages = new Map();
    /// The first `seq` of the window; Infinity while no messages are held.
    windowStart = Infinity;
    reachedStart = false;
    /// Changes with each reset: a page asked for before it no longer joins on.
    generation = 0;

    /// The loader's notes: what it is doing for this channel, what failed, and from which `rev` it has to
    /// read.
    loading = false;
    failed = false;
    loadingOlder = false;
    olderFailed = false;
    reading = false;
    wanted = undefined;

    #ordered = null;
    #cursors = new Map();
    #ownSeq = 0;

    constructor(id, viewerId) {
        this.id = id;
        this.viewerId = viewerId;
    }

    get loaded() {
        return this.windowStart !== Infinity;
    }

    /// Everyone's cursors move forward only, and a user has read what they wrote.
    get ownRead() {
        return Math.max(this.cursor(this.viewerId).last_read_seq, this.#ownSeq);
    }

    get unread() {
        return Math.max(0, this.lastSeq - this.ownRead);
    }

    cursor(userId) {
        return this.#cursors.get(userId) ?? { last_read_seq: 0, last_delivered_seq: 0 };
    }

    /// The messages held, in the order of the channel.
    list() {
        this.#ordered ??= [...this.messages.values()].sort((a, b) => a.seq - b.seq);
        return this.#ordered;
    }

    newest() {
        return this.list().at(-1) ?? null;
    }

    presentMembers() {
        return [...this.members.values()].filter((member) => !member.left);
    }

    /// The rule of section 5 for every durable frame.
    admit(rev, since = rev - 1) {
        this.seenRev = Math.max(this.seenRev, rev);
        if (rev <= this.rev) return 'known';
        return since <= this.rev ? 'next' : 'hole';
    }

    /// Applies the content of one durable event. Answers false for a type this client does not know.
    applyEvent(type, data) {
        switch (type) {
            case 'message.created':
                if (this.#mentionsViewer(data.message)) this.mentionCount += 1;
                this.putMessage(data.message);
                return true;
            case 'message.updated':
                this.putMessage(data.message);
                return true;
            case 'message.deleted':
                this.#alter(data.message_id, data.rev, (message) => blankMessage(message, data));
                this.#refreshQuotes(data.message_id, null);
                return true;
            case 'reaction.added':
            case 'reaction.removed':
                this.#alter(data.message_id, data.rev, (message) => this.#react(message, type, data));
                return true;
            case 'channel.created':
            case 'channel.updated':
                this.putSettings(data.channel);
                for (const member of data.members ?? []) this.putMember(member);
                if (type === 'channel.created') this.membersLoaded = Boolean(data.members);
                return true;
            case 'member.joined':
            case 'member.left':
            case 'member.updated':
                this.lastSeq = Math.max(this.lastSeq, data.last_seq ?? 0);
                for (const member of data.members) this.putMember(member);
                return true;
            case 'channel.rev':
                return true;
            default:
                return false;
        }
    }

    /// Applies the body shared by `GET …/changes` and `channel.sync`.
    applyChanges(body) {
        if (body.reset) this.#reset(body);
        if (body.channel) this.putSettings(body.channel);
        for (const member of body.members ?? []) this.putMember(member);
        for (const message of body.messages ?? []) this.putMessage(message);
        for (const receipt of body.receipts ?? []) this.putReceipt(receipt);
        this.mentionCount = body.mention_count ?? this.mentionCount;
        if (body.since === undefined || body.since <= this.rev) this.rev = Math.max(this.rev, body.rev);
        this.receiptRev = Math.max(this.receiptRev, body.receipt_rev ?? 0);
        this.seenRev = Math.max(this.seenRev, body.rev);
    }

    /// An item of `GET /v1/me/channels`, as the first `sync` sends it too. Its revisions are taken only while
    /// no messages are held; otherwise the changes up to them must be read. Answers whether they must.
    applySummary(item) {
        this.putSettings(item.channel);
        this.role = item.role;
        this.muted = item.muted;
        this.mentionCount = item.mention_count;
        this.lastActivity = item.last_activity;
        // A direct channel names the other one only; members of a summary yield to any with a `rev`.
        if (item.peer) this.putMember({ user: item.peer, rev: 0 });
        for (const member of item.members ?? []) this.putMember(member);
        if (item.last_message) this.putMessage(item.last_message);
        this.#moveCursor(this.viewerId, item);
        this.lastSeq = Math.max(this.lastSeq, item.last_read_seq + item.unread_count);
        this.seenRev = Math.max(this.seenRev, item.rev);
        if (this.loaded) return item.rev > this.rev;
        this.rev = Math.max(this.rev, item.rev);
        this.receiptRev = Math.max(this.receiptRev, item.receipt_rev);
        return false;
    }

    /// A page of `GET …/messages`, either the newest or the one before the window.
    applyPage(page) {
        const first = page.messages.reduce((least, message) => Math.min(least, message.seq), Infinity);
        this.reachedStart = !page.has_more || first <= 1;
        this.windowStart = this.reachedStart ? 0 : Math.min(this.windowStart, first);
        for (const message of page.messages) this.putMessage(message);
    }

    putMessage(incoming) {
        const held = this.messages.get(incoming.id);
        const sameAsLast = this.lastMessage?.id === incoming.id;
        const message = mergeMessage(held ?? (sameAsLast ? this.lastMessage : incoming), incoming);
        const parent = message.parent_id && this.messages.get(message.parent_id);
        if (parent && message.quoted_message && !message.quoted_message.hidden) {
            message.quoted_message = quoteOf(parent);
        }
        this.lastSeq = Math.max(this.lastSeq, message.seq);
        if (message.user?.id === this.viewerId) this.#ownSeq = Math.max(this.#ownSeq, message.seq);
        if (sameAsLast || message.seq > (this.lastMessage?.seq ?? 0)) this.#setLast(message);
        if (held || message.seq >= this.windowStart) this.#store(message);
        if (message.edited_at || message.deleted_at) this.#refreshQuotes(message.id, message);
    }

    putSettings(settings) {
        this.lastSeq = Math.max(this.lastSeq, settings.last_seq ?? 0);
        if (settings.settings_rev < this.settings?.settings_rev) return;
        this.settings = settings;
        this.memberCount = settings.member_count ?? this.memberCount;
        this.lastActivity ||= settings.created_at ?? '';
    }

    putMember(member) {
        const id = member.user?.id ?? member.user_id;
        const held = this.members.get(id);
        if (held && held.rev > member.rev) return;
        this.members.set(id, { ...held, ...member, left: Boolean(member.left) });
        if (id === this.viewerId) this.role = member.role ?? this.role;
    }

    /// From `…/read`, `changes` and `channel.sync`; a live `receipt.*` frame has its own form.
    putReceipt(receipt) {
        this.#moveCursor(receipt.user_id, receipt);
    }

    putReceiptEvent(type, { user_id: userId, seq }) {
        this.#moveCursor(
            userId,
            type === 'receipt.read' ? { last_read_seq: seq } : { last_delivered_seq: seq },
        );
    }

    rename(user) {
        const member = this.members.get(user.id);
        if (member) this.members.set(user.id, { ...member, user: { ...member.user, ...user } });
        for (const message of this.messages.values()) {
            if (message.user?.id === user.id) this.#store({ ...message, user: { ...message.user, ...user } });
        }
        if (this.lastMessage?.user?.id === user.id) {
            this.lastMessage = { ...this.lastMessage, user: { ...this.lastMessage.user, ...user } };
        }
    }

    #reset(body) {
        this.generation += 1;
        this.messages.clear();
        this.members.clear();
        this.#ordered = null;
        this.#cursors.clear();
        this.#ownSeq = 0;
        this.lastSeq = 0;
        this.lastMessage = null;
        this.settings = null;
        this.membersLoaded = false;
        this.memberCount = body.member_count ?? 0;
        this.rev = body.rev;
        this.receiptRev = body.receipt_rev;
        this.windowStart = Infinity;
        this.applyPage({ messages: body.messages, has_more: body.messages.length > 0 });
    }

    #mentionsViewer(message) {
        return (message.mentions ?? []).some((mention) => mention.user_id === this.viewerId);
    }

    #setLast(message) {
        this.lastMessage = message;
        if (message.created_at > this.lastActivity) this.lastActivity = message.created_at;
    }

    #store(message) {
        this.messages.set(message.id, message);
        this.#ordered = null;
    }

    #alter(messageId, rev, change) {
        const held = this.messages.get(messageId);
        if (held && held.rev < rev) this.#store({ ...change(held), rev });
        const last = this.lastMessage;
        if (last?.id === messageId && last.rev < rev) this.lastMessage = { ...change(last), rev };
    }

    /// A live reaction says what all see; it changes the viewer's own mark only when the viewer acted, and
    /// then there is one mark at most.
    #react(message, type, { user_id: userId, emoji, reactions }) {
        const before = new Map((message.reactions ?? []).map((r) => [r.emoji, r.reacted_by_me]));
        const mine = userId === this.viewerId;
        const marked = (other) =>
            mine ? type === 'reaction.added' && other === emoji : (before.get(other) ?? false);
        return { ...message, reactions: reactions.map((r) => ({ ...r, reacted_by_me: marked(r.emoji) })) };
    }

    /// A change of a message does not change the `rev` of the replies that quote it.
    #refreshQuotes(parentId, parent) {
        for (const reply of this.messages.values()) {
            if (reply.parent_id !== parentId || !reply.quoted_message || reply.quoted_message.hidden)
                continue;
            const quote = parent ? quoteOf(parent) : { ...reply.quoted_message, content: '', deleted: true };
            this.#store({ ...reply, quoted_message: quote });
        }
    }

    #moveCursor(userId, { last_read_seq: read = 0, last_delivered_seq: delivered = 0 }) {
        const held = this.cursor(userId);
        this.#cursors.set(userId, {
            last_read_seq: Math.max(held.last_read_seq, read),
            last_delivered_seq: Math.max(held.last_delivered_seq, delivered),
        });
    }
}
