// Where the servers under test keep their data: a SQLite file each; or, if CARIOSAN_TEST_POSTGRES is the URL of a PostgreSQL
// server (without the name of a database), a database each on it. CARIOSAN_TEST_REDIS is then the URL of a Redis for all.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';

const postgres = process.env.CARIOSAN_TEST_POSTGRES || null;
const redis = process.env.CARIOSAN_TEST_REDIS || null;

/// For tests about SQLite's files: the reason to skip them, or false.
export const notOnPostgres = postgres !== null && 'this is about SQLite\'s files';

/// The URL of a database on the server that `url` names.
export function databaseUrl(url, name) {
  const [, server, query] = /^([^?]*?)\/?(\?.*)?$/.exec(url);
  return `${server.endsWith(':/') ? `${server}/` : server}/${name}${query ?? ''}`;
}

/// Runs SQL and returns what `psql` printed.
export function runSql(url, sql) {
  const done = spawnSync('psql', ['--no-psqlrc', '--quiet', '--tuples-only', '--no-align', '--set=ON_ERROR_STOP=1', `--command=${sql}`, url],
      { encoding: 'utf8' });
  assert.equal(done.status, 0, done.stderr || String(done.error));
  return done.stdout.trim();
}

/// An empty database of a PostgreSQL server.
export class PostgresDatabase {
  constructor(server) {
    this.server = server;
    this.name = `test_${randomBytes(8).toString('hex')}`;
    runSql(databaseUrl(server, 'postgres'), `CREATE DATABASE ${this.name}`);
    this.url = databaseUrl(server, this.name);
  }

  remove() {
    runSql(databaseUrl(this.server, 'postgres'), `DROP DATABASE IF EXISTS ${this.name} WITH (FORCE)`);
  }
}

/// The variables of a server with an empty database of its own, and what removes it; `path` is the file of SQLite's.
export function makeDatabase(path) {
  if (postgres === null) return { env: { CARIOS_DATABASE_URL: `sqlite:${path}` }, remove() {} };
  const made = new PostgresDatabase(postgres);
  const env = { CARIOS_DATABASE_URL: made.url };
  if (redis !== null) env.CARIOS_REDIS_URL = redis;
  return { env, remove: () => made.remove() };
}
