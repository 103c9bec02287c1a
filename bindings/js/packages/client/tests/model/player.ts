// The client's rules on a line to the model server, on which every step is taken by hand: frames, answers, pauses.

import type { Id, ReadAt } from '../../src/wire/types.ts';
import { asDurable } from '../../src/wire/durable.ts';
import { asLoose, type RawFrame } from '../../src/wire/frames.ts';
import { CariosanError } from '../../src/core/error.ts';
import { applyReceipt } from '../../src/state/events.ts';
import type { HeldChannel } from '../../src/state/channel.ts';
import { takeArrivals } from '../../src/state/merging.ts';
import { replica } from '../../src/state/replica.ts';
import { admit } from '../../src/sync/admit.ts';
import { catchUp, type ChangesAnswer, type ChangesQuery } from '../../src/sync/catch_up.ts';
import { loader } from '../../src/sync/loader.ts';
import { resume } from '../../src/sync/resume.ts';
import { taking } from '../../src/sync/taking.ts';
import { channelText, restoreChannel, restoreTimeline, timelineText } from '../../src/store/record.ts';
import type { ModelServer, Sent } from './server.ts';
import { VIEWER } from './truth.ts';

interface Waiting {
  answer(age: number): void;
  lose(): void;
}

const PAGE_SIZE = 3;
/** So few that a run comes to it. */
const MOST_MESSAGES = 8;

/** What a run leaves to the next: of each channel the texts that were stored last, each at a moment of its own. */
export interface Stored {
  epoch: string | null;
  readonly channels: Map<Id, string>;
  readonly timelines: Map<Id, string>;
}

