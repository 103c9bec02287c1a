// The operator's console: signing in, every screen, and that nothing of the key is left behind.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { kept, NASTY, openConsole } from './console_page.mjs';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const MAIN = ['overview', 'reports', 'users', 'channels', 'moderation', 'webhooks', 'settings'];

let here;
const pages = [];
const at = async (...of) => {
  const page = await here.operator(...of);
  pages.push(page);
  return page;
};

beforeAll(async () => {
  here = await openConsole();
});
afterAll(() => here?.close());
afterEach(async () => {
  const faults = pages.flatMap((page) => page.faults);
  for (const page of pages.splice(0)) await page.context().close();
  expect(faults).toEqual([]);
});

const said = (page, words) => page.locator('.said', { hasText: words }).waitFor();
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const reported = async (content, reason) => {
  const message = await here.say('eko', content);
  await here.report('alice', message, reason);
  return message;
};

describe('signing in', () => {
  test('a wrong secret, or what can be no key, is refused in words; the right one is in no storage, and a reload forgets it', async () => {
    const page = await here.visit();
    pages.push(page);
    await here.signIn(page, { withSecret: 'sk_wrong' });
    await page.getByRole('alert').filter({ hasText: 'does not know this key' }).waitFor();
    await here.signIn(page, { withKey: 'pk_ä😊' });
    await page.getByRole('alert').filter({ hasText: 'does not know this key' }).waitFor();
    expect(await page.locator('.tabs').isVisible()).toBe(false);
    await here.signIn(page);
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    for (const name of MAIN) await page.goto(`${here.server.url}/console#/${name}`);
    const all = await kept(page);
    expect(all).not.toContain(here.key);
    expect(all).not.toContain(here.secret);
    expect(JSON.parse(all).slice(0, 5)).toEqual([{}, {}, '', [], []]);
    await page.reload();
    await page.locator('input[name=key]').waitFor();
    expect(await page.locator('input[name=key]').inputValue()).toBe('');
  });

  test('signing out forgets the key, and so does a server that no longer accepts it', async () => {
    const page = await at();
    await press(page, 'Sign out');
    await page.locator('input[name=key]').waitFor();
    await here.signIn(page);
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.route('**/v1/users*', (route) => route.fulfill({ status: 401, contentType: 'application/json', body: '{"error":{"code":"UNAUTHORIZED","message":"no"}}' }));
    await page.getByRole('link', { name: 'Users', exact: true }).click();
    await page.getByRole('alert').filter({ hasText: 'no longer accepts the key' }).waitFor();
  });

  test('the policy holds: the server sends it, and nothing is framed, kept or loaded from elsewhere', async () => {
    const page = await here.visit();
    pages.push(page);
    const hosts = [];
    page.on('request', (request) => hosts.push(new URL(request.url()).origin));
    const answer = await page.reload();
    const policy = answer.headers()['content-security-policy'];
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|data:|\*/);
    expect(answer.headers()['cache-control']).toBe('no-store');
    expect(answer.headers()['x-frame-options']).toBe('DENY');
    await here.signIn(page);
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    expect(new Set(hosts)).toEqual(new Set([here.server.url]));
  });
});

test('the overview counts, and follows what happens', async () => {
  const page = await at();
  await page.locator('[data-figure=users] strong', { hasText: '3' }).waitFor();
  await reported('for the overview', 'counted');
  await page.locator('[data-figure=open_reports].figure-concern').waitFor();
  await page.getByText('“counted”').or(page.locator('q', { hasText: 'counted' })).first().waitFor();
});

