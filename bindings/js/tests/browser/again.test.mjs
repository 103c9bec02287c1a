// A page that comes again: gone back to, loaded anew in each of its states, and in another language.

import { expect, test } from 'vitest';
import { arrives, banner, field, inList, row, textsOf, write } from './shop_page.mjs';
import { suite } from './suite.mjs';

const here = suite();
const { person, channel, two } = here;

test('a page that is gone back to is as it was, and live, with one connection', async () => {
  const { id, alice, budi } = await two();
  await write(alice, 'before');
  await arrives(budi, 'before');
  await field(alice).fill('half a sent');
  await alice.evaluate(() => addEventListener('pageshow', ({ persisted }) => { globalThis.cameBack = persisted; }));
  const { upgrades, connections } = here.shop;
  await alice.goto(`${here.shop.origin}/?lang=en`);
  await expect.poll(() => here.shop.connections).toBe(connections - 1);
  await here.shop.say(id, 'budi', 'while away');
  await alice.evaluate(() => history.back());
  await alice.waitForFunction(() => globalThis.cameBack === true);
  await arrives(alice, 'while away');
  expect(await field(alice).inputValue()).toBe('half a sent');
  await field(alice).fill('and after');
  await field(alice).press('Enter');
  await arrives(budi, 'and after');
  await arrives(alice, 'and after');
  expect(await textsOf(alice)).toEqual(['before', 'while away', 'and after']);
  expect([here.shop.upgrades, here.shop.connections]).toEqual([upgrades + 1, connections]);
});

test('a reload while live shows the same once, and brings the draft back', async () => {
  const { id, name, alice } = await two();
  for (const text of ['one', 'two']) await write(alice, text);
  await arrives(alice, 'two');
  await field(alice).fill('half a sent');
  await alice.reload();
  await inList(alice, name).click();
  await arrives(alice, 'two');
  expect(await field(alice).inputValue()).toBe('half a sent');
  await here.shop.say(id, 'budi', 'three');
  await arrives(alice, 'three');
  expect(await textsOf(alice)).toEqual(['one', 'two', 'three']);
});

test('a reload without a network shows what was there, says so, and goes on when it is back', async () => {
  const { id, name, alice } = await two();
  await write(alice, 'one');
  await arrives(alice, 'one');
  here.shop.reachable(false);
  await alice.reload();
  await inList(alice, name).click();
  await arrives(alice, 'one');
  await banner(alice).waitFor();
  // Again, in the midst of trying to connect.
  await alice.reload();
  await inList(alice, name).click();
  await arrives(alice, 'one');
  await here.shop.say(id, 'budi', 'two');
  here.shop.reachable(true);
  await arrives(alice, 'two');
  await banner(alice).waitFor({ state: 'hidden' });
  expect(await textsOf(alice)).toEqual(['one', 'two']);
});

test('a reload while a page of older messages is being read', async () => {
  const { id, name } = await channel();
  for (let at = 0; at < 70; at += 1) await here.shop.say(id, 'alice', `message ${at} .`);
  const alice = await person('alice');
  await alice.route(/messages\?.*before=/, () => {});
  const asked = alice.waitForRequest(/messages\?.*before=/);
  await inList(alice, name).click();
  await arrives(alice, 'message 69 .');
  await alice.locator('[data-car-part=scroller]').evaluate((box) => { box.scrollTop = 0; });
  await asked;
  await alice.unroute(/messages\?.*before=/);
  await alice.reload();
  await inList(alice, name).click();
  await arrives(alice, 'message 69 .');
  await alice.waitForFunction(() => {
    document.querySelector('[data-car-part=scroller]').scrollTop = 0;
    return document.querySelector('[data-car-part=start]') !== null;
  });
  await row(alice, 'message 0 .').waitFor();
});

test('a reload keeps what was refused, and it can be sent again', async () => {
  const { id, name, alice, budi } = await two();
  await write(alice, 'one');
  await arrives(alice, 'one');
  here.shop.reachable(false);
  await write(alice, 'refused');
  await arrives(alice, 'refused', 'pending');
  await here.shop.server.backend('PUT', '/v1/users/alice/mute', { channel: id });
  here.shop.reachable(true);
  await arrives(alice, 'refused', 'failed');
  await alice.reload();
  await inList(alice, name).click();
  await arrives(alice, 'refused', 'failed');
  await here.shop.server.backend('DELETE', `/v1/users/alice/mute?channel=${id}`);
  await row(alice, 'refused').getByRole('button', { name: 'Send again' }).click();
  await arrives(alice, 'refused');
  await arrives(budi, 'refused');
  expect(await textsOf(budi)).toEqual(['one', 'refused']);
});

test('another language is spoken at once: the conversation, the draft and the connection stay', async () => {
  const { alice, budi } = await two();
  await write(alice, 'Halo');
  await arrives(budi, 'Halo');
  await field(alice).fill('half a sent');
  const { upgrades } = here.shop;
  for (const [language, words] of [['id', 'Tulis pesan…'], ['en', 'Write a message…']]) {
    await alice.evaluate((lang) => {
      history.pushState({}, '', `?as=alice&lang=${lang}`);
      dispatchEvent(new PopStateEvent('popstate'));
    }, language);
    await alice.getByPlaceholder(words).waitFor();
    expect(await alice.evaluate(() => document.documentElement.lang)).toBe(language);
    expect(await field(alice).inputValue()).toBe('half a sent');
    await arrives(alice, 'Halo');
  }
  expect(here.shop.upgrades).toBe(upgrades);
  await write(budi, 'Hai');
  await arrives(alice, 'Hai');
});
