// What the example in React does where its tabs are many, or asleep.

import { expect, test } from 'vitest';
import { arrives, row, textsOf, write } from './shop_page.mjs';
import { suite } from './suite.mjs';

const here = suite();
const { person, two } = here;

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
