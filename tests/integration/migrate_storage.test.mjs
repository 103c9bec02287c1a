// From SQLite to PostgreSQL: a database with everything in it, a move that is killed, wrong sources and targets; and what REST
// answers before and after.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PostgresDatabase, runSql } from './database.mjs';
import { allPages } from './rest.mjs';
import { TestServer, TestWorkspace } from './server.mjs';

const services = fileURLToPath(new URL('../../cmake/services.sh', import.meta.url));
const PEOPLE = ['alice', 'budi', 'citra'];

/// The URL of a server, or why there is none.
function postgresServer() {
  if (process.env.CARIOSAN_TEST_POSTGRES) return { url: process.env.CARIOSAN_TEST_POSTGRES };
  const folder = mkdtempSync(join(tmpdir(), 'cariosan-move-'));
  const started = spawnSync(services, ['postgres', 'start', folder], { encoding: 'utf8' });
  if (started.status !== 0) {
    rmSync(folder, { recursive: true, force: true });
    return { skip: started.stderr.trim() };
  }
  after(() => {
    spawnSync(services, ['postgres', 'stop', folder, 'immediate']);
    rmSync(folder, { recursive: true, force: true });
  });
  return { url: started.stdout.trim() };
}
const { url: postgres, skip = false } = postgresServer();

function emptyDatabase(t) {
  const database = new PostgresDatabase(postgres);
  t.after(() => database.remove());
  return database;
}

function onSqlite(t) {
  const server = TestServer.prepare(t, { env: { CARIOS_DATABASE_URL: 'sqlite:chat.db' } });
  server.env.CARIOS_DATABASE_URL = `sqlite:${server.database}`;
  return server;
}

const move = (server, database, ...more) => ['migrate-storage', '--from', `sqlite:${server.database}`, '--to', database.url, ...more];

async function done(rest, method, path) {
  const answer = await rest.request(method, path);
  assert.ok(answer.status >= 200 && answer.status < 300, `${method} ${path}: ${answer.text}`);
}

/// Writes a little of everything.
async function fill(server) {
  const shop = await server.createWorkspace();
  for (const name of [...PEOPLE, 'dewi']) await shop.createUser(name, `${name} 😀`);
  const group = await shop.createGroup('g', [...PEOPLE, 'dewi']);
  await shop.rest.expect(200, 'PATCH', '/v1/workspace', { moderation: { enabled: true, blocklist: ['rhubarb'] } });
  const [alice, budi, citra, dewi] = await Promise.all([...PEOPLE, 'dewi'].map((name) => shop.as(name)));
  await shop.rest.expect(201, 'POST', '/v1/webhooks', { url: 'http://127.0.0.1:9/', events: ['*'] });
  const direct = await shop.rest.expect(201, 'POST', '/v1/channels', { type: 'direct', member_external_ids: ['alice', 'budi'] });
  const say = (rest, content, more = {}, channel = group.id) =>
      rest.expect(201, 'POST', `/v1/channels/${channel}/messages`, { content, idempotency_key: `${content} ${channel}`, ...more });
  const of = (message) => `/v1/channels/${message.channel_id}/messages/${message.id}`;
  const first = await say(alice, 'hello @budi, how are the mangoes?', { mentions: [{ user: 'budi', spans: [[6, 5]] }] });
  const second = await say(budi, 'ripe 🥭', { parent_id: first.id, metadata: { box: 7 } });
  await say(dewi, 'from somebody who will be gone');
  const unsent = await say(citra, 'never mind');
  const flagged = await say(citra, 'about rhubarb pie');
  await say(alice, 'between the two of us', {}, direct.id);
  await budi.expect(200, 'PATCH', of(second), { content: 'ripe and sweet 🥭' });
  await done(citra, 'DELETE', of(unsent));
  for (const rest of [alice, citra]) await done(rest, 'PUT', `${of(second)}/reactions/${encodeURIComponent('❤️')}`);
  await done(citra, 'PUT', '/v1/me/blocks/budi');
  await shop.rest.expect(200, 'PUT', '/v1/users/citra/mute', { channel: 'g', seconds: 360000, reason: 'rude' });
  await budi.expect(200, 'POST', `/v1/channels/${group.id}/read`, { message_id: second.id });
  await alice.expect(200, 'PATCH', `/v1/me/channels/${group.id}`, { pinned: true });
  await alice.expect(200, 'PATCH', `/v1/me/channels/${direct.id}`, { archived: true });
  await shop.rest.expect(200, 'PATCH', `/v1/channels/${group.id}/members/budi`, { role: 'admin' });
  await done(shop.rest, 'DELETE', `/v1/channels/${group.id}/members/citra`);
  await done(shop.rest, 'DELETE', '/v1/users/dewi');
  assert.ok(flagged.id);
  return { shop, group, direct };
}

/// What does not depend on the moment.
const steady = (value) => JSON.parse(JSON.stringify(value, (name, item) => (['server_time', 'online', 'last_seen_at', 'request_id'].includes(name) ? undefined : item)));

