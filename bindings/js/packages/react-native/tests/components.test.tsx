// The components against a server that is played, as somebody uses them.

import { act, fireEvent, render, screen } from '@testing-library/react-native';
import { type ReactElement, type ReactNode } from 'react';
import { AccessibilityInfo, FlatList, Linking, type FlatListProps } from 'react-native';
import { Cariosan, type UploadSource } from '@cariosan/client';
import { fakeClock, fakeServer, type FakeChannel, type FakeServer } from '@cariosan/client/testing';
import {
  ChannelHeader, ChannelList, ChatProvider, ConnectionBanner, MemberList, MessageInput, MessageList, ReplyDraftProvider, SearchScreen, TypingIndicator, type ListRow,
  type Strings,
} from '../src/index.ts';
import { en } from '../src/locales/en.ts';
import { id } from '../src/locales/id.ts';

function world(prepare: (order: FakeChannel, server: FakeServer) => void = () => {}) {
  const server = fakeServer();
  server.user('bob', { name: 'Budi' });
  const order = server.channel('order_1', { name: 'Order 1', members: ['alice', 'bob'] });
  prepare(order, server);
  const clock = fakeClock();
  const client = new Cariosan({ ...server.options, environment: clock.environment });
  const pass = (ms: number): Promise<void> => act(() => clock.advance(ms));
  return { server, order, clock, client, pass, settle: () => pass(0) };
}
type World = ReturnType<typeof world>;

async function show({ client, settle }: World, tree: ReactNode, strings: Strings = en): Promise<void> {
  render(<ChatProvider client={client} strings={strings}>{tree}</ChatProvider>);
  await settle();
}

const chat = <ReplyDraftProvider><MessageList channelId="order_1" /><MessageInput channelId="order_1" /></ReplyDraftProvider>;
const field = () => screen.getByLabelText('Message to Order 1');
const rows = (): ListRow[] => screen.UNSAFE_getByType(FlatList).props.data as ListRow[];
const texts = (): string[] => rows().map((row) => (row.kind === 'message' ? row.message.content : row.kind)).reverse();

async function write(all: World, text: string): Promise<void> {
  fireEvent.changeText(field(), text);
  fireEvent.press(screen.getByLabelText('Send'));
  await all.settle();
}
const hold = (label: RegExp): void => fireEvent(screen.getByLabelText(label), 'longPress');

beforeEach(() => void jest.spyOn(AccessibilityInfo, 'isScreenReaderEnabled').mockResolvedValue(false));
afterEach(() => jest.restoreAllMocks());

test('what is written stands there at once, as one row until it is read', async () => {
  const all = world((order) => void order.says('bob', 'Halo'));
  await show(all, chat);
  const release = all.server.hold();
  await write(all, 'Hi');
  expect(screen.getByLabelText(/^You, Hi, .*Waiting to be sent$/)).toBeTruthy();
  const key = rows()[0]?.key;
  await act(async () => release());
  await all.settle();
  expect(screen.getByLabelText(/^You, Hi, .*, Sent$/)).toBeTruthy();
  expect(rows()[0]?.key).toBe(key);
  all.order.reads('bob');
  await all.settle();
  expect(screen.getByLabelText(/^You, Hi, .*, Read$/)).toBeTruthy();
  expect(field().props.value).toBe('');
  expect(all.order.unread).toBe(0);
});

test('words that were refused come back with the reason, and can be sent again or discarded', async () => {
  const all = world();
  await show(all, chat);
  all.server.refuse('message.send', { code: 'MESSAGE_REJECTED' });
  await write(all, 'bad words');
  expect(field().props.value).toBe('bad words');
  expect(screen.getAllByRole('alert').map((one) => String(one.props.children))).toContain('That did not work: it was rejected by moderation');
  fireEvent.press(screen.getByLabelText('Send again'));
  await all.settle();
  expect(all.order.messages.map(({ content }) => content)).toEqual(['bad words']);
  all.server.refuse('message.send', { code: 'SLOW_MODE' });
  await write(all, 'again');
  fireEvent.press(screen.getByLabelText('Discard'));
  await all.settle();
  expect(texts()).toEqual(['day', 'bad words']);
});

