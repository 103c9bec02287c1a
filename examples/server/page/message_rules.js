/// How two copies of a message are merged, and how a live event changes one (protocol, sections 4 and 5). Pure functions:
/// each returns a new object.

const QUOTE_CODE_POINTS = 200;

/// Of two copies of a message, the one with the higher `rev` wins. Copies with the same `rev` only differ in fields
/// specific to this viewer (`reacted_by_me`, `idempotency_key`); if absent, the known value stays.
export function mergeMessage(held, incoming) {
    const [newer, older] = incoming.rev >= held.rev ? [incoming, held] : [held, incoming];
    const reactions = (newer.reactions ?? []).map((reaction) => {
        if (reaction.reacted_by_me !== undefined) return reaction;
        const before = (older.reactions ?? []).find((other) => other.emoji === reaction.emoji);
        return { ...reaction, reacted_by_me: before?.reacted_by_me ?? false };
    });
    return { ...newer, reactions, idempotency_key: newer.idempotency_key ?? older.idempotency_key };
}

export function blankMessage(message, { rev, deleted_at }) {
    const { mentions, attachment_url, pinned_at, pinned_by, ...rest } = message;
    return { ...rest, rev, deleted_at, content: '', attachment_url: null, metadata: {}, reactions: [] };
}

/// A live reaction has the counts that everyone sees. It changes the viewer's own mark only if the viewer reacted, and then
/// at most one emoji is marked.
export function withReactions(message, type, { user_id: userId, emoji, reactions }, viewerId) {
    const before = new Map((message.reactions ?? []).map((r) => [r.emoji, r.reacted_by_me]));
    const mine = userId === viewerId;
    const marked = (other) =>
        mine ? type === 'reaction.added' && other === emoji : (before.get(other) ?? false);
    return { ...message, reactions: reactions.map((r) => ({ ...r, reacted_by_me: marked(r.emoji) })) };
}

/// The quote that shows the current `parent`.
export function quoteOf(parent) {
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
