// The hooks against a server that is played. The names at the front are those of the complaints that must not be true of this package.

import { act, render } from '@testing-library/react';
import { StrictMode, useState, type ReactNode } from 'react';
import { expect, test, vi } from 'vitest';
import { Cariosan } from '@cariosan/client';
import { fakeClock, fakeServer } from '@cariosan/client/testing';
import {
  ChatProvider, ReplyDraftProvider, useCariosan, useCell, useCellValue, useChannel, useChannels, useConnection, useEvent, useMarkRead, useMessageActions, useMessages,
  useMessageSender, usePresence, useReceiptMark, useReplyDraft, useSearch, useTyping, useUnreadMarker, useUser,
} from '../../src/headless.ts';
import { en } from '../../src/locales/en.ts';
import { app, show } from '../support/app.tsx';

/** A component that hands out what its hook gave last. */
function probe<T>(use: () => T) {
  const seen: { now: T; renders: number } = { now: undefined as T, renders: 0 };
  function Probe(): ReactNode {
    seen.now = use();
    seen.renders += 1;
    return null;
  }
  return { seen, Probe };
}

test('messages come, are sent, and each is one row', async () => {
  const all = app((order) => void order.says('bob', 'Halo'));
  const { seen, Probe } = probe(() => ({ ...useMessages('order_1'), ...useMessageSender('order_1') }));
  await show(all, <Probe />);
  expect(seen.now.messages.map(({ content }) => content)).toEqual(['Halo']);
  act(() => void seen.now.sendMessage({ text: 'Hi' }));
  expect(seen.now.messages.map(({ content, status }) => `${content} ${status}`)).toEqual(['Halo sent', 'Hi pending']);
  const { key } = seen.now.messages[1] ?? {};
  await all.settle();
  expect(seen.now.messages.map(({ content, status }) => `${content} ${status}`)).toEqual(['Halo sent', 'Hi sent']);
  expect(seen.now.messages[1]?.key).toBe(key);
});

test('a message that was refused says why, and troubles nobody who did not wait', async () => {
  const all = app();
  const { seen, Probe } = probe(() => ({ ...useMessages('order_1'), ...useMessageSender('order_1') }));
  await show(all, <Probe />);
  all.server.refuse('message.send', { code: 'MESSAGE_REJECTED' });
  act(() => void seen.now.sendMessage({ text: 'bad' }));
  await all.settle();
  expect(seen.now.error?.code).toBe('MESSAGE_REJECTED');
  expect(seen.now.messages[0]?.status).toBe('failed');
  act(() => seen.now.retry(seen.now.messages[0]?.key ?? ''));
  await all.settle();
  expect(seen.now.messages.map(({ status }) => status)).toEqual(['sent']);
});

test('a reply draft goes with the next message, once', async () => {
  const all = app((order) => void order.says('bob', 'A question'));
  const { seen, Probe } = probe(() => ({ draft: useReplyDraft(), view: useMessages('order_1'), ...useMessageSender('order_1') }));
  await show(all, <ReplyDraftProvider><Probe /></ReplyDraftProvider>);
  const [question] = seen.now.view.messages;
  act(() => question && seen.now.draft.start(question));
  expect(seen.now.draft.message?.content).toBe('A question');
  await act(async () => void (await seen.now.sendMessage({ text: 'An answer' })));
  expect(seen.now.draft.message).toBeNull();
  await act(async () => void (await seen.now.sendMessage({ text: 'Besides' })));
  expect(all.order.messages.map((one) => one.parent_id ?? null)).toEqual([null, question?.id, null]);
});

