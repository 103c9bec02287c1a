/// What one client knows about one channel, and the rules by which frames and answers change it (protocol, sections 4 to
/// 6). No network and no DOM, so that the rules can be read and tested on their own.
///
/// Holds one gapless window of messages up to the newest, and for a while a second window around a message further up.
/// Other messages come with a later page in their current state, so a change to a message that is not held may be dropped.

import { Cursors } from './cursors.js';
import { blankMessage, mergeMessage, quoteOf, withReactions } from './message_rules.js';

/// In channels with more members, the server does not report what others have read.
const SHARED_RECEIPTS = 100;

export class Channel {
    rev = 0;
    receiptRev = 0;
    /// The highest `rev` seen in any frame. If it is above `rev`, something is missing and must be read.
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
    /// The first `seq` of the window; Infinity if no messages are held.
    windowStart = Infinity;
    reachedStart = false;
    /// The second window while it is shown: `{start, end, reachedStart}`. Merged with the first when they meet.
    side = null;
    receiptsLoaded = false;
    /// Counts what may have changed the pinned messages.
    pinsChanged = 0;
    /// Changes with each reset: a page requested before a reset no longer fits.
    generation = 0;

    /// State of the loader: what it is doing for this channel, what failed, and from which `rev` it must read.
    loading = false;
    failed = false;
    loadingOlder = false;
    loadingNewer = false;
    olderFailed = false;
    reading = false;
    wanted = undefined;

    #ordered = null;
    #cursors = new Cursors();

    constructor(id, viewerId) {
        this.id = id;
        this.viewerId = viewerId;
    }

    get loaded() {
        return this.windowStart !== Infinity;
    }

    get ownRead() {
        return this.cursor(this.viewerId).read;
    }

    get unread() {
        return Math.max(0, this.lastSeq - this.ownRead);
    }

    /// `{read, delivered}`: one `seq` each.
    cursor(userId) {
        return this.#cursors.of(userId);
    }

    /// How far a message of the viewer has come: `{mark, readBy, deliveredTo}` with users. The mark is `sent`, `delivered`
    /// or `read`, whichever all other members have reached.
    receiptsOf(message) {
        const others = this.presentMembers().filter(({ user }) => user && user.id !== message.user?.id);
        const known = this.memberCount <= SHARED_RECEIPTS && others.length >= this.memberCount - 1;
        if (!known || others.length === 0) return { mark: 'sent', readBy: [], deliveredTo: [] };
        const users = others.map(({ user }) => user);
        const readBy = users.filter(({ id }) => this.cursor(id).read >= message.seq);
        const deliveredTo = users.filter(({ id }) => this.cursor(id).delivered >= message.seq);
        const delivered = deliveredTo.length === users.length ? 'delivered' : 'sent';
        return { mark: readBy.length === users.length ? 'read' : delivered, readBy, deliveredTo };
    }

    /// The messages of the first window, in channel order.
    list() {
        this.#ordered ??= this.#between(this.windowStart, Infinity);
        return this.#ordered;
    }

    /// The messages of the window being shown.
    viewed() {
        return this.side ? this.#between(this.side.start, this.side.end) : this.list();
    }

    newest() {
        return this.list().at(-1) ?? null;
    }

    presentMembers() {
        return [...this.members.values()].filter((member) => !member.left);
    }

    /// The rule for durable frames in section 5.
    admit(rev, since = rev - 1) {
        this.seenRev = Math.max(this.seenRev, rev);
        if (rev <= this.rev) return 'known';
        return since <= this.rev ? 'next' : 'hole';
    }