test('the menu of a message: reply, edit, react, unsend after a second press', async () => {
  const all = world((order) => void [order.says('alice', 'mine'), order.says('bob', 'theirs')]);
  await show(all, chat);
  hold(/^Budi, theirs/);
  expect(screen.queryByLabelText('Edit')).toBeNull();
  fireEvent.press(screen.getByLabelText('Reply'));
  expect(screen.getByText('Replying to Budi')).toBeTruthy();
  await write(all, 'an answer');
  expect(all.order.messages[2]?.parent_id).toBe(all.order.messages[1]?.id);
  expect(screen.queryByText('Replying to Budi')).toBeNull();

  hold(/^Budi, theirs/);
  fireEvent.press(screen.getByLabelText('React with 🎉'));
  await all.settle();
  fireEvent.press(screen.getByLabelText('🎉, only you'));
  await all.settle();
  expect(all.order.messages[1]?.reactions).toEqual([]);

  hold(/^You, mine/);
  fireEvent.press(screen.getByLabelText('Edit'));
  expect(field().props.value).toBe('mine');
  fireEvent.changeText(field(), 'mine!');
  fireEvent.press(screen.getByLabelText('Save'));
  await all.settle();
  expect(screen.getByLabelText(/^You, mine!, edited/)).toBeTruthy();

  hold(/^You, mine!/);
  fireEvent.press(screen.getByLabelText('Unsend'));
  expect(all.order.messages[0]?.deleted_at).toBeNull();
  fireEvent.press(screen.getByLabelText('Really unsend for everyone?'));
  await all.settle();
  expect(all.order.messages[0]?.deleted_at).not.toBeNull();
  expect(screen.getByLabelText(/^You, This message was unsent\./)).toBeTruthy();
});

test('a screen reader has the same actions, and a list that is not inverted', async () => {
  jest.spyOn(AccessibilityInfo, 'isScreenReaderEnabled').mockResolvedValue(true);
  const all = world((order) => void [order.says('bob', 'one'), order.says('bob', 'two')]);
  await show(all, chat);
  const list = screen.UNSAFE_getByType(FlatList);
  expect(list.props.inverted).toBe(false);
  expect(rows().flatMap((row) => (row.kind === 'message' ? row.message.content : []))).toEqual(['one', 'two']);
  const row = screen.getByLabelText(/^Budi, two/);
  expect(row.props.accessibilityActions.map(({ name }: { name: string }) => name)).toEqual(['reply', 'react']);
  fireEvent(row, 'accessibilityAction', { nativeEvent: { actionName: 'reply' } });
  expect(screen.getByText('Replying to Budi')).toBeTruthy();
});

test('new messages are spoken, at most one a second', async () => {
  const spoken = jest.spyOn(AccessibilityInfo, 'announceForAccessibility').mockImplementation(() => {});
  jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick', 'setImmediate'] });
  const all = world((order) => void order.says('bob', 'history'));
  await show(all, chat);
  for (const text of ['one', 'two', 'three']) all.order.says('bob', text);
  all.order.says('alice', 'my own, elsewhere');
  await all.settle();
  expect(spoken.mock.calls).toEqual([['Budi: one']]);
  act(() => void jest.advanceTimersByTime(1_000));
  expect(spoken.mock.calls[1]).toEqual(['2 new messages']);
  jest.useRealTimers();
});

test('rn-anchor: older messages are added at the end of the data, new ones at its start, and what is there keeps its key', async () => {
  const all = world((order) => { for (let at = 1; at <= 120; at += 1) order.says('bob', `text ${at}`); });
  await show(all, chat);
  const list = screen.UNSAFE_getByType(FlatList);
  expect(list.props).toMatchObject({ inverted: true, maintainVisibleContentPosition: { minIndexForVisible: 1, autoscrollToTopThreshold: 40 }, windowSize: 11, onEndReachedThreshold: 1.5 });
  const before = rows().filter(({ kind }) => kind === 'message').map(({ key }) => key);
  await act(async () => list.props.onEndReached());
  await all.settle();
  all.order.says('bob', 'newest');
  await all.settle();
  const after = rows().filter(({ kind }) => kind === 'message').map(({ key }) => key);
  expect(after.slice(1, 1 + before.length)).toEqual(before);
  expect(after).toHaveLength(101);
});

test('the line of what is unread stands where reading stopped', async () => {
  const all = world((order) => {
    order.says('bob', 'read');
    order.reads('alice');
    order.says('bob', 'unread');
  });
  await show(all, chat);
  expect(texts()).toEqual(['day', 'read', 'unread', 'unread']);
  expect(screen.getByText('New messages')).toBeTruthy();
  expect(all.order.unread).toBe(0);
});

