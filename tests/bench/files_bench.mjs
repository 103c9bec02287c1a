// Uploads into the server's folder: MB/s of one client and of a hundred at once, the server's CPU per MB, and its memory above idle.
//
//   node files_bench.mjs FOLDER_OF_PROGRAMS
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

const [build] = process.argv.slice(2);
if (!build) {
  console.error('usage: node files_bench.mjs FOLDER_OF_PROGRAMS');
  process.exit(2);
}
process.env.CARIOSAN_SERVER ??= join(build, '../../examples/server/cariosan-server');
const { ROUNDS, median, withServer } = await import('./bench_server.mjs');

const MB = 1e6;
const SIZE = 25 * MB;
const ALONE = 20;
const TOGETHER = 100;
const content = randomBytes(SIZE);

const residentMib = (pid) => Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
const cpuSeconds = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
};

async function put(permission) {
  const sent = request(permission.upload_url, { method: 'PUT', headers: permission.headers });
  sent.end(content);
  const [response] = await once(sent, 'response');
  response.resume();
  if (response.statusCode !== 200) throw new Error(`an upload was answered ${response.statusCode}`);
}

/// The limit: the same bytes, written and synced one file after the other.
function writeBare(folder, count) {
  const began = performance.now();
  for (let i = 0; i < count; ++i) {
    const path = join(folder, `bare-${i}`);
    const file = openSync(path, 'w');
    for (let at = 0; at < SIZE; ) at += writeSync(file, content, at, Math.min(SIZE - at, 65536));
    fsyncSync(file);
    closeSync(file);
  }
  const seconds = (performance.now() - began) / 1000;
  for (let i = 0; i < count; ++i) rmSync(join(folder, `bare-${i}`));
  return (count * SIZE) / MB / seconds;
}

async function measure(server, alice, uploads) {
  const permissions = await Promise.all(
    Array.from({ length: uploads.reduce((a, b) => a + b) }, () =>
      alice.expect(200, 'POST', '/v1/attachments/presign', { filename: 'a.png', content_type: 'image/png', size_bytes: SIZE })),
  );
  const idle = residentMib(server.pid);
  let most = idle;
  const watch = setInterval(() => (most = Math.max(most, residentMib(server.pid))), 20);
  const began = performance.now();
  const cpu = cpuSeconds(server.pid);
  for (const count of uploads) await Promise.all(permissions.splice(0, count).map(put));
  const seconds = (performance.now() - began) / 1000;
  clearInterval(watch);
  const total = (uploads.reduce((a, b) => a + b) * SIZE) / MB;
  return { rate: total / seconds, cpu: ((cpuSeconds(server.pid) - cpu) / total) * 1e6, above: most - idle };
}

const rounds = { alone: [], together: [], bare: [] };
for (let round = 0; round < ROUNDS; ++round) {
  await withServer({ CARIOS_LOG_LEVEL: 'error', CARIOS_MAX_ATTACHMENT_SIZE_BYTES: String(SIZE), CARIOS_ENV: 'dev' }, async (server) => {
    const shop = await server.createWorkspace('Bench');
    await shop.createUser('alice');
    const alice = await shop.as('alice');
    await measure(server, alice, [1]); // what every upload needs once
    rounds.alone.push(await measure(server, alice, Array(ALONE).fill(1)));
    rounds.together.push(await measure(server, alice, [TOGETHER]));
    rounds.bare.push(writeBare(server.folder, ALONE));
  });
}
const figures = (name) => {
  const of = (field) => median(rounds[name].map((each) => each[field]));
  return `${of('rate').toFixed(0)} MB/s, ${of('cpu').toFixed(0)} us of the server's CPU per MB, at most ${of('above').toFixed(1)} MiB above idle`;
};
console.log(`one upload of 25 MB after the other: ${figures('alone')}`);
console.log(`${TOGETHER} at once: ${figures('together')}`);
console.log(`written and synced by a bare loop: ${median(rounds.bare).toFixed(0)} MB/s`);
