// Catches up once after a push, then disconnects again (protocol, section 9). Loaded with the first push.

import { CariosanError } from './core/error.ts';
import type { ChannelItem, Id } from './wire/types.ts';
import type { Wiring } from './wiring.ts';

/** Phones let an app run for about half a minute. */
const AWAKE_MS = 25_000;

export async function wake(parts: Wiring, connect: () => Promise<unknown>, isUsed: () => boolean, channel: Id | undefined): Promise<void> {
  const { core, environment } = parts;
  const before = core.line.state.name;
  let cancel = (): void => {};
  const late = new Promise<never>((_, reject) => {
    cancel = environment.setTimer(() => reject(new CariosanError({ code: 'TIMEOUT', retryable: true })), AWAKE_MS);
  });
  try {
    core.line.retryNow();
    await Promise.race([connect(), late]);
    if (channel !== undefined && core.held.get(channel) === undefined) {
      core.takeItem(await core.http.request<ChannelItem>('GET', `/v1/me/channels/${channel}`));
    }
    await parts.tell();
  } finally {
    cancel();
    const asleep = before === 'idle' || before === 'suspended';
    if (asleep && !isUsed() && environment.isVisible?.() !== true) {
      if (before === 'idle') parts.disconnect();
      else core.line.stop({ name: 'suspended', why: 'hidden' });
    }
  }
}
