// Pins, reports, and a field in which the user may not write, or not yet.

import { act, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { Chat, MemberList, PinnedMessages } from '../../src/index.ts';
import { app, show, type App } from '../support/app.tsx';

const chat = <Chat channelId="order_1" list={{ virtualize: false }} input={{ sendOnEnter: true }} />;
const field = (): HTMLTextAreaElement => screen.getByRole('textbox', { name: 'Message to Order' });
const menuOf = (text: string): HTMLElement => {
  fireEvent.click(screen.getByRole('button', { name: `Options for: ${text}` }));
  return screen.getByRole('menu');
};
const items = (menu: HTMLElement): string[] => within(menu).getAllByRole('menuitem').map(({ textContent }) => textContent ?? '').filter((text) => /\w/.test(text));
const bar = (): string | null => document.querySelector('[data-car-part=pin]')?.textContent?.replace(/\d+\/\d+$/, '') ?? null;
const notice = (): string => document.querySelector('[data-car-part=notice]')?.textContent ?? '';
const choose = async (all: App, name: string): Promise<void> => {
  fireEvent.click(screen.getByRole('menuitem', { name }));
  await all.settle();
};

afterEach(() => void vi.useRealTimers());

test('an admin pins and unpins, and a member reports: in the menu stands what each may do', async () => {
  const all = app((order) => {
    order.joins('alice', 'admin');
    order.says('bob', 'one');
    order.says('alice', 'mine');
  });
  await show(all, chat);
  expect(items(menuOf('mine'))).toEqual(['Reply', 'Edit', 'Copy text', 'Pin', 'Unsend']);
  expect(items(menuOf('one'))).toEqual(['Reply', 'Copy text', 'Pin', 'Report', 'Unsend']);
  await choose(all, 'Pin');
  expect(all.order.messages[0]?.pinned_by?.name).toBe('Alice');
  expect(bar()).toBe('Pinned message 1 of 1, Bob: one');
  expect(within(screen.getByRole('log')).getByRole('img', { name: 'Pinned' })).toBeTruthy();
  menuOf('one');
  await choose(all, 'Unpin');
  expect(bar()).toBeNull();
  await act(async () => void all.order.joins('alice', 'member'));
  await all.settle();
  expect(items(menuOf('one'))).toEqual(['Reply', 'Copy text', 'Report']);
});

test('in a frozen conversation a member pins nothing; in one of two, both do', async () => {
  const all = app((order, server) => {
    order.says('bob', 'one');
    order.becomes({ frozen: true });
    server.channel('two', { type: 'direct', members: ['alice', 'bob'] }).says('bob', 'hi');
  });
  const { unmount } = await show(all, chat);
  expect(items(menuOf('one'))).toEqual(['Copy text', 'Report']);
  unmount();
  await show(all, <Chat channelId="two" list={{ virtualize: false }} />);
  expect(items(menuOf('hi'))).toContain('Pin');
});

test('a pin that the server refuses says why', async () => {
  const all = app((order) => {
    order.joins('alice', 'admin');
    order.says('bob', 'one');
  });
  await show(all, chat);
  all.server.answer(({ method }) => (method === 'PUT' ? { status: 403, body: { error: { code: 'NOT_ADMIN', message: '', retryable: false, details: {} } } } : undefined));
  menuOf('one');
  await choose(all, 'Pin');
  expect(notice()).toBe('That did not work: only an admin can do this');
});

test('a report asks for its reason, by the keyboard too, and says that it was made', async () => {
  const all = app((order) => void order.says('bob', 'one'));
  await show(all, chat);
  menuOf('one');
  await choose(all, 'Report');
  const menu = screen.getByRole('menu', { name: 'Report' });
  expect(items(menu)).toEqual(['Spam', 'Insults or threats', 'Something else']);
  expect(document.activeElement?.textContent).toBe('Spam');
  fireEvent.keyDown(document.activeElement ?? menu, { key: 'ArrowDown' });
  fireEvent.click(document.activeElement ?? menu);
  await all.settle();
  expect(screen.queryByRole('menu')).toBeNull();
  expect(notice()).toBe('Reported. Thank you.');
  const { id } = all.order.messages[0] ?? { id: '' };
  expect(all.server.requests(`POST /v1/channels/${all.order.id}/messages/${id}/report`).map(({ body }) => body)).toEqual([{ reason: 'abuse' }]);
});

test('a member is reported from the list of members, oneself not', async () => {
  const all = app();
  await show(all, <MemberList channelId="order_1" />);
  expect(screen.queryByRole('button', { name: 'Report Alice' })).toBeNull();
  fireEvent.click(screen.getByRole('button', { name: 'Report Bob' }));
  fireEvent.click(within(screen.getByRole('group', { name: 'Report Bob' })).getByRole('button', { name: 'Spam' }));
  await all.settle();
  expect(screen.getByText('Reported. Thank you.')).toBeTruthy();
  expect(all.server.requests('POST /v1/users/bob/report').map(({ body }) => body)).toEqual([{ reason: 'spam' }]);
});

test('the bar goes through the pins, from the newest on, and a new one comes first', async () => {
  const all = app((order) => {
    for (const text of ['one', 'two', 'three']) order.pins(order.says('bob', text).id, 'bob');
  });
  const opened: string[] = [];
  await show(all, <PinnedMessages channelId="order_1" onOpen={({ content }) => opened.push(content)} />);
  expect(bar()).toBe('Pinned message 1 of 3, Bob: three');
  for (let press = 0; press < 4; press += 1) fireEvent.click(screen.getByRole('button'));
  expect(opened).toEqual(['three', 'two', 'one', 'three']);
  expect(bar()).toBe('Pinned message 2 of 3, Bob: two');
  await act(async () => void all.order.pins(all.order.says('bob', 'four').id, 'bob'));
  await all.settle();
  expect(bar()).toBe('Pinned message 1 of 4, Bob: four');
  for (const { id } of all.order.messages) await act(async () => void all.order.pins(id, null));
  await all.settle();
  expect(bar()).toBeNull();
});

test('in a conversation the bar goes to its message', async () => {
  const all = app((order) => void order.pins(order.says('bob', 'one').id, 'bob'));
  await show(all, chat);
  fireEvent.click(screen.getByRole('button', { name: /^Pinned message 1 of 1, / }));
  await all.settle();
  expect(document.querySelector('[data-flash]')?.textContent).toContain('one');
});

test('slow mode counts down to when the next message can be sent; an edit need not wait', async () => {
  const all = app((order) => void order.says('bob', 'one'));
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'], now: all.clock.environment.now() });
  all.order.becomes({ slow_mode_seconds: 30 });
  await show(all, chat);
  const write = (text: string): void => void fireEvent.change(field(), { target: { value: text, selectionStart: text.length } });
  const button = (name: string): HTMLButtonElement => screen.getByRole('button', { name });
  write('first');
  expect(button('Send').disabled).toBe(false);
  fireEvent.keyDown(field(), { key: 'Enter' });
  await all.settle();
  vi.setSystemTime(Date.parse(all.order.messages.at(-1)?.created_at ?? ''));
  write('second');
  await act(async () => void vi.advanceTimersByTime(1_000));
  expect(screen.getByText('Slow mode: you can write again in 29 s.')).toBeTruthy();
  expect(screen.getByText('please wait before writing again').getAttribute('role')).toBe('status');
  expect(button('Send').disabled).toBe(true);
  fireEvent.keyDown(field(), { key: 'Enter' });
  await all.settle();
  expect(all.order.messages).toHaveLength(2);
  write('');
  fireEvent.keyDown(field(), { key: 'ArrowUp' });
  expect(screen.queryByText(/^Slow mode/)).toBeNull();
  write('first!');
  fireEvent.keyDown(field(), { key: 'Enter' });
  await all.settle();
  expect(all.order.messages[1]?.content).toBe('first!');
  write('second');
  await act(async () => void vi.advanceTimersByTime(29_000));
  expect(screen.queryByText(/^Slow mode/)).toBeNull();
  const left = vi.getTimerCount();
  await act(async () => void vi.advanceTimersByTime(10_000));
  expect(vi.getTimerCount()).toBe(left);
  fireEvent.keyDown(field(), { key: 'Enter' });
  await all.settle();
  expect(all.order.messages.map(({ content }) => content)).toEqual(['one', 'first!', 'second']);
});

test('who is suspended is told so in place of the field', async () => {
  const all = app((order) => void order.says('bob', 'one'));
  await show(all, chat);
  await act(async () => all.server.drop(4403));
  await all.settle();
  expect(screen.getByText('Your account is suspended or was deleted, so you cannot write.').getAttribute('role')).toBe('status');
  expect(screen.queryByRole('textbox', { name: 'Message to Order' })).toBeNull();
  expect(screen.getByText('one')).toBeTruthy();
});
