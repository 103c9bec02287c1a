// Pictures of the example in each width, theme and language: CARIOSAN_PICTURES=<folder> node tests/browser/run.mjs

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';
import { demoApp, phoneApp } from './apps.mjs';
import { demoUi } from './demo_page.mjs';
import { input, message, openChannel, openMenu, signIn } from './phone.mjs';
import { openShop } from './shop.mjs';
import { field, row } from './shop_page.mjs';

const folder = process.env.CARIOSAN_PICTURES;
const widths = { 320: 568, 390: 844, 1280: 800 };

/** Something of everything, with words that are longer than one hopes for. */
async function fill(shop) {
  await shop.channel('order', 'Order 1042: two batik shirts, long sleeves');
  await shop.channel('return', 'Return');
  await shop.say('return', 'alice', 'Thank you!');
  const sent = [];
  const say = async (user, content, more = {}) => {
    const answer = await shop.server.asUser(await shop.server.token(user), 'POST', '/v1/channels/order/messages', { content, ...more });
    sent.push(answer.message ?? answer);
  };
  await say('alice', 'Halo! Is the shirt still there?');
  await say('budi', 'Yes, in blue and in green. Which one do you like? The green one is a little longer at the sleeves, and it can be sent today.');
  await say('budi', 'https://shop.test/a/very/long/address/that/goes/on/and/on/without/any/space?until=it&must=break&somewhere=else');
  await say('alice', 'Blue, please 😊', { parent_id: sent[1].id });
  await say('budi', '👍🎉');
  await say('alice', 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft');
  await say('budi', 'this was a mistake');
  const token = await shop.server.token('budi');
  await shop.server.asUser(token, 'DELETE', `/v1/channels/order/messages/${sent[6].id}`);
  await shop.server.asUser(token, 'PUT', `/v1/channels/order/messages/${sent[3].id}/reactions/${encodeURIComponent('❤️')}`);
  await say('budi', 'Sampai besok, @Alice');
  await shop.lead('order', 'budi');
  for (const at of [1, 3]) await shop.pin('order', 'budi', sent[at]);
}

test('pictures', async () => {
  mkdirSync(folder, { recursive: true });
  const shop = await openShop();
  await fill(shop);
  for (const [width, height] of Object.entries(widths)) {
    for (const [language, theme] of [['en', 'light'], ['en', 'dark'], ['id', 'light'], ['id', 'dark']]) {
      const alice = await shop.person('alice', { language, colorScheme: theme, viewport: { width: Number(width), height } });
      const take = (state) => alice.screenshot({ path: join(folder, `${width}-${language}-${theme}-${state}.png`) });
      await alice.locator('[data-car-part=channel]', { hasText: 'Order 1042' }).waitFor();
      await take('1-list');
      await alice.locator('[data-car-part=channel]', { hasText: 'Order 1042' }).click();
      await row(alice, 'Sampai besok').waitFor();
      await field(alice).fill('A message that is being written, of more than one line on a phone');
      await take('2-conversation');
      await field(alice).fill('');
      await row(alice, 'Blue, please').focus();
      await alice.keyboard.press('m');
      await alice.getByRole('menu').waitFor();
      await take('3-menu');
      await alice.keyboard.press('Escape');
      await row(alice, 'Blue, please').focus();
      await alice.keyboard.press('r');
      await field(alice).pressSequentially('@bu');
      await alice.getByRole('listbox').waitFor();
      await take('4-reply-mention');
      await field(alice).press('Escape');
      await field(alice).press('Escape');
      await field(alice).fill('');
      await alice.locator('[data-car-icon=search]').click();
      await alice.keyboard.type('shirt');
      await alice.locator('[data-car-part=hit]').first().waitFor();
      await take('5-search');
      await alice.locator('[data-car-icon=info]').click();
      await alice.locator('[data-car-part=member-report]').first().click();
      await take('6-members');
      await row(alice, 'Sampai besok').focus();
      await alice.keyboard.press('m');
      await alice.locator('[data-action=report]').click();
      await take('7-report');
      await alice.context().close();
    }
  }
  await shop.close();
});

test('pictures of a phone', async () => {
  mkdirSync(folder, { recursive: true });
  const shop = await openShop(phoneApp);
  await fill(shop);
  for (const [width, height] of [[320, 568], [390, 844]]) {
    for (const [language, theme] of [['en', 'light'], ['en', 'dark'], ['id', 'light'], ['id', 'dark']]) {
      const alice = await shop.person('alice', { colorScheme: theme, viewport: { width, height } });
      const take = (state) => alice.screenshot({ path: join(folder, `phone-${width}-${language}-${theme}-${state}.png`), animations: 'disabled' });
      await alice.getByRole('button', { name: 'alice' }).waitFor();
      await take('0-start');
      await signIn(alice, 'alice', language);
      await alice.getByRole('button', { name: 'Order 1042' }).waitFor();
      await take('1-list');
      await openChannel(alice, 'Order 1042');
      await message(alice, 'Sampai besok').waitFor();
      await input(alice).fill('A message that is being written, of more than one line on a phone');
      await take('2-conversation');
      await input(alice).fill('');
      await openMenu(alice, 'Blue, please');
      await take('3-menu');
      await alice.getByRole('dialog').getByRole('button').nth(6).click();
      await input(alice).fill('@bu');
      await alice.getByRole('button', { name: '@Budi' }).waitFor();
      await take('4-reply-mention');
      await input(alice).fill('');
      await alice.getByRole('button').filter({ hasText: '🔍' }).click();
      await alice.locator('input').fill('shirt');
      await alice.getByRole('button').filter({ hasText: 'shirt still' }).waitFor();
      await take('5-search');
      await alice.getByRole('button').filter({ hasText: '👥' }).click();
      await alice.getByText('Budi').waitFor();
      await take('6-members');
      await alice.context().close();
    }
  }
  await shop.close();
});

test('pictures of the demo page', async () => {
  mkdirSync(folder, { recursive: true });
  const { inList, row: message, field: input } = demoUi;
  const shop = await openShop(demoApp);
  await fill(shop);
  for (const [width, height] of Object.entries(widths)) {
    for (const [language, theme] of [['en', 'light'], ['en', 'dark'], ['id', 'light'], ['id', 'dark']]) {
      const alice = await shop.person('alice', { language, colorScheme: theme, viewport: { width: Number(width), height } });
      const take = (state) => alice.screenshot({ path: join(folder, `demo-${width}-${language}-${theme}-${state}.png`), animations: 'disabled' });
      await inList(alice, 'Return').click();
      await inList(alice, 'Order 1042: two batik shirts, long sleeves').click();
      await message(alice, 'Sampai besok').waitFor();
      await input(alice).fill('A message that is being written, of more than one line on a phone');
      await take('1-conversation');
      await input(alice).fill('');
      await message(alice, 'Blue, please').focus();
      await alice.keyboard.press('m');
      await alice.getByRole('menu').waitFor();
      await take('2-menu');
      await alice.keyboard.press('Escape');
      await message(alice, 'Blue, please').focus();
      await alice.keyboard.press('r');
      await input(alice).pressSequentially('@bu');
      await alice.getByRole('listbox').waitFor();
      await take('3-reply-mention');
      await input(alice).press('Escape');
      await input(alice).press('Escape');
      await input(alice).fill('');
      await demoUi.states.search(alice);
      await alice.keyboard.type('shirt');
      await demoUi.hit(alice, 'shirt').first().waitFor();
      await take('4-search');
      await alice.keyboard.press('Escape');
      await demoUi.states.away(alice);
      await take('5-away');
      await alice.goto(shop.origin);
      await message(alice, 'Sampai besok').first().waitFor();
      await take('6-both');
      await alice.context().close();
    }
  }
  await shop.close();
});
