// Users of this package's client chat over bad links, while the server and their own processes are killed and the epoch changes: in
// the end each client shows what the server has, and each message that was sent is there once and in order.
//   CARIOSAN_SERVER=… node run.mjs [seconds]        CARIOSAN_TEST_SEED repeats the choices, but not the timing

import assert from 'node:assert/strict';
import { build } from 'esbuild';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { needs, needsServer } from '../../../../needs.mjs';
import { compareHeld, comparePresses, compareVanished } from './compare.mjs';

needs('ws');
needsServer();
const { forEachAtOnce } = await import('../../../../../../tests/integration/data.mjs');
const { TestServer } = await import('../../../../../../tests/integration/server.mjs');
const { compareTruth, readTruth } = await import('../../../../../../tests/crash/truth.mjs');
const { BackendActor } = await import('../../../../../../tests/crash/workload.mjs');
const { pause } = await import('../../../../../../tests/crash/world.mjs');
const { Field } = await import('./field.mjs');

const SECONDS = Number(process.argv[2] ?? 15);
const SEED = Number(process.env.CARIOSAN_TEST_SEED ?? 20260131);
/// Who polls tries a socket once a minute.
const PATIENCE = 100_000;
/// Whoever has hundreds of messages to send is limited by the server.
const SETTLES_WITHIN = 900_000;
const FLOOD = 1050; // messages: more changed objects than a client is updated with step by step
/// What a truth says of marks that were still under way is read once more.
const LOOKS = 6;
const SCRIPT = ['host', 'kill', 'host', 'flood', 'host', 'kill', 'host', 'rotate', 'host', 'kill'];
const here = dirname(fileURLToPath(import.meta.url));

async function flood(field) {
  field.counts.floods += 1;
  const away = field.players.filter(({ client }) => client.channels.has(field.flooded.id)).slice(0, 4);
  for (const { link } of away) link.block();
  await forEachAtOnce(Array.from({ length: FLOOD }, (_, at) => at), 20, async () => {
    const entry = field.newSend(field.flooded.id, 'flood');
    const answer = await field.backend('POST', `/v1/channels/${entry.channel}/messages`, { user: 'flooder', content: entry.content, idempotency_key: entry.key });
    entry.refused = answer.status >= 400;
    if (!entry.refused) field.acknowledged(entry, answer.body, answer.status === 200);
  });
  for (const { link } of away) link.unblock();
}

async function disturb(field, what) {
  if (what === 'flood') return flood(field);
  if (what === 'kill') {
    await field.server.kill();
    field.counts.kills += 1;
    return field.server.start();
  }
  if (what === 'rotate') {
    field.counts.rotations += 1;
    await field.server.done('epoch', 'rotate');
    for (const { client } of field.players) if (field.chance(0.5)) client.drop();
    return undefined;
  }
  const host = field.pick(field.hosts);
  await host.kill();
  host.start();
  host.tell({ play: true });
  return undefined;
}

async function play(field) {
  const backend = [new BackendActor(field), new BackendActor(field)].map((actor) => actor.run(field.pace));
  for (const host of field.hosts) host.tell({ play: true });
  const begun = Date.now();
  const rounds = Math.max(1, Math.round(SECONDS / 60));
  const script = Array.from({ length: rounds }, () => SCRIPT).flat();
  for (const [at, what] of script.entries()) {
    const moment = begun + 1000 * SECONDS * (at + 0.2 + 0.7 * field.random()) / script.length;
    while (Date.now() < moment) await pause(5);
    await disturb(field, what);
  }
  while (Date.now() - begun < 1000 * SECONDS) await pause(5);
  field.over = true;
  for (const { link } of field.players) link.heal();
  await Promise.all(backend);
  await field.ask({ stop: true }, ({ stopped }) => stopped);
}

const revsOf = (truth) => Object.fromEntries([...truth].map(([id, { item }]) => [id, item.rev]));

