// The components, without layout: jsdom has none, so all rows are shown. What needs pixels is tested in a browser.

import { act, fireEvent, screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import type { ReactNode } from 'react';
import { Chat, ChannelList, ConnectionBanner, MessageInput, MessageList, ReplyDraftProvider } from '../../src/index.ts';
import { app, show, type App } from '../support/app.tsx';

const chat = <Chat channelId="order_1" list={{ virtualize: false }} input={{ sendOnEnter: true }} />;
const field = (): HTMLTextAreaElement => screen.getByRole('textbox', { name: 'Message to Order' });
const rows = (): string[] => screen.queryAllByRole('article').map((row) => row.querySelector('[data-car-part=text], [data-car-part=tombstone]')?.textContent ?? '');
async function write(all: App, text: string): Promise<void> {
  fireEvent.change(field(), { target: { value: text, selectionStart: text.length } });
  fireEvent.keyDown(field(), { key: 'Enter' });
  await all.settle();
}

test('a message is written, seen and marked; the list is a log with one stop for the keyboard', async () => {
  const all = app((order) => void order.says('bob', 'Halo'));
  await show(all, chat);
  await write(all, 'Hi');
  expect(rows()).toEqual(['Halo', 'Hi']);
  expect(field().value).toBe('');
  const log = screen.getByRole('log', { name: 'Messages in Order' });
  expect(log.getAttribute('aria-live')).toBe('off');
  const articles = within(log).getAllByRole('article');
  expect(articles.map(({ tabIndex }) => tabIndex)).toEqual([-1, 0]);
  expect(articles.map((row) => row.getAttribute('aria-posinset'))).toEqual(['1', '2']);
  expect(screen.getByRole('img', { name: 'Sent' })).toBeTruthy();
  await act(async () => all.order.reads('bob'));
  await all.settle();
  expect(screen.getByRole('img', { name: 'Read' })).toBeTruthy();
  const [, own] = within(log).getAllByRole('article');
  const described = document.getElementById(own?.getAttribute('aria-describedby') ?? '');
  expect(described?.querySelector('time')).toBeTruthy();
  expect(described?.querySelector('[data-mark]')?.getAttribute('data-mark')).toBe('read');
});

test('a pending row and the sent one are the same element', async () => {
  const all = app();
  await show(all, chat);
  const release = all.server.hold();
  await write(all, 'Hi');
  const row = screen.getByRole('article');
  expect(row.getAttribute('data-status')).toBe('pending');
  release();
  await all.settle();
  expect(screen.getByRole('article')).toBe(row);
  expect(row.getAttribute('data-status')).toBe('sent');
});

test('an Enter that ends a word of an input method sends nothing, and Shift with Enter begins a line', async () => {
  const all = app();
  await show(all, chat);
  fireEvent.change(field(), { target: { value: 'こん', selectionStart: 2 } });
  fireEvent.keyDown(field(), { key: 'Enter', isComposing: true });
  fireEvent.keyDown(field(), { key: 'Enter', shiftKey: true });
  await all.settle();
  expect(rows()).toEqual([]);
});

test('by keys alone: reply, edit, react, unsend after a second press, and back to the field', async () => {
  const all = app((order) => void [order.says('bob', 'A question'), order.says('alice', 'mine')]);
  await show(all, chat);
  const [theirs, mine] = screen.getAllByRole('article');
  if (theirs === undefined || mine === undefined) throw new Error('two rows');
  mine.focus();
  fireEvent.keyDown(mine, { key: 'ArrowUp' });
  expect(document.activeElement).toBe(theirs);
  fireEvent.keyDown(theirs, { key: 'r' });
  expect(screen.getByText('Replying to Bob')).toBeTruthy();
  expect(document.activeElement).toBe(field());
  await write(all, 'An answer');
  expect(all.order.messages[2]?.parent_id).toBe(all.order.messages[0]?.id);
  fireEvent.keyDown(mine, { key: 'e' });
  expect(field().value).toBe('mine');
  await write(all, 'mine!');
  expect(rows()).toEqual(['A question', 'mine!', 'An answer']);
  fireEvent.keyDown(theirs, { key: 'm' });
  const menu = screen.getByRole('menu');
  expect(document.activeElement?.getAttribute('aria-label')).toBe('React with 👍');
  fireEvent.keyDown(document.activeElement ?? menu, { key: 'ArrowDown' });
  fireEvent.click(document.activeElement ?? menu);
  await all.settle();
  expect(screen.getByRole('button', { name: '❤️, only you' })).toBeTruthy();
  expect(document.activeElement).toBe(theirs);
  fireEvent.keyDown(mine, { key: 'Delete' });
  await all.settle();
  expect(screen.getByText('Really unsend for everyone?')).toBeTruthy();
  expect(rows()[1]).toBe('mine!');
  fireEvent.keyDown(mine, { key: 'Delete' });
  await all.settle();
  expect(rows()[1]).toBe('This message was unsent.');
  fireEvent.keyDown(mine, { key: 'Escape' });
  expect(document.activeElement).toBe(field());
});

test('the up arrow in an empty field edits the last own message, and Escape gives up first the chip, then the edit', async () => {
  const all = app((order) => void order.says('alice', 'mine'));
  await show(all, chat);
  fireEvent.keyDown(field(), { key: 'ArrowUp' });
  expect(screen.getByText('Editing your message')).toBeTruthy();
  fireEvent.keyDown(field(), { key: 'Escape' });
  expect(screen.queryByText('Editing your message')).toBeNull();
  expect(field().value).toBe('');
});

test('an @ word offers members, and the chosen one is mentioned', async () => {
  const all = app();
  await show(all, chat);
  fireEvent.change(field(), { target: { value: 'hi @b', selectionStart: 5 } });
  expect(screen.getByRole('listbox', { name: 'People to mention' })).toBeTruthy();
  expect(field().getAttribute('aria-activedescendant')).toBe(screen.getByRole('option', { name: 'Bob' }).id);
  fireEvent.keyDown(field(), { key: 'Enter' });
  expect(field().value).toBe('hi @Bob ');
  await write(all, 'hi @Bob there');
  expect(all.order.messages[0]?.mentions?.map(({ external_id: id, spans }) => [id, spans])).toEqual([['bob', [[3, 4]]]]);
});

test('an edit says whom its text names now, and where; that is marked at once', async () => {
  const all = app((order) => {
    order.joins('carol');
    order.says('alice', { text: 'hi @Bob', mentions: [{ user: 'bob', spans: [[3, 4]] }] });
  });
  await show(all, chat);
  const marked = (): readonly (string | null)[] => [...document.querySelectorAll('[data-car-part=mention]')].map(({ textContent }) => textContent);
  fireEvent.keyDown(field(), { key: 'ArrowUp' });
  fireEvent.change(field(), { target: { value: 'so, @Bob and @c', selectionStart: 15 } });
  fireEvent.keyDown(field(), { key: 'Enter' });
  fireEvent.keyDown(field(), { key: 'Enter' });
  expect(marked()).toEqual(['@Bob', '@Carol']);
  await all.settle();
  expect(marked()).toEqual(['@Bob', '@Carol']);
  expect(all.order.messages[0]?.mentions?.map(({ external_id: id, spans }) => [id, spans])).toEqual([['bob', [[4, 4]]], ['carol', [[13, 6]]]]);
  fireEvent.keyDown(field(), { key: 'ArrowUp' });
  fireEvent.change(field(), { target: { value: 'nobody' } });
  fireEvent.keyDown(field(), { key: 'Enter' });
  await all.settle();
  expect(all.order.messages[0]?.mentions ?? []).toEqual([]);
});

test('words that moderation refused come back with the reason', async () => {
  const all = app();
  await show(all, chat);
  all.server.refuse('message.send', { code: 'MESSAGE_REJECTED' });
  await write(all, 'bad words');
  expect(field().value).toBe('bad words');
  expect(screen.getAllByRole('alert').map(({ textContent }) => textContent)).toContain('Not sent: it was rejected by moderation');
});

test('a failed message is sent again or discarded', async () => {
  const all = app();
  await show(all, chat);
  all.server.refuse('message.send', { code: 'FORBIDDEN' });
  await write(all, 'one');
  fireEvent.click(screen.getByRole('button', { name: 'Send again' }));
  await all.settle();
  expect(screen.getByRole('article').getAttribute('data-status')).toBe('sent');
  all.server.refuse('message.send', { code: 'FORBIDDEN' });
  await write(all, 'two');
  fireEvent.click(screen.getByRole('button', { name: 'Discard' }));
  await all.settle();
  expect(rows()).toEqual(['one']);
});

test('a channel that cannot be written in says why', async () => {
  const all = app((order) => order.becomes({ frozen: true }));
  await show(all, <MessageInput channelId="order_1" />);
  expect(screen.getByText('Nobody can write in this conversation at the moment.')).toBeTruthy();
  expect(screen.queryByRole('textbox')).toBeNull();
});

test('who was removed is told so where the field was', async () => {
  const all = app();
  await show(all, chat);
  await act(async () => void all.order.leaves('alice'));
  await all.settle();
  expect(screen.queryByRole('textbox')).toBeNull();
  expect(screen.getAllByText('This conversation is not available to you.').length).toBeGreaterThan(1);
});

test('what comes is spoken once, and at most once a second; history is not', async () => {
  const all = app((order) => void order.says('bob', 'history'));
  const { container } = await show(all, chat);
  const spoken = (): string => container.querySelector('[data-car-speaker]')?.textContent ?? '';
  expect(spoken()).toBe('');
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  await act(async () => void all.order.says('bob', 'Halo'));
  await all.settle();
  expect(spoken()).toBe('Bob: Halo');
  await act(async () => void [all.order.says('bob', 'one'), all.order.says('bob', 'two')]);
  await all.settle();
  expect(spoken()).toBe('Bob: Halo');
  await act(async () => void vi.advanceTimersByTime(1_000));
  expect(spoken()).toBe('2 new messages');
  vi.useRealTimers();
});

test('a draft waits while another channel is open', async () => {
  const all = app((_, server) => void server.channel('order_2', { name: 'Second', members: ['alice', 'bob'] }));
  let open: (id: string) => void = () => {};
  const { useState } = await import('react');
  function Page(): ReactNode {
    const [id, setId] = useState('order_1');
    open = setId;
    return <Chat channelId={id} list={{ virtualize: false }} />;
  }
  await show(all, <Page />);
  fireEvent.change(field(), { target: { value: 'half a thought', selectionStart: 3 } });
  act(() => open('order_2'));
  await all.settle();
  expect((screen.getByRole('textbox') as HTMLTextAreaElement).value).toBe('');
  act(() => open('order_1'));
  await all.settle();
  expect(field().value).toBe('half a thought');
});

test('a row renders again only when something of its own changed', async () => {
  const all = app((order) => void [order.says('bob', 'one'), order.says('bob', 'two')]);
  const drawn: string[] = [];
  const Bubble = ({ message }: { readonly message: { readonly content: string } }): ReactNode => {
    drawn.push(message.content);
    return null;
  };
  const slots = { Bubble };
  await show(all, <ReplyDraftProvider><MessageList channelId="order_1" virtualize={false} slots={slots} /></ReplyDraftProvider>);
  drawn.length = 0;
  await act(async () => void all.order.edits(all.order.messages[1]?.id ?? '', 'two!'));
  await all.settle();
  expect(drawn).toEqual(['two!']);
});

test('channels are chosen by pointer and keys, with what is unread', async () => {
  const all = app((order, server) => void [order.says('bob', 'Halo'), server.channel('order_2', { name: 'Second' })]);
  const chosen: string[] = [];
  await show(all, <ChannelList onSelect={({ externalId }) => chosen.push(externalId ?? '')} />);
  const [first, second] = within(screen.getByRole('navigation', { name: 'Conversations' })).getAllByRole('button');
  expect(screen.getByText('1 unread message')).toBeTruthy();
  const start = [first, second].find((one) => one?.textContent?.includes('Order'));
  start?.focus();
  if (start !== undefined) fireEvent.keyDown(start, { key: 'Home' });
  fireEvent.click(document.activeElement ?? document.body);
  expect(chosen).toHaveLength(1);
});

test('the banner waits for two seconds before it says that there is no connection', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const all = app();
  const { container } = await show(all, <ConnectionBanner />);
  const shown = (): boolean => container.querySelector('[data-car-part=connection-banner]')?.hasAttribute('data-shown') ?? false;
  await act(async () => all.server.goOffline());
  await all.settle();
  await act(async () => void vi.advanceTimersByTime(1_999));
  expect(shown()).toBe(false);
  await act(async () => void vi.advanceTimersByTime(1));
  expect(shown()).toBe(true);
  vi.useRealTimers();
});
