// The rows of the speed table. Each is measured beside a bare limit of the same run; what may fail is a count, never a time.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { js } from '../../needs.mjs';

const OVERSCAN = 8;
/** Cutting a list costs something, so the client lets a few more come first. */
const mostHeld = (limit) => limit + (limit >> 8) + 1;
const ms = (value) => `${value < 1 ? value.toFixed(3) : value.toFixed(1)} ms`;
/** A count that may not be passed. */
const atMost = (what, value, limit) => ({ what, value, limit, holds: value <= limit });

/** `size`: how much is measured; gates hold for any. */
export const rows = [
  {
    name: 'live', what: 'one live event, core alone', goal: '≤ 0.05 ms mean, ≤ 0.3 ms p99',
    async run({ site, size }) {
      const events = size.events;
      const core = await site.open('core');
      const ours = await core.page.evaluate((count) => globalThis.live(count), events);
      const bare = await core.page.evaluate((count) => globalThis.parsing(count), events);
      await core.close();
      return {
        ours: `${ms(ours.mean)} mean, ${ms(ours.p99)} p99, of ${events} into ${ours.held} held`, bare: `${ms(bare.mean)} mean, ${ms(bare.p99)} p99 (the frames parsed)`,
        met: ours.mean <= 0.05 && ours.p99 <= 0.3,
        gates: [
          atMost('snapshots beyond one a publish', ours.snapshots - ours.publishes, 0), atMost('calls of a listener beyond one a publish', ours.told - ours.publishes, 0),
          atMost('messages held', ours.held, mostHeld(10_000)), atMost('events that are not in the list', ours.last.startsWith(`message ${events + 10_001} `) ? 0 : 1, 0),
        ],
      };
    },
  },
  {
    name: 'list', what: '100 events/s into the open list', goal: '≤ 15 % of one core; ≤ 1 ms main thread per event at 6× throttling',
    async run({ site, size }) {
      async function stream(into, slower) {
        const events = Math.ceil(size.streamed / slower);
        const list = await site.open('list', { slower });
        await list.page.evaluate(([name, many]) => (name === 'list' ? globalThis.openList(many) : globalThis.openBare(many)), [into, 500]);
        const before = await list.busy();
        const seen = await list.page.evaluate(([count, name]) => globalThis.stream(count, name), [events, into]);
        const busy = (await list.busy()) - before;
        await list.close();
        return { ...seen, busy, share: (busy / seen.took) * 100, each: busy / events };
      }
      const [ours, bare, slow, slowBare] = [await stream('list', 1), await stream('bare', 1), await stream('list', 6), await stream('bare', 6)];
      const say = (one, six) => `${one.share.toFixed(1)} % of a core; ${six.each.toFixed(2)} ms per event at 6×, ${six.longTasks} long tasks`;
      return {
        ours: `${say(ours, slow)}; ${(ours.commits / ours.frames).toFixed(2)} commits a frame, ${(ours.renders / size.streamed).toFixed(2)} row renders an event`, bare: say(bare, slowBare),
        met: ours.share <= 15 && slow.each <= 1,
        gates: [
          // What was read is shown at once when the server has confirmed it.
          atMost('commits beyond one a frame, and one for each answer', ours.commits - ours.frames - ours.reads, 0), atMost('row renders beyond two an event', ours.renders - 2 * size.streamed, 0),
          atMost('pixels from the end', ours.fromEnd, 1),
        ],
      };
    },
  },
  {
    name: 'scroll', what: 'scrolling 10,000 messages', goal: '≥ 58 frames/s, no frame over 50 ms',
    async run({ site, size }) {
      async function scroll(into) {
        const list = await site.open('list');
        await list.page.evaluate(([name, many]) => (name === 'list' ? globalThis.openList(many) : globalThis.openBare(many)), [into, size.scrolled]);
        await list.page.mouse.move(200, 300);
        await list.page.evaluate(() => globalThis.watchFrames());
        for (let at = 0; at < size.wheels; at += 1) await list.page.mouse.wheel(0, at % 60 < 45 ? -240 : 240);
        const seen = await list.page.evaluate(() => {
          globalThis.watched.stopped = true;
          return globalThis.watched;
        });
        await list.close();
        const deltas = seen.deltas.slice(1);
        const total = deltas.reduce((sum, one) => sum + one, 0);
        return { ...seen, rate: (deltas.length / total) * 1000, worst: Math.max(...deltas), over: deltas.filter((one) => one > 50).length };
      }
      const [ours, bare] = [await scroll('list'), await scroll('bare')];
      const say = ({ rate, worst, over }) => `${rate.toFixed(0)} frames/s, worst ${worst.toFixed(0)} ms, ${over} over 50 ms`;
      const fits = Math.ceil(720 / ours.smallest) + 1 + 2 * OVERSCAN;
      return {
        ours: `${say(ours)}; ${ours.mounted} rows mounted`, bare: `${say(bare)} (all ${size.scrolled} rows as divs)`, met: ours.rate >= 58 && ours.over === 0,
        gates: [atMost('rows mounted', ours.mounted, fits)],
      };
    },
  },
  {
    name: 'cache', what: 'first paint of list and messages from the cache', goal: '≤ 100 ms after script, 200 channels, 4× throttling',
    async run({ site, size }) {
      const context = await site.context();
      const filling = await site.open('cache', { context });
      await filling.page.evaluate((count) => globalThis.fill(count, 50), size.channels);
      await filling.close();
      const measure = async (what) => {
        const page = await site.open('cache', { context, slower: 4, query: `?what=${what}` });
        const seen = await page.page.evaluate(() => globalThis.result);
        const busy = await page.busy();
        await page.close();
        return { ...seen, busy };
      };
      const [ours, bare] = [await measure('open'), await measure('bare')];
      await context.close();
      return {
        ours: `list ${ms(ours.list)}, messages ${ms(ours.messages)}, of ${ours.ids} channels; the thread ran ${ms(ours.busy)}`, bare: `${ms(bare.list)} (${bare.values} stored values read, parsed and drawn); the thread ran ${ms(bare.busy)}`,
        met: Math.max(ours.list, ours.messages) <= 100,
        gates: [
          atMost('channels that are missing', size.channels - ours.ids, 0), atMost('parts that waited for the server', [ours.list, ours.messages].filter((one) => one < 0).length, 0), atMost('channels mounted', ours.mounted, Math.ceil(720 / 68) + 1 + 2 * OVERSCAN),
        ],
      };
    },
  },
  {
    name: 'resume', what: 'resume after an hour: 200 channels, 50 moved, 1,000 changes', goal: '≤ 300 ms to live', needsServer: true,
    async run({ site, server, size }) {
      const moved = size.channels / 4;
      const each = size.changes / moved;
      for (const id of ['alice', 'bob']) await server.backend('POST', '/v1/users', { external_id: id, name: id });
      for (let at = 0; at < size.channels; at += 1) {
        await server.backend('POST', '/v1/channels', { type: 'group', external_id: `order_${at}`, name: `Order ${at}`, member_external_ids: ['alice', 'bob'] });
      }
      const [alice, bob] = [await server.token('alice'), await server.token('bob')];
      const page = await site.open('resume');
      await page.page.evaluate(([token, count]) => globalThis.begin(token, count), [alice, size.channels]);
      for (let at = 0; at < moved; at += 1) {
        for (let said = 0; said < each; said += 1) await server.asUser(bob, 'POST', `/v1/channels/order_${at}/messages`, { content: `message ${said}` });
      }
      const ours = await page.page.evaluate(() => globalThis.resume());
      const bare = await page.page.evaluate(() => globalThis.byHand());
      const unread = await page.page.evaluate(() => globalThis.unread());
      await page.close();
      return {
        ours: `${ms(ours.took)}, ${ours.sent} frames and ${ours.requests} requests sent, ${ours.published} publishes`, bare: `${ms(bare)} (the same said and parsed by hand)`, met: ours.took <= 300,
        gates: [atMost('publishes in a frame', ours.most, 1), atMost('changes that are missing', size.changes - unread, 0)],
      };
    },
  },
  {
    name: 'key', what: 'key press → pending row', goal: '≤ 16 ms',
    async run({ site, size }) {
      async function press(into) {
        const list = await site.open('list');
        await list.page.evaluate(async (name) => {
          await globalThis.openList(300);
          if (name === 'bare') {
            document.getElementById('root').remove();
            document.body.append(Object.assign(document.createElement('div'), { id: 'bare' }), document.createElement('textarea'));
          } else globalThis.holdServer();
        }, into);
        await list.page.locator('textarea').fill('Halo');
        await list.page.evaluate(() => globalThis.watchKey());
        await list.page.locator('textarea').press('Enter');
        await list.page.waitForFunction(() => globalThis.key.toPaint >= 0);
        const seen = await list.page.evaluate(() => globalThis.key);
        await list.close();
        return seen;
      }
      const times = async (into) => {
        const seen = [];
        for (let at = 0; at < size.presses; at += 1) seen.push(await press(into));
        return seen.sort((a, b) => a.toRow - b.toRow);
      };
      const middle = (seen) => seen[Math.floor(seen.length / 2)];
      const [ours, bare] = [await times('list'), await times('bare')];
      const say = (seen) => `${ms(middle(seen).toRow)} to the row, ${ms(middle(seen).toPaint)} to the paint, median of ${size.presses}`;
      return { ours: say(ours), bare: say(bare), met: middle(ours).toRow <= 16, gates: [atMost('tasks between the press and the row', Math.max(...ours.map(({ tasksBefore }) => tasksBefore)), 0)] };
    },
  },
  {
    name: 'memory', what: 'memory, 10,000 messages', goal: '≤ 12 MB',
    async run({ site, size }) {
      const core = await site.open('core');
      await core.page.evaluate((count) => globalThis.hold(count), size.held);
      const before = await core.heap();
      const held = await core.page.evaluate((count) => globalThis.fill(count), size.held + 100);
      const ours = (await core.heap()) - before;
      await core.close();
      const plain = await site.open('core');
      const empty = await plain.heap();
      await plain.page.evaluate((count) => globalThis.parsed(count), size.held);
      const bare = (await plain.heap()) - empty;
      await plain.close();
      return { ours: `${ours.toFixed(1)} MB of heap, ${held} held`, bare: `${bare.toFixed(1)} MB (the parsed frames alone)`, met: ours <= 12, gates: [atMost('messages held', held, mostHeld(size.held))] };
    },
  },
  {
    name: 'go', what: 'Go, one call', goal: '≤ 15 allocations over `net/http`’s own', isSlow: true,
    run() {
      const { stdout, status } = spawnSync('go', ['test', '-run', '^$', '-bench', 'BenchmarkCall', '-benchmem', '-benchtime', '2000x', '.'], { cwd: join(js, '..', 'go'), encoding: 'utf8' });
      if (status !== 0) return { ours: 'skipped: needs Go', bare: '', met: true, gates: [] };
      const found = [...stdout.matchAll(/^BenchmarkCall\/(\w+)\/(\S+?)(?:-\d+)?\s.*?([\d.]+) ns\/op.*?(\d+) allocs\/op/gm)].map(([, call, way, time, count]) => ({ call, way, time: Number(time), count: Number(count) }));
      const of = (way) => found.filter((one) => one.way === way);
      const say = (way) => of(way).map(({ call, time, count }) => `${call} ${count} allocations, ${(time / 1000).toFixed(1)} µs`).join('; ');
      const more = Math.max(...of('cariosan').map(({ call, count }) => count - of('net/http').find((one) => one.call === call).count));
      return { ours: say('cariosan'), bare: say('net/http'), met: more <= 15, gates: [atMost('allocations over net/http', more, 15)] };
    },
  },
];
