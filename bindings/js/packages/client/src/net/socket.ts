// A WebSocket of the browser, of Node.js 22, or of the package `ws`, as the connection uses it.

import { CariosanError } from '../core/error.ts';
import type { SocketLike } from './connection.ts';

/** Only what is used, so that each of them fits. */
export interface WebSocketLike {
  addEventListener(type: string, listener: (event: { data?: unknown; code?: number; reason?: string }) => void): void;
  send(text: string): void;
  close(code?: number): void;
}
export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

export function openWebSocket(given: WebSocketConstructor | undefined, url: string, protocols: string[]): SocketLike {
  const made = given ?? (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket;
  if (made === undefined) throw new CariosanError({ code: 'CONFIG', message: 'there is no WebSocket here: pass one as `webSocket`' });
  const socket = new made(url, protocols);
  return {
    listen({ message, close }) {
      socket.addEventListener('message', (event) => typeof event.data === 'string' && message(event.data));
      socket.addEventListener('close', (event) => close(event.code ?? 1006, event.reason ?? ''));
      // It carries no information, and a close always follows.
      socket.addEventListener('error', () => {});
    },
    send: (text) => socket.send(text),
    close: () => socket.close(1000),
  };
}
