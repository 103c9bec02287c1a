// Parts that are loaded when they are needed, where loading them fails: a chat goes on without them.

import { expect, test, vi } from 'vitest';
import { memoryStorage } from '../../src/index.ts';
import { fakeServer, greet, item, settle } from '../support/fakes.ts';
import { answers } from '../support/room.ts';

const broken = { storage: false };
vi.mock('../../src/keeping.ts', async (original) => {
  const real: object = await original();
  return new Proxy(real, {
    get: (module, name) => {
      if (broken.storage && name === 'keeping') throw new Error('the file could not be loaded');
      return Reflect.get(module, name) as unknown;
    },
  });
});

// As in `lazy_parts.ts`: of what is replaced here, too.
await import('../../src/keeping.ts');

test('without the part that stores, the client connects, says so, and tries again at the next connect', async () => {
  const storage = memoryStorage();
  const server = fakeServer({ storage, cacheKey: 'alice' }, answers);
  const persistent: boolean[] = [];
  server.client.on('storage', (event) => persistent.push(event.persistent));
  broken.storage = true;
  server.client.connect().catch(() => {});
  await greet(server, [item(1, 0)]);
  expect(server.client.connection.get().name).toBe('live');
  expect(persistent).toEqual([false]);
  broken.storage = false;
  server.client.disconnect();
  server.client.connect().catch(() => {});
  await greet(server, []);
  await server.client.close();
  await settle();
  expect((await storage.load('')).size).toBeGreaterThan(0);
});