test('actions change a message, and say beforehand what can be done', async () => {
  const all = app((order) => void [order.says('alice', 'mine'), order.says('bob', 'theirs')]);
  const { seen, Probe } = probe(() => ({ view: useMessages('order_1'), ...useMessageActions('order_1') }));
  await show(all, <Probe />);
  const [mine, theirs] = seen.now.view.messages;
  if (mine === undefined || theirs === undefined) throw new Error('two messages');
  expect((['edit', 'delete', 'react', 'reply'] as const).map((what) => [seen.now.can(mine, what), seen.now.can(theirs, what)]))
    .toEqual([[true, false], [true, false], [true, true], [true, true]]);
  await act(async () => {
    void seen.now.editMessage(mine.id, 'mine!');
    void seen.now.toggleReaction(theirs, '👍');
  });
  await all.settle();
  expect(seen.now.view.messages.map(({ content, reactions }) => [content, reactions.map(({ emoji }) => emoji).join()])).toEqual([['mine!', ''], ['theirs', '👍']]);
  const [, marked] = seen.now.view.messages;
  await act(async () => {
    if (marked !== undefined) void seen.now.toggleReaction(marked, '👍');
    void seen.now.deleteMessage(mine.id);
  });
  await all.settle();
  expect(seen.now.view.messages.map(({ content, reactions }) => [content, reactions.length])).toEqual([['', 0], ['theirs', 0]]);
});

test('the list of channels follows, with the newest activity first', async () => {
  const all = app((_, server) => void server.channel('order_2', { name: 'Second' }).says('bob', 'earlier'));
  const { seen, Probe } = probe(() => useChannels());
  await show(all, <Probe />);
  await act(async () => void all.order.says('bob', 'now'));
  await all.settle();
  expect(seen.now.channels.map(({ name, unread }) => [name, unread])).toEqual([['Order', 1], ['Second', 1]]);
  await act(async () => all.order.becomes({ name: 'First' }));
  await all.settle();
  expect(seen.now.channels.map(({ name }) => name)).toEqual(['First', 'Second']);
});

test('what is seen is read, what is not seen is not, and the line of the unread stays while the view is open', async () => {
  const all = app((order) => void [order.says('bob', 'one'), order.says('bob', 'two')]);
  let visible = false;
  const { seen, Probe } = probe(() => {
    useMarkRead('order_1', { visible });
    useMessages('order_1');
    return { after: useUnreadMarker('order_1'), unread: useChannel('order_1').channel?.unread };
  });
  const { rerender } = await show(all, <Probe />);
  expect(seen.now).toEqual({ after: 0, unread: 2 });
  visible = true;
  rerender(<ChatProvider client={all.client} strings={en}><Probe /></ChatProvider>);
  await all.settle();
  expect(all.server.frames('message.read')).toHaveLength(1);
  expect(seen.now).toEqual({ after: 0, unread: 0 });
});

test('marks of the own messages move as the others receive and read', async () => {
  const all = app((order) => void order.says('alice', 'mine'));
  const { seen, Probe } = probe(() => {
    useMessages('order_1');
    return useReceiptMark('order_1', 1);
  });
  await show(all, <Probe />);
  expect(seen.now).toBe('sent');
  await act(async () => all.order.receives('bob'));
  await all.settle();
  expect(seen.now).toBe('delivered');
  await act(async () => all.order.reads('bob'));
  await all.settle();
  expect(seen.now).toBe('read');
});

test('typing is told and shown; people are known and watched while somebody looks', async () => {
  const all = app();
  const { seen, Probe } = probe(() => {
    useMessages('order_1');
    return { typing: useTyping('order_1'), user: useUser('u-bob'), presence: usePresence('u-bob') };
  });
  await show(all, <Probe />);
  await act(async () => {
    all.order.types('bob');
    all.server.presence('bob', 'online');
    seen.now.typing.onInput();
    seen.now.typing.onInput();
  });
  await all.pass(60);
  expect(seen.now.typing.typists.map(({ name }) => name)).toEqual(['Bob']);
  expect(seen.now.user?.name).toBe('Bob');
  expect(seen.now.presence?.status).toBe('online');
  expect(all.server.frames('typing.start')).toHaveLength(1);
  await act(async () => seen.now.typing.onStop());
  await all.settle();
  expect(all.server.frames('typing.stop')).toHaveLength(1);
});

test('a search waits until the typing rests, and asks once', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const all = app((order) => void order.says('bob', 'a blue shirt'));
  const { seen, Probe } = probe(() => useSearch());
  await show(all, <Probe />);
  for (const query of ['b', 'bl', 'blue']) {
    act(() => seen.now.setQuery(query));
    await act(async () => void vi.advanceTimersByTime(100));
  }
  expect(seen.now.loading).toBe(true);
  await act(async () => void vi.advanceTimersByTime(250));
  await all.settle();
  vi.useRealTimers();
  expect(all.server.requests('GET /v1/search').map(({ query }) => query['q'])).toEqual(['blue']);
  expect(seen.now.results?.map(({ message }) => message.content)).toEqual(['a blue shirt']);
  act(() => seen.now.setQuery(''));
  expect(seen.now.results).toBeNull();
});