export function player(server: ModelServer, stored: Stored = { epoch: null, channels: new Map(), timelines: new Map() }) {
  const waiting: Waiting[] = [];
  const pauses: (() => void)[] = [];
  const announced = new Map<Id, number[]>();
  let delivered: Sent[] = [];
  let frames = 0;
  let live = false;

  const held = replica({ added() {}, removed: (channel) => announced.delete(channel.id), changed: ({ windows }) => windows.trim(MOST_MESSAGES) });
  held.become(VIEWER);
  if (stored.epoch !== null) held.enter(stored.epoch);
  for (const [id, text] of stored.channels) {
    const channel = held.ensure(id);
    if (!restoreChannel(channel, text, stored.epoch ?? '')) held.drop(channel, 'forgotten');
  }

  function settled(channel: HeldChannel): void {
    const seqs = announced.get(channel.id) ?? [];
    for (const message of takeArrivals(channel)) seqs.push(message.seq);
    announced.set(channel.id, seqs);
  }

  function otherEpoch(epoch: string): void {
    if (!held.enter(epoch)) return;
    reading.stop();
    if (server.link !== null) resuming.start();
  }

  function readChanges(query: ChangesQuery): Promise<ChangesAnswer> {
    const least = server.told(query.channelId);
    return new Promise((resolve) => {
      waiting.push({
        answer(age) {
          const body = server.readChanges(query.channelId, query.since, query.receiptsSince, query.epoch, age, query.epoch === server.epoch ? least : 0);
          resolve(body === null ? { kind: 'gone' } : { kind: 'page', body });
        },
        lose: () => resolve({ kind: 'retry', afterMs: 0 }),
      });
    });
  }

  function list<Page extends ReadAt>(id: Id, what: 'messages' | 'members' | 'receipts', query: Readonly<Record<string, string | number>>): Promise<Page> {
    const seq = (place: string): number | undefined => {
      const text = query[place];
      return typeof text === 'string' ? Number(text.slice('seq:'.length)) : undefined;
    };
    const read = (age: number): ReadAt | null => {
      if (what === 'members') return server.readMembers(id, age, query['cursor']?.toString());
      if (what === 'receipts') return server.readReceipts(id, age);
      const before = seq('before');
      const after = seq('after');
      const around = query['around']?.toString();
      const place = { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }), ...(around === undefined ? {} : { around }) };
      return server.readMessages(id, age, place, PAGE_SIZE);
    };
    return new Promise((resolve, reject) => {
      waiting.push({
        answer(age) {
          const page = read(age);
          if (page === null) reject(new CariosanError({ code: 'NOT_FOUND' }));
          else resolve(page as Page);
        },
        lose: () => reject(new CariosanError({ code: 'NETWORK', retryable: true })),
      });
    });
  }

  const reading = catchUp({
    replica: held, readChanges, otherEpoch, settled,
    pause: () => new Promise((resolve) => pauses.push(resolve)),
    replay: (frame) => judge.durable(frame),
    before() {},
  });
  const judge = admit({ replica: held, catchUp: reading, settled });
  const takes = taking({ replica: held, catchUp: reading, otherEpoch, before() {}, settled });
  const load = loader({ replica: held, catchUp: reading, list, otherEpoch, pageSize: PAGE_SIZE, mostMessages: MOST_MESSAGES });
  const resuming = resume({
    replica: held,
    sync(data) {
      const id = `s${++frames}`;
      server.sync(id, data);
      return { id, taken: Promise.resolve() };
    },
    isWatched: () => false,
    done: () => (live = true),
    ask: (channel) => reading.ask(channel),
    failed() {},
  });

  function loose(frame: RawFrame): void {
    const known = asLoose(frame);
    switch (known?.type) {
      case 'connection.ready':
        held.enter(known.data.epoch);
        return resuming.start();
      case 'channel.sync':
        return takes.page(known.data);
      case 'sync.done':
        return resuming.finished(String(known.data.id), 0);
      case 'receipt.read': {
        const channel = held.get(known.data.channel_id);
        return channel === undefined ? undefined : applyReceipt(channel, 'read', known.data);
      }
      case 'unread': {
        const channel = held.get(known.data.channel_id);
        return channel?.counts.base(known.data.unread_count, known.data.mention_count, channel.lastSeq, false);
      }
      default:
        return undefined;
    }
  }

  function take(sent: Sent): void {
    // As it comes over a line: no object is shared with the server.
    const frame: RawFrame = { ...structuredClone({ type: sent.type, data: sent.data as Record<string, unknown> }), id: null };
    const durable = asDurable(frame);
    if (durable !== null) judge.durable(durable);
    else loose(frame);
  }

  return {
    /** Writes a channel, or its messages, as they are now. */
    keep(id: Id, what: 'channel' | 'timeline'): void {
      const channel = held.get(id);
      if (channel === undefined || held.epoch === null) return;
      const text = what === 'channel' ? channelText(channel, held.epoch) : timelineText(channel, held.epoch, PAGE_SIZE, 0);
      if (text === null) return;
      stored.epoch = held.epoch;
      stored[what === 'channel' ? 'channels' : 'timelines'].set(id, text);
    },
    /** Puts the messages that were stored into a channel that has none. */
    warm(id: Id): void {
      const channel = held.get(id);
      const text = stored.timelines.get(id);
      if (channel === undefined || text === undefined || held.epoch === null) return;
      if (restoreTimeline(channel, text, held.epoch, 0) && server.link !== null) reading.ask(channel);
    },
    stored,
    held, load, reading, announced, waiting, pauses,
    get live() { return live; },
    connect() {
      if (server.link !== null) return;
      live = false;
      delivered = [];
      server.connect();
    },
    cut() {
      server.cut();
      live = false;
      reading.stop();
      resuming.stop();
    },
    /** Answers false if there is nothing to deliver. */
    deliver(): boolean {
      const sent = server.link?.shift();
      if (sent === undefined) return false;
      if (sent.repeatable) delivered.push(sent);
      take(sent);
      return true;
    },
    /** Loses the next frame if it is durable: the loss of another one cannot be noticed. */
    drop(): boolean {
      const next = server.link?.[0];
      if (next === undefined || !next.repeatable || !('rev' in next.data)) return false;
      server.link?.shift();
      return true;
    },
    repeat(pick: number): void {
      const sent = delivered[pick % Math.max(1, delivered.length)];
      if (server.link !== null && sent !== undefined) take(sent);
    },
  };
}

export type Player = ReturnType<typeof player>;
