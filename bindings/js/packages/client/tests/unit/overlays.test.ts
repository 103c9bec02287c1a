// Edits, unsends and reactions are shown before the server has answered, and a refusal takes them back.

import { describe, expect, test } from 'vitest';
import { isCariosanError, type ChatMessage } from '../../src/index.ts';
import { created, live, own, rowsOf } from '../support/room.ts';
import { budi, greet, message, settle, type FakeServer } from '../support/fakes.ts';

const thumbs = [{ emoji: '👍', count: 1, reacted_by_me: false }];

async function withMessages(): Promise<FakeServer> {
  const server = await live();
  for (const one of [own(1, 2, 'k', 'mine'), message(2, 3, { user: budi })]) server.socket.receive('message.created', created(one));
  await settle();
  return server;
}

const row = (server: FakeServer, at: number): ChatMessage => {
  const found = rowsOf(server)[at];
  if (found === undefined) throw new Error(`no row ${at}`);
  return found;
};
const room = (server: FakeServer) => server.client.channel('order_1');
const refuse = (server: FakeServer, type: string, code: string) =>
  server.socket.receive('error', { code, message: 'no', retryable: false, details: {} }, server.socket.last(type).id);

describe('each is shown in the same task, marked as not confirmed', () => {
  test('an edit', async () => {
    const server = await withMessages();
    const before = row(server, 1);
    room(server).timeline.subscribe(() => {});
    void room(server).editMessage('m1', 'mine, better');
    expect([row(server, 0).content, row(server, 0).saving]).toEqual(['mine, better', 'edit']);
    expect(row(server, 1)).toBe(before);
    server.socket.receive('ack', { rev: 4, message: own(1, 4, 'k', 'mine, better') }, server.socket.last('message.edit').id);
    await settle();
    expect([row(server, 0).content, row(server, 0).saving, row(server, 0).rev]).toEqual(['mine, better', null, 4]);
  });

  test('an edit of a text that names someone: where another text does so is not known until the server says it', async () => {
    const server = await live();
    const named = { user_id: budi.id, external_id: 'bob', name: 'Budi' };
    server.socket.receive('message.created', created({ ...own(1, 2, 'k', 'Hi @Budi'), mentions: [{ ...named, spans: [[3, 5]] }] }));
    await settle();
    expect(row(server, 0).mentions).toEqual([{ ...named, spans: [[3, 5]] }]);
    void room(server).editMessage('m1', '@Budi, hi');
    expect(row(server, 0).mentions).toEqual([named]);
    server.socket.receive('ack', { rev: 3, message: { ...own(1, 3, 'k', '@Budi, hi'), mentions: [named] } }, server.socket.last('message.edit').id);
    await settle();
    const mentions = [{ user: 'bob', spans: [[0, 5] as const] }];
    void room(server).editMessage('m1', '@Budi!', mentions);
    expect(server.socket.last('message.edit').data).toEqual({ channel: 'c1', message_id: 'm1', content: '@Budi!', mentions });
    expect(row(server, 0).mentions).toEqual([{ ...named, spans: [[0, 5]] }]);
    void room(server).editMessage('m1', 'nobody', []);
    expect(row(server, 0).mentions).toEqual([]);
  });

  test('a message that names someone, from the press of "send" on; whoever is not known is not marked', async () => {
    const server = await live();
    server.socket.receive('message.created', created(message(1, 2, { user: budi })));
    await settle();
    void room(server).sendMessage({ text: 'Hi @Budi', mentions: [{ user: 'bob', spans: [[3, 5]] }, budi.id, 'stranger'] });
    const named = { user_id: budi.id, external_id: 'bob', name: 'Budi' };
    expect(row(server, 1)).toMatchObject({ status: 'pending', mentions: [{ ...named, spans: [[3, 5]] }, named] });
  });

  test('an unsend, and what a reply quotes stays until the server says so', async () => {
    const server = await withMessages();
    void room(server).deleteMessage('m1');
    expect([row(server, 0).content, row(server, 0).deleted_at === null, row(server, 0).saving]).toEqual(['', false, 'delete']);
  });

  test('a reaction: counted with those of others, instead of the own one before, and taken back', async () => {
    const server = await withMessages();
    server.socket.receive('reaction.added', { channel_id: 'c1', rev: 4, message_id: 'm2', user_id: 'u-eve', emoji: '👍', reactions: [{ emoji: '👍', count: 1 }] });
    await settle();
    void room(server).addReaction('m2', '👍');
    expect(row(server, 1).reactions).toEqual([{ emoji: '👍', count: 2, reacted_by_me: true }]);
    void room(server).addReaction('m2', '🎉');
    expect(row(server, 1).reactions).toEqual([...thumbs, { emoji: '🎉', count: 1, reacted_by_me: true }]);
    void room(server).removeReaction('m2', '🎉');
    expect(row(server, 1).reactions).toEqual(thumbs);
  });
});

