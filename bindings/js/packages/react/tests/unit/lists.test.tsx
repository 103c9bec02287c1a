// Long lists, a list whose markup is the app's, and the field when the server takes nothing of this user. Layout is made up: each row has its height.

import { act, fireEvent, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ReactNode } from 'react';
import { ChannelList, Chat, MessageInput, MessageListRoot, type ChannelRowProps, type MessageListState } from '../../src/index.ts';
import { app, show } from '../support/app.tsx';

const HEIGHTS: Readonly<Record<string, number>> = { 'channel-list': 600, scroller: 600 };
const ROW = 68;

beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(ROW);
  vi.spyOn(Element.prototype, 'clientHeight', 'get').mockImplementation(function height(this: Element) {
    return HEIGHTS[this.getAttribute('data-car-part') ?? ''] ?? ROW;
  });
  vi.spyOn(Element.prototype, 'scrollHeight', 'get').mockImplementation(function height(this: Element) {
    return Number.parseFloat((this.firstElementChild as HTMLElement | null)?.style.height ?? '') || 0;
  });
});
afterEach(() => vi.restoreAllMocks());

const rows = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>('[data-car-part=channel]')];
const titles = (): string[] => rows().map((row) => row.querySelector('[data-car-part=channel-title]')?.textContent ?? '');
const many = (count: number) => app((_, server) => {
  for (let at = 0; at < count; at += 1) server.channel(`many_${at}`, { name: `Channel ${at}` });
});
const scrollTo = (box: HTMLElement, top: number): void => act(() => {
  box.scrollTop = top;
  fireEvent.scroll(box);
});
async function showAll(all: ReturnType<typeof app>): Promise<void> {
  for (let more = screen.queryByRole('button', { name: 'Show more' }); more !== null; more = screen.queryByRole('button', { name: 'Show more' })) {
    fireEvent.click(more);
    await all.settle();
  }
}

test('of many conversations those in sight are mounted, wherever the list is scrolled to', async () => {
  const all = many(400);
  await show(all, <ChannelList onSelect={() => {}} virtualize />);
  await showAll(all);
  const nav = screen.getByRole('navigation');
  const most = Math.ceil(600 / ROW) + 1 + 2 * 8;
  expect(rows().length).toBeLessThanOrEqual(most);
  expect(rows().length).toBeGreaterThanOrEqual(600 / ROW);
  const before = titles();
  scrollTo(nav, 200 * ROW);
  expect(rows().length).toBeLessThanOrEqual(most);
  expect(titles().filter((title) => before.includes(title))).toEqual([]);
  expect(rows()[0]?.closest('li')?.getAttribute('aria-setsize')).toBe('401');
});

test('the list is long by itself from the hundred-and-first conversation on', async () => {
  const all = many(99);
  await show(all, <ChannelList onSelect={() => {}} />);
  await showAll(all);
  expect(rows()).toHaveLength(100);
  await act(async () => void all.server.channel('one_more', { name: 'One more', members: ['alice', 'bob'] }).joins('alice'));
  await all.settle();
  expect(rows().length).toBeLessThan(40);
});

test('the keyboard reaches conversations that are not mounted, and the one that has the focus stays', async () => {
  const all = many(400);
  await show(all, <ChannelList onSelect={() => {}} />);
  await showAll(all);
  const nav = screen.getByRole('navigation');
  nav.scrollTo = ((options: ScrollToOptions) => scrollTo(nav, options.top ?? 0)) as typeof nav.scrollTo;
  const [first] = rows();
  act(() => first?.focus());
  fireEvent.keyDown(first ?? nav, { key: 'End' });
  await all.settle();
  const item = document.activeElement?.closest('li');
  expect(item?.getAttribute('data-index')).toBe('400');
  fireEvent.keyDown(document.activeElement ?? nav, { key: 'ArrowUp' });
  expect(document.activeElement?.closest('li')?.getAttribute('data-index')).toBe('399');
  const focused = document.activeElement;
  scrollTo(nav, 0);
  expect(titles()).toContain(focused?.querySelector('[data-car-part=channel-title]')?.textContent);
  expect(document.activeElement).toBe(focused);
});

test('a conversation renders again only when something of its own changed', async () => {
  const all = app((_, server) => void [server.channel('order_2', { name: 'Second', members: ['alice', 'bob'] })]);
  const drawn: string[] = [];
  const Preview = ({ channel }: Pick<ChannelRowProps, 'channel'>): ReactNode => {
    drawn.push(channel.name);
    return null;
  };
  const slots = { Preview };
  await show(all, <ChannelList onSelect={() => {}} slots={slots} />);
  drawn.length = 0;
  await act(async () => void all.order.says('bob', 'Halo'));
  await all.settle();
  expect(drawn).toEqual(['Order']);
});

