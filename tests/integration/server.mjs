// The real server as a process: started, called, stopped and killed.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { within } from './data.mjs';
import { makeDatabase } from './database.mjs';
import { Rest } from './rest.mjs';

export const JWT_SECRET = 'a secret of the tests, long enough for HS256';

// Node.js 20 may hang while it frees leftover sockets at its end; exit() does not wait for them.
process.on('exit', (code) => process.exit(code));

const program = process.env.CARIOSAN_SERVER;
if (!program) throw new Error('CARIOSAN_SERVER does not name the server to test');

/// Reports of sanitizers, and messages of a dying process.
const FATAL = /AddressSanitizer|LeakSanitizer|ThreadSanitizer|runtime error:|terminate called|Assertion .* failed/;

function environment(own) {
  const inherited = Object.entries(process.env).filter(([name]) => !/^CARIOS(AN)?_/.test(name));
  return { ...Object.fromEntries(inherited), ...own };
}

/// Runs the program until it ends. `started` gets the process.
export async function run(args, own, { input, started } = {}) {
  const child = spawn(program, args, { env: environment(own), stdio: ['pipe', 'pipe', 'pipe'] });
  started?.(child);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  child.stdin.end(input);
  const [code, signal] = await within(once(child, 'close'), `the end of ${args.join(' ')}`, 900_000);
  assert.doesNotMatch(stderr, FATAL);
  return { code, signal, stdout, stderr };
}

/// A database in its own folder, and the server that uses it.
export class TestServer {
  #child = null;
  #closed = null;
  #port = 0;
  /// How many files it may have open; null: as many as this process.
  openFiles = null;

  /// A started server, which is stopped and whose folder is removed when the test `t` ends. `env` adds variables;
  /// `openFiles` is how many files it may open.
  static async start(t, { env = {}, args = [], openFiles = null } = {}) {
    const server = TestServer.prepare(t, { env, openFiles });
    await server.start(args);
    return server;
  }

  /// Like `start`, but without starting the server.
  static prepare(t, { env = {}, openFiles = null } = {}) {
    const server = new TestServer(env);
    server.openFiles = openFiles;
    t.after(async () => {
      try {
        await server.stop();
      } finally {
        server.removeDatabase();
        rmSync(server.folder, { recursive: true, force: true });
      }
    });
    return server;
  }

  constructor(env) {
    this.folder = mkdtempSync(join(tmpdir(), 'cariosan-'));
    this.database = join(this.folder, 'chat.db');
    const { env: database, remove } = env.CARIOS_DATABASE_URL ? { env: {}, remove() {} } : makeDatabase(this.database);
    this.removeDatabase = remove;
    this.env = {
      CARIOS_ENV: 'test',
      CARIOS_HTTP_PORT: '0',
      CARIOS_LOG_LEVEL: 'info',
      CARIOS_JWT_SECRET: JWT_SECRET,
      CARIOS_RATE_LIMITS: 'off',
      ...database,
      ...env,
    };
    this.log = '';
    this.scheme = env.CARIOS_TLS_CERT_FILE ? 'https' : 'http';
    this.base = () => `${this.scheme}://127.0.0.1:${this.#port}`;
    this.open = new Rest(this.base);
  }

  get port() {
    return this.#port;
  }
  get webSocketUrl() {
    return `${this.base().replace('http', 'ws')}/v1/ws`;
  }
  get running() {
    return this.#child !== null;
  }
  get pid() {
    return this.#child.pid;
  }