/// Compares everyone with the server. What differs while marks of reading are under way is looked at again.
async function compareAll(field, truths, when) {
  const found = [];
  await forEachAtOnce(field.players, 2, async (player) => {
    const where = `player ${player.index} (${player.user.external_id} of ${player.user.workspace.name}, ${player.storage}, ${when})`;
    let differences = [];
    for (let look = 0; look < LOOKS; look += 1) {
      const truth = look === 0 && truths.has(player.user) ? truths.get(player.user) : await readTruth(player.user.rest, player.user.id);
      truths.set(player.user, truth);
      const told = await field.report(player, revsOf(truth), look === 0 ? PATIENCE : 2_000);
      differences = [...(told.there ? [] : [`${where} does not catch up`]), ...compareHeld(told, truth, where)];
      if (differences.length === 0) return;
    }
    found.push(...differences);
  });
  return found;
}

/// Whether the server's own accounts agree. Marks may come between two of its answers; and how far somebody has got whom the user
/// has blocked is not in the changes, if it is by a message that is not shown.
async function compareAccounts(user, truth) {
  const blocked = (await user.rest.expect(200, 'GET', '/v1/me/blocks?limit=100')).blocks.map(({ user: { id } }) => id);
  const found = (account) => compareTruth(account, user.external_id).filter((what) => !blocked.some((id) => what.includes(`the receipts of ${id}`)) && !(blocked.length > 0 && / more$/.test(what)));
  let left = found(truth);
  for (let look = 1; look < LOOKS && left.length > 0; look += 1) left = found(await readTruth(user.rest, user.id));
  return left;
}

async function settle(field) {
  const answers = await field.ask({ settle: PATIENCE }, ({ settled }) => settled !== undefined, SETTLES_WITHIN);
  return [...answers.values()].flatMap(({ player, settled, state, waiting }) =>
    (settled ? [] : [`player ${player} does not come to rest: ${state}, ${waiting} messages wait`]));
}

async function restart(field, options) {
  for (const host of field.hosts) {
    await host.kill();
    host.start(options);
  }
  return settle(field);
}

async function compare(field) {
  const found = await settle(field);
  const truths = new Map();
  found.push(...(await compareAll(field, truths, 'live')));
  for (const { client } of field.players) client.drop();
  found.push(...(await settle(field)), ...(await compareAll(field, truths, 'resumed')));
  found.push(...(await restart(field)), ...(await compareAll(field, truths, 'from the disk')));
  found.push(...(await restart(field, { fresh: true })));
  for (const host of field.hosts) host.tell({ openAll: true });
  found.push(...(await compareAll(field, truths, 'from nothing')));
  for (const [user, truth] of truths) found.push(...(await compareAccounts(user, truth)));
  const presses = comparePresses(field, truths);
  found.push(...presses.found, ...compareVanished(field, truths), ...field.violations);
  for (const { index, client } of field.players) found.push(...client.broken.map((what) => `player ${index}: ${what}`));
  return { found, judged: presses.judged };
}

test('everyone ends up with the same state, and nothing that was sent is lost or doubled', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'cariosan-checker-'));
  // Beside the packages that it asks for.
  const program = join(here, `host.${process.pid}.mjs`);
  t.after(() => { for (const path of [folder, program]) rmSync(path, { recursive: true, force: true }); });
  await build({ entryPoints: [join(here, 'host.ts')], outfile: program, bundle: true, platform: 'node', format: 'esm', target: 'node20', packages: 'external' });
  const server = await TestServer.start(t, { env: { CARIOS_WS_MAX_BACKLOG_BYTES: '524288' } });
  const field = new Field(server, SEED, { folder, program, pace: 250 });
  await field.populate(t);
  for (const host of field.hosts) host.start();
  field.steady.client.open();
  await settle(field);
  await play(field);
  const { found, judged } = await compare(field);
  const sum = (name) => field.players.reduce((total, { link }) => total + link.counts[name], 0);
  const report = {
    seed: SEED, seconds: SECONDS, ...field.counts, hosts_killed: field.hosts.reduce((total, { kills }) => total + kills, 0),
    presses: field.presses.size, judged, connections: sum('connections'), cuts: sum('cuts'), hangs: sum('hangs'), late: sum('late'),
  };
  t.diagnostic(JSON.stringify(report));
  if (found.length > 0) writeFileSync(join(tmpdir(), `cariosan-checker-${SEED}.txt`), found.join('\n'));
  assert.ok(found.length === 0, `${found.length} faults, seed ${SEED}\n${found.slice(0, 12).join('\n')}`);
  for (const what of ['kills', 'floods', 'rotations', 'hosts_killed', 'cuts', 'judged']) assert.ok(report[what] > 0, `no ${what}`);
});
