// Follows the README from an empty folder: packs the binding, installs it beside Express, starts the program, and two clients talk, then
// two windows of Chromium, if there is one.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Client } from './world.js';

const here = dirname(fileURLToPath(import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'cariosan-newcomer-'));
try {
  const npm = (...args) => execFileSync('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  const tarball = execFileSync(process.execPath, [join(here, '../pack.mjs'), process.env.CARIOSAN_LIBRARY, folder], { encoding: 'utf8' }).trim();
  npm('init', '-y');
  npm('install', '--no-audit', '--no-fund', tarball, 'express@4.21.2');
  const readme = readFileSync(join(here, '../README.md'), 'utf8');
  writeFileSync(join(folder, 'shop.mjs'), /```js\n([^]*?)```/.exec(readme)[1]);
  copyFileSync(join(here, '../../python/examples/fastapi/page.html'), join(folder, 'page.html'));
  const { CARIOSAN_LIBRARY: _, ...environment } = process.env;
  const start = async () => {
    const shop = spawn(process.execPath, ['shop.mjs'], { cwd: folder, env: { ...environment, PORT: '0', JWT_SECRET: 'x'.repeat(32) }, stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(createInterface(shop.stdout), 'line');
    return { shop, port: new URL(/http:\S+/.exec(line)[0]).port };
  };
  let { shop, port } = await start();
  shop.kill('SIGKILL'); // the second start finds what the first one made
  ({ shop, port } = await start());
  try {
    const token = async (name) => (await (await fetch(`http://localhost:${port}/token/${name}`, { method: 'POST' })).json()).token;
    const connect = async (name) => new Client(`ws://localhost:${port}/chat/v1/ws`, await token(name));
    const [alice, budi] = [await connect('alice'), await connect('budi')];
    await Promise.all([alice.until('connection.ready'), budi.until('connection.ready')]);
    alice.socket.send(JSON.stringify({ type: 'message.send', id: '1', data: { channel: 'order_1', content: 'Ada?', idempotency_key: '1' } }));
    assert.equal((await budi.until('message.created')).data.message.content, 'Ada?');
    const answer = await fetch(`http://localhost:${port}/chat/v1/channels/order_1/messages`, { headers: { Authorization: `Bearer ${await token('budi')}` } });
    assert.deepEqual((await answer.json()).messages.map(({ content }) => content), ['Ada?', 'Halo!', 'Halo!']);
    for (const { socket } of [alice, budi]) socket.terminate();
    const windows = execFileSync(process.execPath, [join(here, '../../python/tests/browser.mjs'), `http://localhost:${port}`], { encoding: 'utf8' }).trim();
    assert.match(windows, /^two windows talk$|^skipped: needs /);
    console.log(`in a browser: ${windows}`);
  } finally {
    shop.kill('SIGKILL');
  }
  console.log('two people talk');
  process.exit(0);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
