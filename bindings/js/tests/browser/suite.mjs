// What suites of a shop share: it opens before the first test, and a page that has logged an error fails the test that opened it.

import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { openShop } from './shop.mjs';

/** `app`: one of `apps.mjs`. */
export function suite(app) {
  const all = { shop: null, pages: [] };
  /** No name is the beginning of another. */
  let count = 100;

  beforeAll(async () => {
    all.shop = await openShop(app);
  });
  afterAll(() => all.shop?.close());
  afterEach(async () => {
    all.shop.reachable(true);
    all.shop.deaf(false);
    const faults = all.pages.flatMap((page) => page.faults);
    for (const context of new Set(all.pages.map((page) => page.context()))) await context.close();
    all.pages = [];
    expect(faults).toEqual([]);
  });

  async function person(user, options) {
    const page = await all.shop.person(user, options);
    all.pages.push(page);
    return page;
  }

  /** A channel of its own for a test. */
  async function channel() {
    const [id, name] = [`order_${++count}`, `Order ${count}`];
    await all.shop.channel(id, name);
    return { id, name };
  }

  /** The same, and both people in it. */
  async function two() {
    const { id, name } = await channel();
    const alice = await person('alice', { open: name });
    const budi = await person('budi', { open: name, language: 'id' });
    return { id, name, alice, budi };
  }

  /** Both people in the conversation that is theirs alone. */
  async function between() {
    await all.shop.direct();
    const alice = await person('alice', { open: 'Budi' });
    const budi = await person('budi', { open: 'Alice' });
    return { alice, budi };
  }

  return { person, channel, two, between, get shop() { return all.shop; } };
}
