// The commands of a new installation: what they ask for, refuse and leave behind.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { Rest, readToken } from './rest.mjs';
import { TestServer, run } from './server.mjs';

for (const mode of ['with the server running', 'without a server']) {
  test(`a user and a token, from nothing, ${mode}`, async (t) => {
    const server = TestServer.prepare(t);
    if (mode === 'with the server running') await server.start();
    await server.done('workspace', 'create', '--name', "Bu Ani's shop");
    const missing = await server.failed(1, 'token', '--user', 'alice');
    const [, hint] = /make one with "(.*)"/.exec(missing);
    assert.equal(hint, "cariosan-server user create --workspace 'Bu Ani'\\''s shop' --id alice --name NAME");
    assert.match(await server.done('user', 'create', '--id', 'alice', '--name', 'Alice'), /^user  [0-9a-f-]{36}  alice  Alice\n$/);
    assert.match(await server.failed(1, 'user', 'create', '--id', 'alice', '--name', 'Other'), /has a user alice already/);
    const budi = JSON.parse(await server.done('user', 'create', '--id', 'budi', '--name', 'Budi', '--json'));
    assert.deepEqual([budi.external_id, budi.name], ['budi', 'Budi']);
    assert.match(await server.failed(1, 'user', 'create', '--id', '..', '--name', 'X'), /external_id/);
    assert.match(await server.failed(2, 'user', 'create', '--id', 'dewi'), /--name/);
    // As a script passes it whose variable is not set.
    for (const args of [['workspace', 'delete', '--workspace', '', '--yes'], ['workspace', 'rotate-secret', '--workspace', ''],
                        ['token', '--workspace', '', '--user', 'alice'], ['token', '--user', ''], ['export', '--workspace', ''],
                        ['export', '--user', ''], ['user', 'create', '--id', '', '--name', 'X']]) {
      assert.match(await server.failed(2, ...args), /must not be empty/, args.join(' '));
    }
    const token = (await server.done('token', '--user', 'alice')).trim();
    assert.equal(readToken(token).sub.length, 36);
    if (!server.running) await server.start();
    assert.equal((await new Rest(server.base, `Bearer ${token}`).expect(200, 'GET', '/v1/me')).user?.name ?? 'Alice', 'Alice');
  });

  test(`a name is taken once, ${mode}`, async (t) => {
    const server = TestServer.prepare(t);
    if (mode === 'with the server running') await server.start();
    await server.done('workspace', 'create', '--name', 'Shop');
    assert.match(await server.failed(1, 'workspace', 'create', '--name', 'Shop'), /there is a workspace Shop already.*--allow-duplicate/);
    await server.done('workspace', 'create', '--name', 'Shop', '--allow-duplicate');
    const names = async () => (await server.done('workspace', 'list', '--json')).trim().split('\n').map((line) => JSON.parse(line).name);
    assert.deepEqual(await names(), ['Shop', 'Shop']);
    const codes = await Promise.all(Array.from({ length: 6 }, async () => (await server.cli('workspace', 'create', '--name', 'Race')).code));
    assert.deepEqual(codes.sort(), [0, 1, 1, 1, 1, 1]);
    assert.deepEqual((await names()).filter((name) => name === 'Race'), ['Race']);
  });
}

test('a first command that fails leaves nothing behind', async (t) => {
  const server = TestServer.prepare(t);
  for (const name of ['', 'x'.repeat(10_000), '\u200b']) {
    assert.match(await server.failed(1, 'workspace', 'create', '--name', name), /name/);
    assert.deepEqual(readdirSync(dirname(server.database)), []);
  }
  for (const args of [['workspace', 'list'], ['token', '--user', 'alice'], ['user', 'create', '--id', 'a', '--name', 'A'],
                      ['workspace', 'delete', '--workspace', 'Shop', '--yes'], ['backup', '/nowhere/copy.db']]) {
    assert.match(await server.failed(1, ...args), /there is no database/);
    assert.deepEqual(readdirSync(dirname(server.database)), []);
  }
});

test('in production, only commands that sign with the secret require it', async (t) => {
  const server = TestServer.prepare(t, { env: { CARIOS_ENV: 'prod', CARIOS_HTTP_HOST: '127.0.0.1' } });
  const unsigned = { ...server.env, CARIOS_JWT_SECRET: '' };
  const refused = await run([], unsigned);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /CARIOS_JWT_SECRET: is not set, and CARIOS_ENV is prod/);
  assert.deepEqual(readdirSync(dirname(server.database)), []);
  for (const args of [['workspace', 'create', '--name', 'Shop'], ['user', 'create', '--id', 'alice', '--name', 'Alice'], ['workspace', 'list']]) {
    const result = await run(args, unsigned);
    assert.equal(result.code, 0, result.stderr);
  }
  const token = await run(['token', '--user', 'alice'], unsigned);
  assert.equal(token.code, 1);
  assert.match(token.stderr, /CARIOS_JWT_SECRET: is not set/);
  await server.start();
  assert.equal((await run(['token', '--user', 'alice'], unsigned)).code, 0, 'the running server has it');
  const healthy = await run(['healthcheck'], { ...unsigned, CARIOS_HTTP_PORT: String(server.port) });
  assert.equal(healthy.code, 0, healthy.stderr);
});

test('a misspelt variable is reported with the one that was meant', async (t) => {
  const server = await TestServer.start(t, { env: { CARIOS_LOGLEVEL: 'debug', CARIOSAN_HTTP_PORT: '1' } });
  await server.stop();
  assert.match(server.log, /CARIOS_LOGLEVEL is no variable of this server; did you mean CARIOS_LOG_LEVEL\?/);
  assert.match(server.log, /CARIOSAN_HTTP_PORT is no variable of this server; did you mean CARIOS_HTTP_PORT\?/);
  const refused = await run([], { ...server.env, CARIOS_HTTP_PORT: 'x' });
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /warning: CARIOS_LOGLEVEL.*\n.*warning: CARIOSAN_HTTP_PORT|warning: CARIOSAN_HTTP_PORT.*\n.*warning: CARIOS_LOGLEVEL/);
  assert.match(refused.stderr, /CARIOS_HTTP_PORT: "x" is no such number/);
});

test('deletion of a workspace asks for confirmation on a terminal', async (t) => {
  const server = await TestServer.start(t);
  await server.createWorkspace('Shop');
  const answer = async (text) => {
    // script(1) provides a terminal.
    const command = `"${process.env.CARIOSAN_SERVER}" workspace delete --workspace Shop`;
    const child = spawn('script', ['-qec', command, '/dev/null'], { env: { ...process.env, ...server.env }, stdio: ['pipe', 'pipe', 'pipe'] });
    let shown = '';
    child.stdout.on('data', (part) => {
      shown += part;
      if (/\[y\/N\] $/.test(shown)) child.stdin.write(text);
    });
    const [code] = await once(child, 'close');
    return { code, shown };
  };
  const no = await answer('n\n');
  assert.equal(no.code, 1, no.shown);
  assert.match(no.shown, /Delete the workspace Shop with all its users, channels and messages\? This cannot be undone/);
  assert.match(no.shown, /Nothing was deleted/);
  assert.match(await server.done('workspace', 'list'), /Shop/);
  const yes = await answer('y\n');
  assert.equal(yes.code, 0, yes.shown);
  assert.equal(await server.done('workspace', 'list'), '');
});