test('the connection is told, with the seconds until the next attempt', async () => {
  const all = app();
  const { seen, Probe } = probe(() => useConnection());
  await show(all, <Probe />);
  expect(seen.now.isLive).toBe(true);
  all.server.goOffline();
  await all.settle();
  expect(seen.now.isLive).toBe(false);
  all.server.goOnline();
  act(() => seen.now.retryNow());
  await all.settle();
  expect(seen.now.isLive).toBe(true);
});

test('fresh: handlers see what was rendered last', async () => {
  const all = app();
  const heard: number[] = [];
  let step: (to: number) => void = () => {};
  function Counter(): ReactNode {
    const [count, setCount] = useState(0);
    step = setCount;
    useEvent(all.client, 'message', () => heard.push(count));
    return null;
  }
  await show(all, <Counter />);
  act(() => step(7));
  await act(async () => void all.order.says('bob', 'Halo'));
  await all.settle();
  expect(heard).toEqual([7]);
});

test('strict: mounted twice, it connects once and syncs once', async () => {
  const all = app();
  const { Probe } = probe(() => useMessages('order_1'));
  await show(all, <Probe />, (tree) => <StrictMode>{tree}</StrictMode>);
  await all.pass(5_000);
  expect(all.server.connections).toEqual({ open: 1, made: 1 });
  expect(all.server.frames('sync')).toHaveLength(1);
});

test('strict: a client that the provider makes is one, lives through a remount, and ends with the last provider', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const server = fakeServer();
  const clock = fakeClock();
  const settle = (): Promise<void> => act(() => clock.advance(0));
  const options = () => ({ ...server.options, environment: clock.environment, token: () => Promise.resolve('token') });
  const clients = new Set<Cariosan>();
  function Inside(): ReactNode {
    clients.add(useCariosan());
    return null;
  }
  const tree = (): ReactNode => <StrictMode><ChatProvider options={options()} userKey="alice" strings={en}><Inside /></ChatProvider></StrictMode>;
  // Twice at the same time: each makes one before it can see the other's.
  const first = render(<>{tree()}{tree()}</>);
  await settle();
  first.rerender(<>{tree()}{tree()}</>);
  first.unmount();
  await act(async () => void vi.advanceTimersByTime(900));
  await act(() => clock.advance(900));
  // Within the second, by another part of the page.
  const second = render(tree());
  await settle();
  await act(async () => void vi.advanceTimersByTime(2_000));
  await act(() => clock.advance(2_000));
  expect(server.connections).toEqual({ open: 1, made: 1 });
  second.unmount();
  await act(async () => void vi.advanceTimersByTime(1_000));
  await act(() => clock.advance(1_000));
  vi.useRealTimers();
  expect(server.connections).toEqual({ open: 0, made: 1 });
  expect([...clients].map((client) => client.connection.get().name).filter((name) => name !== 'idle')).toEqual(['closed']);
});

test('strict: another user closes the former one at once', async () => {
  const servers = { alice: fakeServer(), eve: fakeServer() };
  const clock = fakeClock();
  const tree = (user: 'alice' | 'eve'): ReactNode =>
    <ChatProvider options={{ ...servers[user].options, environment: clock.environment }} userKey={user} strings={en} />;
  const { rerender } = render(tree('alice'));
  await act(() => clock.advance(0));
  rerender(tree('eve'));
  await act(() => clock.advance(0));
  expect([servers.alice.connections.open, servers.eve.connections.open]).toEqual([0, 1]);
});

