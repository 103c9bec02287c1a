// What a phone brings: the app in the background, the network, AsyncStorage, files, push.

import { act, render } from '@testing-library/react-native';
import AsyncStorage from '@react-native-async-storage/async-storage/jest/async-storage-mock';
import { Cariosan } from '@cariosan/client';
import { fakeClock, fakeServer } from '@cariosan/client/testing';
import {
  asyncStorage, ChatProvider, createNativeClient, createNativeEnvironment, fileOnPhone, openFromPush, usePushRegistration, type AsyncStorageLike,
} from '../src/index.ts';
import { en } from '../src/locales/en.ts';

function place() {
  const appListeners = new Set<(state: string) => void>();
  const networkListeners = new Set<(state: { isConnected: boolean | null }) => void>();
  const AppState = {
    currentState: 'active' as string | null,
    addEventListener: (_: 'change', listener: (state: string) => void) => {
      appListeners.add(listener);
      return { remove: () => void appListeners.delete(listener) };
    },
  };
  const NetInfo = {
    addEventListener: (listener: (state: { isConnected: boolean | null }) => void) => {
      networkListeners.add(listener);
      return () => void networkListeners.delete(listener);
    },
  };
  return {
    AppState, NetInfo, listeners: () => appListeners.size + networkListeners.size,
    app(state: string) {
      AppState.currentState = state;
      for (const listener of [...appListeners]) listener(state);
    },
    network(isConnected: boolean | null) {
      for (const listener of [...networkListeners]) listener({ isConnected });
    },
  };
}

/** The phone's environment with the clock of a test. */
function phone() {
  const here = place();
  const clock = fakeClock();
  const { setTimer, frame, now, random } = clock.environment;
  const environment = { ...createNativeEnvironment(here), setTimer, frame, now, random };
  const server = fakeServer();
  const client = new Cariosan({ ...server.options, environment, closeHiddenAfterMs: 20_000 });
  return { ...here, clock, environment, server, client };
}

test('in the background the connection is given up after 20 s, and comes back', async () => {
  const { app, client, clock, server } = phone();
  await client.connect();
  app('inactive');
  app('background');
  await clock.advance(19_000);
  expect(server.connections.open).toBe(1);
  await clock.advance(2_000);
  expect(client.connection.get()).toEqual({ name: 'suspended', why: 'hidden' });
  app('active');
  await clock.advance(0);
  expect(client.connection.get().name).toBe('live');
  await client.close();
});

test('zombie: who looks again does not trust a silent socket for longer than 3 s', async () => {
  const { app, client, clock, server } = phone();
  await client.connect();
  app('background');
  await clock.advance(5_000);
  server.hold();
  app('active');
  await clock.advance(2_900);
  expect(client.connection.get().name).toBe('live');
  await clock.advance(200);
  expect(client.connection.get().name).not.toBe('live');
  await client.close();
});

test('without a network it waits for one, and everything that listens is let go of', async () => {
  const { network, client, clock, server, listeners, environment } = phone();
  await client.connect();
  expect(listeners()).toBe(2);
  network(false);
  expect(environment.isOnline?.()).toBe(false);
  server.goOffline();
  await clock.advance(0);
  expect(client.connection.get()).toEqual({ name: 'suspended', why: 'offline' });
  server.goOnline();
  network(true);
  await clock.advance(0);
  expect(client.connection.get().name).toBe('live');
  await client.close();
  expect(listeners()).toBe(0);
  expect(clock.timers).toEqual([]);
});

