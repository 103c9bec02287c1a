// What a client of this package has told of itself, compared with the server, by the same rules as the clients of `tests/crash`.

import { isDeepStrictEqual } from 'node:util';
import { compareClient } from '../../../../../../tests/crash/truth.mjs';
import { numberOf } from './field.mjs';

/// The newest `seq` as far as the viewer can know it: what somebody writes whom the viewer has blocked is told by a revision alone.
function lastSeqOf(held, { item, messages }, blocks) {
  const least = messages.at(-1)?.seq ?? 0;
  const known = blocks > 0 && held.lastSeq >= least && held.lastSeq < item.channel.last_seq;
  return known ? item.channel.last_seq : held.lastSeq;
}

/// As `truth.mjs` wants it.
function stateOf(held, truth, blocked) {
  const heldFrom = held.heldFrom ?? held.lastSeq + 1;
  const cursorOf = (user) => (user === held.viewer ? held.own : held.cursors[user]);
  // Who is blocked may have written what the viewer is not told of, and so have got further.
  const told = new Map((truth?.receipts ?? []).map((receipt) => [receipt.user_id, receipt]));
  return {
    viewer: held.viewer, settings: held.settings, lastSeq: truth ? lastSeqOf(held, truth, blocked.size) : held.lastSeq, heldFrom, violations: [],
    messages: new Map(held.messages.map((message) => [message.id, message])),
    allMembers: held.allMembers, allReceipts: held.allReceipts, complete: heldFrom === 1,
    present: () => held.members,
    cursor: (user, kind = 'read') => (blocked.has(user) ? told.get(user)?.[`last_${kind}_seq`] : undefined) ?? cursorOf(user)?.[kind] ?? 0,
    unread: () => ({ unread_count: held.unread, mention_count: Math.min(100, held.mentions) }),
  };
}

/// What is shown beside the state: counts, the preview, and the rows.
function compareShown(held, { item, messages }, where) {
  const found = [];
  const differ = (what, ours, theirs) => {
    if (!isDeepStrictEqual(ours, theirs)) found.push(`${where}: ${what}\n    held   ${JSON.stringify(ours)}\n    server ${JSON.stringify(theirs)}`);
  };
  differ('the number of members', held.memberCount, item.member_count);
  for (const name of Object.keys(held.preferences)) if (name in item) differ(`whether it is ${name}`, held.preferences[name], item[name]);
  const last = item.last_message;
  differ('the preview', held.lastMessage && { id: held.lastMessage.id, rev: held.lastMessage.rev, content: held.lastMessage.content },
      last && { id: last.id, rev: last.rev, content: last.content });
  differ('what the screen says', held.info, { unread: held.unread, mentions: held.mentions, memberCount: held.memberCount, stale: false });
  if (held.rows !== null && held.heldFrom !== null) {
    const rows = held.rows.filter(({ status }) => status === 'sent').map(({ id }) => id);
    differ('the rows', rows, messages.filter(({ seq }) => seq >= held.heldFrom).map(({ id }) => id));
    if (held.rows.some(({ status }) => status === 'pending')) found.push(`${where}: a row waits though nothing does`);
  }
  return found;
}

export function compareHeld(told, truth, where) {
  const channels = new Map(told.held.map((held) => [held.id, stateOf(held, truth.get(held.id), new Set(told.blocks))]));
  const found = compareClient({ channels }, truth, { receipts: true, where });
  for (const held of told.held) {
    const channel = truth.get(held.id);
    if (channel) found.push(...compareShown(held, channel, `${where}, ${held.settings?.external_id ?? held.id}`));
  }
  const total = [...truth.values()].filter(({ item }) => !item.muted).reduce((sum, { item }) => sum + item.unread_count, 0);
  if (Math.min(9_999, total) !== told.unreadTotal) found.push(`${where}: ${told.unreadTotal} unread in all, the server says ${total}`);
  return found;
}

/// What waited to be sent and is gone from a timeline was sent, and lies before the oldest message that the timeline showed then (after
/// a thousand others it begins anew), or in a channel that its author has left.
export function compareVanished(field, truths) {
  return field.players.flatMap(({ index, user, client }) => client.vanished.flatMap(({ key, channel, oldest }) => {
    const held = [...(truths.get(user) ?? new Map())].find(([id, { item }]) => id === channel || item.channel.external_id === channel)?.[1];
    const message = held?.messages.find(({ idempotency_key: other }) => other === key);
    if (held === undefined || (message !== undefined && (message.seq < oldest || message.deleted_at !== null))) return [];
    return [`player ${index}, ${channel}: what was being sent vanished, ${key}: ${message === undefined ? 'it is not there' : `${message.seq} in rows from ${oldest}`}`];
  }));
}

/// Every press of "send" that was kept is there once, in the order of the presses; of those that were refused none is there twice.
export function comparePresses(field, truths) {
  const found = [];
  const there = new Map(); // number → ids
  const order = new Map(); // player and channel → [number]
  // Each user is shown all but what those wrote whom they have blocked.
  const shown = new Map(); // channel → id → message
  for (const truth of truths.values()) {
    for (const [id, { messages }] of truth) {
      const known = shown.get(id) ?? new Map();
      shown.set(id, known);
      for (const message of messages) known.set(message.id, message);
    }
  }
  for (const [id, messages] of shown) {
    for (const { id: message, content } of [...messages.values()].sort((one, other) => one.seq - other.seq)) {
      const number = numberOf(content);
      const press = field.presses.get(number);
      there.set(number, [...(there.get(number) ?? []), message]);
      if (press === undefined || press.retried) continue;
      const lane = `${press.player} in ${id}`;
      order.set(lane, [...(order.get(lane) ?? []), number]);
    }
  }
  let judged = 0;
  for (const { number, channel, failed, done, player, told } of field.presses.values()) {
    const count = there.get(number)?.length ?? 0;
    // A channel that is gone, or that its author has left, may show nothing of it to anyone who is asked.
    const own = [...(truths.get(field.players[player].user) ?? new Map())].some(([id, { item }]) => id === channel || item.channel.external_id === channel);
    if (!own && count === 0) continue;
    judged += 1;
    if (count > 1) found.push(`#${number} of player ${player} is there ${count} times`);
    if (count > 0 || failed || field.discards.has(number) || field.wasUnsent(number)) continue;
    found.push(`#${number} of player ${player} to ${channel} ${done ? 'is lost' : 'is still to be sent'}: ${told.join(', ')}`);
  }
  for (const [lane, numbers] of order) {
    numbers.forEach((number, at) => {
      if (at > 0 && number < numbers[at - 1]) found.push(`#${number} of player ${lane} stands after #${numbers[at - 1]}`);
    });
  }
  return { found, judged };
}