test('links can be opened, and whoever is mentioned stands out', async () => {
  const all = world((order) => void order.says('bob', { text: 'see https://shop.test/1, @Alice!', mentions: [{ user: 'alice', spans: [[25, 6]] }] }));
  const opened = jest.spyOn(Linking, 'openURL').mockResolvedValue(true);
  await show(all, chat);
  fireEvent.press(screen.getByText('https://shop.test/1'));
  expect(opened.mock.calls).toEqual([['https://shop.test/1']]);
  expect(screen.getByText('@Alice')).toHaveStyle({ fontWeight: '700' });
});

test('long texts are cut, and shown in full when asked for', async () => {
  const all = world((order) => void order.says('bob', 'word '.repeat(1_000)));
  await show(all, chat);
  expect(String(screen.getByText(/…$/).props.children).length).toBe(2_001);
  fireEvent.press(screen.getByText('Show more'));
  expect(String(screen.getByText(/^word/).props.children).length).toBe(5_000);
});

test('who is muted is told so in place of the field, until what was refused is sent after all', async () => {
  const all = world();
  await show(all, <><MessageList channelId="order_1" /><MessageInput channelId="order_1" /></>);
  all.server.refuse('message.send', { code: 'MUTED' });
  fireEvent.changeText(field(), 'one');
  fireEvent.press(screen.getByLabelText('Send'));
  await all.settle();
  expect(screen.getByText('You have been muted, so you cannot write here.')).toBeTruthy();
  expect(screen.queryByLabelText('Send')).toBeNull();
  fireEvent.press(screen.getByText('Send again'));
  await all.settle();
  expect(screen.queryByText('You have been muted, so you cannot write here.')).toBeNull();
  expect(all.order.messages.map(({ content }) => content)).toEqual(['one']);
});

test('people are mentioned where the text names them, and files are sent one by one', async () => {
  const all = world();
  const files: UploadSource[] = [1, 2].map((at) => ({ uri: `file:///${at}.png`, name: `${at}.png`, type: 'image/png', size: 3 }));
  await show(all, <MessageInput channelId="order_1" attach={() => Promise.resolve(files)} />);
  fireEvent.changeText(field(), 'Hi @bu');
  fireEvent.press(screen.getByText('@Budi'));
  expect(field().props.value).toBe('Hi @Budi ');
  fireEvent.press(screen.getByLabelText('Send'));
  await all.settle();
  const mentions = () => all.order.messages[0]?.mentions?.map(({ user_id: id, spans }) => [id, spans]);
  expect(mentions()).toEqual([['u-bob', [[3, 5]]]]);
  await act(async () => fireEvent.press(screen.getByLabelText('Attach a file')));
  await all.settle();
  expect(all.order.messages.slice(1).map(({ attachment_url: url }) => url)).toEqual(['https://files.test/1.png', 'https://files.test/2.png']);
});

test('an edit says whom its text names now, and where', async () => {
  const all = world((order) => {
    order.joins('carol');
    order.says('alice', { text: 'hi @Budi', mentions: [{ user: 'bob', spans: [[3, 5]] }] });
  });
  await show(all, chat);
  hold(/^You, hi @Budi/);
  fireEvent.press(screen.getByText('Edit'));
  fireEvent.changeText(field(), 'so, @Budi and @c');
  fireEvent.press(screen.getByText('@Carol'));
  fireEvent.press(screen.getByLabelText('Save'));
  await all.settle();
  expect(all.order.messages[0]?.mentions?.map(({ external_id: id, spans }) => [id, spans])).toEqual([['bob', [[4, 5]]], ['carol', [[14, 6]]]]);
});

test('who types is seen, and others see that one types oneself', async () => {
  const all = world();
  await show(all, <><TypingIndicator channelId="order_1" /><MessageInput channelId="order_1" /></>);
  all.order.types('bob');
  await all.settle();
  expect(screen.getByText('Budi is typing')).toBeTruthy();
  fireEvent.changeText(field(), 'H');
  fireEvent.changeText(field(), '');
  await all.settle();
  expect([all.server.frames('typing.start').length, all.server.frames('typing.stop').length]).toEqual([1, 1]);
});

test('conversations: newest first, with what is unread, muted and online; one is chosen', async () => {
  const all = world((order, server) => {
    order.says('bob', 'old');
    server.channel('direct', { type: 'direct', members: ['alice', 'bob'] }).says('bob', { text: 'for you', mentions: ['alice'] });
  });
  const onSelect = jest.fn();
  await show(all, <ChannelList onSelect={onSelect} />);
  const list = screen.UNSAFE_getByType(FlatList);
  expect((list.props.data as { id: string }[]).map(({ id }) => id)).toEqual(['c-direct', 'c-order_1']);
  await act(async () => {
    all.server.presence('bob', 'online');
    await all.client.channel('order_1').setMuted(true);
  });
  await all.settle();
  expect(screen.getByLabelText('online')).toBeTruthy();
  expect(screen.getByLabelText(/^Order 1, 1 unread message, Muted, Budi: old/)).toBeTruthy();
  expect(screen.getByText('@1')).toBeTruthy();
  fireEvent.press(screen.getByLabelText(/^Budi, 1 unread message/));
  expect(onSelect.mock.calls[0]?.[0].id).toBe('c-direct');
});

