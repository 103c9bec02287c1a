// More than one answer of the real server holds: 501 channels, 1,001 changes, and more than a connection's backlog.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Channel, Missed } from '../../src/index.ts';
import { inspect } from '../../src/testing.ts';
import type { ChannelItem } from '../../src/wire/types.ts';
import { realClients, until, watchedSockets, type RealClients } from '../support/real_clients.ts';
import { program } from '../support/real_server.ts';

interface Line {
  readonly channel: string;
  readonly user: string;
  readonly text: string;
}

describe.skipIf(program === undefined)('falling behind, with the real server', () => {
  let real: RealClients;
  let folder = '';
  let files = 0;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cariosan-behind-'));
    real = await realClients();
  }, 60_000);
  afterEach(() => real.closeAll());
  afterAll(async () => {
    await real.end();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Brings many messages in at once. */
  function bring(lines: readonly Line[]): void {
    const file = join(folder, `lines_${(files += 1)}.jsonl`);
    const ts = new Date(Date.now() - 60_000).toISOString();
    writeFileSync(file, lines.map((line) => `${JSON.stringify({ ...line, ts })}\n`).join(''));
    real.server.command('import', file);
  }
  const lines = (channel: string, count: number): Line[] => Array.from({ length: count }, (_, at) => ({ channel, user: 'bob', text: `number ${at}` }));
  const expected = (count: number): string[] => ['first', ...Array.from({ length: count }, (_, at) => `number ${at}`)];
  const texts = (channel: Channel): string[] => channel.timeline.get().messages.map(({ content }) => content);

  async function compare(channel: Channel): Promise<void> {
    const item = await real.server.asUser<ChannelItem>(await real.server.token('alice'), 'GET', `/v1/me/channels/${channel.id}`);
    await until(channel.info, (info) => info !== null && info.unread === item.unread_count && info.mentions === item.mention_count);
    expect(channel.info.get()?.lastSeq).toBe(item.channel.last_seq);
  }

  async function readAll(channel: Channel, count: number): Promise<void> {
    expect(channel.timeline.get().reachedStart).toBe(false);
    const newest = expected(count).slice(-texts(channel).length);
    expect(texts(channel)).toEqual(newest);
    while (!channel.timeline.get().reachedStart) await channel.loadOlder();
    expect(texts(channel)).toEqual(expected(count));
  }

  test('501 channels: all are listed, and two frames bring them up to date', async () => {
    bring(Array.from({ length: 501 }, (_, at) => ({ channel: `many_${at}`, user: 'mila', text: 'first' })));
    const watched = watchedSockets();
    const client = real.client('mila', { webSocket: watched.webSocket });
    await client.connect();
    expect(client.channels.get().complete).toBe(false);
    while (!client.channels.get().complete) await client.loadMoreChannels();
    expect(new Set(client.channels.get().ids).size).toBe(501);
    client.disconnect();
    const { ids } = client.channels.get();
    const moved = [ids[0], ids[250], ids[500]] as readonly string[];
    for (const id of moved) await real.server.backend('POST', `/v1/channels/${id}/messages`, { user: 'mila', content: 'meanwhile' });
    await client.connect();
    const frames = watched.sent('sync').slice(1).map(({ data }) => [Object.keys(data['channels'] as object).length, data['complete'] ?? false]);
    expect(frames).toEqual([[500, false], [1, true]]);
    expect(new Set(client.channels.get().ids)).toEqual(new Set(ids));
    expect([...client.channels.get().ids.slice(0, 3)].sort()).toEqual([...moved].sort());
    const held = inspect(client).channels;
    for (const id of ids) expect(held.get(id)?.lastMessage?.content).toBe(moved.includes(id) ? 'meanwhile' : 'first');
  });

  test('after 1,000 changes the messages that are held stay; after 1,001 a channel begins anew, with its newest page', async () => {
    for (const name of ['thousand', 'more']) await real.room(name);
    const { client, channel: thousand } = await real.open('alice', 'thousand');
    const more = client.channel('more');
    more.retain();
    for (const channel of [thousand, more]) await channel.sendMessage({ text: 'first' });
    await until(more.timeline, ({ status, messages }) => status === 'ready' && messages.length === 1);
    client.disconnect();
    bring([...lines('thousand', 1_000), ...lines('more', 1_001)]);
    const resumed = new Promise<Missed>((resolve) => client.on('resumed', resolve));
    await client.connect();
    expect((await resumed).resets).toEqual([more.id]);
    for (const channel of [thousand, more]) await until(channel.timeline, ({ stale, status }) => !stale && status === 'ready');
    expect(texts(thousand)).toEqual(expected(1_000));
    for (const channel of [thousand, more]) await compare(channel);
    await readAll(more, 1_001);
  });

  test('a hole of 1,001 changes on an open connection: `changes` begins the channel anew', async () => {
    await real.room('hole');
    const watched = watchedSockets();
    const asked: string[] = [];
    const { client, channel } = await real.open('alice', 'hole', { webSocket: watched.webSocket, fetch: (url, request) => {
      asked.push(String(url));
      return fetch(url, request);
    } });
    await channel.sendMessage({ text: 'first' });
    await until(channel.timeline, ({ messages }) => messages[0]?.status === 'sent');
    watched.loseUntil('number 1000');
    bring(lines('hole', 1_000));
    await real.server.backend('POST', '/v1/channels/hole/messages', { user: 'bob', content: 'number 1000' });
    await until(channel.timeline, ({ stale, messages }) => !stale && messages.at(-1)?.content === 'number 1000');
    expect(asked.filter((url) => url.includes('/changes'))).toHaveLength(1);
    expect([watched.opened.length, client.connection.get().name]).toEqual([1, 'live']);
    await compare(channel);
    await readAll(channel, 1_001);
  });

  test('4008: a client that does not read is closed, and comes back to everything', async () => {
    const small = await realClients({ CARIOS_WS_MAX_BACKLOG_BYTES: '262144', CARIOS_MAX_MESSAGE_SIZE_BYTES: '32768', CARIOS_WS_COMPRESSION: 'off' });
    try {
      await small.room('slow');
      const watched = watchedSockets();
      const { client, channel } = await small.open('alice', 'slow', { webSocket: watched.webSocket });
      const slow = watched.newest;
      const closed = new Promise<number>((resolve) => slow.on('close', resolve));
      const tooSlow = async (): Promise<boolean> => /^cariosan_\w*slow\w* [1-9]/m.test(await (await fetch(`${small.server.url}/metrics`)).text());
      slow.pause();
      // Until the buffers of both kernels are full, and then the server's own.
      let sent = 0;
      for (; !await tooSlow(); sent += 10) {
        for (let at = sent; at < sent + 10; at += 1) await small.server.backend('POST', '/v1/channels/slow/messages', { user: 'bob', content: `${at} ${'x'.repeat(32_000)}` });
      }
      slow.resume();
      expect(await closed).toBe(4008);
      await until(client.connection, ({ name }) => name === 'live');
      expect(watched.opened.length).toBe(2);
      await until(channel.timeline, ({ stale, messages }) => !stale && messages.at(-1)?.seq === sent);
      while (!channel.timeline.get().reachedStart) await channel.loadOlder();
      expect(texts(channel).map((text) => Number.parseInt(text, 10))).toEqual(Array.from({ length: sent }, (_, at) => at));
    } finally {
      await small.end();
    }
  });
});
