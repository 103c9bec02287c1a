// Three nodes over one PostgreSQL and one Redis: everyone ends up with the server's state, whatever was killed, stopped, cut or
// emptied meanwhile. CARIOSAN_CHECKER_SECONDS=300 plays for five minutes instead of a fixed number of operations.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Client } from '../integration/client.mjs';
import { eventually, within } from '../integration/data.mjs';
import { HookReceiver } from '../integration/hook_receiver.mjs';
import { BACKLOG, check, flood } from './checker.mjs';
import { Cluster } from './cluster.mjs';
import * as happens from './disturbances.mjs';

const SEED = Number(process.env.CARIOSAN_TEST_SEED ?? 20260131);
const SECONDS = Number(process.env.CARIOSAN_CHECKER_SECONDS ?? 0);
const PAUSE = SECONDS > 0 ? 20 : 3; // s

const SCRIPT = [
  happens.killNode, happens.restartRedis, happens.restartPostgres('fast'), flood, happens.cutLinks, happens.pauseRedis(PAUSE),
  happens.killNode, happens.blockLink('postgres'), happens.emptyRedis, happens.restartPostgres('immediate'), happens.delayLink('postgres'),
  happens.blockLink('redis'), happens.restartNodes, happens.delayLink('redis'), happens.killNode,
];

test('three nodes, and everyone ends up with the same state', async (t) => {
  const cluster = await Cluster.start(t, { seed: SEED, env: { ...BACKLOG, CARIOS_WEBHOOK_ALLOW_PRIVATE: 'true' } });
  if (cluster === null) return console.log('skipped: three nodes need PostgreSQL and Redis');
  const receiver = await HookReceiver.start(t);
  const { found, report, stored } = await check(t, {
    seed: SEED, seconds: SECONDS, pace: SECONDS > 0 ? 250 : 60, server: cluster, script: SCRIPT, patience: 90_000,
    prepare: (world) => world.shop.rest.expect(201, 'POST', '/v1/webhooks', { url: receiver.url, events: ['message.created'] }),
  });
  const delivered = new Map();
  const missing = () => {
    delivered.clear();
    for (const { body } of receiver.deliveries) {
      const { id } = body.data.message;
      delivered.set(id, (delivered.get(id) ?? 0) + 1);
    }
    return [...stored.keys()].filter((id) => !delivered.has(id));
  };
  // They may be far behind, but they must keep coming.
  for (let before = -1; missing().length > 0 && before < receiver.deliveries.length;) {
    before = receiver.deliveries.length;
    await eventually(() => missing().length === 0, 'the last webhooks', 120_000).catch(() => {});
  }
  if (missing().length > 0) {
    for (const what of ['pending, failed_attempts, failed_deliveries, enabled, disabled_reason, leased_until FROM webhooks',
      'status, attempts, last_error, count(*), min(due), max(due) FROM deliveries GROUP BY 1, 2, 3']) {
      t.diagnostic(cluster.sql(`SELECT ${what}`));
    }
  }
  found.push(...missing().map((id) => `no webhook said that message ${id} was created`));
  report.webhooks = receiver.deliveries.length;
  report.webhooks_repeated = [...delivered.values()].filter((count) => count > 1).length;
  t.diagnostic(JSON.stringify(report));
  assert.deepEqual(found, [], `${found.length} faults, seed ${SEED}`);
  for (const what of ['kills', 'floods', 'cuts', 'hangs', 'resumes', 'resets', 'redis_restarts', 'redis_emptied', 'redis_pauses',
    'postgres_fast', 'postgres_immediate', 'restarts']) {
    assert.ok(report[what] > 0, `no ${what}`);
  }
  return undefined;
});

test('three nodes give a user one limit, and a lease more each', async (t) => {
  const cluster = await Cluster.start(t, { seed: SEED, env: { CARIOS_RATE_LIMITS: 'on' } });
  if (cluster === null) return console.log('skipped: three nodes need PostgreSQL and Redis');
  const shop = await cluster.createWorkspace('Shop');
  await shop.createUser('budi');
  const channel = await shop.createGroup('group', ['budi']);
  const rest = await shop.as('budi');
  const PER_MINUTE = 60;
  const LEASE = PER_MINUTE / 8;
  const begun = Date.now();
  let taken = 0;
  // Three times as many as one node would take.
  for (let i = 0; i < 4 * PER_MINUTE; ++i) {
    const { status } = await rest.post(`/v1/channels/${channel.id}/messages`, { content: `${i}` });
    assert.ok(status === 201 || status === 429, `${status}`);
    if (status === 201) taken += 1;
  }
  const earned = Math.ceil((Date.now() - begun) / 1000 * PER_MINUTE / 60);
  // A node may take another lease before it hears of the others' tokens.
  assert.ok(taken >= PER_MINUTE && taken <= PER_MINUTE + earned + 3 * 2 * LEASE, `${taken} of one limit and ${earned} tokens earned since`);
  t.diagnostic(`${taken} messages, ${earned} tokens earned meanwhile`);
  return undefined;
});

test('when a node is killed, those who see its users online on another one are told, and by when they were last there', async (t) => {
  const cluster = await Cluster.start(t, { seed: SEED, nodes: 2 });
  if (cluster === null) return console.log('skipped: several nodes need PostgreSQL and Redis');
  const [dying, staying] = cluster.nodes.map(({ server }) => server);
  const shop = await cluster.createWorkspace('Shop');
  for (const name of ['alice', 'budi']) await shop.createUser(name);
  await shop.createGroup('g', ['alice', 'budi']);
  const connect = async (server, name) => {
    const client = new Client(server, await shop.token(name), { reconnect: false });
    t.after(() => client.close());
    client.on('frame', ({ type, data }) => type === 'presence.update' && client.told.push(...data.users));
    client.told = [];
    const synced = once(client, 'synced');
    client.open();
    await within(synced, `${name} is synced`);
    return client;
  };
  const alice = await connect(staying, 'alice');
  await connect(dying, 'budi');
  await eventually(() => alice.told.some(({ status }) => status === 'online'), 'budi is shown as online');

  const killed = Date.now();
  await dying.kill();
  await eventually(() => alice.told.some(({ status }) => status === 'offline'), 'budi is shown as offline', 120_000);
  t.diagnostic(`told after ${((Date.now() - killed) / 1000).toFixed(1)} s`);
  const [told, ...more] = alice.told.filter(({ status }) => status === 'offline');
  assert.deepEqual(more, []);
  assert.equal(told.external_id, 'budi');
  // Nobody but the other node can have recorded it.
  const asAlice = await shop.as('alice');
  await eventually(async () => {
    const [budi] = (await asAlice.expect(200, 'GET', '/v1/presence?users=budi')).presence;
    assert.equal(budi.status, 'offline');
    return budi.last_seen_at !== null && budi.last_seen_at === told.last_seen_at;
  }, 'when budi was there is stored');
  return undefined;
});
