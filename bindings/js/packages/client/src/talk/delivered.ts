// Marks messages as delivered, many channels at a time: each mark is a write, and writes are limited.

import { asError } from '../core/error.ts';
import type { HeldChannel } from '../state/channel.ts';
import type { Id } from '../wire/types.ts';
import type { Core } from './core.ts';

export interface DeliveredMarks {
  /** Marks the newest message of a channel, which the server does not know to have arrived; once. */
  look(channel: HeldChannel): void;
  resume(): void;
  /** Sends what is to be sent now. */
  flush(): Promise<void>;
  stop(): void;
}

const COLLECT_MS = 250;
const EVERY_MS = 1_000;
/** The server takes so many as one write. */
const CHANNELS_AT_ONCE = 100;

interface Mark {
  readonly messageId: Id;
  readonly seq: number;
}

export function deliveredMarks({ environment, line, http }: Core): DeliveredMarks {
  const wanted = new Map<Id, Mark>();
  /** What was sent, so that it is not sent again before the server's own word of it comes. */
  const sent = new Map<Id, number>();
  let cancelTimer: (() => void) | null = null;

  function schedule(ms: number): void {
    if (cancelTimer !== null || wanted.size === 0 || !line.isUp) return;
    cancelTimer = environment.setTimer(() => {
      cancelTimer = null;
      if (line.isUp) void flush();
    }, ms);
  }

  async function flush(): Promise<void> {
    const batch = [...wanted].slice(0, CHANNELS_AT_ONCE);
    let rest = EVERY_MS;
    for (const [id] of batch) wanted.delete(id);
    try {
      await http.request('POST', '/v1/me/delivered', { body: { channels: Object.fromEntries(batch.map(([id, { messageId }]) => [id, messageId])) } });
      for (const [id, { seq }] of batch) sent.set(id, Math.max(seq, sent.get(id) ?? 0));
    } catch (fault) {
      const { code, retryable, retryAfterMs } = asError(fault);
      // A mark that was refused for good is not repeated.
      if (retryable || code === 'LOST') for (const [id, mark] of batch) if (!wanted.has(id)) wanted.set(id, mark);
      rest = Math.min(60_000, Math.max(EVERY_MS, retryAfterMs ?? 0));
    }
    schedule(rest);
  }

  return {
    async flush() {
      cancelTimer?.();
      cancelTimer = null;
      if (wanted.size > 0 && line.isUp) await flush();
    },
    look(channel) {
      const newest = channel.lastMessage;
      if (newest === null) return;
      const known = Math.max(sent.get(channel.id) ?? 0, wanted.get(channel.id)?.seq ?? 0);
      if (newest.seq <= known) return;
      wanted.set(channel.id, { messageId: newest.id, seq: newest.seq });
      schedule(COLLECT_MS);
    },
    resume: () => schedule(COLLECT_MS),
    stop() {
      cancelTimer?.();
      cancelTimer = null;
    },
  };
}