test('a report is read in its context, acted upon, and resolved with a note', async () => {
  await here.say('alice', 'just before it');
  const message = await reported('buy elsewhere', 'spam');
  const page = await at('reports');
  const card = page.locator('.report', { hasText: 'buy elsewhere' });
  await card.getByRole('button', { name: 'Show context' }).click();
  await card.locator('.context', { hasText: 'just before it' }).waitFor();
  await card.getByRole('button', { name: 'Delete message', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete message' }).click();
  await said(page, 'The message was deleted.');
  expect((await here.server.backend('GET', `/v1/channels/order_1/messages/${message.id}`)).deleted_at).not.toBe(null);
  const gone = page.locator('.report', { hasText: 'spam' });
  await gone.getByRole('button', { name: 'Mute', exact: true }).click();
  await page.getByRole('dialog').getByLabel('Reason').fill('third time');
  await page.getByRole('dialog').getByRole('button', { name: 'Mute' }).click();
  await said(page, 'is muted');
  expect((await here.server.backend('GET', '/v1/mutes')).mutes.map(({ reason }) => reason)).toContain('third time');
  await gone.getByLabel('Note').fill('warned');
  await gone.getByRole('button', { name: 'Resolve' }).click();
  await said(page, 'is resolved');
  const { reports } = await here.server.backend('GET', '/v1/reports?status=resolved');
  expect(reports.map(({ note, message_id: id }) => [note, id])).toContainEqual(['warned', message.id]);
  await press(page, 'Resolved');
  await page.locator('.report', { hasText: 'spam' }).waitFor();
  await here.server.backend('DELETE', '/v1/users/eko/mute');
});

describe('users', () => {
  test('are found by name, shown as text, suspended and restored', async () => {
    const page = await at('users');
    await page.getByRole('searchbox', { name: 'Name or external id' }).fill('bu');
    await page.locator('.entry', { hasText: 'Budi' }).waitFor();
    await expect.poll(() => page.locator('.entry').count()).toBe(1);
    await page.getByRole('searchbox', { name: 'Name or external id' }).fill('eko');
    await page.getByRole('link', { name: NASTY }).click();
    await page.getByRole('heading', { name: NASTY }).waitFor();
    expect(await page.locator('main img').count()).toBe(0);
    await press(page, 'Suspend');
    await page.getByRole('dialog').getByLabel('How long').selectOption({ label: '1 day' });
    await page.getByRole('dialog').getByRole('button', { name: 'Suspend' }).click();
    await press(page, 'Restore');
    await said(page, 'may come in again');
    expect((await here.server.backend('GET', '/v1/users/eko')).suspension).toBeUndefined();
  });

  test('are exported, and deleted only after a question that names them', async () => {
    await here.server.backend('POST', '/v1/users', { external_id: 'rina', name: 'Rina' });
    const { id } = await here.server.backend('GET', '/v1/users/rina');
    const page = await at(`users/${id}`);
    const download = page.waitForEvent('download');
    await press(page, 'Export');
    const file = await download;
    expect(file.suggestedFilename()).toBe('rina.jsonl');
    expect(readFileSync(await file.path(), 'utf8')).toContain('"kind":"user"');
    await press(page, 'Delete user');
    await page.getByRole('dialog', { name: 'Delete Rina?' }).getByRole('button', { name: 'Cancel' }).click();
    await here.server.backend('GET', '/v1/users/rina');
    await press(page, 'Delete user');
    await page.getByRole('dialog').getByLabel('Erase everything they wrote, too').check();
    const erased = page.waitForRequest((request) => request.method() === 'DELETE');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete Rina' }).click();
    expect((await erased).url()).toContain('messages=erase');
    await said(page, 'Rina was deleted.');
    await page.getByRole('heading', { name: 'Users' }).waitFor();
  });
});

test('a channel is frozen and slowed down, its messages are deleted, and it goes after a question', async () => {
  await here.server.backend('POST', '/v1/channels', { type: 'group', external_id: 'order_2', name: 'Order 2', member_external_ids: ['alice', 'budi'] });
  await here.server.asUser(await here.server.token('alice'), 'POST', '/v1/channels/order_2/messages', { content: 'to be deleted' });
  const page = await at('channels');
  await page.getByLabel('Type').selectOption('group');
  await page.getByRole('link', { name: 'Order 2' }).click();
  await press(page, 'Freeze');
  await said(page, 'Only admins write here now.');
  await page.getByLabel('Slow mode').selectOption('30');
  await said(page, 'Slow mode was changed.');
  const channel = await here.server.backend('GET', '/v1/channels/order_2');
  expect([channel.frozen, channel.slow_mode_seconds]).toEqual([true, 30]);
  await page.locator('.entry', { hasText: 'to be deleted' }).getByRole('button', { name: 'Delete the message of Alice' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete message' }).click();
  await page.locator('.message-gone').waitFor();
  await page.locator('.entry', { hasText: 'admin' }).waitFor();
  await press(page, 'Delete channel');
  await page.getByRole('dialog', { name: 'Delete Order 2?' }).getByRole('button', { name: 'Delete channel' }).click();
  await said(page, 'Order 2 was deleted.');
});

test('rules are set in the form, a text is tried, and nothing is recorded; what is sent is', async () => {
  const page = await at('settings');
  await page.getByLabel('Name', { exact: true }).fill('Shop of tests');
  await page.getByLabel('Check what users write').check();
  await page.getByRole('group', { name: 'Telephone numbers' }).getByLabel('Applies').check();
  await page.getByLabel('Words that are always found').fill('kode rahasia\n\nlain');
  await press(page, 'Save');
  await said(page, 'Saved.');
  const { name, moderation } = await here.server.backend('GET', '/v1/workspace');
  expect([name, moderation.enabled, moderation.rules.phone.enabled, moderation.blocklist]).toEqual(['Shop of tests', true, true, ['kode rahasia', 'lain']]);
  await page.getByRole('link', { name: 'Moderation', exact: true }).click();
  const tried = async (words) => {
    await page.getByLabel('Text').fill(words);
    await press(page, 'Try');
  };
  await tried('WA 0812-3456-7890 ya');
  await page.locator('.verdict', { hasText: 'WA *** ya' }).waitFor();
  await tried('Halo');
  await page.locator('.verdict', { hasText: 'breaks no rule' }).waitFor();
  expect((await here.server.backend('GET', '/v1/moderation/actions')).actions).toEqual([]);
  await here.say('budi', 'my number: 0812-3456-7890');
  await page.reload();
  await here.signIn(page);
  await page.locator('.entry', { hasText: 'Telephone numbers' }).getByRole('link', { name: 'Budi' }).waitFor();
  await page.getByRole('searchbox', { name: 'User: id or external id' }).fill('alice');
  await page.getByText('Nothing was found yet.').waitFor();
  await here.server.backend('PATCH', '/v1/workspace', { moderation: null });
});

test('a webhook is made, its secret shown once, a failed delivery retried', async () => {
  const page = await at('webhooks');
  await page.getByLabel('URL that receives events').fill(here.hook.url);
  await press(page, 'Add');
  await page.getByRole('dialog').locator('code', { hasText: 'whsec_' }).waitFor();
  await press(page, 'I have copied it');
  await page.getByRole('link', { name: here.hook.url }).click();
  await press(page, 'Ping');
  await page.locator('.entry', { hasText: 'ping' }).getByText('500').waitFor();
  here.hook.status = 204;
  await page.locator('.entry', { hasText: 'ping' }).getByRole('button', { name: 'Try again' }).click();
  await page.locator('.entry', { hasText: 'ping' }).locator('.tag', { hasText: 'delivered' }).waitFor();
  await press(page, 'Switch off');
  await press(page, 'Switch on');
  await said(page, 'The webhook is on.');
  await press(page, 'Replace secret');
  await page.getByRole('dialog').getByRole('button', { name: 'Replace secret' }).click();
  await page.getByRole('dialog').locator('code', { hasText: 'whsec_' }).waitFor();
  await press(page, 'I have copied it');
  expect(await page.content()).not.toContain('whsec_');
  await press(page, 'Remove');
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('heading', { name: 'Webhooks', level: 2 }).waitFor();
});

test('it is used with the keyboard alone, and the heading of a screen has the focus', async () => {
  const page = await at();
  await page.locator('[data-figure=users]').waitFor();
  const focused = () => page.evaluate(() => document.activeElement.textContent.trim());
  for (let presses = 0; presses < 30 && (await focused()) !== 'Reports'; presses += 1) await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Reports' }).waitFor();
  await expect.poll(focused).toBe('Reports');
  const outline = async () => {
    await page.keyboard.press('Tab');
    return page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  };
  for (let presses = 0; presses < 4; presses += 1) expect(await outline()).not.toBe('none');
});

describe('looks', () => {
  for (const [language, colorScheme, width] of [['en', 'light', 320], ['id', 'dark', 390], ['en', 'dark', 1280]]) {
    test(`axe finds nothing on any screen, and none is wider than the window (${language}, ${colorScheme}, ${width} px)`, async () => {
      await reported('to be looked at', `looked at in ${language}, ${width}`);
      const page = await here.visit({ language, colorScheme, viewport: { width, height: 800 } });
      pages.push(page);
      async function look(state) {
        await page.evaluate(axeSource);
        const { violations } = await page.evaluate(() => globalThis.axe.run());
        expect(violations.map(({ id: rule, nodes }) => `${state}: ${rule}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' ')}`)).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), state).toBeLessThanOrEqual(0);
        const taller = () => [...document.querySelectorAll('.search-field')].map((field) => field.offsetHeight - field.querySelector('input').offsetHeight);
        expect((await page.evaluate(taller)).filter((pixels) => pixels > 2), state).toEqual([]);
      }
      await look('signing in');
      await here.signIn(page);
      const { id: user } = await here.server.backend('GET', '/v1/users/eko');
      const { id: channel } = await here.server.backend('GET', '/v1/channels/order_1');
      for (const path of [...MAIN, `users/${user}`, `channels/${channel}`]) {
        await page.goto(`${here.server.url}/console#/${path}`);
        await page.locator(`.screen`).waitFor();
        await page.waitForLoadState('networkidle');
        await look(path);
      }
      await page.goto(`${here.server.url}/console#/users/${user}`);
      await page.locator('.danger').click();
      await page.getByRole('dialog').waitFor();
      await look('dialog');
    });
  }
});
