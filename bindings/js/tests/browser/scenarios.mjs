// What two people do in two browsers, whichever page it is. `here`: a suite; `ui`: where things are on that page, and what is pressed.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

export function scenarios(here, ui) {
  talking(here, ui);
  losing(here, ui);
  changing(here, ui);
  finding(here, ui);
  leading(here, ui);
  looking(here, ui);
}

function talking({ two, person }, { write, arrives, field, read, picker, picture, mention, namedInList }) {
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
    await read(alice, 'Halo Budi').waitFor();
  });

  test('a picture is sent', async () => {
    const { alice, budi } = await two();
    await picker(alice).setInputFiles({ name: 'shirt.png', mimeType: 'image/png', buffer: png });
    const shown = picture(budi);
    await shown.waitFor();
    await budi.waitForFunction((image) => image.complete && image.naturalWidth === 1, await shown.elementHandle());
    expect(await shown.getAttribute('alt')).toMatch(/^Gambar: /);
  });

  test('who is mentioned sees it in the list', async () => {
    const { name, alice, budi } = await two();
    const other = await person('budi', { open: await elsewhere() });
    await field(alice).pressSequentially('hi @bu');
    await alice.getByRole('option', { name: 'Budi' }).waitFor();
    await field(alice).press('Enter');
    await field(alice).pressSequentially('look');
    await budi.close();
    await field(alice).press('Enter');
    await arrives(alice, 'hi @Budi look');
    await namedInList(other, name).waitFor();
    await mention(alice, '@Budi').waitFor();
  });

  /** A second conversation, so that the first is not looked at. */
  async function elsewhere() {
    return (await two()).name;
  }
}

function losing(here, { write, arrives, textsOf, inList, field, banner, shows }) {
  const { two, person } = here;

  test('without a network messages wait, and go out once, in order', async () => {
    const { alice, budi } = await two();
    await alice.context().setOffline(true);
    for (const text of ['one', 'two', 'three']) await write(alice, text);
    await arrives(alice, 'three', 'pending');
    await banner(alice).first().waitFor();
    expect(await banner(alice).count()).toBe(1);
    await alice.context().setOffline(false);
    await arrives(alice, 'three');
    await arrives(budi, 'three');
    await banner(alice).waitFor({ state: 'hidden' });
    expect(await textsOf(budi)).toEqual(['one', 'two', 'three']);
    expect(await textsOf(alice)).toEqual(['one', 'two', 'three']);
  });

  test('the server is killed in the middle of a sentence', async () => {
    const { alice, budi } = await two();
    await write(alice, 'before');
    await arrives(budi, 'before');
    await field(alice).pressSequentially('in the ');
    const crashed = here.shop.server.crash();
    await field(alice).pressSequentially('middle');
    await field(alice).press('Enter');
    for (let at = 0; at < 4; at += 1) await write(alice, `during ${at}`);
    await crashed;
    await arrives(alice, 'during 3');
    await arrives(budi, 'during 3');
    expect(await textsOf(budi)).toEqual(['before', 'in the middle', ...[0, 1, 2, 3].map((at) => `during ${at}`)]);
  });

  test('a message is there once, even if the answer was lost', async () => {
    const { id, alice, budi } = await two();
    here.shop.deaf(true);
    await write(alice, 'only once');
    await expect.poll(() => here.shop.said(id)).toEqual(['only once']);
    await arrives(alice, 'only once', 'pending');
    here.shop.deaf(false);
    await arrives(alice, 'only once');
    await write(alice, 'and this');
    await arrives(budi, 'and this');
    expect(await here.shop.said(id)).toEqual(['only once', 'and this']);
    for (const page of [alice, budi]) expect(await textsOf(page)).toEqual(['only once', 'and this']);
  });

  test('a reload keeps what was not sent', async () => {
    const { name, alice, budi } = await two();
    await write(alice, 'sent');
    await arrives(alice, 'sent');
    here.shop.reachable(false);
    await write(alice, 'not sent yet');
    await arrives(alice, 'not sent yet', 'pending');
    await alice.reload();
    if (shows.conversationsWithoutNetwork) {
      await inList(alice, name).click();
      await arrives(alice, 'not sent yet', 'pending');
    }
    here.shop.reachable(true);
    await inList(alice, name).click();
    await arrives(budi, 'not sent yet');
    await arrives(alice, 'not sent yet');
    expect(await textsOf(alice)).toEqual(['sent', 'not sent yet']);
  });

  test('two tabs of one person show the same, and each sends what was written in it once', async () => {
    const { name, alice, budi } = await two();
    const tabs = [alice, await person('alice', { context: alice.context(), open: name })];
    await write(alice, 'from the first');
    for (const tab of tabs) await arrives(tab, 'from the first');
    here.shop.reachable(false);
    for (const [at, tab] of tabs.entries()) {
      await write(tab, `waits in ${at}`);
      await arrives(tab, `waits in ${at}`, 'pending');
    }
    here.shop.reachable(true);
    for (const page of [...tabs, budi]) for (const at of [0, 1]) await arrives(page, `waits in ${at}`);
    for (const page of [...tabs, budi]) expect((await textsOf(page)).toSorted()).toEqual(['from the first', 'waits in 0', 'waits in 1']);
  });
}

