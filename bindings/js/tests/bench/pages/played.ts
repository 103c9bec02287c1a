// A server that is played, whose live frames are texts made by the page itself: what is measured is the client.

import { fakeServer, type FakeServer } from '@cariosan/client/testing';
import type { WebSocketConstructor, WebSocketLike } from '@cariosan/client';

export interface Played {
  readonly server: FakeServer;
  readonly options: FakeServer['options'];
  /** How often the client has said what was read. */
  readonly reads: number;
  /** One `message.created`, as it comes over the wire. They follow each other. */
  frame(): string;
  deliver(text: string): void;
}

const nothing = { status: 200, ok: true, headers: { get: () => null }, text: () => Promise.resolve('{}') } as unknown as Response;
const words = (at: number): string => `message ${at} ${'long '.repeat((at * 7) % 20)}`;

/** In the channel `order_1`, where Bob writes to Alice. */
export function played(): Played {
  const server = fakeServer();
  const order = server.channel('order_1', { name: 'Order', members: ['alice', 'bob'] });
  const listeners = new Set<(event: { data?: unknown }) => void>();
  function Socket(url: string, protocols: string[]): WebSocketLike {
    const socket = new server.webSocket(url, protocols);
    return {
      send(text) {
        const { type, id, data } = JSON.parse(text) as { type: string; id?: unknown; data?: { message_id?: string } };
        if (type !== 'message.read') return socket.send(text);
        reads += 1;
        // The played server has not said these messages itself.
        const seq = data?.message_id === undefined ? at : Number(data.message_id.slice(2));
        const receipt = { user_id: server.me.id, last_read_seq: seq, last_delivered_seq: seq, last_read_at: server.me.updated_at };
        return queueMicrotask(() => deliver(JSON.stringify({ type: 'ack', id, data: { receipt_rev: seq, receipt, unread_count: at - seq, mention_count: 0 } })));
      },
      close: (code) => socket.close(code),
      addEventListener(type, listener) {
        if (type === 'message') listeners.add(listener);
        socket.addEventListener(type, listener);
      },
    };
  }
  const deliver = (text: string): void => {
    for (const listener of listeners) listener({ data: text });
  };
  const first = order.says('bob', words(1));
  let at = 1;
  let reads = 0;
  return {
    server, options: {
      ...server.options, webSocket: Socket as unknown as WebSocketConstructor,
      fetch: ((url: string, init?: RequestInit) => (url.endsWith('/v1/me/delivered') ? Promise.resolve(nothing) : server.fetch(url, init))) as typeof fetch,
    },
    get reads() { return reads; },
    frame() {
      at += 1;
      const message = { ...first, id: `m-${at}`, seq: at, rev: first.rev + at - 1, content: words(at), created_at: new Date(Date.parse(first.created_at) + at * 20_000).toISOString() };
      return JSON.stringify({ type: 'message.created', data: { channel_id: order.id, channel_external_id: 'order_1', rev: message.rev, message } });
    },
    deliver,
  };
}

export const nextFrame = (): Promise<number> => new Promise((resolve) => { requestAnimationFrame(resolve); });
