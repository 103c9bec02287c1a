// Reads `changes` of a channel until nothing is missing (protocol, section 6). One reading per channel at a time; durable frames
// that come meanwhile wait. It ends with the connection: the next `sync` repeats what was not finished.

import type { Changes, Id } from '../wire/types.ts';
import type { DurableFrame } from '../wire/frames.ts';
import { applyChanges, saysLeft } from '../state/answers.ts';
import type { HeldChannel } from '../state/channel.ts';
import type { Replica } from '../state/replica.ts';

export type ChangesAnswer =
  | { readonly kind: 'page'; readonly body: Changes }
  /** 403 or 404: the channel is not the viewer's. */
  | { readonly kind: 'gone' }
  /** It may succeed later. */
  | { readonly kind: 'retry'; readonly afterMs: number }
  /** It will not succeed, or there is no connection. */
  | { readonly kind: 'stopped' };

export interface ChangesQuery {
  readonly channelId: Id;
  readonly since: number;
  readonly receiptsSince: number;
  readonly epoch: string;
}

export interface CatchUpHost {
  readonly replica: Replica;
  /** Never rejects. */
  readChanges(query: ChangesQuery): Promise<ChangesAnswer>;
  /** Waits before the next attempt, at least `afterMs`. */
  pause(attempt: number, afterMs: number): Promise<void>;
  /** A frame whose turn has come. */
  replay(frame: DurableFrame): void;
  /** The server's data is of another history than what is held. */
  otherEpoch(epoch: string): void;
  /** Before a body is applied. */
  before(channel: HeldChannel, body: Changes): void;
  /** Nothing is missing now. */
  settled(channel: HeldChannel, live: boolean): void;
}

export interface CatchUp {
  /** Reads what changed since the revision that is held. */
  ask(channel: HeldChannel): void;
  /** Keeps a frame while its channel is being read. Answers whether it was kept. */
  keep(channel: HeldChannel, frame: DurableFrame): boolean;
  isReading(channel: HeldChannel): boolean;
  /** The connection has ended, and with it every reading. */
  stop(): void;
  readonly idle: boolean;
}

/** Beyond this many the waiting frames are dropped and read as state. */
const QUEUE_LIMIT = 500;

interface Reading {
  again: boolean;
  queue: DurableFrame[];
  replaying: boolean;
}

export function catchUp(host: CatchUpHost): CatchUp {
  const { replica } = host;
  const readings = new Map<HeldChannel, Reading>();

  const counts = (channel: HeldChannel, reading: Reading): boolean =>
    readings.get(channel) === reading && replica.get(channel.id) === channel;

  /** Applies an answer. False: the reading ends here. */
  function take(channel: HeldChannel, reading: Reading, body: Changes): boolean {
    if (body.epoch !== replica.epoch) {
      host.otherEpoch(body.epoch);
      return false;
    }
    if (!body.reset && saysLeft(channel, body)) {
      replica.drop(channel, 'left');
      return false;
    }
    // What is held went back meanwhile: the answer begins too late.
    if (!body.reset && body.since > channel.rev) {
      reading.again = true;
      return true;
    }
    host.before(channel, body);
    applyChanges(channel, body);
    reading.again ||= body.has_more;
    if (!reading.again) replay(channel, reading);
    replica.changed(channel);
    return true;
  }

  /** The frames that waited go on from the answer. What they do not bring is read. */
  function replay(channel: HeldChannel, reading: Reading): void {
    const { queue } = reading;
    reading.queue = [];
    reading.replaying = true;
    for (const frame of queue) host.replay(frame);
    reading.replaying = false;
    reading.again ||= channel.rev < channel.seen;
  }

  async function readOnce(channel: HeldChannel, reading: Reading, attempt: number): Promise<number | null> {
    const { generation, rev } = channel;
    const epoch = replica.epoch ?? '';
    reading.again = false;
    const answer = await host.readChanges({ channelId: channel.id, since: rev, receiptsSince: channel.receiptRev, epoch });
    if (!counts(channel, reading) || answer.kind === 'stopped') return null;
    if (answer.kind === 'gone') {
      replica.drop(channel, 'left');
      return null;
    }
    if (answer.kind === 'retry') reading.again = true;
    else if (channel.generation !== generation || replica.epoch !== epoch) reading.again = true;
    else if (!take(channel, reading, answer.body)) return null;
    // Nothing was gained: the server may need a moment.
    const gained = answer.kind === 'page' && channel.rev > rev;
    if (gained || !reading.again) return 0;
    await host.pause(attempt, answer.kind === 'retry' ? answer.afterMs : 0);
    return counts(channel, reading) ? attempt + 1 : null;
  }

  async function read(channel: HeldChannel, reading: Reading): Promise<void> {
    let attempt: number | null = 0;
    do attempt = await readOnce(channel, reading, attempt);
    while (attempt !== null && reading.again);
    if (!counts(channel, reading)) {
      if (readings.get(channel) === reading) readings.delete(channel);
      return;
    }
    readings.delete(channel);
    if (attempt === null) return;
    host.settled(channel, false);
  }

  function ask(channel: HeldChannel): void {
    const reading = readings.get(channel);
    if (reading !== undefined) {
      reading.again = true;
      return;
    }
    const fresh: Reading = { again: false, queue: [], replaying: false };
    readings.set(channel, fresh);
    void read(channel, fresh);
  }

  function keep(channel: HeldChannel, frame: DurableFrame): boolean {
    const reading = readings.get(channel);
    if (reading === undefined || reading.replaying) return false;
    if (reading.queue.length >= QUEUE_LIMIT) reading.queue = [];
    reading.queue.push(frame);
    return true;
  }

  return {
    ask, keep,
    isReading: (channel) => readings.has(channel),
    stop: () => readings.clear(),
    get idle() { return readings.size === 0; },
  };
}
