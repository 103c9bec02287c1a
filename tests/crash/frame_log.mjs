// Compares the frames of all clients: who was a member when, and whether each revision is the same for everyone.

import { createHash } from 'node:crypto';

/// Only these may differ between frames for different viewers.
const OWN = new Set(['idempotency_key']);
const HIDING = new Set(['channel.rev', 'channel.events']); // another form of the same revision

function digest(type, data) {
  const text = JSON.stringify(data, (name, value) => (OWN.has(name) ? undefined : value));
  return createHash('sha256').update(type).update(text).digest('base64');
}

/// Collects durable frames and all evidence about who is a member, and checks it at the end.
export class FrameLog {
  frames = 0;
  #channels = new Map(); // id → {workspace, revisions: rev → {digest, type, viewers}, facts: user id → rev → member}
  violations = [];

  #channel(id) {
    if (!this.#channels.has(id)) {
      this.#channels.set(id, { workspace: null, revisions: new Map(), facts: new Map() });
    }
    return this.#channels.get(id);
  }

  /// A channel belongs to the workspace whose backend created it.
  made(channel, workspace) {
    this.#channel(channel).workspace = workspace;
  }

  /// Member objects in a frame or an answer.
  members(channel, members) {
    const { facts } = this.#channel(channel);
    for (const member of members ?? []) {
      const user = member.user_id ?? member.user.id;
      if (!facts.has(user)) facts.set(user, new Map());
      facts.get(user).set(member.rev, !member.left);
    }
  }

  /// A frame as a viewer received it.
  frame({ type, data }, viewer, workspace) {
    this.frames += 1;
    const id = data?.channel_id ?? data?.channel?.id;
    if (id === undefined) return;
    const channel = this.#channel(id);
    if (channel.workspace !== null && channel.workspace !== workspace) {
      this.violations.push(`${type} of ${id} was shown to a user of another workspace`);
    }
    this.members(id, data.members);
    for (const event of data.events ?? []) this.members(id, event.data.members);
    this.#checkKeys(type, data, viewer);
    if (data.rev === undefined || type.startsWith('channel.sync')) return;
    this.#revision(channel, id, { type, data }, viewer);
  }

  /// The idempotency key is only for the author.
  #checkKeys(type, data, viewer) {
    for (const message of [data.message, data.last_message, ...(data.messages ?? [])]) {
      if (message?.idempotency_key !== undefined && message.user.id !== viewer) {
        this.violations.push(`${type} shows the key of ${message.id} to ${viewer}`);
      }
    }
  }

  #revision(channel, id, { type, data }, viewer) {
    const seen = channel.revisions.get(data.rev) ?? { viewers: new Set() };
    channel.revisions.set(data.rev, seen);
    seen.viewers.add(viewer);
    seen.type ??= type;
    if (HIDING.has(type)) return;
    const own = digest(type, data);
    seen.digest ??= own;
    if (seen.digest !== own) this.violations.push(`rev ${data.rev} of ${id} is not the same to all: ${type}, ${seen.type}`);
  }

  /// "Event r goes to those who are members after r and to those whom r removes." Returns how many deliveries were checked.
  judge() {
    let judged = 0;
    for (const [id, channel] of this.#channels) {
      const histories = new Map();
      for (const [user, facts] of channel.facts) {
        histories.set(user, [...facts].sort(([left], [right]) => left - right));
      }
      for (const [rev, { type, viewers }] of channel.revisions) {
        for (const viewer of viewers) {
          judged += 1;
          const history = histories.get(viewer) ?? [];
          const [at, member] = history.findLast(([when]) => when <= rev) ?? [0, false];
          if (member || at === rev) continue;
          // A user who leaves was a member before, even if nobody saw the join.
          if (at === 0 && history.length > 0 && !history[0][1]) continue;
          const since = at === 0 ? 'never a member' : `no member since ${at}`;
          this.violations.push(`${type} with rev ${rev} of ${id} went to ${viewer}, ${since}`);
        }
      }
    }
    return judged;
  }
}
