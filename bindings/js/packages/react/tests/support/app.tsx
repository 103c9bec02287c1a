// A user's client against a server that is played, and components around which it stands.

import { act, render, type RenderResult } from '@testing-library/react';
import type { ReactNode } from 'react';
import { Cariosan } from '@cariosan/client';
import { fakeClock, fakeServer, type FakeChannel, type FakeClock, type FakeServer } from '@cariosan/client/testing';
import { en } from '../../src/locales/en.ts';
import { ChatProvider } from '../../src/headless.ts';

export interface App {
  readonly server: FakeServer;
  readonly order: FakeChannel;
  readonly clock: FakeClock;
  readonly client: Cariosan;
  /** Lets everything happen that needs no time. */
  readonly settle: () => Promise<void>;
  readonly pass: (ms: number) => Promise<void>;
}

export function app(prepare: (order: FakeChannel, server: FakeServer) => void = () => {}): App {
  const server = fakeServer();
  const order = server.channel('order_1', { name: 'Order', members: ['alice', 'bob'] });
  prepare(order, server);
  const clock = fakeClock();
  const client = new Cariosan({ ...server.options, environment: clock.environment });
  const pass = (ms: number): Promise<void> => act(() => clock.advance(ms));
  return { server, order, clock, client, pass, settle: () => pass(0) };
}

export async function show({ client, settle }: App, children: ReactNode, wrap: (tree: ReactNode) => ReactNode = (tree) => tree): Promise<RenderResult> {
  const result = render(wrap(<ChatProvider client={client} strings={en}>{children}</ChatProvider>));
  await settle();
  return result;
}