describe('AsyncStorage', () => {
  const many = () => {
    const held = new Map<string, string>();
    return {
      getAllKeys: () => Promise.resolve([...held.keys()]),
      getMany: (keys: string[]) => Promise.resolve(Object.fromEntries(keys.map((key) => [key, held.get(key) ?? null]))),
      setMany: (entries: Record<string, string>) => Promise.resolve(Object.entries(entries).forEach(([key, text]) => held.set(key, text))),
      removeMany: (keys: string[]) => Promise.resolve(keys.forEach((key) => held.delete(key))),
    };
  };
  const generations: readonly (readonly [string, () => AsyncStorageLike])[] = [['of pairs', () => AsyncStorage as unknown as AsyncStorageLike], ['of many', many]];
  beforeEach(() => AsyncStorage.clear());

  test.each(generations)('%s: what was written is there in the next run, by prefix', async (_, make) => {
    const given = make();
    await asyncStorage(given).write(new Map([['cariosan:1:a:meta', 'x'], ['cariosan:1:b:meta', 'y']]));
    const next = asyncStorage(given);
    expect([...(await next.load('cariosan:1:a:'))]).toEqual([['cariosan:1:a:meta', 'x']]);
    await next.write(new Map([['cariosan:1:a:meta', null]]));
    expect((await asyncStorage(given).load('cariosan:1:')).size).toBe(1);
  });

  test.each(generations)('%s: no value above the row limit, no more than 5 MB, and unsent messages never go', async (_, make) => {
    const given = make();
    const storage = asyncStorage(given);
    const large = '文'.repeat(170_000);
    await storage.write(new Map([['cariosan:1:a:o:key', 'unsent'], ['cariosan:1:a:meta', 'me']]));
    await storage.write(new Map([['cariosan:1:a:t:big', 'é'.repeat(300_000)]]));
    expect((await storage.load('cariosan:1:a:t:')).size).toBe(0);
    for (let at = 0; at < 12; at += 1) await storage.write(new Map([[`cariosan:1:a:t:${at}`, large]]));
    const kept = [...(await asyncStorage(given).load('cariosan:1:a:')).keys()];
    expect(kept).toContain('cariosan:1:a:o:key');
    expect(kept).toContain('cariosan:1:a:meta');
    expect(kept.filter((key) => key.includes(':t:'))).toEqual(Array.from({ length: 10 }, (__, at) => `cariosan:1:a:t:${at + 2}`));
    await expect(storage.write(new Map([['cariosan:1:a:o:huge', large + large]]))).rejects.toThrow('too large');
  });

  test('an app that was killed shows what it had, and sends what it had not sent; a storage that fails is no end of the chat', async () => {
    const server = fakeServer();
    const order = server.channel('order_1', { members: ['alice', 'bob'] });
    order.says('bob', 'Halo');
    const clock = fakeClock();
    const make = (storage: AsyncStorageLike): Cariosan =>
      createNativeClient({ ...server.options, AsyncStorage: storage, cacheKey: 'alice', environment: clock.environment });
    const kept = many();
    const first = make(kept);
    first.channel('order_1').retain();
    await first.connect();
    await clock.advance(6_000);
    server.goOffline();
    first.channel('order_1').enqueue({ text: 'on the train' });
    await clock.advance(0);
    // Killed: nothing more is heard of it.
    const second = make(kept);
    second.channel('order_1').retain();
    second.connect().catch(() => {});
    await clock.advance(0);
    const { messages, stale } = second.channel('order_1').timeline.get();
    expect([messages.map(({ content, status }) => `${content} ${status}`), stale]).toEqual([['Halo sent', 'on the train pending'], true]);
    first.disconnect();
    server.goOnline();
    await clock.advance(60_000);
    expect(order.messages.map(({ content }) => content)).toEqual(['Halo', 'on the train']);

    const told: boolean[] = [];
    const fails = (): Promise<never> => Promise.reject(new Error('disk'));
    const broken = make({ ...kept, getAllKeys: fails, setMany: fails });
    broken.on('storage', ({ persistent }) => told.push(persistent));
    await broken.connect();
    await broken.channel('order_1').sendMessage({ text: 'all the same' });
    await clock.advance(6_000);
    expect(told[0]).toBe(false);
    await Promise.all([first.close(), second.close(), broken.close()]);
  });
});

