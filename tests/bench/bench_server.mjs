// Servers and load generators for the benches. The environment names the server: CARIOSAN_SERVER.
import { spawn, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { forEachAtOnce } from '../integration/data.mjs';
import { TestServer } from '../integration/server.mjs';

export const ROUNDS = Number(process.env.CARIOSAN_BENCH_ROUNDS ?? 5);

export const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

export async function withServer(env, work) {
  // As many connections from this machine as the load needs.
  const server = new TestServer({ CARIOS_TRUSTED_PROXIES: '127.0.0.0/8', ...env });
  await server.start();
  try {
    await work(server);
  } finally {
    await server.stop();
    rmSync(server.folder, { recursive: true, force: true });
  }
}

/// The server on one core and the load on the other, as when the limit is measured.
export function pin(pid, core) {
  execFileSync('taskset', ['-a', '-c', '-p', String(core), String(pid)], { stdio: 'ignore' });
}

/// Runs a load generator from the folder of programs and returns the line of figures that it prints.
export async function figuresOf(build, program, options) {
  const args = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  const child = spawn('taskset', ['-c', '1', join(build, program), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk) => (text += chunk));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error('the load generator failed');
  return JSON.parse(text);
}

export async function makeUsers(workspace, count, firstName) {
  const names = Array.from({ length: count }, (_, i) => `${firstName}${i}`);
  const tokens = [];
  await forEachAtOnce(names, 32, async (name, i) => {
    await workspace.createUser(name);
    tokens[i ?? names.indexOf(name)] = await workspace.token(name);
  });
  return { names, tokens };
}

/// A group `all` of users called member_0 to member_999; returns their tokens.
export async function makeLargeGroup(workspace) {
  const { names, tokens } = await makeUsers(workspace, 1000, 'member_');
  await workspace.createGroup('all', names.slice(0, 100));
  for (let i = 100; i < names.length; i += 100) {
    await workspace.rest.expect(200, 'POST', '/v1/channels/all/members', { external_ids: names.slice(i, i + 100) });
  }
  return tokens;
}

export const SENTENCE = 'Halo kak, pesanannya sudah saya kirim lewat kurir pagi ini ya. Mohon ditunggu!';
/// What the members of that group send by `load`.
export const BROADCAST = {
  message: JSON.stringify({ type: 'message.send', id: '{n}', data: { channel: 'all', content: SENTENCE } }),
  count: '{"type":"message.created"',
  senders: 50,
};

/// Writes these lines to a file beside the server's database.
export function linesIn(server, name, lines) {
  const path = join(server.folder, name);
  writeFileSync(path, lines.join('\n') + '\n');
  return path;
}
