// What each feature works with: one user's replica, the connection, and requests.

import type { Environment } from '../environment/environment.ts';
import type { Connection } from '../net/connection.ts';
import type { Priority } from '../net/pace.ts';
import type { Rest } from '../net/rest.ts';
import type { HeldChannel } from '../state/channel.ts';
import type { Replica } from '../state/replica.ts';
import type { Users } from '../state/users.ts';
import type { LoaderHost } from '../sync/loader.ts';
import type { ChannelItem, Id, Member, Message } from '../wire/types.ts';
import type { Outbox } from './outbox.ts';

export interface Core {
  readonly environment: Environment;
  readonly held: Replica;
  /** The users it has met. */
  readonly known: Users;
  readonly line: Connection;
  readonly http: Rest;
  readonly sending: Outbox;
  /** What loading pages takes. */
  readonly lists: Omit<LoaderHost, 'replica' | 'list'> & {
    /** Takes the users whom a page names, and what it says of messages that were sent. */
    learn(messages: readonly Message[] | undefined, members: readonly Member[] | undefined): void;
  };
  /** Sends a command over the socket, or over HTTP while polling. Resolves with the data of the ack. */
  ask(type: string, data: unknown, priority: Priority): Promise<unknown>;
  /** Waits before an attempt after the first, at least `afterMs`. */
  pause(attempt: number, afterMs: number): Promise<void>;
  /** By either name of a channel. */
  find(ref: string): HeldChannel | undefined;
  /** Takes the viewer's item of a channel. */
  takeItem(item: ChannelItem): void;
  /** Changes a channel, if it is held. */
  withChannel(id: Id, change: (channel: HeldChannel) => void): void;
}
