// The bundled server compared with the bare limit of the machine: CPU per delivered frame and per send, memory per idle
// connection, start-up time, and how long everyone takes to reconnect after a restart.
//
//   node server_bench.mjs FOLDER_OF_PROGRAMS [fanout] [acks] [idle] [waiting] [reconnect] [storm] [presence] [start]
import { spawn, execFileSync } from 'node:child_process';
import { once, setMaxListeners } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { performance } from 'node:perf_hooks';

const [build, ...wanted] = process.argv.slice(2);
if (!build) {
  console.error('usage: node server_bench.mjs FOLDER_OF_PROGRAMS [fanout] [acks] [idle] [waiting] [reconnect] [storm] [presence] [start]');
  process.exit(2);
}
process.env.CARIOSAN_SERVER ??= join(build, '../../examples/server/cariosan-server');
const { BROADCAST, figuresOf, linesIn, makeLargeGroup, makeUsers, median, pin, ROUNDS, SENTENCE, withServer } = await import('./bench_server.mjs');
const { TestServer } = await import('../integration/server.mjs');
const { forEachAtOnce } = await import('../integration/data.mjs');
const { Rest } = await import('../integration/rest.mjs');

const does = (part) => wanted.length === 0 || wanted.includes(part);
const load = (options) => figuresOf(build, 'load', options);

