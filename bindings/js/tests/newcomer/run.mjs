// Does what the README of @cariosan/react says, in an empty folder, and nothing else: node tests/newcomer/run.mjs
// The files and commands are read from the README itself.

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../../tests/integration/data.mjs';
import { js, needsBrowser, needsServer } from '../../needs.mjs';
import { packed, run } from '../packed.mjs';

const program = needsServer();
const browserPath = needsBrowser();
const { chromium } = await import('playwright-core');

const readme = readFileSync(join(js, 'packages', 'react', 'README.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'cariosan-newcomer-'));
const app = join(folder, 'app');
const running = [];

function found(pattern, what) {
  const match = pattern.exec(readme);
  if (match === null) throw new Error(`the README does not say ${what}`);
  return match[1];
}

/** A process until it says this; what the pattern found in it. */
function started(command, args, options, pattern) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  running.push(child);
  let said = '';
  return new Promise((resolve, reject) => {
    const hear = (text) => {
      said += String(text).replace(/\u001b\[[0-9;]*m/g, '');
      const match = pattern.exec(said);
      if (match !== null) resolve(match[1]);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('exit', (code) => reject(new Error(`${command} ended with ${code}: ${said}`)));
  });
}

/** What a name with a star stands for: a tarball in the folder, which is the home folder of the README. */
function tarball(pattern) {
  const [, start] = /^~\/(.*)\*\.tgz$/.exec(pattern);
  return join(folder, readdirSync(folder).find((file) => file.startsWith(start)));
}

/** The packages that the README names; those of ours from this tree, the others in the versions that are tested. */
function install() {
  const versions = { react: '19.2.9', 'react-dom': '19.2.9', vite: '8.3.8' };
  const names = found(/^ {4}npm install (.*)$/m, 'what to install').split(' ');
  const wanted = names.map((name) => (name.endsWith('.tgz') ? tarball(name) : `${name}@${versions[name] ?? 'latest'}`));
  run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', ...wanted], app);
}

function write(port) {
  for (const [, name, text] of readme.matchAll(/<!-- file: (\S+) -->\n```\w+\n([\s\S]*?)```/g)) writeFileSync(join(app, name), text.replace('localhost:8080', `127.0.0.1:${port}`));
  writeFileSync(join(app, 'main.tsx'), found(/<!-- snippet: start\.tsx start -->\n```tsx\n([\s\S]*?)```/, 'what main.tsx is'));
}

async function talk(origin) {
  const browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] });
  try {
    const faults = [];
    const people = await Promise.all([...readme.matchAll(/<http:\/\/localhost:5173(\/\?as=\w+)>/g)].map(async ([, path]) => {
      const page = await (await browser.newContext()).newPage();
      page.on('pageerror', (fault) => faults.push(fault.message));
      page.on('console', (line) => line.type() === 'error' && !/favicon|Failed to load resource/.test(line.text()) && faults.push(line.text()));
      await page.goto(origin + path);
      await page.locator('[data-car-part=channel]').first().click();
      return page;
    }));
    if (people.length !== 2) throw new Error('the README does not say where two people are');
    const [alice, budi] = people;
    for (const [from, to, text] of [[alice, budi, 'Halo Budi'], [budi, alice, 'Halo Alice']]) {
      await from.locator('textarea').fill(text);
      await from.locator('textarea').press('Enter');
      await to.locator('[data-car-part=message]', { hasText: text }).waitFor();
    }
    if (faults.length > 0) throw new Error(faults.join('\n'));
  } finally {
    await browser.close();
  }
}

try {
  packed(folder, found(/^ {4}cd bindings\/js && npm ci && npm run build && npm (pack .*) ~$/m, 'how to pack').split(' '));
  mkdirSync(app);
  const began = performance.now();
  writeFileSync(join(app, 'package.json'), '{"private":true}');
  install();
  const port = await freePort();
  await started(program, ['--demo'], { cwd: folder, env: { PATH: process.env.PATH, CARIOS_HTTP_PORT: String(port) } }, /(ready): http/);
  write(port);
  const [command, ...args] = found(/^ {4}(npx vite)$/m, 'how to start').split(' ');
  const origin = await started(command, [...args, '--host', '127.0.0.1', '--port', String(await freePort()), '--strictPort'], { cwd: app, detached: true }, /(http:\/\/127\.0\.0\.1:\d+)/);
  await talk(origin);
  console.log(`two people talk, ${((performance.now() - began) / 1000).toFixed(0)} s after the empty folder`);
} catch (fault) {
  console.error(fault);
  process.exitCode = 1;
} finally {
  for (const child of running) {
    // Of npx the one that it has started, too.
    if (child.spawnargs[0] === 'npx') process.kill(-child.pid);
    else child.kill();
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
