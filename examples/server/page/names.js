/// What users, channels and messages are called in one line.

import { text } from './texts.js';
import { moment } from './times.js';

const EXCERPT_CODE_POINTS = 90;

export function userName(user) {
    return user?.name || (user ? text('deletedUser') : '');
}

/// The other user of a direct channel.
export function peerOf(channel, viewerId) {
    if (channel.settings?.type !== 'direct') return null;
    return [...channel.members.values()].find(({ user }) => user && user.id !== viewerId)?.user ?? null;
}

export function channelName(channel, viewerId) {
    const { settings } = channel;
    if (settings.type === 'group') return settings.name || settings.external_id;
    const peer = peerOf(channel, viewerId);
    return peer ? userName(peer) : (settings.name ?? '…');
}

/// A message on one line, for lists and quotes.
export function excerpt(message) {
    if (message.deleted_at || message.deleted) return text('deleted');
    const points = Array.from(message.content.replace(/\s+/g, ' ').trim());
    if (points.length === 0) return text('attachment');
    return points.slice(0, EXCERPT_CODE_POINTS).join('') + (points.length > EXCERPT_CODE_POINTS ? '…' : '');
}

/// Describes `{status, last_seen_at}`; empty if unknown.
export function presenceWords(presence) {
    if (!presence) return '';
    if (presence.status === 'online') return text('online');
    return presence.last_seen_at
        ? text('lastSeen', { time: moment(presence.last_seen_at) })
        : text('offline');
}
