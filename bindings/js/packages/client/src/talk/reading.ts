// Marks what the user has read: at once, then at most once a second and channel, the newest wins. Kept while there is no connection.

import type { Environment } from '../environment/environment.ts';
import type { Id } from '../wire/types.ts';

export interface ReadMarks {
  /** `seq` tells marks apart; the server is told the message. */
  want(channel: Id, messageId: Id, seq: number): void;
  /** There is a connection: what was kept is sent. */
  resume(): void;
  stop(): void;
}

const EVERY_MS = 1_000;

export function readMarks(environment: Environment, isOpen: () => boolean, send: (channel: Id, messageId: Id) => Promise<void>): ReadMarks {
  const wanted = new Map<Id, { readonly messageId: Id; readonly seq: number }>();
  const resting = new Map<Id, () => void>();

  function flush(channel: Id): void {
    const mark = wanted.get(channel);
    if (mark === undefined || resting.has(channel) || !isOpen()) return;
    resting.set(channel, environment.setTimer(() => {
      resting.delete(channel);
      flush(channel);
    }, EVERY_MS));
    const done = (): void => void (wanted.get(channel) === mark && wanted.delete(channel));
    // A mark that was refused is not repeated; one that was lost is.
    send(channel, mark.messageId).then(done, (fault: { code?: unknown }) => fault.code === 'LOST' || done());
  }

  return {
    want(channel, messageId, seq) {
      if (seq <= (wanted.get(channel)?.seq ?? 0)) return;
      wanted.set(channel, { messageId, seq });
      flush(channel);
    },
    resume: () => [...wanted.keys()].forEach(flush),
    stop() {
      for (const cancel of resting.values()) cancel();
      resting.clear();
    },
  };
}
