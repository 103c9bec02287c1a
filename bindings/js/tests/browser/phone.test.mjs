// The example in React Native, drawn by react-native-web.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { phoneApp } from './apps.mjs';
import { input, isInSight, message, openChannel, openMenu, signIn, tap } from './phone.mjs';
import { suite } from './suite.mjs';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const here = suite(phoneApp);

// An app has no landmarks, as pages have; and what is spoken of a row is a sentence, which holds its words in another order.
const rules = Object.fromEntries(['region', 'landmark-one-main', 'page-has-heading-one', 'label-content-name-mismatch'].map((rule) => [rule, { enabled: false }]));

const emojis = ['👍', '❤️', '😂', '🎉', '😮', '🔥', '💯', '🙏'];

/** A channel with as many guests as there are reactions: each has one. */
async function crowd(language) {
  const { backend } = here.shop.server;
  const guests = emojis.map((_, at) => `guest_${at}`);
  for (const guest of guests) await backend('POST', '/v1/users', { external_id: guest, name: guest });
  const [id, name] = [`crowd_${language}`, `Crowd ${language}`];
  await backend('POST', '/v1/channels', { type: 'group', external_id: id, name, member_external_ids: ['alice', 'budi', ...guests] });
  return { id, name };
}

for (const [language, colorScheme, width] of [['en', 'light', 320], ['id', 'dark', 390]]) {
  test(`a phone sends and shows, nothing is wider than it, and axe finds nothing (${language}, ${colorScheme}, ${width} px)`, async () => {
    const { id, name } = await crowd(language);
    const sent = await here.shop.say(id, 'budi', `Halo https://shop.test/${'very-long'.repeat(20)}`);
    const alice = await here.person('alice', { colorScheme, viewport: { width, height: 640 } });
    async function look(state) {
      await alice.evaluate(axeSource);
      const { violations } = await alice.evaluate((options) => globalThis.axe.run(options), { rules });
      expect(violations.map(({ id: rule, nodes }) => `${state}: ${rule}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' ')}`)).toEqual([]);
      const wide = await alice.evaluate(() => [...document.querySelectorAll('#root *')].filter((one) => one.getBoundingClientRect().right > innerWidth + 1).map((one) => one.outerHTML.slice(0, 200)));
      expect({ state, wide }).toEqual({ state, wide: [] });
    }
    await alice.getByRole('button', { name: 'alice' }).waitFor();
    await look('start');
    await signIn(alice, 'alice', language);
    await alice.getByRole('button', { name }).waitFor();
    await look('list');
    await openChannel(alice, name);
    await message(alice, 'Halo').waitFor();
    await input(alice).fill('Hi');
    await tap(alice, '➤');
    await message(alice, 'Hi').filter({ hasText: '✓' }).waitFor();
    for (const [at, emoji] of emojis.entries()) await here.shop.react(id, `guest_${at}`, sent, emoji);
    await alice.getByText('🙏 1').waitFor();
    await look('conversation');
    await openMenu(alice, 'Halo');
    await look('menu');
    await tap(alice.getByRole('dialog'), language === 'en' ? 'Reply' : 'Balas');
    await input(alice).fill('@bu');
    await alice.getByRole('button', { name: '@Budi' }).waitFor();
    await look('reply and mention');
    await tap(alice, '🔍');
    await look('search');
    await tap(alice, '👥');
    await alice.getByText('Budi').waitFor();
    await look('members');
  });
}

for (const [what, query] of [['', ''], [', with a screen reader', '&reader']]) {
  test(`a long conversation opens at its end, stays there, and shows what was found${what}`, async () => {
    const { id, name } = await here.channel();
    await here.shop.say(id, 'budi', 'The batik from Solo');
    for (let count = 2; count <= 60; count += 1) await here.shop.say(id, 'budi', `Message ${count}.`);
    const alice = await here.person('alice', { query, viewport: { width: 390, height: 640 } });
    await signIn(alice, 'alice', 'en');
    await openChannel(alice, name);
    await expect.poll(() => isInSight(alice, 'Message 60.')).toBe(true);
    await here.shop.say(id, 'budi', 'One more');
    await expect.poll(() => isInSight(alice, 'One more')).toBe(true);
    await tap(alice, '🔍');
    await alice.locator('input').fill('batik');
    await tap(alice, 'Solo');
    await expect.poll(() => isInSight(alice, 'Solo')).toBe(true);
  });
}
