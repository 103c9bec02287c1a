// Checks what the server promises about the durable frames of one connection (sections 5 and 6 of the protocol).

/// The frames of one connection. Each broken promise is added to `violations`.
export class FrameRules {
  #seen = new Map(); // channel id → the last `rev` delivered
  #newest = new Map(); // channel id → the `seq` of the last new message
  #left = new Map(); // channel id → the `rev` that removed the viewer
  #syncs = new Map(); // channel id → progress of its sync: {phase, rev}
  #requests = new Map(); // id of an unacknowledged sync → the channels it listed

  constructor(violations) {
    this.violations = violations;
  }

  #note(what) {
    this.violations.push(what);
  }

  /// A `sync` was sent. Listed channels are live until the server accepts it.
  sent(id, channels) {
    this.#requests.set(id, channels);
  }

  acknowledged(id) {
    const channels = this.#requests.get(id);
    if (!channels) return;
    this.#requests.delete(id);
    for (const [channel, [rev]] of Object.entries(channels)) this.#syncs.set(channel, { phase: 'listed', rev });
  }

  done() {
    for (const [channel, { phase }] of this.#syncs) {
      if (phase === 'paging') this.#note(`sync.done before the last page of ${channel}`);
    }
    this.#syncs.clear();
  }

  /// A page of `channel.sync`.
  page(data) {
    const id = data.channel_id;
    const sync = this.#syncs.get(id);
    const repair = data.unread_count === undefined;
    if (sync && !repair) {
      if (sync.phase === 'flowing') this.#note(`a page of ${id} after its live events`);
      if (!data.reset && data.since !== sync.rev) {
        this.#note(`a page of ${id} since ${data.since}, not ${sync.rev}`);
      }
      Object.assign(sync, { phase: data.has_more ? 'paging' : 'whole', rev: data.rev });
    }
    if (!data.reset && data.rev < data.since) this.#note(`a page of ${id} goes back from ${data.since} to ${data.rev}`);
    this.#left.delete(id);
    this.#seen.set(id, Math.max(this.#seen.get(id) ?? 0, data.rev));
  }

  /// A frame says that the viewer is no longer a member.
  left(id, rev) {
    this.#seen.delete(id);
    this.#syncs.delete(id);
    if (rev !== undefined) this.#left.set(id, rev);
  }

  /// Each `rev` has exactly one durable frame, in the order of `rev`; none for a channel that is being synchronised, and
  /// none for one that was left. What ends the viewer's membership (`ends`) need not wait for events of a large channel
  /// that are held together.
  durable(type, id, data, { joins, ends }) {
    const since = data.since ?? data.rev - 1;
    const last = this.#seen.get(id);
    if (last !== undefined && data.rev <= last) this.#note(`${type} with rev ${data.rev} of ${id} after ${last}`);
    if (last !== undefined && since > last && !ends) this.#note(`${type} of ${id}: hole from ${last} to ${since}`);
    this.#seen.set(id, data.rev);
    if (type === 'message.created') this.#created(id, data.message);
    const sync = this.#syncs.get(id);
    if (sync?.phase === 'paging') this.#note(`${type} with rev ${data.rev} of ${id} between its pages`);
    if (sync) sync.phase = 'flowing';
    const gone = this.#left.get(id);
    if (gone !== undefined && !joins) this.#note(`${type} with rev ${data.rev} of ${id}, which was left at ${gone}`);
    this.#left.delete(id);
  }

  /// The order of a channel is that of `seq`, and its clock never runs backwards.
  #created(id, { seq, created_at: at }) {
    const last = this.#newest.get(id);
    if (last && seq <= last.seq) this.#note(`message.created of ${id}: seq ${seq} after ${last.seq}`);
    if (last && at < last.at) this.#note(`message.created of ${id}: written at ${at} after ${last.at}`);
    this.#newest.set(id, { seq, at });
  }
}
