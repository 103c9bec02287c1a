// The server's account of everything a user may see, and how a client's state is compared with it. Names, avatars and
// presence are not compared.

import { isDeepStrictEqual } from 'node:util';
import { forEachAtOnce } from '../integration/data.mjs';
import { ChannelState } from '../integration/channel_state.mjs';
import { allPages } from '../integration/rest.mjs';

const MOST_SHOWN = 5; // differences per channel

function withoutNames(message) {
  const plain = { ...message, user: { id: message.user.id, external_id: message.user.external_id } };
  if (message.quoted_message) {
    plain.quoted_message = { ...message.quoted_message };
    delete plain.quoted_message.user_name;
  }
  if (message.pinned_by) plain.pinned_by = message.pinned_by.id;
  if (message.mentions) plain.mentions = message.mentions.map(({ user_id, external_id, spans }) => ({ user_id, external_id, spans }));
  return plain;
}

function plainMember({ user, role, joined_at, rev }) {
  return { user_id: user.id, role, joined_at, rev };
}

/// The fields of a channel whose revision is `settings_rev`.
function plainSettings(channel) {
  const { id, external_id, type, name, avatar_url, metadata, slow_mode_seconds, frozen, settings_rev, created_at } = channel;
  return { id, external_id, type, name, avatar_url, metadata, slow_mode_seconds, frozen, settings_rev, created_at };
}

async function allMessages(rest, channel) {
  const messages = [];
  let before = '';
  for (;;) {
    const page = await rest.expect(200, 'GET', `/v1/channels/${channel}/messages?limit=100${before}`);
    messages.push(...page.messages);
    if (!page.has_more) return { messages: messages.reverse(), epoch: page.epoch };
    before = `&before=${messages.at(-1).id}`;
  }
}

/// The channel as built by somebody who only reads `changes`, from the beginning.
async function fromChanges(rest, channel, viewer, epoch) {
  const state = new ChannelState(channel, viewer);
  for (let more = true; more;) {
    const query = `since=${state.rev}&receipts_since=${state.receiptRev}&epoch=${epoch}`;
    const body = await rest.expect(200, 'GET', `/v1/channels/${channel}/changes?${query}`);
    state.applyChanges(body);
    state.counts = { unread_count: body.unread_count, mention_count: body.mention_count };
    more = body.has_more;
  }
  return state;
}

/// Everything a user may see: channel id → {item, messages, members, receipts, built}.
export async function readTruth(rest, user) {
  const truth = new Map();
  const items = await allPages(rest, '/v1/me/channels?limit=100', 'channels');
  await forEachAtOnce(items, 2, async (item) => {
    const { id } = item.channel;
    const { messages, epoch } = await allMessages(rest, id);
    truth.set(id, {
      item,
      messages,
      members: await allPages(rest, `/v1/channels/${id}/members?limit=100`, 'members'),
      receipts: await allPages(rest, `/v1/channels/${id}/receipts?limit=100`, 'receipts'),
      built: await fromChanges(rest, id, user, epoch),
    });
  });
  return truth;
}

/// Whether the client is as far as the server and has nothing left to do.
export function caughtUp(client, truth) {
  const there = client.connected && client.synced && client.idle && client.pending.length === 0;
  return there && client.channels.size === truth.size &&
      [...truth].every(([id, { item }]) => client.channels.get(id)?.rev === item.rev);
}

class Differences {
  list = [];
  constructor(where) {
    this.where = where;
  }
  compare(what, held, true_) {
    if (isDeepStrictEqual(held, true_)) return;
    this.list.push(`${this.where}: ${what}\n    held   ${JSON.stringify(held)}\n    server ${JSON.stringify(true_)}`);
  }
  result() {
    const more = this.list.length - MOST_SHOWN;
    return more > 0 ? [...this.list.slice(0, MOST_SHOWN), `${this.where}: and ${more} more`] : this.list;
  }
}

function compareMessages(state, { messages }, differences) {
  const stored = new Map(messages.map((message) => [message.id, message]));
  for (const message of messages) {
    const held = state.messages.get(message.id);
    if (!held && message.seq < state.heldFrom) continue;
    differences.compare(`message ${message.seq}`, held && withoutNames(held), withoutNames(message));
  }
  for (const held of state.messages.values()) {
    if (!stored.has(held.id)) differences.compare(`message ${held.seq}`, held, null);
  }
}

function compareMembers(state, { members, item }, differences) {
  const held = new Map(state.present().map((member) => [member.user.id, plainMember(member)]));
  for (const member of members) {
    const mine = held.get(member.user.id);
    if (mine || state.allMembers) differences.compare('a member', mine, plainMember(member));
    held.delete(member.user.id);
  }
  for (const member of held.values()) differences.compare('a member', member, null);
  differences.compare('the number of members', members.length, item.member_count);
}

/// The receipts, which are only as new as the last sync.
function compareReceipts(state, truth, differences) {
  const { item, receipts } = truth;
  const unread = state.unread();
  // The server's count, where the client cannot count.
  unread.unread_count ??= item.unread_count;
  unread.mention_count ??= item.mention_count;
  differences.compare(
      'own cursor and counts', { last_read_seq: state.cursor(state.viewer), ...unread },
      { last_read_seq: item.last_read_seq, unread_count: item.unread_count, mention_count: item.mention_count });
  if (!state.allReceipts || !state.complete || item.member_count > 100) return;
  for (const receipt of receipts) {
    const held = {};
    const stored = {};
    for (const kind of ['read', 'delivered']) {
      held[kind] = state.cursor(receipt.user_id, kind);
      stored[kind] = receipt[`last_${kind}_seq`];
    }
    differences.compare(`the receipts of ${receipt.user_id}`, held, stored);
  }
}

/// How a state differs from the server; with `receipts`, compares receipts too.
function compareChannel(state, truth, { receipts, where }) {
  const differences = new Differences(where);
  compareMessages(state, truth, differences);
  compareMembers(state, truth, differences);
  if (state.settings) {
    differences.compare('the settings', plainSettings(state.settings), plainSettings(truth.item.channel));
  } else {
    differences.compare('the settings', null, truth.item.channel);
  }
  differences.compare('the last seq', state.lastSeq, truth.item.channel.last_seq);
  if (receipts) compareReceipts(state, truth, differences);
  return [...differences.result(), ...state.violations];
}

/// How a client's state differs from the server.
export function compareClient(client, truth, { receipts = false, where }) {
  const found = [];
  for (const id of client.channels.keys()) {
    if (!truth.has(id)) found.push(`${where}: holds ${id}, which its user may not see`);
  }
  for (const [id, channel] of truth) {
    const state = client.channels.get(id);
    const name = `${where}, ${channel.item.channel.external_id ?? id}`;
    if (!state) found.push(`${name}: is not held`);
    else found.push(...compareChannel(state, channel, { receipts, where: name }));
  }
  return found;
}

/// Whether the server's own accounts agree: its lists, and the state built from `changes`.
export function compareTruth(truth, where) {
  const found = [];
  for (const [id, channel] of truth) {
    const name = `${where}, changes of ${channel.item.channel.external_id ?? id}`;
    found.push(...compareChannel(channel.built, channel, { receipts: true, where: name }));
    const { unread_count, mention_count } = channel.item;
    if (!isDeepStrictEqual(channel.built.counts, { unread_count, mention_count })) {
      found.push(`${name}: counts ${JSON.stringify(channel.built.counts)}, listed ${unread_count} ${mention_count}`);
    }
  }
  return found;
}
