// The client against the real server: what it holds is what the server answers, after a crash too.

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isCariosanError, memoryStorage, type Cariosan, type Channel, type ChatMessage, type Message, type MessagePage } from '../../src/index.ts';
import { inspect } from '../../src/testing.ts';
import { program } from '../support/real_server.ts';
import { realClients, until, type RealClients } from '../support/real_clients.ts';

if (program === undefined) console.log('skipped: CARIOSAN_SERVER names no server to test the client with');

const texts = (channel: Channel): string[] => channel.timeline.get().messages.map(({ content }) => content);

function plain(message: Message | ChatMessage): Partial<Message> {
  const { id, seq, rev, content, reactions, edited_at, deleted_at, quoted_message } = message;
  return { id, rev, content, reactions, edited_at, deleted_at, ...(seq === null ? {} : { seq }), ...(quoted_message ? { quoted_message } : {}) };
}

describe.skipIf(program === undefined)('against the real server', () => {
  let real: RealClients;
  beforeAll(async () => { real = await realClients(); }, 60_000);
  afterEach(() => real.closeAll());
  afterAll(() => real.end());

  async function compare(made: Cariosan, channel: Channel, user: string): Promise<void> {
    const token = await real.server.token(user);
    const page = await real.server.asUser<MessagePage>(token, 'GET', `/v1/channels/${channel.id}/messages?limit=100`);
    // The acks may be here before the events.
    const { rev } = page as MessagePage & { rev: number };
    await expect.poll(() => inspect(made).channels.get(channel.id ?? '')?.rev, { timeout: 30_000 }).toBe(rev);
    expect(channel.timeline.get().messages.map(plain)).toEqual([...page.messages].reverse().map(plain));
  }

  test('two people talk, and both hold what the server holds', async () => {
    await real.room('talk');
    const alice = await real.open('alice', 'talk');
    const bob = await real.open('bob', 'talk');
    const first = await alice.channel.sendMessage({ text: 'Halo', mentions: ['bob'] });
    await until(bob.channel.timeline, ({ messages }) => messages.length === 1);
    await until(bob.channel.info, (info) => info?.unread === 1 && info.mentions === 1);
    const reply = await bob.channel.sendMessage({ text: 'Halo juga', parentId: first.id });
    await until(bob.channel.info, (info) => info?.unread === 0);
    await bob.channel.addReaction(first.id, '👍');
    await alice.channel.editMessage(first.id, 'Halo, Budi');
    const quoted = await until(bob.channel.timeline, ({ messages }) => messages[1]?.quoted_message?.hidden !== true
      && messages[1]?.quoted_message?.content === 'Halo, Budi');
    expect(quoted.messages.map(({ id }) => id)).toEqual([first.id, reply.id]);
    await bob.channel.deleteMessage(reply.id);
    await until(alice.channel.timeline, ({ messages }) => messages[1]?.deleted_at != null && messages[0]?.reactions.length === 1);
    await compare(alice.client, alice.channel, 'alice');
    await compare(bob.client, bob.channel, 'bob');
  });

  test('reading marks reach the other', async () => {
    await real.room('marks');
    const alice = await real.open('alice', 'marks');
    const bob = await real.open('bob', 'marks');
    const sent = await alice.channel.sendMessage({ text: 'read me' });
    await until(bob.channel.timeline, ({ messages }) => messages.length === 1);
    bob.channel.markRead();
    await until(alice.channel.receipts, (receipts) => receipts.known && receipts.readByAll === sent.seq);
    await until(bob.channel.info, (info) => info?.unread === 0);
  });

  test('whatever a crash interrupts is there once, and in order', async () => {
    await real.room('crash');
    const alice = await real.open('alice', 'crash');
    const bob = await real.open('bob', 'crash');
    const wanted: string[] = [];
    const sent: Promise<Message>[] = [];
    const press = (text: string): void => {
      wanted.push(text);
      sent.push(alice.channel.sendMessage({ text }));
    };
    for (let at = 0; at < 20; at += 1) press(`before ${at}`);
    await sent[3];
    const crashed = real.server.crash();
    for (let at = 0; at < 20; at += 1) press(`during ${at}`);
    await crashed;
    await Promise.all(sent);
    await until(bob.channel.timeline, ({ messages, stale }) => !stale && messages.length === wanted.length);
    await until(alice.channel.timeline, ({ messages, stale }) => !stale && messages.every(({ status }) => status === 'sent'));
    expect(texts(alice.channel)).toEqual(wanted);
    expect(texts(bob.channel)).toEqual(wanted);
    await compare(alice.client, alice.channel, 'alice');
    await compare(bob.client, bob.channel, 'bob');
  });

  test('a run that begins with what the former one stored holds what the server holds, in a short time', async () => {
    await real.room('stored');
    const storage = memoryStorage();
    const first = await real.open('alice', 'stored', { storage, cacheKey: 'alice' });
    for (let at = 0; at < 5; at += 1) await first.channel.sendMessage({ text: `before ${at}` });
    await first.client.close();
    const sent: Message[] = [];
    for (let at = 0; at < 3; at += 1) sent.push(await real.server.backend<Message>('POST', '/v1/channels/stored/messages', { user: 'bob', content: `meanwhile ${at}` }));
    await real.server.backend('DELETE', `/v1/channels/stored/messages/${sent[1]?.id}`);
    const asked: string[] = [];
    const counted: typeof fetch = (url, request) => {
      asked.push(String(url).replace(real.server.url, ''));
      return fetch(url, request);
    };
    const client = real.client('alice', { storage, cacheKey: 'alice', fetch: counted });
    const channel = client.channel('stored');
    channel.retain();
    const stale: string[][] = [];
    const stop = channel.timeline.subscribe(() => stale.push(texts(channel)));
    await client.connect();
    await until(channel.timeline, ({ messages, stale: old }) => !old && messages.length === 8);
    stop();
    await compare(client, channel, 'alice');
    expect(stale[0]).toEqual(Array.from({ length: 5 }, (_, at) => `before ${at}`));
    expect(channel.info.get()?.unread).toBe(2);
    // The messages came with the resume alone.
    expect(asked.filter((path) => path.includes('/messages'))).toEqual([]);
  });

  test('older messages come page by page', async () => {
    await real.room('pages');
    const alice = await real.open('alice', 'pages');
    for (let at = 0; at < 120; at += 1) {
      await real.server.backend('POST', '/v1/channels/pages/messages', { user: 'bob', content: `number ${at}` });
    }
    await until(alice.channel.timeline, ({ messages }) => messages.length === 120);
    const bob = await real.open('bob', 'pages');
    while (!bob.channel.timeline.get().reachedStart) await bob.channel.loadOlder();
    expect(texts(bob.channel)).toEqual(Array.from({ length: 120 }, (_, at) => `number ${at}`));
  });

  test('a channel that is not the viewer’s is gone, and a bad token signs out', async () => {
    const alice = real.client('alice');
    await alice.connect();
    const nowhere = alice.channel('nowhere');
    nowhere.retain();
    await until(nowhere.timeline, ({ status }) => status === 'gone');
    await expect(nowhere.sendMessage({ text: 'x' })).rejects.toSatisfy((fault: unknown) => isCariosanError(fault, 'NOT_FOUND'));
    const eve = real.client('eve', { token: 'not.a.token' });
    await expect(eve.connect()).rejects.toSatisfy((fault: unknown) => isCariosanError(fault, 'SIGNED_OUT'));
  });
});
