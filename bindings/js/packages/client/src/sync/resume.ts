// Brings every held channel up to date over a connection that has just begun (protocol, section 6).

import type { Id } from '../wire/types.ts';
import type { HeldChannel } from '../state/channel.ts';
import type { Replica } from '../state/replica.ts';

export interface ResumeHost {
  readonly replica: Replica;
  /** Sends a `sync`. `id` is the frame's, `taken` its ack. */
  sync(data: SyncRequest): { readonly id: string; readonly taken: Promise<unknown> };
  /** Channels that are looked at come first. */
  isWatched(channel: HeldChannel): boolean;
  /** All answers are in. `summaries`: for how many channels only a summary came. */
  done(unreadTotal: number, summaries: number): void;
  /** The server had nothing new of a channel, but what is held of it is in doubt. */
  ask(channel: HeldChannel): void;
  /** A `sync` was refused: the connection is of no use. */
  failed(fault: unknown): void;
}

export interface SyncRequest {
  readonly epoch: string;
  readonly channels: Readonly<Record<Id, readonly [number, number]>>;
  readonly complete?: true;
}

export interface Resume {
  /** `connection.ready` has come, or the epoch has changed. */
  start(): void;
  requests(complete: boolean): readonly SyncRequest[];
  /** What is known only by a frame that could not be applied comes again as a summary. */
  letGo(): void;
  summary(): void;
  /** `sync.done` */
  finished(id: string, unreadTotal: number): void;
  /** The connection has ended. */
  stop(): void;
  readonly isRunning: boolean;
}

const CHANNELS_PER_FRAME = 500;

export function resume(host: ResumeHost): Resume {
  const { replica } = host;
  const open = new Set<string>();
  let summaries = 0;
  let running = false;

  /** What is held, at most 500 channels in each. `complete`: the last one asks for those that are not held. */
  function requests(complete: boolean): readonly SyncRequest[] {
    const epoch = replica.epoch ?? '';
    const held = [...replica.channels.values()];
    held.sort((a, b) => Number(host.isWatched(b)) - Number(host.isWatched(a)));
    const frames: SyncRequest[] = [];
    for (let at = 0; at === 0 || at < held.length; at += CHANNELS_PER_FRAME) {
      const part = held.slice(at, at + CHANNELS_PER_FRAME);
      const channels = Object.fromEntries(part.map((channel) => [channel.id, [channel.rev, channel.receiptRev] as const]));
      const last = at + CHANNELS_PER_FRAME >= held.length;
      frames.push(last && complete ? { epoch, channels, complete: true } : { epoch, channels });
    }
    return frames;
  }

  function letGo(): void {
    for (const channel of [...replica.channels.values()]) if (channel.rev === 0) replica.drop(channel, 'forgotten');
  }

  function start(): void {
    open.clear();
    summaries = 0;
    running = true;
    letGo();
    for (const request of requests(true)) {
      const { id, taken } = host.sync(request);
      open.add(id);
      taken.catch((fault: unknown) => {
        if (open.has(id)) host.failed(fault);
      });
    }
  }

  function finished(id: string, unreadTotal: number): void {
    if (!open.delete(id) || open.size > 0) return;
    running = false;
    for (const channel of replica.channels.values()) if (channel.inDoubt) host.ask(channel);
    host.done(unreadTotal, summaries);
  }

  function stop(): void {
    open.clear();
    running = false;
  }

  return {
    start, requests, letGo, finished, stop,
    summary() {
      summaries += 1;
    },
    get isRunning() { return running; },
  };
}