async function fanout() {
  await withServer({ CARIOS_THREADS: '1' }, async (server) => {
    const workspace = await server.createWorkspace('Bench');
    const tokens = await makeLargeGroup(workspace);
    const file = linesIn(server, 'tokens', tokens);
    pin(server.pid, 0);
    const sample = await sampleFrame(server, workspace, SENTENCE);
    const bare = spawn('taskset', ['-c', '0', join(build, 'bare_fanout'), String(sample)], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [line] = await once(createInterface({ input: bare.stdout }), 'line');
    const barePort = Number(/(\d+)/.exec(line)[1]);
    for (const inFlight of [1, 16]) {
      const ours = [];
      const limit = [];
      const latencies = [];
      const deflated = [];
      for (let round = 0; round < ROUNDS; ++round) {
        const broadcasts = inFlight === 1 ? 500 : 2000;
        const common = { broadcasts, 'in-flight': inFlight, warmup: 50 };
        limit.push((await load({ ...common, port: barePort, connections: 1000, pid: bare.pid })).cpu_ns_per_delivery);
        const result = await load({ ...common, port: server.port, tokens: file, pid: server.pid, ...BROADCAST });
        ours.push(result.cpu_ns_per_delivery);
        latencies.push(result.p99_us);
        deflated.push(await load({ ...common, port: server.port, tokens: file, pid: server.pid, deflate: 1, ...BROADCAST }));
      }
      const [a, b] = [median(ours), median(limit)];
      console.log(`fan-out to 1,000, ${String(inFlight).padStart(2)} in flight   ${a} ns of server CPU per delivery   bare_fanout ${b} ns   ratio ${(a / b).toFixed(2)}   p99 ${median(latencies)} us   (${sample}-byte frames, median of ${ROUNDS})`);
      const compressed = median(deflated.map((figures) => figures.cpu_ns_per_delivery));
      console.log(`  permessage-deflate   ${compressed} ns of server CPU per delivery, ${(compressed / a).toFixed(2)} of those without, ${deflated[0].bytes_per_delivery} bytes each rather than ${sample}`);
    }
    bare.stdin.end();
  });
}

/// The server's system calls per send, most frequent first; nothing if strace is missing or may not attach.
async function systemCalls(pid, sends, work) {
  const strace = spawn('strace', ['-c', '-f', '-q', '-p', String(pid)], { stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  strace.stderr.on('data', (chunk) => (text += chunk));
  const closed = new Promise((resolve) => strace.on('close', resolve).on('error', resolve));
  await Promise.race([closed, seconds(1)]); // until it is attached to all threads
  await work();
  strace.kill('SIGINT');
  await closed;
  return [...text.matchAll(/^ *[\d.]+ +[\d.]+ +\d+ +(\d+)(?: +\d+)? +(\w+)$/gm)]
    .map(([, calls, name]) => ({ name, calls: Number(calls) / sends }))
    .filter(({ name, calls }) => name !== 'total' && calls >= 0.02)
    .sort((a, b) => b.calls - a.calls);
}

/// 64 channels of two members, all connected; in each, one sends as soon as its last message is acknowledged.
async function acks() {
  const pairs = 64;
  await withServer({ CARIOS_THREADS: '1' }, async (server) => {
    const workspace = await server.createWorkspace('Bench');
    const { names, tokens } = await makeUsers(workspace, 2 * pairs, 'user_');
    const channels = Array.from({ length: pairs }, (_, i) => `pair_${i}`);
    await forEachAtOnce(channels, 16, (channel, i) => workspace.createGroup(channel, names.slice(2 * i, 2 * i + 2)));
    const common = { port: server.port, pid: server.pid, tokens: linesIn(server, 'tokens', tokens), channels: linesIn(server, 'channels', channels) };
    pin(server.pid, 0);
    const rounds = [];
    for (let round = 0; round < ROUNDS; ++round) rounds.push(await figuresOf(build, 'acked_sends', common));
    const of = (name) => median(rounds.map((figures) => figures[name]));
    console.log(`acknowledged sends, ${pairs} senders   ${of('cpu_us_per_send')} us of server CPU per send   ${of('sends_per_second')}/s   p50 ${of('p50_us')} us   p99 ${of('p99_us')} us   (median of ${ROUNDS}: ${rounds.map((figures) => figures.cpu_us_per_send).join(', ')} us)`);
    const traced = 3_000;
    const calls = await systemCalls(server.pid, traced, () => figuresOf(build, 'acked_sends', { ...common, warmup: 0, sends: traced }));
    if (calls.length > 0) console.log(`  system calls per send, while strace slows them down   ${calls.map(({ name, calls }) => `${name} ${calls.toFixed(2)}`).join(', ')}`);
  });
}

/// The length of the frame of this message for everyone but its author.
async function sampleFrame(server, workspace, content) {
  const WebSocket = (await import('../integration/node_modules/ws/wrapper.mjs')).default;
  const socket = new WebSocket(server.webSocketUrl, [`cariosan.jwt.${await workspace.token('member_1')}`]);
  let length = 0;
  const seen = new Promise((resolve) => {
    socket.on('message', async (data) => {
      const text = data.toString();
      if (text.includes('"connection.ready"')) {
        const sender = await workspace.as('member_0');
        await sender.expect(201, 'POST', '/v1/channels/all/messages', { content });
      } else if (text.startsWith('{"type":"message.created"')) {
        length = text.length;
        resolve();
      }
    });
  });
  await seen;
  socket.close();
  return length;
}

function anonymousKiB(pid) {
  return Number(/^Anonymous:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]);
}

/// The same once memory has settled: presence has been sent to everyone, and the memory for that returned.
async function settledKiB(pid) {
  for (let last = anonymousKiB(pid), calm = 0; ; ) {
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const now = anonymousKiB(pid);
    calm = Math.abs(now - last) < 64 ? calm + 1 : 0;
    last = now;
    if (calm === 6) return now;
  }
}

/// The `m`th of the 100 members of a group. There are a fifth as many groups as users, and everyone is in 20.
const memberOf = (group, m, users) => (group * 5 + (m % 5) + m * (users / 100)) % users;

/// The same if everyone is in one group.
const onlyMemberOf = (group, m) => group * 100 + m;

/// Users in 20 groups of 100 each. `users` must be a multiple of 500.
async function makeCrowd(server, users, groups, member = memberOf) {
  const workspace = await server.createWorkspace('Bench');
  const { names, tokens } = await makeUsers(workspace, users, 'user_');
  const channels = [];
  await forEachAtOnce(Array.from({ length: groups }, (_, i) => i), 16, async (group) => {
    const members = Array.from({ length: 100 }, (_, m) => names[member(group, m, users)]);
    channels[group] = await workspace.createGroup(`group_${group}`, members);
  });
  return { workspace, names, tokens, channels };
}

async function idle() {
  await idleIn(1, 100, onlyMemberOf);
  await idleIn(20, 2_000, memberOf);
}

async function idleIn(rooms, groups, member) {
  const users = 10_000;
  await withServer({}, async (server) => {
    const { tokens } = await makeCrowd(server, users, groups, member);
    await server.stop();
    await server.start();
    // Loads what reading brings into memory, above all the database's caches, so that it is there with or
    // without connections.
    await forEachAtOnce(tokens, 16, async (token) => {
      const rest = new Rest(server.base, `Bearer ${token}`);
      for (const path of ['/v1/me', '/v1/me/channels', '/v1/me/blocks']) await rest.expect(200, 'GET', path);
    });
    const first = 2_000;
    const warm = await holdOpen(server, tokens.slice(0, first), first);
    const before = await settledKiB(server.pid);
    const started = performance.now();
    const rest = await holdOpen(server, tokens.slice(first), users);
    const seconds = (performance.now() - started) / 1000;
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const each = (kib) => Math.round(((kib - before) * 1024) / (users - first));
    const soon = each(anonymousKiB(server.pid));
    const settled = each(await settledKiB(server.pid));
    console.log(`idle connections   ${users} of users with ${String(rooms).padStart(2)} channel${rooms === 1 ? ' ' : 's'} each (${groups} groups of 100): ${settled} bytes of user-space memory each, ${soon} while presence still goes out 3 s after; the last ${users - first} connected in ${seconds.toFixed(1)} s`);
    for (const child of [warm, rest]) {
      child.stdin.end();
      await once(child, 'close');
    }
  });
}

async function waiting() {
  await waitingIn(1, 30, onlyMemberOf);
  await waitingIn(20, 600, memberOf);
}

/// Memory per request that waits for news, each of another user and on a connection of its own.
async function waitingIn(rooms, groups, member) {
  const users = 3_000;
  const first = 1_000;
  await withServer({ CARIOS_RATE_LIMITS: 'off' }, async (server) => {
    const { tokens } = await makeCrowd(server, users, groups, member);
    const agent = new Agent({ keepAlive: true, maxSockets: Infinity });
    const over = new AbortController();
    setMaxListeners(0, over.signal);
    const polling = tokens.map(() => undefined);
    const begin = async (from, to) => {
      for (let i = from; i < to; ++i) polling[i] = keepPolling(server, agent, tokens[i], over.signal);
      await allWait(to);
    };
    const allWait = async (count) => {
      while ((await metricOf(server, 'cariosan_waiting_requests')) < count);
    };
    await begin(0, first);
    const before = await settledKiB(server.pid);
    await begin(first, users);
    await settledKiB(server.pid);
    await allWait(users);
    const each = Math.round(((anonymousKiB(server.pid) - before) * 1024) / (users - first));
    console.log(`waiting requests   ${users} of users with ${String(rooms).padStart(2)} channel${rooms === 1 ? ' ' : 's'} each (${groups} groups of 100): ${each} bytes of user-space memory each, ${((each * 1000) / 2 ** 20).toFixed(1)} MiB for 1,000`);
    over.abort();
    await Promise.allSettled(polling);
    agent.destroy();
  });
}

/// One `POST /v1/me/sync` after the other, with what the user holds, each waiting as long as it may.
async function keepPolling(server, agent, token, signal) {
  const sync = (body) =>
    new Promise((resolve, reject) => {
      const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
      const sent = httpRequest({ port: server.port, host: '127.0.0.1', path: '/v1/me/sync', method: 'POST', agent, headers, signal }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part) => (text += part));
        answer.on('end', () => resolve(JSON.parse(text))).on('error', reject);
      });
      sent.on('error', reject).end(JSON.stringify(body));
    });
  const { epoch, pages } = await sync({ complete: true });
  const channels = Object.fromEntries(pages.map(({ channel_id, rev, receipt_rev }) => [channel_id, [rev, receipt_rev]]));
  while (!signal.aborted) await sync({ epoch, channels, complete: true, wait_seconds: 25 });
}

