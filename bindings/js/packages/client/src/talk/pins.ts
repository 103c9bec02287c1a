// The pinned messages of channels that somebody looks at: read once, and again after each gap; kept by what is told meanwhile. Loaded with the first look.

import type { Cell } from '../core/cell.ts';
import type { Id, Message } from '../wire/types.ts';

export interface PinsSnapshot {
  /** Those pinned last first. */
  readonly messages: readonly Message[];
  /** The server may have others: they are being read, or there is no connection. */
  readonly stale: boolean;
}

/** What of a channel's handle this needs. */
export interface PinnedChannel {
  readonly info: Cell<{ readonly stale: boolean } | null>;
  getPins(): Promise<{ readonly messages: readonly Message[] }>;
  on(event: 'message.updated', handler: (message: Message) => void): () => void;
  on(event: 'message.deleted', handler: (data: { readonly id: Id }) => void): () => void;
}

export interface PinsHost {
  channel(ref: string): PinnedChannel;
  readonly blocked: Cell<ReadonlySet<Id>>;
  changed(ref: string): void;
  report(fault: unknown): void;
}

export interface Pins {
  of(ref: string): PinsSnapshot;
  /** Somebody begins, or ends, to look. */
  watched(ref: string, on: boolean): void;
}

const noPins: PinsSnapshot = { messages: [], stale: true };

interface Look {
  value: PinsSnapshot;
  stop(): void;
}

const newestFirst = (one: Message, other: Message): number => ((one.pinned_at ?? '') < (other.pinned_at ?? '') ? 1 : -1);

function look(ref: string, host: PinsHost): Look {
  const channel = host.channel(ref);
  const held: Look = { value: noPins, stop };
  let isFresh = false;
  let isReading = false;
  /** What was told while an answer was on its way, which may be older. */
  let told = false;
  let ended = false;

  function put(messages: readonly Message[], stale = held.value.stale): void {
    held.value = { messages, stale };
    host.changed(ref);
  }

  async function read(): Promise<void> {
    if (isReading) return void (told = true);
    isReading = true;
    try {
      do {
        told = false;
        const { messages } = await channel.getPins();
        if (!ended && !told) put(messages, !isFresh);
      } while (told && !ended);
    } catch (fault) {
      if (!ended) host.report(fault);
    } finally {
      isReading = false;
    }
  }

  function follow(): void {
    const fresh = channel.info.get()?.stale === false;
    if (fresh === isFresh) return;
    isFresh = fresh;
    if (fresh) void read();
    else put(held.value.messages, true);
  }

  function without(id: Id): readonly Message[] {
    return held.value.messages.filter((one) => one.id !== id);
  }
  const stops = [
    channel.info.subscribe(follow),
    channel.on('message.updated', (message) => {
      told = true;
      const others = without(message.id);
      if (message.pinned_at !== undefined) put([...others, message].sort(newestFirst));
      else if (others.length < held.value.messages.length) put(others);
    }),
    channel.on('message.deleted', ({ id }) => {
      told = true;
      put(without(id));
    }),
    // Of somebody who is blocked no more the server shows again what they wrote.
    host.blocked.subscribe(() => {
      host.changed(ref);
      if (isFresh) void read();
    }),
  ];
  function stop(): void {
    ended = true;
    for (const one of stops) one();
  }
  follow();
  return held;
}

export function pins(host: PinsHost): Pins {
  const looks = new Map<string, Look>();
  return {
    of(ref) {
      const { value } = looks.get(ref) ?? { value: noPins };
      const blocked = host.blocked.get();
      const shown = value.messages.filter(({ user }) => !blocked.has(user.id));
      return shown.length === value.messages.length ? value : { ...value, messages: shown };
    },
    watched(ref, on) {
      looks.get(ref)?.stop();
      if (on) looks.set(ref, look(ref, host));
      else looks.delete(ref);
      host.changed(ref);
    },
  };
}