test.each([
  ['an edit', 'message.edit', (server: FakeServer) => room(server).editMessage('m1', 'changed'), 'EDIT_WINDOW_EXPIRED'],
  ['an unsend', 'message.delete', (server: FakeServer) => room(server).deleteMessage('m1'), 'NOT_AUTHOR'],
  ['a reaction', 'reaction.add', (server: FakeServer) => room(server).addReaction('m1', '👍'), 'MUTED'],
])('%s that is refused leaves no trace and rejects with the reason', async (_name, type, act, code) => {
  const server = await withMessages();
  const before = row(server, 0);
  const done = act(server);
  expect(row(server, 0)).not.toEqual(before);
  refuse(server, type, code);
  await expect(done).rejects.toSatisfy((fault: unknown) => isCariosanError(fault, code));
  expect(row(server, 0)).toEqual(before);
});

test('without a connection nothing is shown, and the caller hears at once', async () => {
  const server = await withMessages();
  server.socket.end(1006);
  await expect(room(server).editMessage('m1', 'x')).rejects.toSatisfy((fault: unknown) => isCariosanError(fault, 'OFFLINE'));
  expect(row(server, 0).content).toBe('mine');
});

test('a lost connection repeats it on the next one', async () => {
  const server = await withMessages();
  const done = room(server).editMessage('m1', 'again');
  server.socket.end(1006);
  await server.clock.advance(1_000);
  expect(row(server, 0).saving).toBe('edit');
  await greet(server, []);
  const { id, data } = server.socket.last('message.edit');
  expect(data).toMatchObject({ message_id: 'm1', content: 'again' });
  server.socket.receive('ack', { rev: 4, message: own(1, 4, 'k', 'again') }, id);
  expect((await done).content).toBe('again');
  expect(server.clock.timers.filter((ms) => ms === 60_000)).toEqual([]);
});

test('for a minute; then it is lost, and what was drawn is gone', async () => {
  const server = await withMessages();
  const done = room(server).editMessage('m1', 'too late');
  const rejected = expect(done).rejects.toSatisfy((fault: unknown) => isCariosanError(fault, 'LOST'));
  server.socket.end(1006);
  await server.clock.advance(61_000);
  await rejected;
  expect([row(server, 0).content, row(server, 0).saving]).toEqual(['mine', null]);
});

test('of two reactions the later one is repeated, and answers both', async () => {
  const server = await withMessages();
  const both = [room(server).addReaction('m2', '👍'), room(server).addReaction('m2', '🎉')];
  server.socket.end(1006);
  await server.clock.advance(1_000);
  await greet(server, []);
  expect(server.socket.frames('reaction.add').map(({ data }) => data?.['emoji'])).toEqual(['🎉']);
  const answer = message(2, 4, { user: budi, reactions: [{ emoji: '🎉', count: 1, reacted_by_me: true }] });
  server.socket.receive('ack', { rev: 4, message: answer }, server.socket.last('reaction.add').id);
  expect((await Promise.all(both)).map(({ rev }) => rev)).toEqual([4, 4]);
});

test('what came meanwhile is drawn over, not undone', async () => {
  const server = await withMessages();
  const done = room(server).editMessage('m1', 'mine');
  server.socket.receive('reaction.added', { channel_id: 'c1', rev: 4, message_id: 'm1', user_id: 'u-bob', emoji: '👍', reactions: [{ emoji: '👍', count: 1 }] });
  await settle();
  expect(row(server, 0).reactions).toEqual([{ emoji: '👍', count: 1, reacted_by_me: false }]);
  refuse(server, 'message.edit', 'FROZEN');
  await expect(done).rejects.toBeDefined();
  expect(row(server, 0).reactions).toHaveLength(1);
});

test('a message that was not sent yet is discarded', async () => {
  const server = await withMessages();
  server.socket.end(1006);
  room(server).enqueue({ text: 'later', idempotencyKey: 'p' });
  expect(await room(server).deleteMessage('p')).toBeNull();
  expect(rowsOf(server)).toHaveLength(2);
});
