// Whatever is lost, cut off, repeated or late: at rest the client holds what the server holds.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { forgetMessages } from '../../src/state/merging.ts';
import { compare, watchRevisions } from './compare.ts';
import { player, type Player } from './player.ts';
import { modelServer, type ModelServer } from './server.ts';
import { BLOCKED, VIEWER } from './truth.ts';

const channel = fc.oneof({ weight: 3, arbitrary: fc.constant('c1') }, { weight: 1, arbitrary: fc.constantFrom('c2', 'c3') });
const someone = fc.constantFrom(VIEWER, 'u1', 'u2', 'u3');
const other = fc.constantFrom('u1', 'u2', 'u3');
const pick = fc.nat(30);
/** What is written right before the end of a run. The rest is as old as it was. */
const keeps = fc.array(fc.record({ channel, messages: fc.boolean() }), { maxLength: 3 });
const emoji = fc.constantFrom('👍', '❤️', '🎉');

const serverStep = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('say'), channel, who: someone, names: fc.boolean(), parent: fc.option(pick) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('say'), channel, who: fc.constant(BLOCKED), names: fc.boolean(), parent: fc.option(pick) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('edit', 'unsend'), channel, pick }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('react'), channel, pick, who: someone, emoji: fc.option(emoji) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('batch'), channel, picks: fc.array(pick, { minLength: 1, maxLength: 4 }), who: someone, emoji }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('rename'), channel, known: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('member'), channel, who: other, left: fc.boolean(), admin: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('viewer'), channel, left: fc.boolean(), admin: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('read'), channel, who: someone, upTo: pick }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('unread', 'hole'), channel, pick, names: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restore'), pick }) },
);
const lineStep = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('deliver'), count: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('serve'), count: fc.integer({ min: 1, max: 8 }) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('answer'), pick, age: fc.oneof(fc.constant(0), fc.nat(6)) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('lose', 'repeat'), pick }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('drop', 'cut', 'pause') }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('connect') }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('keep', 'keep messages'), channel }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('reload'), keeps, warms: fc.boolean() }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('newest', 'older', 'newer', 'members', 'receipts', 'forget', 'back', 'warm'), channel }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('around'), channel, pick }) },
);

type Step = Partial<{
  channel: string; who: string; names: boolean; parent: number | null; pick: number; emoji: string | null; picks: number[]; known: boolean;
  left: boolean; admin: boolean; upTo: number; count: number; age: number; keeps: { channel: string; messages: boolean }[]; warms: boolean;
}> & { do: string };

/** True: the server was changed. */
function changeServer(server: ModelServer, step: Step): boolean {
  const { channel: id = 'c1', who = 'u1', pick: at = 0 } = step;
  const role = step.admin ? 'admin' : 'member';
  switch (step.do) {
    case 'say': server.say(id, who, step.names ? [VIEWER] : [], step.parent ?? null); break;
    case 'edit': server.edit(id, at); break;
    case 'unsend': server.unsend(id, at); break;
    case 'react': server.react(id, at, who, step.emoji ?? null); break;
    case 'batch': server.batch(id, step.picks ?? [], who, step.emoji ?? '👍'); break;
    case 'rename': server.rename(id, `name ${server.now(id).rev}`, step.known ?? true); break;
    case 'member': server.membership(id, who, { role, left: step.left ?? false }); break;
    case 'viewer': server.membership(id, VIEWER, { role, left: step.left ?? false }); break;
    case 'read': server.read(id, who, step.upTo ?? 0); break;
    case 'unread': server.tellUnread(id); break;
    case 'hole': server.hole(id, () => {
      server.say(id, 'u1', step.names ? [VIEWER] : [], null);
      server.unsend(id, at);
    }); break;
    default: return false;
  }
  return true;
}

interface Run {
  readonly server: ModelServer;
  client: Player;
  /** Something was lost on this connection: only a new one makes up for it. */
  lossy: boolean;
}

function load({ client, server }: Run, step: Step): void {
  const held = client.held.get(step.channel ?? '');
  if (held === undefined) return;
  const ignore = (): void => {};
  if (step.do === 'forget') forgetMessages(held);
  if (step.do === 'warm') client.warm(held.id);
  if (step.do === 'back') held.windows.place({ side: null });
  if (step.do === 'newest') client.load.newest(held).catch(ignore);
  if (step.do === 'older') client.load.older(held).catch(ignore);
  if (step.do === 'newer') client.load.newer(held).catch(ignore);
  if (step.do === 'members') client.load.members(held).catch(ignore);
  if (step.do === 'receipts') client.load.receipts(held).catch(ignore);
  if (step.do === 'around') {
    const ids = [...server.now(held.id).messages.keys()];
    const id = ids[(step.pick ?? 0) % Math.max(1, ids.length)];
    if (id !== undefined) client.load.around(held, id).catch(ignore);
  }
}

