// For tests: what a client holds, to be compared with the server.

import { inside, type Cariosan } from './client.ts';
import type { HeldChannel } from './state/channel.ts';
import type { Id } from './wire/types.ts';

export type { HeldChannel } from './state/channel.ts';

export interface Inspected {
  readonly channels: ReadonlyMap<Id, HeldChannel>;
  readonly epoch: string | null;
  /** Nothing is being read. */
  readonly idle: boolean;
}

export function inspect(client: Cariosan): Inspected {
  const { held, reading } = client[inside];
  return { channels: held.channels, epoch: held.epoch, idle: reading.idle };
}
