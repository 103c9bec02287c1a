// What is loaded after the first page: until it is there everything else works, and what was asked for meanwhile happens then.

import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ReactNode } from 'react';
import { en } from '../../src/locales/en.ts';
import { app, type App } from '../support/app.tsx';

/** The network that the rest of the package comes by. */
const net = { isUp: false, asked: 0 };

beforeEach(() => {
  vi.resetModules();
  Object.assign(net, { isUp: false, asked: 0 });
  vi.doMock('../../src/components/extras.ts', async (original) => {
    net.asked += 1;
    if (!net.isUp) throw new Error('no network');
    return original();
  });
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.doUnmock('../../src/components/extras.ts');
});

const shop = (): App => app((order) => {
  order.joins('carol');
  order.says('bob', 'Halo');
  order.says('alice', { text: 'hi @Bob', mentions: [{ user: 'bob', spans: [[3, 4]] }] });
});

/** A page that nothing was loaded for yet. */
async function open(all: App, page: (all: typeof import('../../src/index.ts')) => ReactNode) {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const parts = await import('../../src/index.ts');
  const result = render(<parts.ChatProvider client={all.client} strings={en}>{page(parts)}</parts.ChatProvider>);
  await all.settle();
  await loaded();
  return result;
}
/** What was asked for last has been answered, well or not. If nothing was on its way, it is asked for once more. */
async function loaded(): Promise<void> {
  const { loadExtras } = await import('../../src/later.ts');
  await act(() => loadExtras().then(() => {}, () => {}));
}
/** The time after which it is asked for again. */
const pass = (): void => void act(() => void vi.advanceTimersByTime(3_000));
async function comesUp(): Promise<void> {
  net.isUp = true;
  pass();
  await loaded();
}
const field = (): HTMLTextAreaElement => screen.getByRole('textbox', { name: 'Message to Order' });
const write = (text: string): void => void fireEvent.change(field(), { target: { value: text, selectionStart: text.length } });
const row = (): HTMLElement => screen.getAllByRole('article').at(-1) as HTMLElement;

test('a message is read and sent before the rest is there, which is asked for again and again', async () => {
  const all = shop();
  await open(all, ({ Chat }) => <Chat channelId="order_1" list={{ virtualize: false }} input={{ sendOnEnter: true }} />);
  write('one');
  fireEvent.keyDown(field(), { key: 'Enter' });
  await all.settle();
  expect(all.order.messages.map(({ content }) => content)).toContain('one');
  for (let round = 0; round < 3; round += 1) {
    const { asked } = net;
    pass();
    await vi.waitUntil(() => net.asked > asked);
    await loaded();
  }
  await comesUp();
  expect(vi.getTimerCount()).toBe(0);
});

test('an @ word that was written offers members when it can', async () => {
  const all = shop();
  await open(all, ({ Chat }) => <Chat channelId="order_1" list={{ virtualize: false }} input={{ sendOnEnter: true }} />);
  write('hi @c');
  expect(screen.queryByRole('listbox')).toBeNull();
  await comesUp();
  fireEvent.keyDown(field(), { key: 'Enter' });
  expect(field().value).toBe('hi @Carol ');
});

test('a key that was pressed and a menu that was asked for come when they can', async () => {
  const all = shop();
  await open(all, ({ Chat }) => <Chat channelId="order_1" list={{ virtualize: false }} input={{ sendOnEnter: true }} />);
  net.isUp = true;
  row().focus();
  fireEvent.keyDown(row(), { key: 'r' });
  fireEvent.click(screen.getAllByRole('button', { name: /^Options for/ }).at(-1) as HTMLElement);
  expect([screen.queryByText('Replying to You'), screen.queryByRole('menu')]).toEqual([null, null]);
  await loaded();
  expect(screen.getByText('Replying to You')).toBeTruthy();
  expect(screen.getByRole('menu')).toBeTruthy();
});

test('an edit that cannot be saved yet stays where it is, and says so', async () => {
  const all = shop();
  await open(all, ({ Chat }) => <Chat channelId="order_1" list={{ virtualize: false }} input={{ sendOnEnter: true }} />);
  fireEvent.keyDown(field(), { key: 'ArrowUp' });
  write('so, @Bob');
  fireEvent.keyDown(field(), { key: 'Enter' });
  await loaded();
  expect(screen.getAllByRole('alert').map(({ textContent }) => textContent)).toContain('That did not work: the server cannot be reached');
  expect(field().value).toBe('so, @Bob');
  await comesUp();
  fireEvent.keyDown(field(), { key: 'Enter' });
  await all.settle();
  expect(all.order.messages[1]?.content).toBe('so, @Bob');
  expect(all.order.messages[1]?.mentions?.map(({ external_id: id, spans }) => [id, spans])).toEqual([['bob', [[4, 4]]]]);
});

test('of many conversations the first are there at once, and the others when what mounts only those in sight is', async () => {
  const all = app((_, server) => {
    for (let at = 0; at < 150; at += 1) server.channel(`many_${at}`, { name: `Channel ${at}` });
  });
  await open(all, ({ ChannelList }) => <ChannelList onSelect={() => {}} />);
  for (let more = screen.queryByRole('button', { name: 'Show more' }); more !== null; more = screen.queryByRole('button', { name: 'Show more' })) {
    fireEvent.click(more);
    await all.settle();
  }
  const rows = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>('[data-car-part=channel]')];
  expect(rows()).toHaveLength(24);
  const first = rows()[0]?.textContent;
  // Each row is as high as the list.
  vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(68);
  vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(68);
  vi.spyOn(Element.prototype, 'scrollHeight', 'get').mockReturnValue(150 * 68);
  rows()[0]?.focus();
  fireEvent.keyDown(rows()[0] as HTMLElement, { key: 'ArrowDown' });
  await comesUp();
  expect([rows().length < 24, rows()[0]?.textContent]).toEqual([true, first]);
  expect(document.activeElement?.closest('li')?.dataset['index']).toBe('1');
});

test('the frames of panels stand from the beginning', async () => {
  const all = shop();
  await open(all, ({ SearchPanel, MemberList, ReactionPicker }) => (
    <>
      <SearchPanel onOpen={() => {}} />
      <MemberList channelId="order_1" className="members" />
      <ReactionPicker emoji={['👍']} onPick={() => {}} />
    </>
  ));
  const frame = screen.getByRole('search', { name: 'Search messages' });
  expect(screen.getByRole('group', { name: 'React' })).toBeTruthy();
  expect(document.querySelector('.members')).toBeTruthy();
  expect(screen.queryByRole('searchbox')).toBeNull();
  await comesUp();
  expect(screen.getByRole('search')).toBe(frame);
  expect(frame.contains(screen.getByRole('searchbox'))).toBe(true);
  expect(screen.getByRole('button', { name: 'React with 👍' })).toBeTruthy();
  expect(screen.getByRole('list', { name: 'Members' })).toBeTruthy();
});

test('who leaves before the rest could be loaded leaves nothing behind', async () => {
  const all = shop();
  const { unmount } = await open(all, ({ MemberList }) => <MemberList channelId="order_1" />);
  expect(vi.getTimerCount()).toBe(1);
  unmount();
  expect(vi.getTimerCount()).toBe(0);
});

test('who leaves while the rest is being loaded leaves nothing behind either', async () => {
  const all = shop();
  const { unmount } = await open(all, ({ MemberList }) => <MemberList channelId="order_1" />);
  pass();
  unmount();
  await loaded();
  expect(vi.getTimerCount()).toBe(0);
});
