// The example in React, as somebody uses it: where things are, and what is pressed. `demo_page.mjs` says the same of the demo page.

import { byKeys, withMenu } from './hands.mjs';

const part = (page, name) => page.locator(`[data-car-part=${name}]`);

export const inList = (page, name) => part(page, 'channel').filter({ has: page.getByText(name, { exact: true }) });
export const field = (page) => part(page, 'field');
export const row = (page, text) => page.locator('[data-car-part=message]', { hasText: text });
export const banner = (page) => page.locator('[data-car-part=connection-banner][data-shown]:visible');

export async function write(page, text) {
  await field(page).fill(text);
  await field(page).press('Enter');
}

/** Waits until a row is there in this state. */
export const arrives = (page, text, state = 'sent') => page.locator(`[data-car-part=message][data-status=${state}]`, { hasText: text }).waitFor();
export const textsOf = (page) => page.locator('[data-car-part=message] [data-car-part=text]').allTextContents();

const choose = withMenu(row, 'menuitem');

export const shopUi = {
  inList, field, row, write, arrives, textsOf, banner,
  /** What is there before there is a connection. */
  shows: { conversationsWithoutNetwork: true },
  quote: (page, text) => row(page, text).locator('[data-car-part=quote-text]'),
  edited: (page, text) => row(page, text).locator('[data-car-part=edited]'),
  tombstone: (page) => part(page, 'tombstone'),
  reaction: (page, text, emoji) => row(page, text).locator('[data-car-part=reaction]', { hasText: emoji }),
  read: (page, text) => row(page, text).locator('[data-mark=read]'),
  mention: (page, text) => part(page, 'mention').filter({ hasText: text }),
  namedInList: (page, name) => inList(page, name).locator('[data-mentioned]'),
  scroller: (page) => part(page, 'scroller'),
  picker: (page) => part(page, 'picker'),
  picture: (page) => page.locator('[data-car-part=picture] img'),
  pin: (page, text) => part(page, 'pin').filter({ hasText: text }),
  /** In Indonesian. */
  report: ['Laporkan', 'Pesan sampah'],
  reason: 'spam',
  hit: (page, text) => part(page, 'hit').filter({ hasText: text }),
  newest: (page) => part(page, 'jump').click(),
  choose,
  react: (page, text, emoji) => choose(page, text, `React with ${emoji}`),
  block: (page, name) => page.getByRole('button', { name: `Block ${name}` }).click(),
  keys: byKeys({ isRow: (element) => element?.getAttribute('role') === 'article', react: ['m', 'ArrowDown', 'Enter'], unsend: ['Delete', 'Delete'] }),
  /** Every look of it that `axe` is to see, after a conversation was opened. */
  states: {
    search: (page) => page.locator('[data-car-icon=search]').click(),
    members: (page) => page.locator('[data-car-icon=info]').click(),
    reasons: (page) => part(page, 'member-report').first().click(),
  },
};
