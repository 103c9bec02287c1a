// A client that is live in the channel `order_1`, and what a server says there.

import type { ChatMessage } from '../../src/index.ts';
import { alice, fakeServer, greet, item, message, type Answer, type Asked, type FakeServer } from './fakes.ts';

const page = { messages: [], members: [], receipts: [], rev: 1, receipt_rev: 0, epoch: 'e1', has_more: false };

/** Pages with nothing in them. */
export const answers = (_asked: Asked): Answer => ({ status: 200, body: page });

export async function live(server: FakeServer = fakeServer({}, answers), fields: Record<string, unknown> = {}): Promise<FakeServer> {
  server.client.channel('order_1').retain();
  server.client.connect().catch(() => {});
  await greet(server, [item(1, 0)], fields);
  return server;
}

export const rowsOf = (server: FakeServer): readonly ChatMessage[] => server.client.channel('order_1').timeline.get().messages;

export const own = (seq: number, rev: number, key: unknown, content: string) => message(seq, rev, { user: alice, idempotency_key: key, content });

export const created = (one: Record<string, unknown>) => ({ channel_id: 'c1', channel_external_id: 'order_1', rev: one['rev'], message: one });