function changing({ two }, { write, arrives, row, choose, field, quote, edited, tombstone, reaction, react, keys }) {
  test('edit, react, reply, unsend', async () => {
    const { alice, budi } = await two();
    await write(alice, 'Which colour?');
    await arrives(budi, 'Which colour?');
    await choose(alice, 'Which colour?', 'Edit');
    await write(alice, 'Which size?');
    await row(budi, 'Which size?').waitFor();
    await edited(alice, 'Which size?').waitFor();
    await react(alice, 'Which size?', '❤️');
    await reaction(budi, 'Which size?', '❤️').click();
    await expect.poll(() => reaction(alice, 'Which size?', '❤️').textContent()).toContain('2');
    await write(budi, 'Large');
    await arrives(alice, 'Large');
    await choose(alice, 'Large', 'Reply');
    await write(alice, 'It is yours');
    await arrives(budi, 'It is yours');
    expect(await quote(budi, 'It is yours').textContent()).toBe('Large');
    await choose(alice, 'It is yours', 'Unsend', 'Really unsend for everyone?');
    await tombstone(budi).waitFor();
    await tombstone(alice).waitFor();
  });

  test('by the keyboard alone: write, reply, edit, react, unsend', async () => {
    const { alice, budi } = await two();
    await write(budi, 'Which colour?');
    await arrives(alice, 'Which colour?');
    await field(alice).focus();
    await keys.toList(alice);
    await alice.keyboard.press('r');
    await alice.keyboard.type('Blue');
    await alice.keyboard.press('Enter');
    await arrives(budi, 'Blue');
    expect(await quote(budi, 'Blue').textContent()).toBe('Which colour?');
    await arrives(alice, 'Blue');
    await alice.keyboard.press('ArrowUp');
    await alice.keyboard.press('End');
    await alice.keyboard.type(', please');
    await alice.keyboard.press('Enter');
    await row(budi, 'Blue, please').waitFor();
    await edited(alice, 'Blue, please').waitFor();
    await keys.toList(alice);
    await alice.keyboard.press('Home');
    await keys.react(alice);
    await reaction(budi, 'Which colour?', '❤️').waitFor();
    await alice.keyboard.press('End');
    await keys.unsend(alice);
    await tombstone(budi).waitFor();
    await alice.keyboard.press('Escape');
    expect(await alice.evaluate(() => document.activeElement?.tagName)).toBe('TEXTAREA');
  });

  test('an edit while another writes: each sees the other at once', async () => {
    const { alice, budi } = await two();
    await write(alice, 'one');
    await arrives(budi, 'one');
    await choose(alice, 'one', 'Edit');
    await write(budi, 'two');
    await arrives(alice, 'two');
    expect(await field(alice).inputValue()).toBe('one');
    await field(alice).press('Escape');
    expect(await field(alice).inputValue()).toBe('');
  });
}

