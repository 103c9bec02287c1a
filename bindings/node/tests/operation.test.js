import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { ChatError, describe, open, restore } from '../src/index.js';
import { World } from './world.js';

function folder(t) {
  const made = mkdtempSync(join(tmpdir(), 'cariosan-node-'));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

const oldLines = (count) => Array.from({ length: count }, (_, i) =>
  `${JSON.stringify({ channel: 'past', ts: '2024-05-01T10:00:00Z', user: 'alice', text: `${i} é`, id: i })}\n`);

const contents = async (chat, world) =>
  (await chat.call('message.list', { channel: 'room', limit: 100 }, world.alice)).messages.map(({ content }) => content).reverse();

const epochOf = async (chat, world) => (await chat.call('me.channel.list', {}, world.alice)).epoch;

test('a backup takes the place of the database', async (t) => {
  const at = folder(t);
  const storage = `sqlite:${at}/chat.db`;
  const world = await World.open(t, { storage });
  await world.send('before');
  await world.chat.backup(`${at}/copy.db`);
  await assert.rejects(world.chat.backup(`${at}/copy.db`), { code: 'CONFLICT' });
  await assert.rejects(world.chat.backup(`${at}/nowhere/copy.db`), { code: 'UNAVAILABLE' });
  await world.send('after');
  const epoch = await epochOf(world.chat, world);
  await assert.rejects(restore(`${at}/copy.db`, storage), { code: 'CONFLICT' });
  await world.chat.close();
  await assert.rejects(restore(`${at}/none.db`, storage), { code: 'NOT_FOUND' });
  await assert.rejects(restore(`${at}/copy.db`, 'chat.db'), { code: 'VALIDATION_ERROR' });
  writeFileSync(`${at}/garbage.db`, 'This is no database, and it is long enough to be looked at closely.');
  await assert.rejects(restore(`${at}/garbage.db`, storage), ChatError);
  await restore(`${at}/copy.db`, storage);
  const chat = open({ storage });
  t.after(() => chat.close());
  assert.deepEqual(await contents(chat, world), ['before']);
  assert.notEqual(await epochOf(chat, world), epoch);
});

test('epochs, metrics and the description', async (t) => {
  const world = await World.open(t);
  const before = await epochOf(world.chat, world);
  const epoch = await world.chat.rotateEpoch();
  assert.equal(epoch, await epochOf(world.chat, world));
  assert.notEqual(epoch, before);
  assert.match(await world.chat.metrics(), /^# TYPE cariosan_commands_total counter$/m);
  const { commands, events, components } = describe();
  assert.ok(commands.some(({ name }) => name === 'message.send') && events.length > 0 && components.schemas);
});

test('exports', async (t) => {
  const world = await World.open(t);
  for (let i = 0; i < 120; ++i) await world.send(`${i}\u2028é`);
  const kindsOf = async (lines) => {
    const kinds = {};
    for await (const line of lines) {
      assert.ok(line.endsWith('}\n'));
      const { kind } = JSON.parse(line);
      kinds[kind] = (kinds[kind] ?? 0) + 1;
    }
    return kinds;
  };
  assert.deepEqual(await kindsOf(world.chat.export(world.id)), { workspace: 1, user: 2, channel: 1, member: 2, message: 120 });
  assert.equal((await kindsOf(world.chat.export(world.id, 'alice'))).message, 120);
  // One that is left ends: there may be 64 at a time.
  for (let i = 0; i < 100; ++i) for await (const _ of world.chat.export(world.id)) break;
  await assert.rejects(world.chat.export('nowhere').next(), { code: 'VALIDATION_ERROR' });
  await assert.rejects(world.chat.export(world.id, 'nobody').next(), { code: 'NOT_FOUND' });
});

test('imports', async (t) => {
  const world = await World.open(t);
  const told = [];
  const lines = oldLines(300);
  const options = { workspace: world.id, source: 'old', problems: 1 };
  const first = await world.chat.import(options, { lines: Readable.from([...lines, Buffer.from('{}\nnon'), '', 'sense\n']), onProgress: (progress) => told.push(progress) });
  assert.deepEqual([first.complete, first.imported, first.bad_lines, first.problems.map(({ line }) => line)], [false, 300, 2, [301]]);
  assert.ok(told.length > 0 && told.every(({ stage, position, size }) => stage && position <= size));
  const file = join(folder(t), 'old.jsonl');
  writeFileSync(file, lines.join(''));
  const second = await world.chat.import({ workspace: world.id, source: 'old', file });
  assert.deepEqual([second.complete, second.imported, second.already_there], [true, 0, 300]);
  await assert.rejects(world.chat.import({ workspace: world.id, source: 'old', file }, { lines: ['{}'] }), { code: 'MISUSE' });
  await assert.rejects(world.chat.import({ workspace: world.id, source: '' }), (error) => error.details.field === 'source');
  await assert.rejects(world.chat.import({ workspace: world.id, source: 'old', file: '/nowhere/old.jsonl' }),
    (error) => error.code === 'UNAVAILABLE' && error.details.imported === 0);
});

test('imports that are stopped', async (t) => {
  const world = await World.open(t);
  const lines = oldLines(300);
  const options = { workspace: world.id, source: 'stopped' };
  const stop = new AbortController();
  await assert.rejects(world.chat.import(options, { lines, onProgress: () => stop.abort(), signal: stop.signal }), { name: 'AbortError' });
  await assert.rejects(world.chat.import(options, { lines, signal: stop.signal }), { name: 'AbortError' });
  async function* aborted() {
    yield lines[0];
    again.abort();
    yield lines[1];
  }
  const again = new AbortController();
  await assert.rejects(world.chat.import(options, { lines: aborted(), signal: again.signal }), { name: 'AbortError' });
  const thrown = () => {
    throw new RangeError('enough');
  };
  // More than may be open at a time.
  for (let i = 0; i < 10; ++i) await assert.rejects(world.chat.import(options, { lines: oldLines(10), onProgress: thrown }), RangeError);
  for (let i = 0; i < 10; ++i) await assert.rejects(world.chat.import(options, { lines: (function* () { throw new RangeError('enough'); })() }), RangeError);
  const unfinished = world.chat.import(options, { lines, onProgress: () => void world.chat.close() });
  await assert.rejects(unfinished, { code: 'UNAVAILABLE' });
});

test('a closed engine does none of it', async (t) => {
  const at = folder(t);
  const world = await World.open(t);
  const left = world.chat.export(world.id);
  await left.next();
  const busy = [world.chat.metrics(), world.chat.backup(`${at}/a.db`), world.chat.rotateEpoch()].map((done) => done.then(() => 'done', ({ code }) => code));
  await world.chat.close();
  for (const outcome of await Promise.all(busy)) assert.ok(['done', 'UNAVAILABLE'].includes(outcome), outcome);
  const uses = [
    () => world.chat.backup(`${at}/copy.db`), () => world.chat.rotateEpoch(), () => world.chat.metrics(),
    () => world.chat.export(world.id).next(), () => world.chat.import({ workspace: world.id, source: 'old' }),
  ];
  for (const use of uses) await assert.rejects(use, { code: 'UNAVAILABLE' });
  await assert.rejects(async () => { for await (const line of left) assert.ok(line); }, { code: 'UNAVAILABLE' });
});

test('a moderator', async (t) => {
  const drafts = [];
  const verdicts = { rude: { verdict: 'refuse', reason: 'rude' }, loud: { verdict: 'change', text: 'quiet 👋' }, odd: { verdict: 'flag', reason: 'odd' } };
  const moderator = async (draft) => {
    drafts.push(draft);
    await world.chat.call('channel.get', { channel: draft.channel }, world.backend);
    return verdicts[draft.text] ?? { verdict: 'allow' };
  };
  const world = await World.open(t, {}, { moderator });
  for (const text of ['fine é', 'odd', 'loud']) await world.send(text);
  await assert.rejects(world.send('rude'), { code: 'MESSAGE_REJECTED' });
  await Promise.all(Array.from({ length: 50 }, (_, i) => world.send(`${i}`)));
  const { messages } = await world.chat.call('message.list', { channel: 'room', before: 'seq:4' }, world.alice);
  assert.deepEqual(messages.map(({ content }) => content).reverse(), ['fine é', 'odd', 'quiet 👋']);
  assert.deepEqual(drafts.slice(0, 4).map(({ text }) => text), ['fine é', 'odd', 'loud', 'rude']);
  assert.equal(drafts.length, 54);
  assert.equal(drafts[0].workspace, world.id);
});

test('a moderator that fails leaves it to the deadline', async (t) => {
  const warnings = [];
  const listen = ({ message }) => warnings.push(message);
  process.on('warning', listen);
  t.after(() => process.off('warning', listen));
  const verdicts = [() => ({ verdict: 'perhaps' }), () => undefined, () => { throw new RangeError('no idea'); }];
  for (const moderator of verdicts) {
    const world = await World.open(t, { moderator_late: 'refuse', moderator_deadline_ms: 100 }, { moderator });
    await assert.rejects(world.send('what?'), { code: 'UNAVAILABLE' });
    await world.chat.close();
  }
  assert.ok(warnings.every((warning) => warning.startsWith('the moderator failed')), warnings.join());
});

test('a moderator that is busy while the engine is closed', async (t) => {
  let asked;
  const isAsked = new Promise((resolve) => (asked = resolve));
  let goOn;
  const moderator = () => {
    asked();
    return new Promise((resolve) => (goOn = resolve));
  };
  const world = await World.open(t, { moderator_late: 'refuse', moderator_deadline_ms: 60_000 }, { moderator });
  const late = world.send('late').then(() => 'stored', ({ code }) => code);
  await isAsked;
  await world.chat.close(0);
  assert.equal(await late, 'UNAVAILABLE');
  goOn({ verdict: 'allow' });
});
