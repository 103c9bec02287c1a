// Two people in two browsers.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { arrives, field, row, textsOf, write } from './shop.mjs';
import { suite } from './suite.mjs';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const here = suite();
const { person, channel, two } = here;

test('what one sends the other sees, in both languages, with marks', async () => {
  const { alice, budi } = await two();
  await write(alice, 'Halo Budi');
  await arrives(alice, 'Halo Budi');
  await arrives(budi, 'Halo Budi');
  await write(budi, 'Halo Alice');
  await arrives(alice, 'Halo Alice');
  await budi.bringToFront();
  expect(await field(budi).getAttribute('placeholder')).toBe('Tulis pesan…');
  expect(await field(alice).getAttribute('placeholder')).toBe('Write a message…');
  await row(alice, 'Halo Budi').locator('[data-mark=read]').waitFor();
});

test('without a network messages wait, and go out once, in order', async () => {
  const { alice, budi } = await two();
  await alice.context().setOffline(true);
  for (const text of ['one', 'two', 'three']) await write(alice, text);
  await arrives(alice, 'three', 'pending');
  await alice.context().setOffline(false);
  await arrives(alice, 'three');
  await arrives(budi, 'three');
  expect(await textsOf(budi)).toEqual(['one', 'two', 'three']);
  expect(await textsOf(alice)).toEqual(['one', 'two', 'three']);
});

test('the server is killed while somebody writes', async () => {
  const { alice, budi } = await two();
  await write(alice, 'before');
  await arrives(budi, 'before');
  const crashed = here.shop.server.crash();
  for (let at = 0; at < 5; at += 1) await write(alice, `during ${at}`);
  await crashed;
  await arrives(alice, 'during 4');
  await arrives(budi, 'during 4');
  expect(await textsOf(budi)).toEqual(['before', ...[0, 1, 2, 3, 4].map((at) => `during ${at}`)]);
});

test('a reload keeps what was not sent', async () => {
  const { name, alice, budi } = await two();
  await write(alice, 'sent');
  await arrives(alice, 'sent');
  here.shop.reachable(false);
  await write(alice, 'not sent yet');
  await arrives(alice, 'not sent yet', 'pending');
  await alice.reload();
  await alice.locator('[data-car-part=channel]', { hasText: name }).click();
  await arrives(alice, 'not sent yet', 'pending');
  here.shop.reachable(true);
  await arrives(budi, 'not sent yet');
  await arrives(alice, 'not sent yet');
  expect(await textsOf(alice)).toEqual(['sent', 'not sent yet']);
});

/** As somebody does who has no pointer. */
async function backToTheList(page) {
  const role = () => page.evaluate(() => document.activeElement?.getAttribute('role'));
  for (let presses = 0; presses < 4 && (await role()) !== 'article'; presses += 1) await page.keyboard.press('Shift+Tab');
  expect(await role()).toBe('article');
}

test('by the keyboard alone: write, reply, edit, react, unsend', async () => {
  const { alice, budi } = await two();
  await write(budi, 'Which colour?');
  await arrives(alice, 'Which colour?');
  await field(alice).focus();
  await backToTheList(alice);
  await alice.keyboard.press('r');
  await alice.keyboard.type('Blue');
  await alice.keyboard.press('Enter');
  await arrives(budi, 'Blue');
  expect(await row(budi, 'Blue').locator('[data-car-part=quote-text]').textContent()).toBe('Which colour?');
  await arrives(alice, 'Blue');
  await alice.keyboard.press('ArrowUp');
  await alice.keyboard.press('End');
  await alice.keyboard.type(', please');
  await alice.keyboard.press('Enter');
  await row(budi, 'Blue, please').locator('[data-car-part=edited]').waitFor();
  await backToTheList(alice);
  await alice.keyboard.press('Home');
  await alice.keyboard.press('m');
  await alice.keyboard.press('ArrowDown');
  await alice.keyboard.press('Enter');
  await row(budi, 'Which colour?').locator('[data-car-part=reaction]', { hasText: '❤️' }).waitFor();
  await alice.keyboard.press('End');
  await alice.keyboard.press('Delete');
  await alice.keyboard.press('Delete');
  await budi.locator('[data-car-part=tombstone]').waitFor();
  await alice.keyboard.press('Escape');
  expect(await alice.evaluate(() => document.activeElement?.tagName)).toBe('TEXTAREA');
});

test('a picture is sent', async () => {
  const { alice, budi } = await two();
  const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
  await alice.locator('[data-car-part=picker]').setInputFiles({ name: 'shirt.png', mimeType: 'image/png', buffer: png });
  const picture = budi.locator('[data-car-part=picture] img');
  await picture.waitFor();
  await budi.waitForFunction((image) => image.complete && image.naturalWidth === 1, await picture.elementHandle());
  expect(await picture.getAttribute('alt')).toBe('Gambar: shirt.png');
});