test('a conversation that is closed says why nothing can be written', async () => {
  const all = world((_, server) => {
    server.channel('direct', { type: 'direct', members: ['alice', 'bob'] });
    server.channel('closed', { frozen: true });
  });
  await show(all, <><MessageInput channelId="direct" /><MessageInput channelId="closed" /></>);
  expect(screen.getByText('Nobody can write in this conversation at the moment.')).toBeTruthy();
  await act(async () => {
    await all.client.blockUser('bob');
  });
  await all.settle();
  expect(screen.getByText('You have blocked Budi. You do not see what they write.')).toBeTruthy();
  expect(screen.queryByLabelText('Send')).toBeNull();
});

test('header, members and search say what the server says', async () => {
  const all = world((order) => void order.says('bob', 'Kopi susu, please'));
  const onOpen = jest.fn();
  await show(all, <><ChannelHeader channelId="order_1" /><MemberList channelId="order_1" /><SearchScreen channelId="order_1" onOpen={onOpen} /></>);
  expect(screen.getByText('2 members')).toBeTruthy();
  expect(screen.getAllByText('Budi').length).toBe(1);
  jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick', 'setImmediate'] });
  fireEvent.changeText(screen.getByLabelText('Search messages'), 'susu');
  act(() => void jest.advanceTimersByTime(250));
  jest.useRealTimers();
  await all.settle();
  fireEvent.press(screen.getByText('susu'));
  expect(onOpen.mock.calls[0]?.[0].message.content).toBe('Kopi susu, please');
  fireEvent.changeText(screen.getByLabelText('Search messages'), '');
});

test('a connection that is lost is said after two seconds, with what waits', async () => {
  const all = world();
  await show(all, <><ConnectionBanner /><MessageInput channelId="order_1" /></>);
  jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick', 'setImmediate'] });
  all.server.goOffline();
  await all.settle();
  await write(all, 'later');
  act(() => void jest.advanceTimersByTime(1_900));
  expect(screen.queryByText(/waiting to be sent/)).toBeNull();
  act(() => void jest.advanceTimersByTime(200));
  expect(screen.getByText(/1 message is waiting to be sent\.$/)).toBeTruthy();
  jest.useRealTimers();
  all.server.goOnline();
  await all.pass(60_000);
  expect(screen.queryByText(/waiting to be sent/)).toBeNull();
  expect(all.order.messages.map(({ content }) => content)).toEqual(['later']);
});

test('everything in Indonesian, with a list of one\'s own', async () => {
  const all = world((order) => void order.says('bob', 'Halo'));
  const renderList = jest.fn((props: FlatListProps<ListRow>): ReactElement => <FlatList {...props} />);
  await show(all, <><MessageList channelId="order_1" renderList={renderList} /><MessageInput channelId="order_1" /></>, id);
  expect(renderList.mock.calls[0]?.[0]).toMatchObject({ inverted: true });
  expect(screen.getByLabelText(/^Budi, Halo, \d{1,2}\.\d\d$/)).toBeTruthy();
  expect(screen.queryByText(/message/i)).toBeNull();
});

test('leak: what was mounted a hundred times leaves nothing that listens', async () => {
  const all = world((order) => void order.says('bob', 'Halo'));
  const counted = jest.spyOn(all.client.connection, 'subscribe');
  await show(all, <ConnectionBanner />);
  await act(async () => screen.unmount());
  const before = counted.mock.calls.length;
  let open = 0;
  counted.mockRestore();
  const { subscribe } = all.client.channel('order_1').timeline;
  jest.spyOn(all.client.channel('order_1').timeline, 'subscribe').mockImplementation((listener) => {
    open += 1;
    const end = subscribe(listener);
    return () => {
      open -= 1;
      end();
    };
  });
  for (let at = 0; at < 100; at += 1) {
    await show(all, chat);
    expect(open).toBeGreaterThan(0);
    await act(async () => screen.unmount());
  }
  expect(open).toBe(0);
  expect(before).toBeGreaterThan(0);
  await all.pass(2_000);
  expect(all.server.connections.open).toBe(0);
});