  /// Starts the server, on its previous port if that is still free.
  async start(args = []) {
    assert.equal(this.#child, null, 'the server runs already');
    const wanted = this.env.CARIOS_HTTP_PORT !== '0' ? this.env.CARIOS_HTTP_PORT : String(this.#port);
    if (await this.#launch(args, wanted)) return;
    assert.equal(this.env.CARIOS_HTTP_PORT, '0', `the server did not start: ${this.log.slice(-2000)}`);
    assert.ok(await this.#launch(args, '0'), `the server did not start: ${this.log.slice(-2000)}`);
  }

  async #launch(args, port) {
    const command = this.openFiles === null ? [program] : ['sh', '-c', `ulimit -n ${this.openFiles} && exec "$0" "$@"`, program];
    const child = spawn(command[0], [...command.slice(1), ...args], {
      env: environment({ ...this.env, CARIOS_HTTP_PORT: port }),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#closed = once(child, 'close').then(([code, signal]) => {
      if (this.#child === child) this.#child = null;
      return { code, signal };
    });
    child.stderr.setEncoding('utf8').on('data', (text) => (this.log += text));
    let stdout = '';
    const ready = new Promise((resolve) => {
      child.stdout.setEncoding('utf8').on('data', (text) => {
        stdout += text;
        const match = new RegExp(`ready: ${this.scheme}://[^/]*:(\\d+)/`).exec(stdout);
        if (match) resolve(Number(match[1]));
      });
    });
    const found = await within(Promise.race([ready, this.#closed]), 'the start of the server', 120_000);
    if (typeof found !== 'number') return false;
    this.#port = found;
    return true;
  }

  /// Sends a signal and waits for the end: `{code, signal}`.
  async end(signal) {
    const closed = this.#closed;
    this.#child?.kill(signal);
    const result = await within(closed, `the end of the server after ${signal}`, 120_000);
    assert.doesNotMatch(this.log, FATAL, this.log.slice(-4000));
    return result;
  }

  /// Stops it like an operator. The exit must be clean.
  async stop() {
    if (this.#child === null) return;
    const { code, signal } = await this.end('SIGTERM');
    assert.deepEqual({ code, signal }, { code: 0, signal: null }, this.log.slice(-4000));
  }

  async kill() {
    const { signal } = await this.end('SIGKILL');
    assert.equal(signal, 'SIGKILL', this.log.slice(-4000));
  }

  /// Runs another command of the program on the same database.
  cli(...args) {
    return run(args, { ...this.env, CARIOS_HTTP_PORT: String(this.#port || 8080) });
  }

  /// Returns what a command printed, which must succeed.
  async done(...args) {
    const result = await this.cli(...args);
    assert.equal(result.code, 0, result.stderr);
    return result.stdout;
  }

  /// Returns the error output of a command, which must fail with this exit code and print no result.
  async failed(code, ...args) {
    const result = await this.cli(...args);
    assert.equal(result.code, code, result.stdout + result.stderr);
    assert.equal(result.stdout, '');
    return result.stderr.trim();
  }

  /// A workspace created through the command line, with its backend's `rest`.
  createWorkspace(name = 'Shop') {
    return TestWorkspace.create(this, name);
  }
}

/// A workspace of a server under test, as its backend sees it.
export class TestWorkspace {
  static async create(server, name) {
    const made = await server.cli('workspace', 'create', '--name', name, '--allow-duplicate', '--json');
    assert.equal(made.code, 0, made.stderr);
    return new TestWorkspace(server, JSON.parse(made.stdout));
  }

  constructor(server, { id, name, api_key, api_secret }) {
    Object.assign(this, { server, id, name, apiKey: api_key, apiSecret: api_secret });
    this.rest = new Rest(server.base, `Bearer ${api_key}:${api_secret}`);
  }

  async createUser(externalId, name = externalId) {
    const answer = await this.rest.post('/v1/users', { external_id: externalId, name });
    assert.ok(answer.status === 201 || answer.status === 200, answer.text);
    return answer.body;
  }

  /// A user's token, issued by the server.
  async token(externalId, ttl_seconds) {
    return (await this.rest.expect(200, 'POST', '/v1/auth/token', { user_id: externalId, ttl_seconds })).token;
  }

  /// REST calls as a user.
  async as(externalId) {
    return new Rest(this.server.base, `Bearer ${await this.token(externalId)}`);
  }

  async createGroup(externalId, members, name = externalId) {
    return this.rest.expect(201, 'POST', '/v1/channels', {
      type: 'group',
      external_id: externalId,
      name,
      member_external_ids: members,
    });
  }
}