function finding(here, { write, arrives, row, hit, scroller, newest, block }) {
  const { two, between } = here;

  test('a search finds what is far up, and goes there', async () => {
    const { id, alice } = await two();
    await here.shop.say(id, 'budi', 'the needle');
    for (let at = 0; at < 120; at += 1) await here.shop.say(id, 'budi', `hay ${at};`);
    await arrives(alice, 'hay 119;');
    await alice.getByRole('button', { name: 'Search messages' }).click();
    await alice.keyboard.type('needle');
    await hit(alice, 'needle').click();
    await row(alice, 'the needle').waitFor();
    await expect.poll(async () => {
      const [list, box] = [await scroller(alice).boundingBox(), await row(alice, 'the needle').boundingBox()];
      return box !== null && box.y >= list.y && box.y + box.height <= list.y + list.height;
    }).toBe(true);
    await newest(alice);
    await arrives(alice, 'hay 119;');
  });

  test('who is blocked is not seen', async () => {
    const { alice, budi } = await between();
    await write(budi, 'rude words');
    await arrives(alice, 'rude words');
    await block(alice, 'Budi');
    await row(alice, 'rude words').waitFor({ state: 'detached' });
    await write(budi, 'more of them');
    await arrives(budi, 'more of them');
    expect(await row(alice, 'more of them').count()).toBe(0);
    await alice.getByRole('button', { name: 'Unblock Budi' }).click();
    await arrives(alice, 'more of them');
    await arrives(alice, 'rude words');
  });
}

function leading(here, { arrives, row, choose, field, pin, report, reason, scroller, write }) {
  const { two } = here;

  test('who leads pins, all see it and go there; whoever does not reports', async () => {
    const { id, alice, budi } = await two();
    await here.shop.lead(id, 'alice');
    const first = await here.shop.say(id, 'alice', 'the rules');
    for (let at = 0; at < 80; at += 1) await here.shop.say(id, 'alice', `hay ${at};`);
    await here.shop.pin(id, 'alice', first);
    await arrives(budi, 'hay 79;');
    await pin(budi, 'the rules').waitFor();
    await arrives(alice, 'hay 79;');
    await choose(alice, 'hay 79;', 'Pin');
    await pin(budi, 'hay 79;').click();
    await pin(budi, 'the rules').click();
    await row(budi, 'the rules').waitFor();
    await expect.poll(async () => {
      const [list, box] = [await scroller(budi).boundingBox(), await row(budi, 'the rules').boundingBox()];
      return box !== null && box.y >= list.y && box.y + box.height <= list.y + list.height;
    }).toBe(true);
    await choose(alice, 'hay 79;', 'Unpin');
    await pin(alice, 'the rules').waitFor();
    await choose(budi, 'the rules', ...report);
    await expect.poll(() => here.shop.reported()).toContainEqual(['the rules', reason]);
  });

  test('where a conversation is frozen, only those who lead write', async () => {
    const { id, alice, budi } = await two();
    await here.shop.lead(id, 'alice');
    await here.shop.becomes(id, { frozen: true });
    await field(budi).waitFor({ state: 'hidden' });
    await write(alice, 'We are closed');
    await arrives(budi, 'We are closed');
    await here.shop.becomes(id, { frozen: false });
    await field(budi).waitFor();
  });
}

function looking(here, { inList, write, arrives, row, field, pin, states }) {
  for (const [language, colorScheme] of [['en', 'light'], ['id', 'dark']]) {
    test(`axe finds nothing in any state (${language}, ${colorScheme})`, async () => {
      const { id, name } = await here.channel();
      const sent = await here.shop.say(id, 'budi', 'Halo https://shop.test');
      await here.shop.lead(id, 'budi');
      await here.shop.pin(id, 'budi', sent);
      const alice = await here.person('alice', { language, colorScheme });
      async function look(state) {
        await alice.evaluate(axeSource);
        const { violations } = await alice.evaluate(() => globalThis.axe.run());
        expect(violations.map(({ id: rule, nodes }) => `${state}: ${rule}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' ')}`)).toEqual([]);
      }
      await inList(alice, name).waitFor();
      await look('list');
      await inList(alice, name).click();
      await arrives(alice, 'Halo');
      await write(alice, 'Hi');
      await arrives(alice, 'Hi');
      await pin(alice, 'Halo').waitFor();
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
      for (const [state, go] of Object.entries(states)) {
        await go(alice);
        await look(state);
      }
    });
  }
}
