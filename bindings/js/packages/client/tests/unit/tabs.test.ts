// Several tabs of one user, pages that nobody looks at, and networks that come and go.

import { describe, expect, test } from 'vitest';
import { fakeServer, greet, item, message, settle, type FakeServer } from '../support/fakes.ts';
import { answers, created } from '../support/room.ts';
import { fakeBrowser, type Browser, type Tab } from '../support/tabs.ts';

interface Opened {
  readonly tab: Tab;
  readonly server: FakeServer;
}

async function open(browser: Browser, options: object = {}, alone = false): Promise<Opened> {
  const tab = browser.tab();
  const { broadcast: _, ...quiet } = tab.environment;
  const server = fakeServer({ storage: browser.storage, cacheKey: 'alice', ...options }, answers, alone ? quiet : tab.environment);
  server.client.connect().catch(() => {});
  await settle();
  return { tab, server };
}

async function live(browser: Browser, options: object = {}, alone = false): Promise<Opened> {
  const opened = await open(browser, options, alone);
  await greet(opened.server, [item(1, 0)]);
  return opened;
}

const stored = async (browser: Browser, part: string): Promise<string[]> =>
  [...(await browser.storage.load('')).keys()].filter((key) => key.includes(`:${part}:`)).map((key) => key.slice(key.lastIndexOf(':') + 1));
const sends = ({ server }: Opened) => server.socket.frames('message.send').map(({ data }) => data?.['idempotency_key']);
const offline = ({ server }: Opened): void => server.socket.end(1006);

describe('tabs', () => {
  test('one of them writes what all hold, and the next one when it is gone', async () => {
    const browser = fakeBrowser();
    const one = await live(browser);
    const two = await live(browser);
    two.server.socket.receive('channel.created', { rev: 1, channel: { ...(item(1, 0)['channel'] as object), id: 'c2', external_id: 'two' } });
    await two.server.clock.advance(10_000);
    expect(await stored(browser, 'i')).toEqual([]);
    await one.server.clock.advance(10_000);
    expect(await stored(browser, 'i')).toEqual(['c1']);
    one.tab.kill();
    await settle();
    two.server.socket.receive('channel.created', { rev: 1, channel: { ...(item(1, 0)['channel'] as object), id: 'c3', external_id: 'three' } });
    await two.server.clock.advance(10_000);
    expect((await stored(browser, 'i')).sort()).toEqual(['c1', 'c2', 'c3']);
  });

  test.each([['with a channel between them', false], ['without one', true]])('%s, what a killed tab had not sent is sent once, by another', async (_name, alone) => {
    const browser = fakeBrowser();
    const one = await live(browser, {}, alone);
    const two = await live(browser, {}, alone);
    offline(two);
    two.server.client.channel('order_1').enqueue({ text: 'left behind', idempotencyKey: 'k' });
    await settle();
    expect([sends(one), await stored(browser, 'o')]).toEqual([[], ['k']]);
    two.tab.kill();
    await settle();
    if (alone) {
      // It looks again when it has a connection again.
      offline(one);
      await one.server.clock.advance(1_000);
      await greet(one.server, []);
    }
    expect(sends(one)).toEqual(['k']);
    one.server.socket.receive('ack', { rev: 2, message: message(1, 2, { idempotency_key: 'k' }) }, one.server.socket.last('message.send').id);
    await settle();
    expect(await stored(browser, 'o')).toEqual([]);
  });

  test('what a living tab has not sent is left to it', async () => {
    const browser = fakeBrowser();
    const one = await live(browser);
    offline(one);
    one.server.client.channel('order_1').enqueue({ text: 'mine', idempotencyKey: 'k' });
    const two = await live(browser);
    await two.server.clock.advance(10_000);
    expect([sends(two), two.server.client.outbox.get().waiting]).toEqual([[], 0]);
  });

  test('a new writer looks after the tabs that it knew before', async () => {
    const browser = fakeBrowser();
    const one = await live(browser);
    const two = await live(browser);
    const three = await live(browser);
    offline(three);
    three.server.client.channel('order_1').enqueue({ text: 'left behind', idempotencyKey: 'k' });
    await settle();
    one.tab.kill();
    await settle();
    three.tab.kill();
    await settle();
    expect(sends(two)).toEqual(['k']);
  });

  test('a reload takes its own messages along', async () => {
    const browser = fakeBrowser();
    const one = await live(browser);
    offline(one);
    one.server.client.channel('order_1').enqueue({ text: 'mine', idempotencyKey: 'k' });
    await settle();
    one.tab.kill();
    expect(sends(await live(browser))).toEqual(['k']);
  });
});

