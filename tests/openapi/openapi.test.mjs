// Tests /openapi.json with a linter, with a tool that tries every operation, and by compiling its patterns.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { TestServer } from '../integration/server.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const BUCKET = { CARIOS_S3_BUCKET: 'files', CARIOS_S3_ACCESS_KEY: 'key', CARIOS_S3_SECRET_KEY: 'secret' };

/// Runs a tool in `folder`, with variables of its own; it must report nothing.
async function findsNothing(command, args, folder, environment = {}) {
  const child = spawn(command, args, { cwd: folder, env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const [code] = await once(child, 'close');
  assert.equal(code, 0, output.slice(-20_000));
  return output;
}

test('the linter reports nothing', async (t) => {
  const server = await TestServer.start(t, { env: BUCKET });
  const { text } = await server.open.get('/openapi.json');
  const file = join(server.folder, 'openapi.json');
  writeFileSync(file, text);
  const cli = join(here, 'node_modules/@redocly/cli/bin/cli.js');
  const output = await findsNothing(process.execPath, [cli, 'lint', file, '--format', 'stylish'], server.folder);
  assert.doesNotMatch(output, /warning/i);
});

test('every pattern is valid in JavaScript and matches its examples', async (t) => {
  const server = await TestServer.start(t);
  const { body } = await server.open.get('/openapi.json');
  const patterns = [];
  for (const [name, schema] of Object.entries(body.components.schemas)) {
    if (schema.pattern === undefined) continue;
    const pattern = new RegExp(schema.pattern, 'u');
    for (const example of schema.examples ?? []) assert.match(example, pattern, name);
    patterns.push(name);
  }
  assert.ok(patterns.length > 10, patterns.join());
});

/// Tries every operation with the credentials of one caller, which is not one of the users named in requests.
async function tryAll(t, credentials) {
  const server = await TestServer.start(t, { env: BUCKET });
  const shop = await server.createWorkspace();
  for (const name of ['alice', 'budi', 'visitor']) await shop.createUser(name);
  await shop.createGroup('order_1', ['visitor', 'alice', 'budi']);
  const authorization = await credentials(shop);
  await findsNothing(join(here, '.venv/bin/python'), [
    '-c', 'from schemathesis.cli import schemathesis; schemathesis()', '--config-file', join(here, 'schemathesis.toml'),
    'run', `${server.base()}/openapi.json`, '--header', `Authorization: ${authorization}`, '--max-examples', '12', '--seed', '1',
    '--generation-deterministic', '--continue-on-failure', '--no-color', '--warnings', 'off',
  ], server.folder, { SCHEMATHESIS_HOOKS: join(here, 'hooks.py') });
}

test('requests that the document allows, and others', { concurrency: true }, async (t) => {
  await Promise.all([
    t.test('by a backend', (each) => tryAll(each, async (shop) => shop.rest.authorization)),
    t.test('by a user', (each) => tryAll(each, async (shop) => `Bearer ${await shop.token('visitor')}`)),
  ]);
});
