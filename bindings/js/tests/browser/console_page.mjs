// The operator's console of a real server, as somebody uses it.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { chromium } from 'playwright-core';
import { realServer } from '../../packages/client/tests/support/real_server.ts';

/** A receiver of webhooks, which answers with `status` until told otherwise. */
async function receiver() {
  const state = { status: 500, got: [] };
  const web = createServer((request, response) => {
    state.got.push(request.headers['x-cariosan-event']);
    request.resume().on('end', () => response.writeHead(state.status).end());
  });
  web.listen(0, '127.0.0.1');
  await once(web, 'listening');
  return Object.assign(state, { url: `http://127.0.0.1:${web.address().port}/hook`, close: () => { web.close(); web.closeAllConnections(); } });
}

/** What text of users would be, if anybody took it for HTML. */
export const NASTY = '<img src=x onerror="document.title=1"> & <b>Eko</b>';

/** A server with a workspace in which something is to be done, and a browser. */
export async function openConsole() {
  const hook = await receiver();
  const server = await realServer({ CARIOS_WEBHOOK_ALLOW_PRIVATE: 'true' });
  for (const [external_id, name] of [['alice', 'Alice'], ['budi', 'Budi'], ['eko', NASTY]]) await server.backend('POST', '/v1/users', { external_id, name });
  await server.backend('POST', '/v1/channels', { type: 'group', external_id: 'order_1', name: 'Order 1', member_external_ids: ['alice', 'budi', 'eko'] });
  const say = async (user, content) => server.asUser(await server.token(user), 'POST', '/v1/channels/order_1/messages', { content });
  const browser = await chromium.launch({ executablePath: process.env.CARIOSAN_BROWSER, args: ['--no-sandbox'] });
  const [key, secret] = server.key.split(':');

  async function visit({ language = 'en', colorScheme = 'light', viewport = { width: 390, height: 844 } } = {}) {
    const context = await browser.newContext({ locale: language === 'id' ? 'id-ID' : 'en-GB', colorScheme, viewport });
    const page = await context.newPage();
    const faults = [];
    page.on('pageerror', (fault) => faults.push(fault.message));
    // The browser logs each refused request; a violation of the policy is logged too, and is a fault.
    page.on('console', (line) => line.type() === 'error' && !line.text().includes('Failed to load resource') && faults.push(line.text()));
    await page.goto(`${server.url}/console`);
    return Object.assign(page, { faults });
  }
  async function signIn(page, { withKey = key, withSecret = secret } = {}) {
    await page.locator('input[name=key]').fill(withKey);
    await page.locator('input[name=secret]').fill(withSecret);
    await page.locator('input[name=secret]').press('Enter');
  }
  return {
    server, hook, key, secret, say, visit, signIn,
    report: async (by, message, reason) => server.asUser(await server.token(by), 'POST', `/v1/channels/order_1/messages/${message.id}/report`, { reason }),
    /** Signed in, at this screen. */
    async operator(path = 'overview', options = {}) {
      const page = await visit(options);
      await signIn(page);
      await page.locator('.tabs a').first().waitFor();
      await page.goto(`${server.url}/console#/${path}`);
      return page;
    },
    async close() {
      await browser.close();
      hook.close();
      await server.end();
    },
  };
}

/** Everything that the page keeps in the browser, as text. */
export const kept = (page) =>
  page.evaluate(async () => {
    const bases = await indexedDB.databases();
    const caches = await globalThis.caches.keys();
    return JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, bases, caches, location.href]);
  });
