// A process that sends is killed at random, again and again: what was pressed and kept is there once, in order, in the end.

import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Message, MessagePage } from '../../src/index.ts';
import { program } from '../support/real_server.ts';
import { realClients, type RealClients } from '../support/real_clients.ts';

const here = dirname(fileURLToPath(import.meta.url));
const ROUNDS = Number(process.env['CARIOSAN_CRASH_ROUNDS'] ?? 12);
const PRESSED = 40;

describe.skipIf(program === undefined)('killed at random', { timeout: 120_000 }, () => {
  let real: RealClients;
  // Beside the packages, which the bundled program asks for.
  const folder = mkdtempSync(join(tmpdir(), 'cariosan-crash-'));
  const sender = join(here, `sender.${process.pid}.mjs`);
  const kept = new Map<string, string[]>();

  beforeAll(async () => {
    real = await realClients();
    for (const name of ['crash_0', 'crash_1', 'crash_2']) await real.room(name);
    await build({ entryPoints: [join(here, 'sender.ts')], outfile: sender, bundle: true, platform: 'node', format: 'esm', target: 'node20', packages: 'external' });
  }, 60_000);
  afterAll(async () => {
    await real.end();
    for (const path of [folder, sender]) rmSync(path, { recursive: true, force: true });
  });

  /** Kills it when it has kept `after` messages, or lets it end. Answers whether it was killed. */
  async function run(first: number, count: number, after: number): Promise<boolean> {
    const token = await real.server.token('alice');
    const child = spawn(process.execPath, [sender, real.server.url, token, folder, String(first), String(count)], { stdio: ['ignore', 'pipe', 'inherit'] });
    let told = '';
    let seen = 0;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (told + text).split('\n');
      told = lines.pop() ?? '';
      for (const line of lines) {
        const [, channel, content] = /^kept (\S+) (\S+)$/.exec(line) ?? [];
        if (channel === undefined || content === undefined) continue;
        const known = kept.get(channel) ?? [];
        if (!known.includes(content)) kept.set(channel, [...known, content]);
        if (++seen === after) child.kill('SIGKILL');
      }
    });
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== null) expect(code).toBe(0);
    return code === null;
  }

  async function all(channel: string): Promise<string[]> {
    const token = await real.server.token('bob');
    const found: Message[] = [];
    let before = '';
    for (;;) {
      const page = await real.server.asUser<MessagePage>(token, 'GET', `/v1/channels/${channel}/messages?limit=100${before}`);
      found.push(...page.messages);
      if (!page.has_more) return found.reverse().map(({ content }) => content);
      before = `&before=seq:${found[found.length - 1]?.seq}`;
    }
  }

  test('each message that was kept is there once, and in the order of the presses', async () => {
    const seed = Number(process.env['CARIOSAN_CRASH_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
    let state = seed;
    const random = (): number => (state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff) / 0x80000000;
    let killed = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      if (await run(round * PRESSED, PRESSED, 1 + Math.floor(random() * PRESSED))) killed += 1;
    }
    expect(await run(0, 0, Infinity)).toBe(false);
    let total = 0;
    for (const [channel, texts] of kept) {
      const there = await all(channel);
      expect(there.map(Number), `${channel} is in order and has nothing twice`).toEqual([...new Set(there.map(Number))].sort((a, b) => a - b));
      expect(texts.filter((text) => !there.includes(text)), `${channel} has lost nothing`).toEqual([]);
      total += there.length;
    }
    console.log(`crash: seed ${seed}, ${killed} of ${ROUNDS} runs killed, ${total} messages there`);
    expect(killed).toBeGreaterThan(0);
  });
});
