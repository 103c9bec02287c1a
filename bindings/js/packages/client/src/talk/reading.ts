// Marks what the user has read: at once, then at most once a second and channel, the newest wins. Kept while there is no connection.

import { asError } from '../core/error.ts';
import { ownRead, type HeldChannel } from '../state/channel.ts';
import { putReceipt } from '../state/merging.ts';
import { endPreferences } from '../state/events.ts';
import type { CursorMoved, Id } from '../wire/types.ts';
import type { Core } from './core.ts';

export interface ReadMark {
  /** Null: everything there is, also what is not shown to the user. */
  readonly messageId: Id | null;
  /** Orders marks; the server gets the message. */
  readonly seq: number;
}

export interface ReadMarks {
  /** Sends the mark of a channel, as soon as that may be. */
  flush(channel: Id): void;
  /** There is a connection: what was kept is sent. */
  resume(): void;
  stop(): void;
}

const EVERY_MS = 1_000;

/** The answer: the viewer's own cursor, and the counts from there. */
function applyCursor(channel: HeldChannel, answer: CursorMoved): void {
  putReceipt(channel, answer.receipt);
  endPreferences(channel, { message: false, dealt: true });
  channel.counts.base(answer.unread_count, answer.mention_count, Math.max(channel.lastSeq, ownRead(channel)), false);
}

export function readMarks({ environment, line, ask, withChannel }: Core, kept: Map<Id, ReadMark>, changed: () => void): ReadMarks {
  const resting = new Map<Id, () => void>();
  /** Not answered yet. */
  const sent = new Map<Id, ReadMark>();

  function rest(channel: Id, ms: number): void {
    resting.get(channel)?.();
    resting.set(channel, environment.setTimer(() => {
      resting.delete(channel);
      flush(channel);
    }, ms));
  }

  async function send(channel: Id, { messageId }: ReadMark): Promise<void> {
    const answer = await ask('message.read', { channel, ...(messageId === null ? {} : { message_id: messageId }) }, 'read');
    withChannel(channel, (held) => applyCursor(held, answer as CursorMoved));
  }

  function flush(channel: Id): void {
    const mark = kept.get(channel);
    if (mark === undefined || mark === sent.get(channel) || resting.has(channel) || !line.isUp) return;
    rest(channel, EVERY_MS);
    sent.set(channel, mark);
    const done = (): void => {
      if (kept.get(channel) === mark && kept.delete(channel)) changed();
    };
    send(channel, mark).then(done, (fault: unknown) => {
      const { code, retryable, retryAfterMs } = asError(fault);
      if (sent.get(channel) === mark) sent.delete(channel);
      // A mark that was refused for good is not repeated; one that was lost waits for the next connection.
      if (code === 'LOST') return;
      if (retryable) rest(channel, Math.min(60_000, Math.max(EVERY_MS, retryAfterMs ?? 0)));
      else done();
    });
  }

  return {
    flush,
    resume: () => [...kept.keys()].forEach(flush),
    stop() {
      for (const cancel of resting.values()) cancel();
      resting.clear();
    },
  };
}
