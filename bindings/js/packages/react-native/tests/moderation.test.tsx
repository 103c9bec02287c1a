// Pins, reports, and a field in which the user may not write, or not yet.

import { act, fireEvent, render, screen } from '@testing-library/react-native';
import { type ReactNode } from 'react';
import { AccessibilityInfo } from 'react-native';
import { Cariosan } from '@cariosan/client';
import { fakeClock, fakeServer, type FakeChannel } from '@cariosan/client/testing';
import { ChatProvider, MemberList, MessageInput, MessageList, PinnedMessages, ReplyDraftProvider, type Strings } from '../src/index.ts';
import { en } from '../src/locales/en.ts';
import { id } from '../src/locales/id.ts';

function world(prepare: (order: FakeChannel) => void = () => {}) {
  const server = fakeServer();
  server.user('bob', { name: 'Budi' });
  const order = server.channel('order_1', { name: 'Order 1', members: ['alice', 'bob'] });
  prepare(order);
  const clock = fakeClock();
  const client = new Cariosan({ ...server.options, environment: clock.environment });
  return { server, order, clock, client, settle: () => act(() => clock.advance(0)) };
}
async function show({ client, settle }: ReturnType<typeof world>, tree: ReactNode, strings: Strings = en): Promise<void> {
  render(<ChatProvider client={client} strings={strings}>{tree}</ChatProvider>);
  await settle();
}
const chat = <ReplyDraftProvider><MessageList channelId="order_1" /><MessageInput channelId="order_1" /></ReplyDraftProvider>;
const hold = (label: RegExp): void => fireEvent(screen.getByLabelText(label), 'longPress');

beforeEach(() => void jest.spyOn(AccessibilityInfo, 'isScreenReaderEnabled').mockResolvedValue(false));
afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});

test('an admin pins and unpins; the bar goes through the pins, from the newest on', async () => {
  const all = world((order) => {
    order.joins('alice', 'admin');
    order.pins(order.says('bob', 'one').id, 'bob');
    order.says('bob', 'two');
  });
  const opened: string[] = [];
  await show(all, <><PinnedMessages channelId="order_1" onOpen={({ content }) => opened.push(content)} />{chat}</>);
  expect(screen.getByLabelText('Pinned message 1 of 1, Budi: one')).toBeTruthy();
  hold(/^Budi, two/);
  fireEvent.press(screen.getByLabelText('Pin'));
  await all.settle();
  fireEvent.press(screen.getByLabelText('Pinned message 1 of 2, Budi: two'));
  fireEvent.press(screen.getByLabelText('Pinned message 2 of 2, Budi: one'));
  expect(opened).toEqual(['two', 'one']);
  hold(/^Budi, two, Pinned/);
  fireEvent.press(screen.getByLabelText('Unpin'));
  await all.settle();
  expect(screen.getByLabelText('Pinned message 1 of 1, Budi: one')).toBeTruthy();
});

test('a member pins nothing, and reports what others wrote, for a reason', async () => {
  const all = world((order) => void [order.says('alice', 'mine'), order.says('bob', 'theirs')]);
  await show(all, chat);
  hold(/^You, mine/);
  expect([screen.queryByLabelText('Pin'), screen.queryByLabelText('Report')]).toEqual([null, null]);
  fireEvent.press(screen.getByLabelText('Cancel'));
  hold(/^Budi, theirs/);
  fireEvent.press(screen.getByLabelText('Report'));
  fireEvent.press(screen.getByLabelText('Insults or threats'));
  await all.settle();
  expect(screen.getByText('Reported. Thank you.')).toBeTruthy();
  const message = all.order.messages[1]?.id ?? '';
  expect(all.server.requests(`POST /v1/channels/${all.order.id}/messages/${message}/report`).map(({ body }) => body)).toEqual([{ reason: 'abuse' }]);
});

test('a member is reported from the list of members, oneself not', async () => {
  const all = world();
  await show(all, <MemberList channelId="order_1" />, id);
  expect(screen.queryByLabelText('Laporkan Alice')).toBeNull();
  fireEvent.press(screen.getByLabelText('Laporkan Budi'));
  fireEvent.press(screen.getByLabelText('Pesan sampah'));
  await all.settle();
  expect(screen.getByText('Laporan terkirim. Terima kasih.')).toBeTruthy();
  expect(all.server.requests('POST /v1/users/bob/report').map(({ body }) => body)).toEqual([{ reason: 'spam' }]);
});

test('slow mode says how long to wait, and lets nothing through until then', async () => {
  const all = world((order) => void order.says('alice', 'one'));
  jest.useFakeTimers({ now: Date.parse(all.order.messages[0]?.created_at ?? ''), doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  all.order.becomes({ slow_mode_seconds: 30 });
  await show(all, chat);
  fireEvent.changeText(screen.getByLabelText('Message to Order 1'), 'two');
  expect(screen.getByText('Slow mode: you can write again in 30 s.')).toBeTruthy();
  expect(screen.getByLabelText('Send').props.accessibilityState).toEqual({ disabled: true });
  await act(async () => void jest.advanceTimersByTime(30_000));
  expect(screen.queryByText(/^Slow mode/)).toBeNull();
  fireEvent.press(screen.getByLabelText('Send'));
  await all.settle();
  expect(all.order.messages.map(({ content }) => content)).toEqual(['one', 'two']);
});

test('who is suspended, and who is in a frozen conversation, is told so in place of the field', async () => {
  const all = world((order) => order.becomes({ frozen: true }));
  await show(all, chat, id);
  expect(screen.getByText('Saat ini tidak ada yang bisa menulis di percakapan ini.')).toBeTruthy();
  await act(async () => all.server.drop(4403));
  await all.settle();
  expect(screen.getByText('Akun Anda ditangguhkan atau telah dihapus, jadi tidak bisa menulis.')).toBeTruthy();
});
