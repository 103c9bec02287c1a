// Events of the client and of its channels. What is to be shown is in cells; events are for sounds, notices and the like.

import { useEffect } from 'react';
import type { Cariosan, Channel, ChannelEvents, ClientEvents } from '@cariosan/client';
import { useNewest } from '../cells.ts';

/** The handler that is called is that of the last render, so it sees what was rendered last. */
export function useEvent<E extends keyof ClientEvents>(source: Cariosan, event: E, handler: (data: ClientEvents[E]) => void): void;
export function useEvent<E extends keyof ChannelEvents>(source: Channel, event: E, handler: (data: ChannelEvents[E]) => void): void;
export function useEvent(source: Cariosan | Channel, event: string, handler: (data: never) => void): void {
  const newest = useNewest(handler);
  useEffect(() => {
    const { on } = source as unknown as { on(event: string, handler: (data: never) => void): () => void };
    return on.call(source, event, newest);
  }, [source, event, newest]);
}
