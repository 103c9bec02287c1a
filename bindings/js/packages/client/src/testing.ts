// For tests: a server that is played, a clock that the test moves, and what a client holds.

import { blocks } from './talk/blocks.ts';
import { fetchInitialData } from './initial_data.ts';
import { following } from './following.ts';
import { keeping } from './keeping.ts';
import { opened } from './talk/opened.ts';
import { startPolling } from './sync/poll.ts';
import { pins } from './talk/pins.ts';
import { readPreferences } from './talk/preferences.ts';
import { presenceFeed } from './talk/presence.ts';
import { searchMessages } from './talk/search.ts';
import { uploading } from './talk/uploading.ts';
import { wake } from './waking.ts';
import { inside, type Cariosan } from './client.ts';
import type { HeldChannel } from './state/channel.ts';
import type { Id } from './wire/types.ts';

export { fakeClock } from './testing/clock.ts';
export type { FakeClock } from './testing/clock.ts';
export { fakeServer } from './testing/fake_server.ts';
export type { FakeChannel, FakeServer, FakeServerOptions, Heard } from './testing/fake_server.ts';
export type { Refusal } from './testing/faults.ts';
export type { FakeUser } from './testing/people.ts';
export type { FakeChannelOptions, FakeMessage } from './testing/room.ts';
export type { Answer, Asked } from './testing/routes.ts';
export type { HeldChannel } from './state/channel.ts';

/**
 * What a client loads when it is needed is there before the first test: a clock that a test moves does not wait for files. Exported,
 * because bundlers leave out what nobody asks for.
 */
export const loadedEarly: readonly object[] = [
  blocks, fetchInitialData, following, keeping, opened, pins, presenceFeed, readPreferences, searchMessages, startPolling, uploading, wake,
];

export interface Inspected {
  readonly channels: ReadonlyMap<Id, HeldChannel>;
  readonly epoch: string | null;
  /** Nothing is being read. */
  readonly idle: boolean;
}

export function inspect(client: Cariosan): Inspected {
  const { held, following } = client[inside];
  return { channels: held.channels, epoch: held.epoch, idle: following.now?.reading.idle ?? true };
}