/// All that can be read, by whom.
async function everything({ shop, group, direct }) {
  const seen = {};
  const add = (who, path, answer) => (seen[`${who} ${path}`] = { status: answer.status, body: steady(answer.body ?? null) });
  for (const path of ['workspace', 'users', 'channels', 'mutes', 'moderation/actions', 'webhooks', 'users/budi/export', 'users/citra/export']) {
    add('backend', path, await shop.rest.get(`/v1/${path}`));
  }
  const [hook] = (await shop.rest.expect(200, 'GET', '/v1/webhooks')).webhooks;
  const deliveries = await allPages(shop.rest, `/v1/webhooks/${hook.id}/deliveries?limit=100`, 'deliveries');
  // How often they were tried depends on the moment.
  seen.deliveries = deliveries.map(({ event_id, event, status }) => [event_id, event, status]);
  for (const name of PEOPLE) {
    const rest = await shop.as(name);
    const paths = ['me', 'me/channels', 'me/channels?archived=true', 'me/blocks', 'me/preferences', 'search?q=mangoes', 'search?q=sweet'];
    for (const channel of [group.id, direct.id]) {
      for (const part of ['', '/messages?limit=100', '/members', '/receipts', '/changes?since=0']) paths.push(`channels/${channel}${part}`);
    }
    for (const path of paths) add(name, path, await rest.get(`/v1/${path}`));
  }
  return seen;
}

/// Adds so many messages that a move takes a while.
async function addMany(server) {
  const path = join(server.folder, 'many.jsonl');
  const line = (i) => JSON.stringify({ channel: 'old', ts: '2020-01-01T10:00:00Z', user: `u${i % 7}`, text: `message ${i}`, id: `m${i}` });
  writeFileSync(path, Array.from({ length: 12_000 }, (_, i) => `${line(i)}\n`).join(''));
  await server.done('import', path, '--workspace', 'Shop');
}

/// Kills the move as soon as it says that it copies messages.
async function killedMove(server, database) {
  const child = spawn(process.env.CARIOSAN_SERVER, move(server, database), { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text;
    if (said.includes('copying messages')) child.kill('SIGKILL');
  });
  const [, signal] = await once(child, 'close');
  assert.equal(signal, 'SIGKILL', said);
}

test('a server on PostgreSQL answers as the one on SQLite did', { skip }, async (t) => {
  const server = onSqlite(t);
  await server.start();
  const world = await fill(server);
  await addMany(server);
  const before = await everything(world);
  assert.ok(before.deliveries.length > 10);
  assert.equal(before['alice me/channels'].body.channels.length, 1);
  const database = emptyDatabase(t);
  assert.match(await server.failed(1, ...move(server, database)), /is in use; stop its server first/);
  await server.stop();

  await killedMove(server, database);
  const half = { ...server.env, CARIOS_DATABASE_URL: database.url };
  const refused = TestServer.prepare(t, { env: half });
  assert.match(await refused.failed(1, 'workspace', 'list'), /what migrate-storage is moving there/);
  const moved = await server.cli(...move(server, database, '--json'));
  assert.equal(moved.code, 0, moved.stderr);
  const report = JSON.parse(moved.stdout);
  assert.equal(report.continued, true);
  assert.deepEqual(report.differences, []);
  for (const [table, rows] of Object.entries(report.tables)) assert.equal(rows.postgres, rows.sqlite, table);
  assert.ok(report.tables.messages.postgres > 12_000);

  const next = TestServer.prepare(t, { env: half });
  await next.start();
  const there = { ...world, shop: new TestWorkspace(next, { ...world.shop, api_key: world.shop.apiKey, api_secret: world.shop.apiSecret }) };
  const answers = await everything(there);
  for (const [what, answer] of Object.entries(before)) assert.deepEqual(answers[what], answer, what);
  const alice = await there.shop.as('alice');
  const { last_seq } = (await alice.expect(200, 'GET', `/v1/me/channels/${world.group.id}`));
  const sent = await alice.expect(201, 'POST', `/v1/channels/${world.group.id}/messages`, { content: 'and on we go' });
  if (last_seq !== undefined) assert.equal(sent.seq, last_seq + 1);
});

test('what cannot be moved is refused, and no password is shown', { skip }, async (t) => {
  const server = onSqlite(t);
  await server.done('workspace', 'create', '--name', 'Shop');
  const database = emptyDatabase(t);
  const secret = 'postgres://chat:hunter2@127.0.0.1:1/chat';
  for (const [code, args, words] of [
    [2, ['--from', 'chat.db', '--to', secret], /no SQLite database is named/],
    [2, ['--from', 'sqlite:chat.db', '--to', 'mysql://chat:hunter2@host/chat'], /no PostgreSQL database is named/],
    [1, ['--from', `sqlite:${server.database}.none`, '--to', secret], /there is no SQLite database/],
    [1, ['--from', `sqlite:${server.database}`, '--to', secret], /cannot open the database/],
  ]) {
    const words_said = await server.failed(code, 'migrate-storage', ...args);
    assert.match(words_said, words);
    assert.doesNotMatch(words_said, /hunter2/);
  }
  assert.match((await server.cli(...move(server, database))).stdout, /copied \d+ rows/);
  assert.match(await server.done(...move(server, database)), /nothing to do/);
  const other = onSqlite(t);
  await other.done('workspace', 'create', '--name', 'Other');
  assert.match(await other.failed(1, ...move(other, database)), /holds other data already/);
  assert.equal(runSql(database.url, 'SELECT name FROM workspaces'), 'Shop');
  assert.ok(readFileSync(server.database).length > 0);
});
