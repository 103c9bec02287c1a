// What the tests of READMEs share: they take the code that a README shows, and run it.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, freePort } from './data.mjs';

/// The only code block in this language that contains the words.
export function snippet(text, language, words) {
  const blocks = [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter(([, its, code]) => its === language && code.includes(words));
  assert.equal(blocks.length, 1, `one block of ${language} with ${words}`);
  return blocks[0][2];
}

/// The code with one part replaced, which must exist.
export function replaced(code, was, is) {
  assert.ok(code.includes(was), `no ${was} in ${code}`);
  return code.replaceAll(was, is);
}

export function temporaryFolder(t) {
  const folder = mkdtempSync(join(tmpdir(), 'cariosan-readme-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/// A process that ends with the test; `output` is what it has printed so far.
export function start(t, command, args, options) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
  const started = { child, output: '', closed: once(child, 'close') };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (started.output += text));
  t.after(async () => {
    child.kill();
    await started.closed;
  });
  return started;
}

/// nginx with these lines and its usual settings. Null if it is not installed.
export async function startProxy(t, folder, lines, serverPort) {
  if (spawnSync('nginx', ['-v']).error) return null;
  const port = await freePort();
  const secure = lines.includes('ssl_certificate');
  let site = replaced(lines, secure ? 'listen 443' : 'listen 80', `listen 127.0.0.1:${port}`);
  site = replaced(site, '127.0.0.1:8080', `127.0.0.1:${serverPort}`);
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`);
  writeFileSync(join(folder, 'nginx.conf'),
      `daemon off; pid ${folder}/nginx.pid; events {} http { access_log off; ${places.join(' ')}\n${site}}\n`);
  const proxy = start(t, 'nginx', ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')], {});
  const base = `${secure ? 'https' : 'http'}://127.0.0.1:${port}`;
  await eventually(async () => {
    assert.equal(proxy.child.exitCode, null, proxy.output);
    return fetch(`${base}/healthz`).then(({ ok }) => ok, () => false);
  }, 'nginx');
  return base;
}

/// The next frame of this type.
export function frame(socket, type) {
  return new Promise((resolve) => {
    socket.on('message', (text) => {
      const { type: its, data } = JSON.parse(text);
      if (its === type) resolve(data);
    });
  });
}

/// Types one line of a README, in which cariosan-server is this build's, and returns what it prints.
export function type(line, folder, env) {
  const code = `cariosan-server() { "${process.env.CARIOSAN_SERVER}" "$@"; }; ${line}`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', code], { cwd: folder, encoding: 'utf8', env });
  assert.equal(status, 0, `${line}: ${stdout}${stderr}`);
  return stdout;
}
