// Several servers over one PostgreSQL and one Redis, which look like one server to a world; and what can happen to them.

import { existsSync } from 'node:fs';
import { runSql, PostgresDatabase } from '../integration/database.mjs';
import { seededRandom } from '../integration/data.mjs';
import { Rest } from '../integration/rest.mjs';
import { TestServer, TestWorkspace } from '../integration/server.mjs';
import { PrivatePostgres, PrivateRedis } from '../integration/services.mjs';
import { FlakyLink } from './flaky_link.mjs';

const FAKE_TIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';
const NO_FAULTS = () => 1; // what a link asks before each of its faults

/// How far the clocks of the nodes are ahead: two of them are 30 s apart.
const AHEAD = ['+0s', '+15s', '-15s'];

/// A node with its own links to both services.
class Node {
  static async open(t, index, postgres, redis, databaseUrl, env) {
    const node = new Node();
    node.links = {
      postgres: await FlakyLink.open(() => postgres.port, NO_FAULTS),
      redis: await FlakyLink.open(() => redis.port, NO_FAULTS),
    };
    const clock = existsSync(FAKE_TIME) ?
        { LD_PRELOAD: FAKE_TIME, FAKETIME: AHEAD[index % AHEAD.length], FAKETIME_DONT_FAKE_MONOTONIC: '1' } : {};
    node.server = TestServer.prepare(t, { env: {
      CARIOS_DATABASE_URL: databaseUrl.replace(`127.0.0.1:${postgres.port}`, `127.0.0.1:${node.links.postgres.port}`),
      CARIOS_REDIS_URL: redis.through(node.links.redis.port),
      ...clock, ...env,
    } });
    t.after(() => Promise.all(Object.values(node.links).map((link) => link.close())));
    return node;
  }
}

/// Has what `TestServer` has of a server that is called over the network: each call and each connection goes to a random
/// node that runs.
export class Cluster {
  /// Null if PostgreSQL or Redis is not installed.
  static async start(t, { seed, nodes = 3, env = {} }) {
    const postgres = await PrivatePostgres.start(t);
    const redis = postgres && await PrivateRedis.start(t);
    if (!redis) return null;
    const cluster = new Cluster(seed);
    Object.assign(cluster, { postgres, redis, database: new PostgresDatabase(postgres.url) });
    for (let index = 0; index < nodes; ++index) {
      cluster.nodes.push(await Node.open(t, index, postgres, redis, cluster.database.url, env));
    }
    // The tables are made by all of them at once.
    await Promise.all(cluster.nodes.map(({ server }) => server.start()));
    return cluster;
  }

  nodes = [];
  constructor(seed) {
    this.random = seededRandom(seed + 7);
    this.base = () => this.#any().base();
    this.open = new Rest(this.base);
  }

  #any() {
    const running = this.nodes.filter(({ server }) => server.running);
    const among = running.length > 0 ? running : this.nodes;
    return among[Math.floor(this.random() * among.length)].server;
  }

  get port() {
    return this.#any().port;
  }
  get webSocketUrl() {
    return this.#any().webSocketUrl;
  }
  cli(...args) {
    return this.nodes[0].server.cli(...args);
  }
  createWorkspace(name) {
    return TestWorkspace.create(this, name);
  }
  node() {
    return this.nodes[Math.floor(this.random() * this.nodes.length)];
  }
  sql(text) {
    return runSql(this.database.url, text);
  }
}
