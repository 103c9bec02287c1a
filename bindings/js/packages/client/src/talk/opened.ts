// What a client does once somebody looks into a channel, or something new has come in one: loading pages, what the user does to messages, marks of what
// arrived and was read, who types, and letting go of what nobody looks at any more. Loaded with the first of these.

import { asError, isGone } from '../core/error.ts';
import type { HeldChannel } from '../state/channel.ts';
import { loader, type Query } from '../sync/loader.ts';
import type { ChannelItem, Id, Member, Message, ReadAt } from '../wire/types.ts';
import { acting } from './acting.ts';
import { commands } from './commands.ts';
import type { Core } from './core.ts';
import { deliveredMarks } from './delivered.ts';
import { eviction } from './eviction.ts';
import { readMarks, type ReadMark } from './reading.ts';
import { typing } from './typing.ts';

export interface OpenedHost {
  /** What was read and not sent yet. */
  readonly wanted: Map<Id, ReadMark>;
  /** It is to be stored. */
  wantedChanged(): void;
  /** What the user has done to a message is to be shown, in the same task. */
  acted(channel: string): void;
  typingChanged(channel: Id): void;
  /** Channels that hold messages, at most, but for those that are looked at. By default 50. */
  readonly most: number | undefined;
  isWatched(channel: HeldChannel): boolean;
}

/** What is looked at, and who wants to know how that goes. */
export interface Showing {
  lacksReceipts(channel: HeldChannel): boolean;
  /** There is more to look at. */
  shown(): void;
  gone(isGone: boolean): void;
}

export function opened(core: Core, host: OpenedHost) {
  const actions = acting(core, host.acted);
  const delivered = deliveredMarks(core);
  const reading = readMarks(core, host.wanted, host.wantedChanged);
  async function list<Page extends ReadAt>(id: Id, what: string, query: Query): Promise<Page> {
    const page = await core.http.request<Page & { messages?: readonly Message[]; members?: readonly Member[] }>('GET', `/v1/channels/${id}/${what}`, { query });
    core.lists.learn(page.messages, page.members);
    return page;
  }
  const load = loader({ ...core.lists, replica: core.held, list });
  /** A name that is not held: the server knows whether it is a channel of the viewer's. */
  async function resolve(ref: string): Promise<void> {
    core.takeItem(await core.http.request<ChannelItem>('GET', `/v1/me/channels/${encodeURIComponent(ref)}`));
  }
  const idle = eviction(core, host.most ?? 50, host.isWatched);
  return {
    actions,
    load,
    /** Reads what a channel lacks, once it is found. `gone` is told whether the viewer still has it. */
    async show(ref: string, { lacksReceipts, shown, gone }: Showing): Promise<void> {
      try {
        if (core.find(ref)?.settings == null) await resolve(ref);
        const channel = core.find(ref);
        if (channel === undefined) return;
        gone(false);
        await load.open(channel, lacksReceipts, shown);
      } catch (fault) {
        if (isGone(asError(fault))) gone(true);
        throw fault;
      }
    },
    commands: commands(core),
    signs: typing(core, host.typingChanged),
    /** Marks the newest message of a channel as delivered. */
    look: delivered.look,
    /** Marks as delivered what is to be marked now. */
    flush: delivered.flush,
    /** The user has read further in a channel. */
    read: reading.flush,
    /** Nobody looks at the channel any more. */
    released: idle.released,
    /** There is a connection: marks that were kept are sent. */
    resume(): void {
      reading.resume();
      delivered.resume();
    },
    close(): void {
      actions.close();
      for (const one of [reading, delivered, idle]) one.stop();
    },
  };
}

export type Opened = ReturnType<typeof opened>;
