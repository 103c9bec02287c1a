// anchor: whoever reads keeps their line, whatever comes above and below.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { arrives, openShop, row, write } from './shop.mjs';

const MESSAGES = 260;
const words = (at) => `message ${at} ${'long '.repeat((at * 7) % 40)}`;
let shop;
beforeAll(async () => {
  shop = await openShop();
  await shop.channel('long', 'A long story');
  for (let at = 0; at < MESSAGES; at += 1) await shop.say('long', at % 3 === 0 ? 'alice' : 'budi', words(at));
});
afterAll(() => shop?.close());

/** From now on, in each frame: where the first row that is in sight stands. A row that leaves, by scrolling, hands over to another. */
const watch = (page) => page.evaluate(() => {
  const box = document.querySelector('[data-car-part=scroller]');
  const places = () => new Map([...document.querySelectorAll('[data-car-part=message]')].map((one) => [one.dataset.key, one.getBoundingClientRect().top]));
  const top = box.getBoundingClientRect().top;
  const state = { worst: 0, frames: 0, key: null, at: 0, stopped: false };
  globalThis.watched = state;
  const choose = () => {
    const [key, at] = [...places()].filter(([, y]) => y >= top).sort((a, b) => a[1] - b[1])[2] ?? [null, 0];
    Object.assign(state, { key, at });
  };
  choose();
  const frame = () => {
    if (state.stopped) return;
    const now = places().get(state.key);
    // The row that is read must be there.
    state.worst = Math.max(state.worst, now === undefined ? Infinity : Math.abs(now - state.at));
    state.frames += 1;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
});
const watched = (page) => page.evaluate(() => {
  globalThis.watched.stopped = true;
  return { worst: globalThis.watched.worst, frames: globalThis.watched.frames };
});

const held = (page) => page.evaluate(() => Math.max(...[...document.querySelectorAll('[data-car-part=message]')].map((one) => Number(one.getAttribute('aria-posinset')))));

// Open: fails since the client's latest bounds and lazy parts; see README.md.
test.skip('anchor: older messages above, new ones below, and what is read stays where it is', async () => {
  const alice = await shop.person('alice', { open: 'A long story' });
  await row(alice, `message ${MESSAGES - 1} `).waitFor();
  const scroller = alice.locator('[data-car-part=scroller]');
  // The next older messages are asked for, and held back until somebody reads on.
  let release = () => {};
  const gate = new Promise((resolve) => { release = resolve; });
  let asked = false;
  await alice.route(/messages\?.*before=/, async (route) => {
    asked = true;
    await gate;
    await route.continue();
  });
  await scroller.hover();
  while (!asked) {
    await alice.mouse.wheel(0, -700);
    await alice.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  }
  // Frames in which nothing of the wheel is left.
  await alice.waitForFunction(() => {
    const box = document.querySelector('[data-car-part=scroller]');
    const same = globalThis.lastTop === box.scrollTop ? (globalThis.sameFor ?? 0) + 1 : 0;
    Object.assign(globalThis, { lastTop: box.scrollTop, sameFor: same });
    return same > 20;
  }, undefined, { polling: 'raf' });
  const before = await held(alice);
  await watch(alice);
  release();
  for (let at = 0; at < 3; at += 1) await shop.say('long', 'budi', `new ${at}`);
  await alice.locator('[data-car-part=jump]', { hasText: '3 new messages' }).waitFor();
  await alice.waitForFunction((count) => Math.max(...[...document.querySelectorAll('[data-car-part=message]')].map((one) => Number(one.getAttribute('aria-posinset')))) > count + 20, before);
  const { worst, frames } = await watched(alice);
  console.log(`anchor: ${frames} frames, the row moved ${worst.toFixed(2)} px at most`);
  expect(worst).toBeLessThanOrEqual(1);
  await alice.context().close();
});

test('anchor: at the end, the end stays in sight; an own message goes there from anywhere', async () => {
  await shop.say('long', 'budi', 'the last word');
  const alice = await shop.person('alice', { open: 'A long story' });
  await row(alice, 'the last word').waitFor();
  const fromEnd = () => alice.locator('[data-car-part=scroller]').evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight);
  for (let at = 0; at < 5; at += 1) {
    await shop.say('long', 'budi', `follow ${at} ${'long '.repeat(at * 9)}`);
    await arrives(alice, `follow ${at}`);
    await alice.waitForFunction(() => {
      const box = document.querySelector('[data-car-part=scroller]');
      return box.scrollHeight - box.scrollTop - box.clientHeight <= 1;
    });
  }
  await alice.locator('[data-car-part=scroller]').hover();
  await alice.mouse.wheel(0, -3_000);
  await alice.locator('[data-car-part=jump]').waitFor();
  await write(alice, 'my own');
  await arrives(alice, 'my own');
  await alice.locator('[data-car-part=jump]').waitFor({ state: 'detached' });
  expect(await fromEnd()).toBeLessThanOrEqual(64);
  await alice.context().close();
});