test('fresh: the newest token function is asked, of options that were given anew', async () => {
  const server = fakeServer();
  const clock = fakeClock();
  const asked: string[] = [];
  const tree = (name: string): ReactNode => (
    <ChatProvider strings={en} userKey="carol"
      options={{ ...server.options, environment: clock.environment, token: ({ reason }) => Promise.resolve(void asked.push(`${name} ${reason}`)).then(() => 'token') }} />
  );
  const { rerender } = render(tree('first'));
  await act(() => clock.advance(0));
  rerender(tree('second'));
  server.drop(4401);
  await act(() => clock.advance(5_000));
  expect(asked[0]).toBe('first first');
  expect(asked[asked.length - 1]).toMatch(/^second/);
});

test('switch: leaving a channel while it opens shows nothing of it in the next', async () => {
  const all = app((order, server) => {
    order.says('bob', 'of the first');
    server.channel('order_2', { name: 'Second' }).says('bob', 'of the second');
  });
  const shown: string[] = [];
  function View({ id }: { readonly id: string }): ReactNode {
    const { messages } = useMessages(id);
    const { channel } = useChannel(id);
    shown.push(`${id}: ${channel?.name ?? ''}: ${messages.map(({ content }) => content).join()}`);
    return null;
  }
  const { rerender } = await show(all, null);
  const tree = (id: string): ReactNode => <ChatProvider client={all.client} strings={en}><View id={id} /></ChatProvider>;
  const release = all.server.hold();
  rerender(tree('order_1'));
  rerender(tree('order_2'));
  release();
  await all.settle();
  expect(shown.filter((line) => line.startsWith('order_2') && line.includes('first'))).toEqual([]);
  expect(shown[shown.length - 1]).toBe('order_2: Second: of the second');
});

test('a part of a cell renders only when the part changes', async () => {
  const all = app();
  const { seen, Probe } = probe(() => useCellValue(all.client.channel('order_1').timeline, ({ messages }) => messages.map(({ own }) => own), (a, b) => String(a) === String(b)));
  await show(all, <Probe />);
  all.client.channel('order_1').retain();
  await all.settle();
  const message = all.order.says('bob', 'one');
  await all.settle();
  const { renders, now } = seen;
  all.order.edits(message.id, 'two');
  await all.settle();
  expect(seen.renders).toBe(renders);
  expect(seen.now).toBe(now);
});

test('leak: after a thousand mounts and switches nothing is left', async () => {
  const all = app((_, server) => void server.channel('order_2'));
  function Everything({ id }: { readonly id: string }): ReactNode {
    useMessages(id);
    useChannel(id);
    useTyping(id);
    useChannels();
    usePresence('u-bob');
    useEvent(all.client, 'message', () => {});
    useCell(all.client.connection);
    return null;
  }
  const counts = (): unknown => {
    const cells = ['order_1', 'order_2', 'c-order_1', 'c-order_2'].flatMap((ref) => {
      const { info, timeline, members, receipts, typing } = all.client.channel(ref);
      return [info, timeline, members, receipts, typing];
    });
    const watched = [...cells, all.client.connection, all.client.channels, all.client.presence('u-bob')] as unknown as { subscribers: number }[];
    return { subscribers: watched.map(({ subscribers }) => subscribers), timers: all.clock.timers.length };
  };
  const tree = (id: string | null): ReactNode => <ChatProvider client={all.client} strings={en}>{id !== null && <Everything id={id} />}</ChatProvider>;
  const { rerender } = await show(all, null);
  rerender(tree(null));
  await all.pass(30_000);
  const before = counts();
  for (let at = 0; at < 1_000; at += 1) {
    rerender(tree(at % 3 === 0 ? null : at % 3 === 1 ? 'order_1' : 'order_2'));
    if (at % 100 === 0) await all.settle();
  }
  rerender(tree(null));
  await all.pass(30_000);
  expect(counts()).toEqual(before);
  expect(all.server.connections.made).toBe(1);
});

test('without a provider a hook says what is missing', () => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  const { Probe } = probe(() => useChannels());
  expect(() => render(<Probe />)).toThrow('there is no ChatProvider');
});

test('a client of the app is not closed, only released', async () => {
  const all = app();
  const { unmount } = await show(all, null);
  unmount();
  await all.pass(1_000);
  expect(all.server.connections.open).toBe(0);
  expect(all.client.connection.get().name).not.toBe('closed');
  expect(all.client).toBeInstanceOf(Cariosan);
});
