// anchor: whoever reads keeps their line, whatever comes above and below.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { crc32, deflateSync } from 'node:zlib';
import { openShop } from './shop.mjs';
import { arrives, row, write } from './shop_page.mjs';

const MESSAGES = 260;
/** Every other one fits where the line of a day was. */
const words = (at) => `message ${at} ${'long '.repeat(at % 2 === 0 ? 0 : (at * 7) % 40)}`;
let shop;
beforeAll(async () => {
  shop = await openShop();
  await shop.channel('long', 'A long story');
  // All of one person: wherever a page ends, a name stands above it that goes when the next page comes.
  for (let at = 0; at < MESSAGES; at += 1) await shop.say('long', 'budi', words(at));
});
afterAll(() => shop?.close());
/** So that it opens at its end. */
const readAll = async (channel) => shop.server.asUser(await shop.server.token('alice'), 'POST', `/v1/channels/${channel}/read`, {});

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
const nextFrame = (page) => page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));

/** Frames in which nothing of the wheel is left. */
async function rest(page) {
  await page.evaluate(() => { globalThis.sameFor = 0; });
  await page.waitForFunction(() => {
    const { scrollTop } = document.querySelector('[data-car-part=scroller]');
    Object.assign(globalThis, { lastTop: scrollTop, sameFor: globalThis.lastTop === scrollTop ? globalThis.sameFor + 1 : 0 });
    return globalThis.sameFor > 20;
  }, undefined, { polling: 'raf' });
}

/** Holds requests back until it is called; `asked` says whether there was one. */
async function holdBack(page, url) {
  let release = () => {};
  const gate = new Promise((resolve) => { release = resolve; });
  const state = { asked: false, release: () => release() };
  await page.route(url, async (route) => {
    state.asked = true;
    await gate;
    await route.continue();
  });
  return state;
}

for (const where of ['at the very top', 'a little below the top']) {
  test(`anchor: older messages above, new ones below, and what is read ${where} stays where it is`, async () => {
    const last = `so far, ${where}`;
    await shop.say('long', 'budi', last);
    await readAll('long');
    const alice = await shop.person('alice', { open: 'A long story' });
    await row(alice, last).waitFor();
    const older = await holdBack(alice, /messages\?.*before=/);
    const scroller = alice.locator('[data-car-part=scroller]');
    await scroller.hover();
    while (!older.asked) {
      await alice.mouse.wheel(0, -700);
      await nextFrame(alice);
    }
    await rest(alice);
    // Where the first line of a day is the first row in sight, and where a message is.
    await scroller.evaluate((box, top) => { box.scrollTop = top; }, where === 'at the very top' ? 0 : 120);
    await rest(alice);
    const before = await held(alice);
    await watch(alice);
    older.release();
    for (let at = 0; at < 3; at += 1) await shop.say('long', 'budi', `${where}: new ${at}`);
    await alice.locator('[data-car-part=jump]', { hasText: '3 new messages' }).waitFor();
    await alice.waitForFunction((count) => Math.max(...[...document.querySelectorAll('[data-car-part=message]')].map((one) => Number(one.getAttribute('aria-posinset')))) > count + 20, before);
    const { worst, frames } = await watched(alice);
    console.log(`anchor, ${where}: ${frames} frames, the row moved ${worst.toFixed(2)} px at most`);
    expect(worst).toBeLessThanOrEqual(1);
    await alice.context().close();
  });
}

/**
 * From now on: how far a row in sight was, in any frame that was painted, from where the user's scrolling alone had put it. What was painted is
 * what an observer of intersections tells, which the browser asks last before it paints; whatever a script reads by itself may be corrected
 * before anybody sees it. The user's scrolling is what the page's own did not do.
 */
