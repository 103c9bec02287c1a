// A process with some of the checker's users, which may be killed at any time: node host.mjs <settings as JSON>
// It is told what to do by lines of JSON, and says what happens in the same way.

import 'fake-indexeddb/auto';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import { Cariosan, memoryStorage, type Storage, type WebSocketConstructor } from '../../src/index.ts';
import { indexedDbStorage } from '../../src/store/indexeddb.ts';
import { fileStorage } from '../crash/file_storage.ts';
import { actor, type Said } from './actor.ts';
import { held, isAt, isQuiet } from './held.ts';
import { watch } from './watch.ts';

interface Settings {
  readonly seed: number;
  /** How many processes of this host there were before. */
  readonly run: number;
  readonly pace: number;
  readonly users: readonly string[];
  readonly players: readonly {
    readonly index: number;
    readonly url: string;
    readonly token: string;
    /** A folder that survives; else what is stored ends with the process. */
    readonly storage: { readonly folder: string } | 'memory' | 'indexeddb';
  }[];
}

const settings = JSON.parse(process.argv[2] ?? '{}') as Settings;
const say = (what: object): void => void process.stdout.write(`${JSON.stringify(what)}\n`);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
let playing = false;

function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

/** What is about to be sent is told once it would survive. */
function storageOf(index: number, given: Settings['players'][number]['storage']): Storage {
  if (given === 'memory') return memoryStorage();
  if (given === 'indexeddb') return indexedDbStorage({ name: `player-${index}` });
  return fileStorage(given.folder, (key, text) => {
    if (!key.includes(':o:')) return;
    const { key: own, channel, body, state } = JSON.parse(text) as { key: string; channel: string; body: { content: string }; state: string };
    say({ kept: { player: index, key: own, channel, text: body.content, state } });
  }, (key) => {
    const [, own] = key.split(':o:');
    if (own !== undefined) say({ player: index, done: own });
  });
}

function player(given: Settings['players'][number]) {
  const random = seeded(settings.seed + 7919 * given.index + 104_729 * settings.run);
  const storage = storageOf(given.index, given.storage);
  let numbered = 0;
  let client: Cariosan;
  let acting: ReturnType<typeof actor>;
  let looked: (() => void)[] = [];
  let over = Promise.resolve();

  function tell({ unsending, retrying, discarding }: Said): void {
    say({ player: given.index, unsending, retrying, discarding });
  }

  function begin(): void {
    client = new Cariosan({
      apiUrl: given.url, token: given.token, storage, webSocket: WebSocket as unknown as WebSocketConstructor, limits: { pageSize: 20 },
      reconnect: { initialDelayMs: 30, maxDelayMs: 1_000 },
      // Half of them know who they are before there is a token.
      ...(given.index % 2 === 0 ? {} : { cacheKey: `player-${given.index}` }),
    });
    const seen = watch(client, (what) => say({ player: given.index, broken: what }), (vanished) => say({ player: given.index, vanished }));
    client.on('send.failed', ({ channel, message: { key, error } }) => say({ player: given.index, failed: { key, channel: channel.ref, code: error?.code } }));
    client.on('connection', ({ name }) => { if (name === 'live') say({ player: given.index, live: true }); });
    let shown: readonly string[] = [];
    looked = [client.channels.subscribe(() => {
      const { ids } = client.channels.get();
      for (const id of ids) if (!shown.includes(id)) looked.push(seen.channel(client.channel(id)));
      shown = [...new Set([...shown, ...ids])];
      say({ player: given.index, holds: ids.map((id) => ({ id, type: client.channel(id).info.get()?.type })) });
    })];
    acting = actor({
      client, random, users: settings.users,
      number: () => (given.index + 1) * 1e8 + settings.run * 1e5 + ++numbered,
      say(what) {
        if (what.discarding !== undefined) {
          for (const id of client.channels.get().ids) for (const { key, content } of client.channel(id).timeline.get().messages) if (content === what.discarding) seen.released(key);
        }
        tell(what);
      },
      async again() {
        acting.release();
        for (const end of looked) end();
        await client.close();
        begin();
      },
    });
    client.connect().catch((fault: unknown) => {
      if ((fault as { code?: string }).code !== 'CLOSED') say({ player: given.index, broken: `cannot connect: ${String(fault)}` });
    });
  }
  begin();

  async function play(): Promise<void> {
    while (playing) {
      await acting.act();
      await pause(random() * settings.pace);
    }
  }

  /** For conditions that nobody announces. */
  async function reached(holds: () => boolean, within: number): Promise<boolean> {
    const end = Date.now() + within;
    while (!holds() && Date.now() < end) await pause(20);
    return holds();
  }

  return {
    index: given.index,
    start() { over = play(); },
    async stopped() {
      const late = setTimeout(() => process.stderr.write(`player ${given.index} does not come to an end of ${acting.doing()} ${JSON.stringify(client.connection.get())}\n`), 10_000);
      await over;
      clearTimeout(late);
      say({ player: given.index, stopped: true });
    },
    /** What failed waits for its user, who is not there any more. The server's limits let the rest go out slowly: each that does counts. */
    async settle(within: number) {
      let quiet = false;
      for (let before = Infinity, { waiting } = client.outbox.get(); !quiet && waiting < before; { waiting } = client.outbox.get()) {
        before = waiting;
        quiet = await reached(() => isQuiet(client), within);
      }
      say({ player: given.index, settled: quiet, state: client.connection.get().name, waiting: client.outbox.get().waiting });
    },
    /** Opens all, as somebody who looks at each channel. */
    openAll() {
      for (const id of client.channels.get().ids) client.channel(id).retain();
    },
    async report(revs: Readonly<Record<string, number>>, within: number) {
      const there = await reached(() => isAt(client, revs), within);
      say({ player: given.index, held: held(client), there, unreadTotal: client.unreadTotal.get(), blocks: [...client.blocked.get()], ids: client.channels.get().ids });
    },
  };
}

const players = new Map(settings.players.map((one) => [one.index, player(one)]));
const all = [...players.values()];

type Told = { play?: true; stop?: true; openAll?: true; settle?: number; report?: { player: number; revs: Record<string, number>; within: number } };

createInterface({ input: process.stdin }).on('line', (line) => {
  const told = JSON.parse(line) as Told;
  if (told.play) {
    playing = true;
    for (const one of all) one.start();
  }
  if (told.stop) {
    playing = false;
    for (const one of all) void one.stopped();
  }
  if (told.openAll) for (const one of all) one.openAll();
  if (told.settle !== undefined) for (const one of all) void one.settle(told.settle);
  if (told.report) void players.get(told.report.player)?.report(told.report.revs, told.report.within);
}).on('close', () => process.exit(0));