/** The process ends, and another one begins with what was stored. */
function reload(run: Run, { keeps: last = [], warms }: Step): void {
  for (const { channel: id, messages } of last) run.client.keep(id, messages ? 'timeline' : 'channel');
  run.client.cut();
  run.lossy = false;
  run.client = player(run.server, run.client.stored);
  if (warms) for (const id of run.client.stored.timelines.keys()) run.client.warm(id);
}

function moveLine(run: Run, step: Step): void {
  const { client, server } = run;
  const one = client.waiting[(step.pick ?? 0) % Math.max(1, client.waiting.length)];
  const times = Array.from({ length: step.count ?? 1 });
  switch (step.do) {
    case 'deliver': times.forEach(() => client.deliver()); break;
    case 'serve': if (server.link !== null) times.forEach(() => server.serve()); break;
    case 'answer': if (one) { client.waiting.splice(client.waiting.indexOf(one), 1); one.answer(step.age ?? 0); } break;
    case 'lose': if (one) { client.waiting.splice(client.waiting.indexOf(one), 1); one.lose(); } break;
    case 'repeat': client.repeat(step.pick ?? 0); break;
    case 'drop': run.lossy = client.drop() || run.lossy; break;
    case 'cut': client.cut(); break;
    case 'restore': server.restore(step.pick ?? 0); client.cut(); break;
    case 'keep': client.keep(step.channel ?? '', 'channel'); break;
    case 'keep messages': client.keep(step.channel ?? '', 'timeline'); break;
    case 'reload': reload(run, step); break;
    case 'pause': client.pauses.shift()?.(); break;
    case 'connect': if (server.link === null) { run.lossy = false; client.connect(); } break;
    default: load(run, step);
  }
}

const microtasks = async (): Promise<void> => { for (let at = 0; at < 12; at += 1) await Promise.resolve(); };

/** Lets everything that is under way come to its end. */
async function rest(run: Run): Promise<void> {
  const { client, server } = run;
  if (run.lossy || server.link === null) {
    client.cut();
    run.lossy = false;
    client.connect();
  }
  for (let quiet = 0, steps = 0; quiet < 3; steps += 1) {
    if (quiet === 2) server.settleUnread();
    if (steps > 5_000) throw new Error('the client never comes to rest');
    if (server.jobs > 0) server.serve();
    let busy = client.deliver() || server.jobs > 0;
    for (const one of client.waiting.splice(0)) { one.answer(0); busy = true; }
    for (const go of client.pauses.splice(0)) { go(); busy = true; }
    await microtasks();
    quiet = busy ? 0 : quiet + 1;
  }
}

/** As somebody sees a channel who has it on the screen. */
async function beginLoaded(run: Run, messages: number): Promise<void> {
  for (let at = 0; at < messages; at += 1) run.server.say('c1', 'u1', [], null);
  await rest(run);
  load(run, { do: 'newest', channel: 'c1' });
  await rest(run);
  run.client.keep('c1', 'timeline');
}

test('at rest the client holds what the server holds', async () => {
  const runs = Number(process.env['CARIOSAN_MODEL_RUNS'] ?? 2_000);
  const seed = Number(process.env['CARIOSAN_MODEL_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`model: seed ${seed}, ${runs} runs`);
  const steps = fc.array(fc.oneof(serverStep, lineStep), { minLength: 5, maxLength: 120, size: 'max' });
  await fc.assert(fc.asyncProperty(steps, fc.boolean(), fc.nat(6), fc.option(keeps), async (list, tellsCount, loaded, last) => {
    const server = modelServer(tellsCount);
    const run: Run = { server, client: player(server), lossy: false };
    const watch = watchRevisions();
    run.client.connect();
    if (loaded > 0) await beginLoaded(run, loaded);
    for (const step of list as Step[]) {
      if (!changeServer(server, step)) moveLine(run, step);
      await microtasks();
      run.client.held.channels.forEach(watch);
    }
    if (last !== null) reload(run, { do: 'reload', keeps: last, warms: true });
    await rest(run);
    expect(run.client.live).toBe(true);
    run.client.held.channels.forEach(watch);
    compare(run.client, server, tellsCount);
  }), { numRuns: runs, seed });
}, 600_000);
