// The real server as a process, with a workspace of its own. `CARIOSAN_SERVER` names the program.

import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const program = process.env['CARIOSAN_SERVER'];
/** A test may sign tokens of its own. */
export const JWT_SECRET = 'a secret of the tests, long enough for HS256';

export interface RealServer {
  readonly url: string;
  /** Of the workspace, as `api_key:api_secret`. */
  readonly key: string;
  backend<Answer>(method: string, path: string, body?: unknown): Promise<Answer>;
  asUser<Answer>(token: string, method: string, path: string, body?: unknown): Promise<Answer>;
  token(user: string): Promise<string>;
  /** What its command line says to this. */
  command(...words: readonly string[]): string;
  /** Kills it as a crash does, and starts it again on the same port. */
  crash(): Promise<void>;
  /** Stops it as an update does, and starts it again on the same port. */
  restart(): Promise<void>;
  /** Ends it for good. */
  end(): Promise<void>;
}

interface Workspace {
  readonly api_key: string;
  readonly api_secret: string;
}

async function start(env: NodeJS.ProcessEnv): Promise<{ child: ChildProcess; port: string }> {
  const child = spawn(program ?? '', [], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const found = /ready: http:\/\/[^/]*:(\d+)\//.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${said}`)));
  });
  return { child, port };
}

async function ask<Answer>(url: string, authorization: string, method: string, body: unknown): Promise<Answer> {
  const response = await fetch(url, {
    method, headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
  return (text === '' ? null : JSON.parse(text)) as Answer;
}

/** `more`: of its environment. */
export async function realServer(more: Readonly<Record<string, string>> = {}): Promise<RealServer> {
  const folder = mkdtempSync(join(tmpdir(), 'cariosan-sdk-'));
  const inherited = Object.entries(process.env).filter(([name]) => !/^CARIOS(AN)?_/.test(name));
  const env: NodeJS.ProcessEnv = {
    ...Object.fromEntries(inherited), CARIOS_ENV: 'test', CARIOS_DATABASE_URL: `sqlite:${join(folder, 'chat.db')}`, CARIOS_HTTP_PORT: '0',
    CARIOS_JWT_SECRET: JWT_SECRET, CARIOS_RATE_LIMITS: 'off', ...more,
  };
  let { child, port } = await start(env);
  const url = `http://127.0.0.1:${port}`;
  const command = (...words: readonly string[]): string =>
    execFileSync(program ?? '', words, { env: { ...env, CARIOS_HTTP_PORT: port }, encoding: 'utf8' });
  const workspace = JSON.parse(command('workspace', 'create', '--name', 'Shop', '--json')) as Workspace;
  const pair = `${workspace.api_key}:${workspace.api_secret}`;
  const key = `Bearer ${pair}`;

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  }

  async function again(signal: NodeJS.Signals): Promise<void> {
    await end(signal);
    ({ child, port } = await start({ ...env, CARIOS_HTTP_PORT: port }));
  }

  return {
    url, command,
    key: pair,
    backend: (method, path, body) => ask(url + path, key, method, body),
    asUser: (token, method, path, body) => ask(url + path, `Bearer ${token}`, method, body),
    token: async (user) => (await ask<{ token: string }>(`${url}/v1/users/${user}/tokens`, key, 'POST', {})).token,
    crash: () => again('SIGKILL'),
    restart: () => again('SIGTERM'),
    async end() {
      await end('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
