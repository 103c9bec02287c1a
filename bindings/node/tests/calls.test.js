import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChatError, open } from '../src/index.js';
import { Events } from '../src/events.js';
import { World } from './world.js';

test('calls, and what they fail with', async (t) => {
  const world = await World.open(t);
  await Promise.all(Array.from({ length: 50 }, (_, i) => world.send(`${i} é👩‍👩‍👧`)));
  const { messages } = await world.chat.call('message.list', { channel: 'room', limit: 100 }, world.bob);
  assert.equal(messages.length, 50);
  assert.equal(messages[0].seq, 50);
  assert.equal(await world.chat.call('user.delete', { user: 'bob' }, world.backend), undefined);
  await assert.rejects(world.chat.call('message.send', { channel: 'none', content: 'x' }, world.alice),
    (error) => error instanceof ChatError && error.code === 'NOT_FOUND' && error.details.field === 'channel' && !error.retryable);
  await assert.rejects(world.chat.call('no.such'), { code: 'NOT_FOUND' });
  await assert.rejects(world.chat.call('user.list', {}, { workspace: 'nonsense' }), ChatError);
});

test('bad options are named', () => {
  assert.throws(() => open({}), { code: 'VALIDATION_ERROR' });
  assert.throws(() => open({ storage: 'sqlite::memory:', nonsense: 1 }), (error) => error.details.field === 'nonsense');
  assert.throws(() => open({ storage: 'sqlite:/no/such/folder/x.db' }), { code: 'UNAVAILABLE' });
});

test('events, in order', async (t) => {
  const world = await World.open(t);
  const events = world.chat.events(world.id);
  for (let i = 0; i < 20; ++i) await world.send(`${i}`);
  const contents = [];
  for await (const { type, data } of events) {
    assert.equal(type, 'message.created');
    contents.push(data.message.content);
    if (contents.length === 20) break;
  }
  assert.deepEqual(contents, Array.from({ length: 20 }, (_, i) => `${i}`));
  assert.deepEqual(await events.next(), { value: undefined, done: true });
  assert.throws(() => world.chat.events('nonsense'), ChatError);
});

test('who is too far behind is told', async () => {
  const events = new Events(() => {});
  for (let i = 0; i < 10_005; ++i) events.put(i);
  for (let i = 0; i < 10_000; ++i) assert.equal((await events.next()).value, i);
  assert.equal((await events.next()).value.type, 'events.lost');
  events.put('after');
  assert.equal((await events.next()).value, 'after');
});

test('closing answers everything', async (t) => {
  const world = await World.open(t);
  const events = world.chat.events(world.id);
  const sends = Array.from({ length: 50 }, (_, i) => world.send(`${i}`).then(() => 'stored', ({ code }) => code));
  await world.chat.close();
  for (const outcome of await Promise.all(sends)) assert.ok(outcome === 'stored' || outcome === 'UNAVAILABLE', outcome);
  for await (const { type } of events) assert.equal(type, 'message.created');
  await world.chat.close();
  await assert.rejects(world.chat.call('workspace.list'), { code: 'UNAVAILABLE' });
  assert.throws(() => world.chat.events(world.id), { code: 'UNAVAILABLE' });
});

test('lines of the log', async (t) => {
  const lines = [];
  const chat = open({ storage: 'sqlite::memory:', log: 'debug' }, { onLog: (line) => lines.push(line) });
  t.after(() => chat.close());
  await chat.call('workspace.create', { name: 'Shop' });
  await chat.close();
  assert.ok(lines.length > 0 && lines.every(({ level, event, fields }) => level && event && fields));
});