test('who is mentioned sees it in the list', async () => {
  const { name, alice, budi } = await two();
  const other = await person('budi');
  await field(alice).pressSequentially('hi @bu');
  await alice.getByRole('option', { name: 'Budi' }).waitFor();
  await field(alice).press('Enter');
  await field(alice).pressSequentially('look');
  await budi.close();
  await field(alice).press('Enter');
  await arrives(alice, 'hi @Budi look');
  await other.locator('[data-car-part=channel]', { hasText: name }).locator('[data-mentioned]').waitFor();
  await alice.locator('[data-car-part=mention]', { hasText: '@Budi' }).waitFor();
});

test('a search finds what is far up, and goes there', async () => {
  const { id, alice } = await two();
  await here.shop.say(id, 'budi', 'the needle');
  for (let at = 0; at < 120; at += 1) await here.shop.say(id, 'budi', `hay ${at}`);
  await arrives(alice, 'hay 119');
  await alice.getByRole('button', { name: 'Search messages' }).click();
  await alice.keyboard.type('needle');
  await alice.locator('[data-car-part=hit]', { hasText: 'needle' }).click();
  await row(alice, 'the needle').waitFor();
  expect(await row(alice, 'the needle').evaluate((one) => {
    const [list, box] = [one.closest('[data-car-part=scroller]').getBoundingClientRect(), one.getBoundingClientRect()];
    return box.top >= list.top && box.bottom <= list.bottom;
  })).toBe(true);
  await alice.locator('[data-car-part=jump]').click();
  await arrives(alice, 'hay 119');
});

test('who is blocked is not seen', async () => {
  const { alice, budi } = await two();
  await write(budi, 'rude words');
  await arrives(alice, 'rude words');
  await alice.getByRole('button', { name: 'Block Budi' }).click();
  await row(alice, 'rude words').waitFor({ state: 'detached' });
  await alice.getByRole('button', { name: 'Unblock Budi' }).click();
  await arrives(alice, 'rude words');
});

test('six tabs: five are connected, and the sixth is when one of them closes', async () => {
  const { id, name, alice } = await two();
  const context = alice.context();
  const tabs = [alice];
  for (let at = 0; at < 5; at += 1) tabs.push(await person('alice', { context, open: name }));
  await here.shop.say(id, 'budi', 'to all tabs');
  for (const tab of tabs.slice(0, 5)) await arrives(tab, 'to all tabs');
  await alice.close();
  // The server asked it to wait for half a minute.
  await row(tabs[5], 'to all tabs').waitFor({ timeout: 50_000 });
});

test('a tab that was frozen in the background has everything when it comes back', async () => {
  const { id, alice } = await two();
  await write(alice, 'before');
  await arrives(alice, 'before');
  const devtools = await alice.context().newCDPSession(alice);
  await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
  for (const text of ['while frozen', 'and another']) await here.shop.say(id, 'budi', text);
  await devtools.send('Page.setWebLifecycleState', { state: 'active' });
  await arrives(alice, 'and another');
  expect(await textsOf(alice)).toEqual(['before', 'while frozen', 'and another']);
});

for (const [language, colorScheme] of [['en', 'light'], ['id', 'dark']]) {
  test(`axe finds nothing in any state (${language}, ${colorScheme})`, async () => {
    const { id, name } = await channel();
    await here.shop.say(id, 'budi', 'Halo https://shop.test');
    const alice = await person('alice', { language, colorScheme });
    async function look(state) {
      await alice.evaluate(axeSource);
      const { violations } = await alice.evaluate(() => globalThis.axe.run());
      expect(violations.map(({ id: rule, nodes }) => `${state}: ${rule}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' ')}`)).toEqual([]);
    }
    await alice.locator('[data-car-part=channel]', { hasText: name }).waitFor();
    await look('list');
    await alice.locator('[data-car-part=channel]', { hasText: name }).click();
    await arrives(alice, 'Halo');
    await write(alice, 'Hi');
    await arrives(alice, 'Hi');
    await look('conversation');
    await row(alice, 'Hi').focus();
    await alice.keyboard.press('m');
    await alice.getByRole('menu').waitFor();
    await look('menu');
    await alice.keyboard.press('Escape');
    await alice.keyboard.press('r');
    await look('reply');
    await field(alice).fill('@bu');
    await field(alice).pressSequentially('d');
    await alice.getByRole('listbox').waitFor();
    await look('mention');
    await alice.locator('[data-car-icon=search]').click();
    await look('search');
    await alice.locator('[data-car-icon=info]').click();
    await look('members');
  });
}
