// The speed table: node tests/bench/run.mjs [names of rows]; with --short little is measured, for the gates alone.
// Rows that speak with the real server need CARIOSAN_SERVER.

import { cpus } from 'node:os';
import { join } from 'node:path';
import { js, needsBrowser, needsServer } from '../../needs.mjs';

needsServer();
const browser = needsBrowser();
process.env.CARIOSAN_BROWSER = browser;
const { openSite, typescript } = await import('./site.mjs');
const { realServer } = await typescript(join(js, 'packages', 'client', 'tests', 'support', 'real_server.ts'));
const { rows } = await import('./rows.mjs');

const isShort = process.argv.includes('--short');
const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const size = isShort
  ? { events: 2_000, streamed: 150, scrolled: 2_000, wheels: 60, channels: 120, changes: 300, held: 1_000, presses: 1 }
  : { events: 100_000, streamed: 1_000, scrolled: 10_000, wheels: 600, channels: 200, changes: 1_000, held: 10_000, presses: 5 };

const server = await realServer();
const site = await openSite(server.url);
let failed = 0;
try {
  if (!isShort) console.log(`${cpus().length} × ${cpus()[0]?.model}, Node.js ${process.versions.node}, Chromium ${site.version}\n\n| what | goal | measured | bare limit of the same run |\n| --- | --- | --- | --- |`);
  for (const row of rows) {
    if (wanted.length > 0 ? !wanted.includes(row.name) : isShort && row.isSlow) continue;
    const began = performance.now();
    const { ours, bare, met, gates } = await row.run({ site, server, size });
    if (!isShort) console.log(`| ${row.what} | ${row.goal}${met ? '' : ' – **missed**'} | ${ours} | ${bare} |`);
    if (process.argv.includes('--times')) console.log(`${row.name}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
    for (const { what, value, limit, holds } of gates) {
      if (!holds) failed += 1;
      if (isShort || !holds) console.log(`${holds ? 'holds ' : 'FAILED'} ${row.name}: ${what}: ${value}, at most ${limit}`);
    }
  }
} finally {
  await site.close();
  await server.end();
}
process.exitCode = failed === 0 ? 0 : 1;
