// The real server where sockets are blocked: everything over HTTP, and a socket as soon as one works.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WebSocketConstructor, WebSocketLike } from '../../src/net/socket.ts';
import { program } from '../support/real_server.ts';
import { realClients, socket, until, type RealClients } from '../support/real_clients.ts';

/** Sockets that a network blocks, until it does not. */
function blockable() {
  const state = { blocked: true };
  class Blocked implements WebSocketLike {
    addEventListener(type: string, listener: (event: { code?: number }) => void): void {
      if (type === 'close') setTimeout(() => listener({ code: 1006 }), 1);
    }
    send(): void {}
    close(): void {}
  }
  const made = function (this: unknown, url: string, protocols: string[]): WebSocketLike {
    return state.blocked ? new Blocked() : new socket(url, protocols);
  } as unknown as WebSocketConstructor;
  return { state, webSocket: made };
}

describe.skipIf(program === undefined)('polling the real server', () => {
  let real: RealClients;
  beforeAll(async () => {
    real = await realClients();
  }, 60_000);
  afterAll(() => real.end());

  test('two people talk, one of them behind a network that blocks sockets', async () => {
    await real.room('blocked');
    const { webSocket } = blockable();
    const alice = await real.open('alice', 'blocked', { webSocket });
    expect(alice.client.connection.get().name).toBe('polling');
    const bob = await real.open('bob', 'blocked');
    const his = await bob.channel.sendMessage({ text: 'from a socket' });
    await until(alice.channel.timeline, ({ messages }) => messages.some(({ id }) => id === his.id));
    const hers = await alice.channel.sendMessage({ text: 'by a request' });
    await until(bob.channel.timeline, ({ messages }) => messages.some(({ id }) => id === hers.id));
    await alice.channel.addReaction(his.id, '👍');
    await until(bob.channel.timeline, ({ messages }) => messages.some(({ reactions }) => reactions.length === 1));
    alice.channel.markRead();
    await until(alice.channel.info, (info) => info?.unread === 0);
    const edited = await bob.channel.editMessage(his.id, 'edited');
    await until(alice.channel.timeline, ({ messages }) => messages.some(({ content }) => content === edited.content));
    expect(alice.channel.timeline.get().messages.map(({ content, status }) => `${content} ${status}`)).toEqual(['edited sent', 'by a request sent']);
  });

  test('what another device archives, pins and blocks reaches the one that polls, and so does a channel that comes back', async () => {
    await real.room('kept');
    const { webSocket } = blockable();
    const polls = await real.open('alice', 'kept', { webSocket });
    expect(polls.client.connection.get().name).toBe('polling');
    const other = await real.open('alice', 'kept');
    await other.channel.setPreferences({ pinned: true, archived: true });
    await until(polls.channel.info, (info) => info?.pinned === true && info.archived);
    const bob = (await real.open('bob', 'kept')).client.me.get()?.id ?? '';
    await other.client.blockUser(bob);
    await until(polls.client.blocked, (blocked) => blocked.has(bob));
    await other.client.unblockUser(bob);
    await until(polls.client.blocked, (blocked) => !blocked.has(bob));
    await other.channel.sendMessage({ text: 'back' });
    await until(polls.channel.info, (info) => info?.archived === false && info.pinned);
    await until(polls.channel.timeline, ({ messages }) => messages.some(({ content }) => content === 'back'));
  });
});
