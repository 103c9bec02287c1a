// The demo page of the server, as somebody uses it: where things are, and what is pressed. `shop_page.mjs` says the same of the example in React.

import { byKeys, withMenu } from './hands.mjs';

const inList = (page, name) => page.locator('.channel').filter({ has: page.getByText(name, { exact: true }) });
const field = (page) => page.locator('.input');
const row = (page, text) => page.locator('li.row', { hasText: text });
const choose = withMenu(row, 'menuitem');

export const demoUi = {
  inList, field, row, choose,
  speak: (page, language) => page.locator('#language').selectOption(language),
  async write(page, text) {
    await field(page).fill(text);
    await field(page).press('Enter');
  },
  arrives: (page, text, state = 'sent') => page.locator(`li.row.is-${state}`, { hasText: text }).waitFor(),
  textsOf: (page) => page.locator('li.row .text').allTextContents(),
  banner: (page) => page.locator('.banner'),
  shows: { conversationsWithoutNetwork: false },
  quote: (page, text) => row(page, text).locator('.quote [dir=auto]'),
  edited: (page, text) => row(page, text).locator('.meta', { hasText: 'edited' }),
  tombstone: (page) => page.locator('.bubble-deleted'),
  reaction: (page, text, emoji) => row(page, text).locator('.chip', { hasText: emoji }),
  read: (page, text) => row(page, text).locator('.mark-read'),
  mention: (page, text) => page.locator('.mention', { hasText: text }),
  namedInList: (page, name) => inList(page, name).locator('.badge', { hasText: '@' }),
  scroller: (page) => page.locator('.scroller'),
  picker: (page) => page.locator('.attach-file'),
  picture: (page) => page.locator('.attached img'),
  pin: (page, text) => page.locator('.pin-bar', { hasText: text }),
  /** In Indonesian. */
  report: ['Laporkan', 'Laporkan kepada moderator?'],
  reason: 'reported on the demo page',
  hit: (page, text) => page.locator('.result', { hasText: text }),
  newest: (page) => page.locator('.jump').click(),
  async react(page, text, emoji) {
    await row(page, text).focus();
    await page.keyboard.press('m');
    await page.getByRole('menuitemradio', { name: emoji }).click();
  },
  async block(page, name) {
    await page.getByRole('button', { name: 'Options of this conversation' }).click();
    await page.getByRole('menuitem', { name: `Block ${name}` }).click();
  },
  keys: byKeys({ isRow: (element) => element?.classList.contains('row') === true, react: ['m', 'ArrowRight', 'Enter'], unsend: ['m', 'End', 'Enter', 'Enter'] }),
  states: {
    search: (page) => page.locator('.search-open').click(),
    away: (page) => page.locator('.power').click(),
  },
};
