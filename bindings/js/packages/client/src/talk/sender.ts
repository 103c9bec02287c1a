// Sends what waits in the outbox, over one connection after the other. Loaded while the first one is made.

import { asError, type CariosanError } from '../core/error.ts';
import type { Environment } from '../environment/environment.ts';
import type { Message } from '../wire/types.ts';
import type { Outbox, OutboxItem } from './outbox.ts';

export interface SenderHost {
  readonly outbox: Outbox;
  readonly environment: Environment;
  isOpen(): boolean;
  /** One name for one channel, whichever way the app has named it; null while the channel is not known. */
  lane(channel: string): string | null;
  /** Resolves with the message of the ack. */
  send(item: OutboxItem): Promise<Message>;
  /** How long to wait after so many refusals in a row. */
  delay(attempt: number): number;
  changed(): void;
}

export interface Sender {
  /** Sends what can be sent now. */
  pump(): void;
  readonly pausedUntil: number | null;
  stop(): void;
}

const CHANNELS_AT_ONCE = 4;
/** A refusal for one of these reasons is about the channel, not about one message. */
const ABOUT_THE_CHANNEL = new Set(['NOT_A_MEMBER', 'FORBIDDEN', 'MUTED', 'FROZEN', 'SLOW_MODE', 'NOT_FOUND']);
/** The connection's fault: it is no attempt of the message. */
const LINK_FAULTS = new Set(['LOST', 'OFFLINE', 'SIGNED_OUT', 'NETWORK', 'TIMEOUT']);

export function sender({ outbox, environment, isOpen, lane: laneByName, send, delay, changed }: SenderHost): Sender {
  let pausedUntil: number | null = null;
  let pauses = 0;
  let cancelPause = (): void => {};

  /** Limits are per user: one refusal for a while holds for everything that waits. */
  function pause(error: CariosanError): void {
    const ms = Math.min(60_000, (error.retryAfterMs ?? 0) + delay(pauses++));
    pausedUntil = environment.now() + ms;
    cancelPause();
    cancelPause = environment.setTimer(() => {
      pausedUntil = null;
      pump();
      changed();
    }, ms);
  }

  function refused(item: OutboxItem, error: CariosanError): void {
    const held = outbox.items().find((other) => other.key === item.key);
    if (held === undefined) return;
    outbox.replace({ ...held, state: 'waiting' });
    if (error.code === 'CLOSED') return;
    if (LINK_FAULTS.has(error.code)) {
      // The next connection sends it again, with the same key.
    } else if (error.retryable && error.code !== 'SLOW_MODE') {
      pause(error);
    } else if (ABOUT_THE_CHANNEL.has(error.code)) {
      const lane = laneOf(item);
      for (const other of outbox.items()) if (other.state !== 'failed' && laneOf(other) === lane) outbox.fail(other, error);
    } else {
      outbox.fail(held, error);
    }
    changed();
  }

  function start(item: OutboxItem): void {
    const sending: OutboxItem = { ...item, state: 'sending' };
    outbox.replace(sending);
    send(sending).then(
      (message) => {
        pauses = 0;
        outbox.finish(item.key, message);
        pump();
      },
      (fault: unknown) => {
        refused(item, asError(fault));
        // A lost link is no reason to try at once: `pump` is called when there is another.
        if (!LINK_FAULTS.has(asError(fault).code)) pump();
      },
    );
  }

  const laneOf = ({ channel }: OutboxItem): string => laneByName(channel) ?? channel;

  /** Per channel one at a time, the oldest first. A channel that is not known may be one of the others by its other name. */
  function pump(): void {
    if (pausedUntil !== null || !isOpen()) return;
    const items = outbox.items();
    const busy = new Set(items.filter(({ state }) => state === 'sending').map(laneOf));
    const unsure = items.some(({ state, channel }) => (state === 'waiting' || state === 'sending') && laneByName(channel) === null);
    for (const item of items) {
      const lane = laneOf(item);
      if (item.state !== 'waiting' || busy.has(lane)) continue;
      if (busy.size >= (unsure ? 1 : CHANNELS_AT_ONCE)) return;
      busy.add(lane);
      start(item);
    }
  }

  return { pump, get pausedUntil() { return pausedUntil; }, stop: () => cancelPause() };
}