const watchFling = (page) => page.evaluate(() => {
  const box = document.querySelector('[data-car-part=scroller]');
  const content = box.querySelector('[data-car-part=rows]');
  const { top, bottom } = box.getBoundingClientRect();
  const state = { worst: 0, frames: 0, rows: 0, scrolled: 0, stopped: false };
  globalThis.watched = state;
  let byPage = 0;
  const counted = (scroll) => function scrolling(...args) {
    const before = box.scrollTop;
    scroll.apply(box, args);
    byPage += box.scrollTop - before;
  };
  const { set, get } = Object.getOwnPropertyDescriptor(Element.prototype, 'scrollTop');
  Object.defineProperty(box, 'scrollTop', { get, set: counted(set) });
  for (const name of ['scrollTo', 'scrollBy']) box[name] = counted(Element.prototype[name]);
  const above = content.getBoundingClientRect().top + box.scrollTop;

  let number = 0;
  let last = null;
  const compare = ({ at, byPage: own, ends }) => {
    if (last !== null) {
      const user = at - last.at - (own - last.own);
      if (Math.abs(user) > 1) state.scrolled += 1;
      for (const [key, { y, end }] of last.ends) {
        if (y - user < top || end - user > bottom) continue;
        // A row in sight must be there. Its end is watched: at its top, the name goes when older messages of the same person come.
        state.worst = Math.max(state.worst, Math.abs((ends.get(key)?.end ?? Infinity) - (end - user)));
        state.rows += 1;
      }
      state.frames += 1;
    }
    last = { at, own, ends };
  };
  const frame = () => {
    if (state.stopped) return;
    number += 1;
    const here = number;
    const observer = new IntersectionObserver((entries) => {
      observer.disconnect();
      // The next frame has begun, and with it the user's next scrolling: what the page did until this one was painted cannot be told any more.
      if (here !== number) {
        last = null;
        return;
      }
      const ends = new Map();
      let at = 0;
      for (const { target, boundingClientRect: { y, bottom: end } } of entries) {
        if (target === content) at = above - y;
        // One that was taken away in the meantime was not painted.
        else if (end > y) ends.set(target.dataset.key, { y, end });
      }
      compare({ at, byPage: byPage - (box.scrollTop - at), ends });
    });
    for (const one of [content, ...content.querySelectorAll('[data-car-part=message]')]) observer.observe(one);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
});

/** A grey picture. */
function png(width, height) {
  const chunk = (name, data) => {
    const [frame, body] = [Buffer.alloc(8), Buffer.concat([Buffer.from(name), data])];
    frame.writeUInt32BE(data.length);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width);
  head.writeUInt32BE(height, 4);
  head[8] = 8;
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', deflateSync(Buffer.alloc((width + 1) * height, 0x80))), chunk('IEND', Buffer.alloc(0))]);
}

test('anchor: in the middle of a fling, with pages of older messages and pictures that load late', async () => {
  const [channel, title] = ['pictures', 'Many pictures'];
  await shop.channel(channel, title);
  const token = await shop.server.token('budi');
  for (let at = 0; at < 130; at += 1) {
    if (at % 3 > 0) {
      await shop.say(channel, 'budi', words(at));
      continue;
    }
    // Every other one says how large it is.
    const [width, height] = [300, 100 + at];
    const url = await shop.upload('budi', `late-${at}.png`, 'image/png', png(width, height));
    const metadata = at % 2 === 0 ? { attachment: { name: `${at}.png`, width, height } } : {};
    await shop.server.asUser(token, 'POST', `/v1/channels/${channel}/messages`, { type: 'image', content: words(at), attachment_url: url, metadata });
  }
  const alice = await shop.person('alice');
  const pictures = await holdBack(alice, /late-\d+\.png/);
  await alice.locator('[data-car-part=channel]', { hasText: title }).click();
  // It opens at the first of what is unread.
  await alice.locator('[data-car-part=jump]').click();
  await row(alice, 'message 128 ').waitFor();
  await rest(alice);
  await alice.waitForFunction(() => [...document.images].length > 0);
  await watchFling(alice);
  const devtools = await alice.context().newCDPSession(alice);
  for (let at = 0; await alice.locator('[data-car-part=start]').count() === 0; at += 1) {
    const swipe = devtools.send('Input.synthesizeScrollGesture', { x: 600, y: 300, yDistance: 2_000, speed: 4_000, gestureSourceType: 'mouse' });
    // All of them at once, while the list moves.
    if (at === 1) pictures.release();
    await swipe;
  }
  const { worst, frames, rows, scrolled } = await alice.evaluate(() => Object.assign(globalThis.watched, { stopped: true }));
  console.log(`anchor, in a fling: ${frames} frames, ${scrolled} of them scrolled, ${rows} places, a row was ${worst.toFixed(2)} px off at most`);
  expect(Math.min(scrolled, rows)).toBeGreaterThan(0);
  expect(pictures.asked).toBe(true);
  expect(worst).toBeLessThanOrEqual(1);
  await alice.context().close();
});

// On a busy machine much of a fling passes between two frames of the page: the browser shows the rows that it has, without asking.
for (const step of [300, 600, 900, 1_300]) {
  test(`anchor: a browser that is behind scrolls ${step} px from frame to frame`, async () => {
    await readAll('long');
    const alice = await shop.person('alice', { open: 'A long story' });
    await row(alice, `message ${MESSAGES - 1} `).waitFor();
    await rest(alice);
    await watchFling(alice);
    await alice.evaluate((px) => new Promise((resolve) => {
      const box = document.querySelector('[data-car-part=scroller]');
      const frame = () => {
        if (document.querySelector('[data-car-part=start]') !== null && box.scrollTop === 0) return void resolve();
        // The prototype's: it counts as the user's. Of theirs the page hears in the same frame.
        Element.prototype.scrollBy.call(box, { top: -px, behavior: 'instant' });
        box.dispatchEvent(new Event('scroll'));
        requestAnimationFrame(() => requestAnimationFrame(frame));
      };
      requestAnimationFrame(frame);
    }), step);
    const { worst, frames, rows, scrolled } = await alice.evaluate(() => Object.assign(globalThis.watched, { stopped: true }));
    console.log(`anchor, ${step} px from frame to frame: ${frames} frames, ${scrolled} of them scrolled, ${rows} places, a row was ${worst.toFixed(2)} px off at most`);
    expect(Math.min(scrolled, rows)).toBeGreaterThan(0);
    expect(worst).toBeLessThanOrEqual(1);
    await alice.context().close();
  });
}

test('anchor: a conversation of which nothing is unread opens at its end', async () => {
  await shop.channel('own', 'My own words');
  for (let at = 0; at < 60; at += 1) await shop.say('own', 'alice', words(at));
  const alice = await shop.person('alice', { open: 'My own words' });
  await row(alice, 'message 59 ').waitFor();
  await rest(alice);
  expect(await alice.locator('[data-car-part=scroller]').evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight)).toBeLessThanOrEqual(1);
  await alice.context().close();
});

test('anchor: panels that open and close leave the end in sight', async () => {
  await shop.channel('panels', 'Panels');
  for (let at = 0; at < 30; at += 1) await shop.say('panels', 'alice', words(at));
  const alice = await shop.person('alice', { open: 'Panels' });
  await row(alice, 'message 29 ').waitFor();
  const scroller = alice.locator('[data-car-part=scroller]');
  const fromEnd = () => scroller.evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight);
  for (const panel of ['search', 'info', 'search', 'search']) {
    const before = await scroller.evaluate((box) => box.clientHeight);
    await alice.locator(`[data-car-icon=${panel}]`).click();
    await alice.waitForFunction((height) => document.querySelector('[data-car-part=scroller]').clientHeight !== height, before);
    await rest(alice);
    expect(await fromEnd()).toBeLessThanOrEqual(1);
  }
  await alice.context().close();
});

test('anchor: at the end, the end stays in sight; an own message goes there from anywhere', async () => {
  await shop.say('long', 'budi', 'the last word');
  await readAll('long');
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
