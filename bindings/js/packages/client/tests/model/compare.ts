// What must be true of a client at any time, and what must be equal to the server once nothing is under way.

import { expect } from 'vitest';
import type { Message } from '../../src/wire/types.ts';
import { ownRead, presentMembers, type HeldChannel } from '../../src/state/channel.ts';
import type { Player } from './player.ts';
import type { ModelServer } from './server.ts';
import { cursorOf, isMember, mentionCount, present, shown, unread, VIEWER, visible, type State } from './truth.ts';

const plain = (message: Message): Message => structuredClone(message);

/** No object goes back to an older revision while its messages are held, and the lists are in order. */
export function watchRevisions() {
  const seen = new WeakMap<HeldChannel, { generation: number; revs: Map<string, number> }>();
  return (channel: HeldChannel): void => {
    let last = seen.get(channel);
    if (last?.generation !== channel.generation) seen.set(channel, (last = { generation: channel.generation, revs: new Map() }));
    for (const message of channel.windows.all()) {
      expect(message.rev, `${message.id} goes back`).toBeGreaterThanOrEqual(last.revs.get(message.id) ?? 0);
      last.revs.set(message.id, message.rev);
    }
    for (const [id, member] of channel.members) {
      expect(member.rev, `member ${id} goes back`).toBeGreaterThanOrEqual(last.revs.get(id) ?? 0);
      last.revs.set(id, member.rev);
    }
    for (const list of [channel.windows.live(), channel.windows.aside()]) {
      const seqs = list.map(({ seq }) => seq);
      expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
    }
  };
}

function compareMessages(channel: HeldChannel, state: State): void {
  const all = visible(state).map((message) => shown(state, message, true));
  const { start, side } = channel.windows;
  const live = all.filter(({ seq }) => seq >= start);
  expect(channel.windows.live().map(plain), 'live window').toEqual(live);
  const aside = side === null ? [] : all.filter(({ seq }) => side.start <= seq && seq <= side.end);
  expect(channel.windows.aside().map(plain), 'side window').toEqual(aside);
  expect(channel.windows.size, 'messages held').toBe(new Set([...live, ...aside].map(({ id }) => id)).size);
  const newest = all[all.length - 1];
  if (newest === undefined) expect(channel.lastMessage).toBeNull();
  // Of one that is not in a window nobody says which reactions are the viewer's.
  else if (channel.windows.get(newest.id)) expect(channel.lastMessage).toEqual(newest);
  else expect(channel.lastMessage).toMatchObject({ id: newest.id, rev: newest.rev, content: newest.content, deleted_at: newest.deleted_at });
}

function compareMembers(channel: HeldChannel, state: State): void {
  const held = presentMembers(channel).map((member) => ({ id: 'user' in member ? member.user.id : '', rev: member.rev }));
  const true_ = present(state).map((id) => ({ id, rev: state.members.get(id)?.rev }));
  if (channel.membersComplete) expect(held.sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual(true_.sort((a, b) => (a.id < b.id ? -1 : 1)));
  else for (const member of held) expect(true_).toContainEqual(member);
  expect(channel.role?.value, 'role').toBe(state.members.get(VIEWER)?.role);
}

function compareCursors(channel: HeldChannel, state: State): void {
  for (const who of channel.receiptsComplete ? present(state) : [VIEWER]) {
    expect(channel.cursors.of(who), `cursor of ${who}`).toMatchObject(cursorOf(state, who));
  }
}

/** `counted`: whether the number of members can be known. */
export function compare(client: Player, server: ModelServer, counted: boolean): void {
  const theirs = server.ids().filter((id) => isMember(server.now(id), VIEWER));
  expect([...client.held.channels.keys()].sort()).toEqual(theirs.sort());
  for (const channel of client.held.channels.values()) {
    const state = server.now(channel.id);
    expect(channel.rev, 'rev').toBe(state.rev);
    expect(channel.settings?.name, 'name').toBe(state.name);
    compareMessages(channel, state);
    compareMembers(channel, state);
    compareCursors(channel, state);
    if (counted) expect(channel.memberCount.value, 'members').toBe(present(state).length);
    expect(channel.counts.unread(ownRead(channel)), 'unread').toBe(unread(state));
    expect(channel.counts.mentions(ownRead(channel)), 'mentions').toBe(mentionCount(state));
    const seqs = client.announced.get(channel.id) ?? [];
    expect(seqs, 'announced once, in order').toEqual([...new Set(seqs)].sort((a, b) => a - b));
  }
}
