// What a client holds, as text: the parent compares it with the server.

import type { Cariosan } from '../../src/index.ts';
import { inspect, type HeldChannel } from '../../src/testing.ts';

function heldOf(channel: HeldChannel, client: Cariosan) {
  const { windows, cursors, viewer } = channel;
  const read = cursors.of(viewer).read;
  const members = [...channel.members.values()].filter((member) => !member.left);
  const shown = client.channel(channel.id);
  const info = shown.info.get();
  return {
    id: channel.id, viewer, rev: channel.rev, settings: channel.settings, lastSeq: channel.lastSeq, lastMessage: channel.lastMessage,
    heldFrom: windows.start === Infinity ? null : Math.max(1, windows.start),
    messages: [...windows.all()], members, allMembers: channel.membersComplete, allReceipts: channel.receiptsComplete,
    cursors: Object.fromEntries(members.map(({ user }) => [user.id, cursors.of(user.id)])), own: cursors.of(viewer),
    unread: channel.counts.unread(read), mentions: channel.counts.mentions(read), memberCount: channel.memberCount.value, preferences: channel.preferences,
    // What a screen would show, beside what is held.
    rows: windows.side === null ? shown.timeline.get().messages.map(({ id, seq, status }) => ({ id, seq, status })) : null,
    info: info === null ? null : { unread: info.unread, mentions: info.mentions, memberCount: info.memberCount, stale: info.stale },
  };
}

export type Held = ReturnType<typeof heldOf>;

export const held = (client: Cariosan): readonly Held[] => [...inspect(client).channels.values()].map((channel) => heldOf(channel, client));

/** Nothing is being read or sent. */
export function isQuiet(client: Cariosan): boolean {
  return client.connection.get().name === 'live' && inspect(client).idle && client.outbox.get().waiting === 0;
}

export function isAt(client: Cariosan, revs: Readonly<Record<string, number>>): boolean {
  const { channels } = inspect(client);
  return isQuiet(client) && channels.size === Object.keys(revs).length && [...channels.values()].every(({ id, rev }) => revs[id] === rev);
}