test('pinned conversations stand first, archived ones not at all, and a mark to come back is no count', async () => {
  const all = app((order, server) => {
    server.channel('quiet', { name: 'Quiet', preferences: { pinned: true } });
    server.channel('gone', { name: 'Put away', preferences: { archived: true } });
    server.channel('later', { name: 'Later', preferences: { marked_unread: true } });
    order.says('bob', 'Halo');
  });
  await show(all, <ChannelList onSelect={() => {}} />);
  expect(titles()).toEqual(['Quiet', 'Order', 'Later']);
  expect(screen.getByRole('img', { name: 'Pinned' }).closest('button')?.textContent).toContain('Quiet');
  expect(screen.getByRole('img', { name: 'Marked as unread' }).closest('button')?.textContent).toContain('Later');
  expect(screen.getAllByText(/unread message/)).toHaveLength(1);
  await act(() => all.client.channel('quiet').setPreferences({ pinned: false }));
  await act(() => all.client.channel('order_1').setPreferences({ archived: true }));
  await all.settle();
  expect(titles().sort()).toEqual(['Later', 'Quiet']);
});

const write = (text: string): void => {
  const field = screen.getByRole('textbox');
  fireEvent.change(field, { target: { value: text, selectionStart: text.length } });
  fireEvent.keyDown(field, { key: 'Enter' });
};
const note = 'You have been muted, so you cannot write here.';

test('who is muted is told so in place of the field, until the mute ends', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  const all = app();
  await show(all, <Chat channelId="order_1" list={{ virtualize: false }} input={{ sendOnEnter: true }} />);
  all.server.refuse('message.send', { code: 'MUTED', details: { until: new Date(Date.now() + 60_000).toISOString() } });
  write('one');
  await all.settle();
  expect(screen.getByText(note)).toBeTruthy();
  expect(screen.queryByRole('textbox')).toBeNull();
  await act(async () => void vi.advanceTimersByTime(59_999));
  expect(screen.getByText(note)).toBeTruthy();
  await act(async () => void vi.advanceTimersByTime(1));
  expect(screen.queryByText(note)).toBeNull();
  expect(screen.getByRole('textbox')).toBeTruthy();
  vi.useRealTimers();
});

test('a mute without an end is over when what was refused is sent after all', async () => {
  const all = app();
  await show(all, <Chat channelId="order_1" list={{ virtualize: false }} input={{ sendOnEnter: true }} />);
  all.server.refuse('message.send', { code: 'MUTED' });
  write('one');
  await all.settle();
  expect(screen.getByText(note)).toBeTruthy();
  fireEvent.click(screen.getByRole('button', { name: 'Send again' }));
  await all.settle();
  expect(screen.queryByText(note)).toBeNull();
  expect(all.order.messages.map(({ content }) => content)).toEqual(['one']);
});

test('a file on its way stands in a chip, which gives it up', async () => {
  const all = app();
  await show(all, <MessageInput channelId="order_1" slots={{ UploadChip: ({ title, text, message, cancelLabel, onCancel }) => (
    <p data-testid="chip">{title} {text} {message.status} <button type="button" onClick={onCancel}>{cancelLabel}</button></p>
  ) }} />);
  const release = all.server.hold();
  const picker = document.querySelector('[data-car-part=picker]');
  fireEvent.change(picker ?? document.body, { target: { files: [new File(['abc'], 'blue.png', { type: 'image/png' })] } });
  await all.settle();
  expect(screen.getByTestId('chip').textContent).toBe('blue.png Uploading, 0 % uploading Cancel');
  fireEvent.click(screen.getByRole('button', { name: 'Cancel' }));
  await all.settle();
  expect(screen.queryByTestId('chip')).toBeNull();
  release();
  await all.settle();
  expect(all.order.messages).toEqual([]);
});

function Own({ state }: { readonly state: MessageListState }): ReactNode {
  return (
    <div {...state.scrollerProps} data-car-part="scroller" data-testid="box">
      <ol {...state.rowsProps}>
        {state.mounted.map((placed) => (
          <li key={placed.row.key} {...state.rowProps(placed)}>{placed.row.kind === 'message' ? placed.row.message.content : placed.row.kind}</li>
        ))}
      </ol>
    </div>
  );
}

test('a list in the app’s own markup: lines, rows in sight alone, more when there is need of it', async () => {
  const all = app((order) => {
    for (let at = 0; at < 120; at += 1) order.says('bob', `message ${at}`);
  });
  let state: MessageListState | null = null;
  await show(all, (
    <MessageListRoot channelId="order_1">{(now) => {
      state = now;
      return <Own state={now as never} />;
    }}</MessageListRoot>
  ));
  const texts = (): string[] => [...document.querySelectorAll('li')].map(({ textContent }) => textContent ?? '');
  expect(texts()).toContain('unread');
  expect(texts().length).toBeLessThanOrEqual(Math.ceil(600 / ROW) + 1 + 2 * 8);
  const now = state as MessageListState | null;
  expect(now?.rows.filter(({ kind }) => kind === 'message').length).toBeGreaterThanOrEqual(50);
  expect(now?.rows.some(({ kind }) => kind === 'day')).toBe(true);
  await act(async () => void (await now?.jumpTo(all.order.messages[3]?.id ?? '')));
  await all.settle();
  expect(texts()).toContain('message 3');
});
