/// The rows of the message list: messages, pending ones, and the separators between them.

import { text } from './texts.js';
import { dayName } from './times.js';

const GROUP_WITHIN_MS = 5 * 60_000;

/// Entries for `messageRow`, and separators `{key, line, words}`. `pending` are items of the outbox; `lineAfter` is the
/// `seq` after which "new messages" is shown, or null.
export function buildEntries(channel, pending, me, lineAfter) {
    const seen = new Set();
    const entries = channel.viewed().map((message) => {
        if (message.idempotency_key) seen.add(message.idempotency_key);
        const own = message.user?.id === me.id;
        const receipts = own && !message.deleted_at ? channel.receiptsOf(message) : null;
        return { key: message.idempotency_key ?? message.id, message, own, receipts, status: 'sent' };
    });
    for (const item of channel.side ? [] : pending) {
        if (seen.has(item.key)) continue;
        const status = item.error ? 'failed' : 'pending';
        entries.push({
            key: item.key,
            message: drafted(channel, me, item),
            own: true,
            status,
            error: item.error,
        });
    }
    return withLines(channel, entries, lineAfter);
}

/// A message as it will look once the server has accepted it.
function drafted(channel, me, { key, body, createdAt }) {
    const parent = channel.messages.get(body.parent_id);
    const quoted = parent && {
        ...parent,
        user_name: parent.user?.name,
        deleted: Boolean(parent.deleted_at),
    };
    const mentions = (body.mentions ?? []).map((id) => ({
        user_id: id,
        name: channel.members.get(id)?.user?.name,
    }));
    const { content, type, attachment_url } = body;
    return {
        id: key,
        rev: 0,
        user: me,
        type,
        content,
        attachment_url,
        created_at: createdAt,
        quoted_message: quoted,
        mentions,
    };
}

function withLines(channel, entries, lineAfter) {
    const lined = [];
    let before = null;
    let lineDrawn = lineAfter === null;
    for (const entry of entries) {
        const { message } = entry;
        const day = new Date(message.created_at).toDateString();
        entry.day = day;
        if (before?.day !== day)
            lined.push({ key: `day ${day}`, line: 'day', words: dayName(message.created_at) });
        if (!lineDrawn && message.seq > lineAfter && !entry.own) {
            lined.push({ key: 'unread', line: 'unread', words: text('unreadLine') });
            lineDrawn = true;
        }
        entry.first = lined.at(-1)?.line !== undefined || !sameGroup(before, entry);
        entry.last = true;
        if (before && !entry.first) before.last = false;
        entry.showName = entry.first && !entry.own && channel.settings?.type === 'group';
        lined.push(entry);
        before = entry;
    }
    return lined;
}

function sameGroup(before, entry) {
    if (!before || before.message.type === 'system' || entry.message.type === 'system') return false;
    if (before.message.user?.id !== entry.message.user?.id) return false;
    return new Date(entry.message.created_at) - new Date(before.message.created_at) < GROUP_WITHIN_MS;
}