test('rn-upload: the size is the one of the picker or is read, and the file goes as the raw body', async () => {
  const asked: string[] = [];
  const fetch = jest.spyOn(globalThis, 'fetch').mockImplementation(((uri: string, options?: { method?: string }) => {
    asked.push(options?.method ?? 'GET');
    return Promise.resolve({ headers: { get: () => (uri.includes('told') ? '7' : null) }, blob: () => Promise.resolve({ size: 9 }) });
  }) as never);
  const file = { uri: 'file:///told.png', name: 'a.png', type: 'image/png' };
  expect((await fileOnPhone({ ...file, size: 3 })).size).toBe(3);
  expect(await fileOnPhone(file)).toEqual({ ...file, size: 7 });
  expect((await fileOnPhone({ ...file, uri: 'file:///b.png' })).size).toBe(9);
  expect(asked).toEqual(['HEAD', 'HEAD', 'GET']);
  fetch.mockRestore();

  const sent: { body: unknown; headers: Record<string, string>; method: string }[] = [];
  class Request {
    upload: { onprogress?: (event: { loaded: number; total: number }) => void } = {};
    status = 200;
    onload = (): void => {};
    private headers: Record<string, string> = {};
    private method = '';
    open(method: string): void { this.method = method; }
    setRequestHeader(name: string, value: string): void { this.headers[name] = value; }
    abort(): void {}
    send(body: unknown): void {
      sent.push({ body, headers: this.headers, method: this.method });
      this.upload.onprogress?.({ loaded: 1, total: 2 });
      queueMicrotask(() => this.onload());
    }
  }
  const before = globalThis.XMLHttpRequest;
  globalThis.XMLHttpRequest = Request as never;
  const server = fakeServer();
  const order = server.channel('order_1', { members: ['alice', 'bob'] });
  const { upload: _played, ...options } = server.options;
  const clock = fakeClock();
  const client = createNativeClient({ ...options, environment: clock.environment });
  await client.connect();
  await client.channel('order_1').sendAttachment({ ...file, size: 7 }, { text: 'look' }).sent;
  globalThis.XMLHttpRequest = before;
  expect(sent).toEqual([{ method: 'PUT', body: { ...file, size: 7 }, headers: { 'content-type': 'image/png' } }]);
  expect(order.messages[0]).toMatchObject({ content: 'look', attachment_url: 'https://files.test/a.png', metadata: { attachment: { name: 'a.png', size: 7 } } });
  await client.close();
});

test('push: this device is registered once live, again for another token, and no more after signing out', async () => {
  const server = fakeServer();
  const clock = fakeClock();
  const client = new Cariosan({ ...server.options, environment: clock.environment });
  let refreshed: (token: string) => void = () => {};
  const onTokenRefresh = (listener: (token: string) => void): (() => void) => {
    refreshed = listener;
    return () => { refreshed = () => {}; };
  };
  function Registers(): null {
    usePushRegistration({ getToken: () => Promise.resolve('one'), onTokenRefresh, platform: 'android' });
    return null;
  }
  render(<ChatProvider client={client} strings={en}><Registers /></ChatProvider>);
  await act(() => clock.advance(0));
  expect([...server.devices]).toEqual([['one', 'android']]);
  refreshed('two');
  await act(() => clock.advance(0));
  expect(server.devices.has('two')).toBe(true);
  await act(async () => {
    await client.signOut();
  });
  expect(server.devices.has('two')).toBe(false);
});

test('a notification names its channel and message, whatever it comes in', () => {
  const server = fakeServer();
  const order = server.channel('order_1', { members: ['alice', 'bob'] });
  const client = new Cariosan(server.options);
  const data = { channel_id: order.id, message_id: 'm-1' };
  expect(openFromPush(client, data)).toEqual({ channel: client.channel(order.id), messageId: 'm-1' });
  expect(openFromPush(client, { data, notification: {} })?.messageId).toBe('m-1');
  expect(openFromPush(client, { data: { order: '1' } })).toBeNull();
  expect(openFromPush(client, null)).toBeNull();
});