    /// Applies one durable event. Returns false if the client does not know its type.
    applyEvent(type, data) {
        switch (type) {
            case 'message.created':
                if (this.#mentionsViewer(data.message)) this.mentionCount += 1;
                this.putMessage(data.message);
                return true;
            case 'message.updated':
                this.#notePins(data.message.id, data.message);
                this.putMessage(data.message);
                return true;
            case 'message.deleted':
                this.#notePins(data.message_id, null);
                this.#alter(data.message_id, data.rev, (message) => blankMessage(message, data));
                this.#refreshQuotes(data.message_id, null);
                return true;
            case 'reaction.added':
            case 'reaction.removed':
                this.#alter(data.message_id, data.rev, (message) =>
                    withReactions(message, type, data, this.viewerId),
                );
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

    /// Whether one of those that are not held is pinned only the server knows.
    #notePins(id, message) {
        const held = this.messages.get(id);
        if (!held || held.pinned_at || message?.pinned_at) this.pinsChanged += 1;
    }

    /// Applies the body that `GET …/changes` and `channel.sync` share.
    applyChanges(body) {
        this.pinsChanged += 1;
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

    /// Applies an item of `GET /v1/me/channels`, which the first `sync` sends too. Only takes its revisions if no messages
    /// are held; otherwise the changes up to them must be read. Returns whether they must.
    applySummary(item) {
        this.putSettings(item.channel);
        this.role = item.role;
        this.muted = item.muted;
        this.mentionCount = item.mention_count;
        this.lastActivity = item.last_activity;
        // A direct channel only lists the other user. Members from a summary never replace any with a `rev`.
        if (item.peer) this.putMember({ user: item.peer, rev: 0 });
        for (const member of item.members ?? []) this.putMember(member);
        if (item.last_message) this.putMessage(item.last_message);
        this.#cursors.move(this.viewerId, item);
        this.lastSeq = Math.max(this.lastSeq, item.last_read_seq + item.unread_count);
        this.seenRev = Math.max(this.seenRev, item.rev);
        if (this.loaded) return item.rev > this.rev;
        this.rev = Math.max(this.rev, item.rev);
        this.receiptRev = Math.max(this.receiptRev, item.receipt_rev);
        return false;
    }

    /// Applies a page of `GET …/messages`: either the newest, or the one before the window.
    applyPage(page) {
        const first = page.messages.reduce((least, message) => Math.min(least, message.seq), Infinity);
        this.reachedStart = !page.has_more || first <= 1;
        this.windowStart = this.reachedStart ? 0 : Math.min(this.windowStart, first);
        for (const message of page.messages) this.putMessage(message);
        this.#joinSide(false);
    }

    /// Applies a page around a message, which opens the second window, or one that extends it: `where` is `around`,
    /// `older` or `newer`.
    applySidePage(page, where) {
        const seqs = page.messages.map((message) => message.seq);
        const side = this.side ?? { start: Infinity, end: 0, reachedStart: false };
        side.start = Math.min(side.start, ...seqs);
        side.end = Math.max(side.end, ...seqs);
        if (where !== 'newer') side.reachedStart = !page.has_more || side.start <= 1;
        this.side = side;
        for (const message of page.messages) this.putMessage(message);
        this.#joinSide(where === 'newer' && !page.has_more);
    }

    /// Returns to the newest messages.
    leaveSide() {
        if (!this.side) return;
        this.side = null;
        for (const [id, message] of this.messages)
            if (message.seq < this.windowStart) this.messages.delete(id);
        this.#ordered = null;
    }

    /// The viewer has blocked a user: hides that user's messages and the text of quotes of them.
    hideAuthor(userId) {
        for (const [id, message] of this.messages) {
            if (message.user?.id === userId) this.messages.delete(id);
            else if (message.quoted_message?.user_id === userId) {
                this.#store({ ...message, quoted_message: { id: message.quoted_message.id, hidden: true } });
            }
        }
        this.#ordered = null;
        if (this.lastMessage?.user?.id === userId) this.lastMessage = this.newest();
    }

    /// Drops the messages, which will be read again. Revisions and receipts stay.
    forgetMessages() {
        this.generation += 1;
        this.messages.clear();
        this.#ordered = null;
        this.windowStart = Infinity;
        this.reachedStart = false;
        this.side = null;
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
        if (message.user) this.#cursors.wrote(message.user.id, message.seq);
        if (sameAsLast || message.seq > (this.lastMessage?.seq ?? 0)) this.#setLast(message);
        if (held || this.#isInWindow(message.seq)) this.#store(message);
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

    /// For `…/read`, `changes` and `channel.sync`; a live `receipt.*` frame has a different form.
    putReceipt(receipt) {
        this.#cursors.move(receipt.user_id, receipt);
    }

    putReceiptEvent(type, { user_id: userId, seq }) {
        const field = type === 'receipt.read' ? 'last_read_seq' : 'last_delivered_seq';
        this.#cursors.move(userId, { [field]: seq });
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
        this.forgetMessages();
        this.members.clear();
        this.#cursors.forget();
        this.lastSeq = 0;
        this.lastMessage = null;
        this.settings = null;
        this.membersLoaded = false;
        this.receiptsLoaded = false;
        this.memberCount = body.member_count ?? 0;
        this.rev = body.rev;
        this.receiptRev = body.receipt_rev;
        this.applyPage({ messages: body.messages, has_more: body.messages.length > 0 });
    }

    #between(start, end) {
        const within = [...this.messages.values()].filter(({ seq }) => start <= seq && seq <= end);
        return within.sort((a, b) => a.seq - b.seq);
    }

    #isInWindow(seq) {
        return seq >= this.windowStart || (this.side && this.side.start <= seq && seq <= this.side.end);
    }

    /// Merges the two windows if they touch. `reachesNewest`: the second one reaches the newest message.
    #joinSide(reachesNewest) {
        if (!this.side || (!reachesNewest && this.side.end < this.windowStart - 1)) return;
        const { start, reachedStart } = this.side;
        if (start < this.windowStart) {
            this.windowStart = reachedStart ? 0 : start;
            this.reachedStart = reachedStart;
        }
        this.side = null;
        this.#ordered = null;
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

    /// When a message changes, the replies that quote it keep their `rev`.
    #refreshQuotes(parentId, parent) {
        for (const reply of this.messages.values()) {
            if (reply.parent_id !== parentId || !reply.quoted_message || reply.quoted_message.hidden)
                continue;
            const quote = parent ? quoteOf(parent) : { ...reply.quoted_message, content: '', deleted: true };
            this.#store({ ...reply, quoted_message: quote });
        }
    }
}
