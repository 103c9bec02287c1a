// The two windows of the READMEs of Python and Node.js, in Chromium: node browser.mjs ORIGIN

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { js, needsBrowser } from '../../js/needs.mjs';

const executablePath = needsBrowser();
const { chromium } = createRequire(join(js, 'package.json'))('playwright-core');
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  const faults = [];
  const windows = await Promise.all(['/', '/?as=budi'].map(async (path) => {
    const page = await (await browser.newContext()).newPage();
    page.setDefaultTimeout(120_000);
    page.on('pageerror', (fault) => faults.push(fault.message));
    await page.goto(process.argv[2] + path);
    await page.locator('#state', { hasText: 'You are' }).waitFor();
    return page;
  }));
  const [alice, budi] = windows;
  for (const [from, text] of [[alice, 'Halo from Alice'], [budi, 'Halo from Budi']]) {
    await from.getByLabel('Message').fill(text);
    await from.getByLabel('Message').press('Enter');
    for (const page of windows) await page.locator('#messages li', { hasText: text }).waitFor();
  }
  if (faults.length > 0) throw new Error(faults.join('\n'));
  console.log('two windows talk');
} finally {
  await browser.close();
}
