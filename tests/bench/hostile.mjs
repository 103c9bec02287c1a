// One user searches as expensively as possible; measures what others' history and sends cost meanwhile,
// compared with before.
//
//   node hostile.mjs FOLDER_OF_PROGRAMS
//
// CARIOSAN_BENCH_SECONDS (60) is how long the attack lasts, CARIOSAN_BENCH_ATTACK_RATE (20) the number of requests a
// second: the rate limit admits two of them and refuses the others.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const SEARCH = `/v1/search?limit=100&q=${encodeURIComponent(Array(8).fill(`"${'a '.repeat(15).trim()}"`).join(' '))}`;
const READERS = 10;

/// Sends requests at a fixed rate, whatever the answers are, until it is killed.
function attack(base, token, rate) {
  const seen = { asked: 0, longest: 0 };
  setInterval(() => {
    const begun = performance.now();
    ++seen.asked;
    fetch(base + SEARCH, { headers: { Authorization: `Bearer ${token}` } })
      .then(async (answer) => {
        const body = await answer.text();
        const kind = answer.status === 200 && body.includes('"partial":true') ? '200 partial' : String(answer.status);
        seen[kind] = (seen[kind] ?? 0) + 1;
        if (answer.status === 200) seen.longest = Math.max(seen.longest, performance.now() - begun);
      })
      .catch(() => (seen.broken = (seen.broken ?? 0) + 1));
  }, 1000 / rate);
  process.on('message', () => process.send(seen));
}

const percentile = (values, part) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))];

/// What the others do during this time: each reads its history ten times a second and sends a little less than
/// once a second.
async function measure(users, seconds) {
  const took = { history: [], send: [] };
  const failed = [];
  const end = performance.now() + seconds * 1000;
  const timed = async (kind, status, call) => {
    const begun = performance.now();
    const answer = await call();
    took[kind].push(performance.now() - begun);
    if (answer.status !== status) failed.push(answer.status);
  };
  await Promise.all(users.map(async (user, i) => {
    await sleep(i * 10);
    for (let round = 0; performance.now() < end; ++round) {
      await timed('history', 200, () => user.get('/v1/channels/others/messages?limit=50'));
      if (round % 12 === 0) await timed('send', 201, () => user.post('/v1/channels/others/messages', { content: 'Halo kak, sudah dikirim?' }));
      await sleep(100);
    }
  }));
  return { took, failed };
}

function print(kind, before, during) {
  const [a, b] = [before.took[kind], during.took[kind]];
  for (const [name, part] of [['p50', 0.5], ['p99', 0.99]]) {
    const [x, y] = [percentile(a, part), percentile(b, part)];
    console.log(`${kind.padEnd(8)} ${name}   before ${x.toFixed(2).padStart(7)} ms   during ${y.toFixed(2).padStart(7)} ms   ratio ${(y / x).toFixed(2)}   (${a.length} and ${b.length} calls)`);
  }
}

async function main(build) {
  process.env.CARIOSAN_SERVER ??= join(build, '../../examples/server/cariosan-server');
  const { TestServer } = await import('../integration/server.mjs');
  const { forEachAtOnce } = await import('../integration/data.mjs');
  const seconds = Number(process.env.CARIOSAN_BENCH_SECONDS ?? 60);
  const rate = Number(process.env.CARIOSAN_BENCH_ATTACK_RATE ?? 20);
  const server = new TestServer({});
  await server.start();
  try {
    const workspace = await server.createWorkspace('Bench');
    const names = Array.from({ length: READERS }, (_, i) => `other_${i}`);
    await forEachAtOnce([...names, 'attacker', 'friend'], 4, (name) => workspace.createUser(name));
    await workspace.createGroup('others', names);
    await workspace.createGroup('theirs', ['attacker', 'friend']);
    const attacker = await workspace.as('attacker');
    for (let i = 0; i < 240; ++i) {
      await attacker.expect(201, 'POST', '/v1/channels/theirs/messages', { content: 'a '.repeat(4095) });
    }
    const first = await workspace.as(names[0]);
    for (let i = 0; i < 200; ++i) await first.expect(201, 'POST', '/v1/channels/others/messages', { content: `Pesanan ${i} sudah sampai` });
    await sleep(3000);  // the index catches up
    await server.stop();
    server.env.CARIOS_RATE_LIMITS = 'on';
    await server.start();

    const users = await Promise.all(names.map((name) => workspace.as(name)));
    await measure(users, 3);
    const before = await measure(users, Math.min(20, seconds));
    const child = fork(fileURLToPath(import.meta.url), ['attack', server.base(), await workspace.token('attacker'), String(rate)]);
    await sleep(1000);
    const during = await measure(users, seconds);
    child.send('tell');
    const [seen] = await once(child, 'message');
    const begun = performance.now();
    await server.end('SIGTERM');
    const ended = performance.now() - begun;
    child.kill();
    console.log(`one user asks for a search of eight phrases of fifteen words ${rate} times a second for ${seconds} s: ${JSON.stringify(seen)}`);
    print('history', before, during);
    print('send', before, during);
    console.log(`calls of others that failed: ${before.failed.length} before, ${during.failed.length} during ${[...new Set(during.failed)]}`);
    console.log(`SIGTERM under the attack ends after ${(ended / 1000).toFixed(2)} s`);
  } finally {
    await server.stop();
    rmSync(server.folder, { recursive: true, force: true });
  }
}

const [what, ...rest] = process.argv.slice(2);
if (what === 'attack') {
  attack(rest[0], rest[1], Number(rest[2]));
} else if (what) {
  await main(what);
} else {
  console.error('usage: node hostile.mjs FOLDER_OF_PROGRAMS');
  process.exit(2);
}