describe('tab: a page that nobody looks at', () => {
  test('gives its connection up after a while, comes back, and never before what it has to send is sent', async () => {
    const page = await live(fakeBrowser(), { closeHiddenAfterMs: 20_000 });
    const { client, clock, sockets } = page.server;
    client.channel('order_1').enqueue({ text: 'on its way', idempotencyKey: 'k' });
    page.tab.signal('hidden');
    await clock.advance(19_000);
    page.server.socket.receive('pong');
    await clock.advance(500);
    page.server.socket.receive('ack', { rev: 2, message: message(1, 2, { idempotency_key: 'k' }) }, page.server.socket.last('message.send').id);
    await clock.advance(499);
    expect(client.connection.get().name).toBe('live');
    await clock.advance(1);
    expect([client.connection.get(), page.server.socket.closed]).toEqual([{ name: 'suspended', why: 'hidden' }, true]);
    page.tab.signal('visible');
    await settle();
    expect(sockets).toHaveLength(2);
    await greet(page.server, []);
    expect(client.connection.get().name).toBe('live');
  });

  test('keeps it while something waits to be sent', async () => {
    const page = await live(fakeBrowser(), { closeHiddenAfterMs: 5_000 });
    page.server.client.channel('order_1').enqueue({ text: 'on its way' });
    page.tab.signal('hidden');
    await page.server.clock.advance(6_000);
    expect(page.server.client.connection.get().name).toBe('live');
  });

  test('is looked at again: a link that was long silent must answer in five seconds', async () => {
    const page = await live(fakeBrowser());
    page.tab.signal('hidden');
    await page.server.clock.advance(21_000);
    page.tab.signal('visible');
    expect(page.server.socket.frames('ping')).toHaveLength(1);
    await page.server.clock.advance(5_000);
    expect([page.server.sockets[0]?.closed, page.server.client.connection.get().name]).toEqual([true, 'waiting']);
  });

  test('one that was cut off for another tab stays away until it is looked at', async () => {
    const page = await live(fakeBrowser());
    page.tab.signal('hidden');
    page.server.socket.end(4408);
    await page.server.clock.advance(300_000);
    expect([page.server.client.connection.get().name, page.server.sockets.length]).toEqual(['suspended', 1]);
    page.tab.signal('visible');
    await settle();
    expect(page.server.sockets).toHaveLength(2);
  });

  test('stores what it holds when it goes', async () => {
    const browser = fakeBrowser();
    const page = await live(browser);
    page.server.socket.receive('message.created', created(message(1, 2)));
    page.tab.signal('leaving');
    await settle();
    expect(await stored(browser, 'i')).toEqual(['c1']);
    expect(page.server.client.connection.get().name).toBe('suspended');
  });
});

test('without a network nothing is tried; when it is back, at once', async () => {
  const page = await live(fakeBrowser());
  page.tab.signal('offline');
  page.server.socket.end(1006);
  await page.server.clock.advance(300_000);
  expect([page.server.client.connection.get(), page.server.sockets.length]).toEqual([{ name: 'suspended', why: 'offline' }, 1]);
  page.tab.signal('online');
  await settle();
  expect(page.server.sockets).toHaveLength(2);
});

test('told that there is no network, it asks the server, and gives the link up after five seconds', async () => {
  const page = await live(fakeBrowser());
  page.tab.signal('offline');
  await page.server.clock.advance(4_000);
  page.server.socket.receive('pong');
  await page.server.clock.advance(4_000);
  expect(page.server.client.connection.get().name).toBe('live');
  page.tab.signal('offline');
  await page.server.clock.advance(5_000);
  expect(page.server.client.connection.get()).toEqual({ name: 'suspended', why: 'offline' });
});

test('a page that is looked at does not wait for the next attempt, but asks once a second at most', async () => {
  const page = await live(fakeBrowser(), { reconnect: { initialDelayMs: 30_000 } });
  page.server.socket.end(1006);
  page.tab.signal('visible');
  await settle();
  expect(page.server.sockets).toHaveLength(2);
  page.server.socket.end(1006);
  await settle();
  page.tab.signal('visible');
  await settle();
  expect(page.server.sockets).toHaveLength(2);
});

test('leak: after close there is no timer, lock, listener or channel left', async () => {
  const browser = fakeBrowser();
  const one = await live(browser);
  const release = one.server.client.channel('order_1').retain();
  const stop = one.server.client.presence('a').subscribe(() => {});
  one.tab.signal('hidden');
  release();
  stop();
  await one.server.client.close();
  await settle();
  expect(one.server.clock.timers).toEqual([]);
  // The locks are free: another tab is the writer at once.
  const two = await live(browser);
  await two.server.clock.advance(10_000);
  expect(await stored(browser, 'i')).toEqual(['c1']);
});
