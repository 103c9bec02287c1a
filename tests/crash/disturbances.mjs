// What happens to a cluster while users chat. Each ends with everything in its place again, though the nodes may still have
// to notice.

import { pause } from './world.mjs';

function counted(name, disturb) {
  return async (world) => {
    world.counts[name] = (world.counts[name] ?? 0) + 1;
    await disturb(world.server, (most) => pause(most * world.random()));
  };
}

export const killNode = counted('kills', async (cluster, wait) => {
  const { server } = cluster.node();
  await server.kill();
  await wait(3000);
  await server.start();
});

/// Like a rolling restart: one after the other, the others serve meanwhile.
export const restartNodes = counted('restarts', async (cluster) => {
  for (const { server } of cluster.nodes) {
    await server.stop();
    await server.start();
  }
});

export const restartRedis = counted('redis_restarts', async (cluster, wait) => {
  await cluster.redis.stop();
  await wait(2000);
  await cluster.redis.start();
});

export const emptyRedis = counted('redis_emptied', (cluster) => cluster.redis.command('FLUSHALL'));

/// Its connections stay open, and nothing answers.
export const pauseRedis = (seconds) => counted('redis_pauses', async (cluster) => {
  cluster.redis.signal('SIGSTOP');
  await pause(seconds * 1000);
  cluster.redis.signal('SIGCONT');
});

export const restartPostgres = (mode) => counted(`postgres_${mode}`, async (cluster, wait) => {
  await cluster.postgres.stop(mode);
  await wait(1000);
  await cluster.postgres.start();
});

/// All connections of a node to one of the two are reset, some in the middle of a statement or a message.
export const cutLinks = counted('links_cut', async (cluster) => {
  for (const name of ['postgres', 'redis']) cluster.node().links[name].cut();
});

/// One node cannot reach one of the two for a while, the others can.
export const blockLink = (name) => counted(`${name}_blocked`, async (cluster, wait) => {
  const link = cluster.node().links[name];
  link.block();
  await wait(4000);
  link.unblock();
});

/// Nothing passes between a node and one of the two for a while; then everything does.
export const delayLink = (name) => counted(`${name}_delayed`, async (cluster, wait) => {
  const link = cluster.node().links[name];
  link.hold();
  await wait(4000);
  link.release();
});