/// Opens a connection per token and waits until `expected` in all are ready.
async function holdOpen(server, tokens, expected) {
  const file = linesIn(server, `tokens-${expected}`, tokens);
  const child = spawn(join(build, 'load'), [`--port=${server.port}`, `--tokens=${file}`, '--idle'], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(createInterface({ input: child.stdout }), 'line');
  while ((await sessionsOf(server)) < expected);
  return child;
}

/// User and system time of a process so far.
function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/// Load by one outside user: sends, each a separate request, until `stop()`.
function keepSending(rest, channel) {
  const times = [];
  let failed = 0;
  let going = true;
  const sending = (async () => {
    while (going) {
      const began = performance.now();
      try {
        const answer = await rest.post(`/v1/channels/${channel}/messages`, { content: 'Halo' });
        if (answer.status === 201) times.push(performance.now() - began);
        else ++failed;
      } catch {
        ++failed;
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  return async () => {
    going = false;
    await sending;
    times.sort((a, b) => a - b);
    const at = (share) => times[Math.floor((times.length - 1) * share)]?.toFixed(1);
    return `${times.length} sends of another user: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms, ${failed} failed`;
  };
}

/// What each client of a crowd knows of its 20 channels, of which `moved` have a message that it has not seen.
function syncFrames(crowd, epoch, moved) {
  const { names, channels } = crowd;
  const held = names.map(() => []);
  channels.forEach((channel, group) => {
    for (let m = 0; m < 100; ++m) held[memberOf(group, m, names.length)].push([channel.id, [channel.rev + 1, channel.receipt_rev ?? 0]]);
  });
  for (const entries of held) entries.forEach(([, revisions], i) => (revisions[0] -= i < moved ? 1 : 0));
  return held.map((entries) => JSON.stringify({ type: 'sync', id: 's', data: { epoch, channels: Object.fromEntries(entries) } }));
}

/// Sends one message to each of the crowd's channels. Returns the epoch.
async function speakEverywhere({ workspace, names, channels }) {
  await forEachAtOnce(channels, 16, (channel, i) => workspace.rest.expect(201, 'POST', `/v1/channels/${channel.id}/messages`, { user: names[memberOf(i, 0, names.length)], content: 'Halo' }));
  const { epoch } = await workspace.rest.expect(200, 'GET', `/v1/channels/${channels[0].id}/messages`);
  return epoch;
}

const sessionsOf = (server) => metricOf(server, 'cariosan_sessions');

async function metricOf(server, name) {
  const text = await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)[1]);
}

const seconds = (count) => new Promise((resolve) => setTimeout(resolve, count * 1000));

/// Clients that connect and synchronise at once, and stay until the input of `herd` ends. `came`: what it cost the server.
async function comeAtOnce(server, tokens, syncs) {
  const herd = spawn('taskset', ['-c', '1', join(build, 'reconnect'), `--port=${server.port}`, `--tokens=${tokens}`, `--syncs=${syncs}`, `--pid=${server.pid}`], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await once(createInterface({ input: herd.stdout }), 'line');
  return { herd, came: JSON.parse(line) };
}

/// The cost of presence after everyone has connected at once, including the clients' pings.
async function presence() {
  const users = 5_000;
  await withServer({ CARIOS_THREADS: '1' }, async (server) => {
    const crowd = await makeCrowd(server, users, users / 5);
    const epoch = await speakEverywhere(crowd);
    pin(server.pid, 0);
    const { herd } = await comeAtOnce(server, linesIn(server, 'tokens', crowd.tokens), linesIn(server, 'syncs', syncFrames(crowd, epoch, 0)));
    await seconds(10);
    const before = cpuSeconds(server.pid);
    await seconds(30);
    console.log(`presence   ${users} clients with 20 channels of 100 members each, 10 to 40 s after all have connected: ${(((cpuSeconds(server.pid) - before) / 30) * 1000).toFixed(0)} ms of server CPU a second`);
    herd.stdin.end();
    await once(herd, 'close');
  });
}

/// All connect at once to a running server and synchronise their 20 channels.
async function storm() {
  const users = 2_000;
  await withServer({ CARIOS_THREADS: '1' }, async (server) => {
    const crowd = await makeCrowd(server, users, users / 5);
    const epoch = await speakEverywhere(crowd);
    const tokens = linesIn(server, 'tokens', crowd.tokens);
    pin(server.pid, 0);
    for (const moved of [0, 1, 20]) {
      const syncs = linesIn(server, `syncs-${moved}`, syncFrames(crowd, epoch, moved));
      const cpu = [];
      for (let round = 0; round < ROUNDS; ++round) {
        const { herd, came } = await comeAtOnce(server, tokens, syncs);
        if (came.pages !== moved * users) throw new Error(`${came.pages} pages instead of ${moved * users}`);
        cpu.push(came.cpu_us_per_client);
        herd.stdin.end();
        await once(herd, 'close');
        while ((await sessionsOf(server)) > 0) await seconds(0.1);
        await seconds(15); // until nobody is online any more, and everyone was notified
      }
      console.log(`storm   ${users} clients connect and synchronise 20 channels each, ${String(moved).padStart(2)} of which have moved: ${median(cpu)} us of server CPU a client (median of ${ROUNDS}: ${cpu.join(', ')})`);
    }
  });
}

async function reconnect() {
  const users = Number(process.env.CARIOSAN_BENCH_CLIENTS ?? 10_000);
  await withServer({}, async (server) => {
    const crowd = await makeCrowd(server, users, users / 5);
    const { workspace, names, tokens } = crowd;
    await workspace.createUser('another');
    await workspace.createGroup('apart', ['another', names[0]]);
    const another = await workspace.as('another');
    const epoch = await speakEverywhere(crowd);
    const tokenFile = linesIn(server, 'tokens', tokens);
    const syncFile = linesIn(server, 'syncs', syncFrames(crowd, epoch, 1));
    const herd = spawn(join(build, 'reconnect'), [`--port=${server.port}`, `--tokens=${tokenFile}`, `--syncs=${syncFile}`], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: herd.stdout })[Symbol.asyncIterator]();
    await lines.next();
    const before = keepSending(another, 'apart');
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const calm = await before();
    const stopping = performance.now();
    await server.stop();
    const stopped = performance.now();
    await server.start();
    const started = performance.now();
    const meanwhile = keepSending(another, 'apart');
    const back = JSON.parse((await lines.next()).value);
    const all = (performance.now() - started) / 1000;
    console.log(`reconnect   ${back.clients} clients with 20 channels each: the server ended in ${((stopped - stopping) / 1000).toFixed(1)} s and began in ${((started - stopped) / 1000).toFixed(1)} s; the last connection.ready after ${back.last_ready_s} s, sync.done after ${back.median_done_s} s (median) and ${back.last_done_s} s (last), ${all.toFixed(1)} s after the start, for ${cpuSeconds(server.pid).toFixed(1)} s of the server's CPU; ${back.dropped} dropped`);
    console.log(`  meanwhile   ${await meanwhile()}`);
    console.log(`  before      ${calm}`);
    await once(herd, 'close');
  });
}

async function start() {
  const times = [];
  for (let round = 0; round < ROUNDS; ++round) {
    const server = new TestServer({});
    const began = performance.now();
    await server.start();
    times.push(performance.now() - began);
    await server.stop();
    rmSync(server.folder, { recursive: true, force: true });
  }
  const program = process.env.CARIOSAN_SERVER;
  const stripped = join('/tmp', `cariosan-stripped-${process.pid}`);
  execFileSync('strip', ['-o', stripped, program]);
  console.log(`start-up   ${median(times).toFixed(0)} ms until ready, with a new database (median of ${ROUNDS})`);
  console.log(`size       ${(statSync(stripped).size / 1024 / 1024).toFixed(1)} MiB, stripped`);
  rmSync(stripped);
}

if (does('fanout')) await fanout();
if (does('acks')) await acks();
if (does('idle')) await idle();
if (does('waiting')) await waiting();
if (does('reconnect')) await reconnect();
if (does('storm')) await storm();
if (does('presence')) await presence();
if (does('start')) await start();
