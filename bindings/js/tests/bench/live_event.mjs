// What one live event costs the core alone: `message.created` into a channel that holds 10,000 messages, its timeline watched.
//   npm run build -w packages/client && node tests/bench/live_event.mjs [events] [file of the client]
// Beside it the bare limit: what parsing the same frames costs. Time of the processor, since other programs take theirs.

import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const built = fileURLToPath(new URL('../../packages/client/dist/index.js', import.meta.url));
const { Cariosan } = await import(pathToFileURL(resolve(process.argv[3] ?? built)).href);
const EVENTS = Number(process.argv[2] ?? 100_000);
const HELD = 10_000;
/** As at a thousand events a second and sixty frames. */
const EVENTS_PER_PUBLISH = 16;

const at = (seq) => new Date(1e12 + seq * 1000).toISOString();
const alice = { id: 'u-alice', external_id: 'alice', name: 'Alice', avatar_url: null };
const bob = { id: 'u-bob', external_id: 'bob', name: 'Bob', avatar_url: null };
const message = (seq) => ({
  id: `m${seq}`, channel_id: 'c1', channel_external_id: 'order', seq, rev: seq + 1, user: bob, type: 'text', content: `text ${seq}`,
  attachment_url: null, metadata: {}, reactions: [], created_at: at(seq), edited_at: null, deleted_at: null,
});
const read = { rev: HELD + 1, receipt_rev: 0, epoch: 'e1' };
const summary = {
  channel_id: 'c1', summary: true, ...read, role: 'member', member_count: 2, last_message: message(HELD), last_activity: at(HELD),
  unread_count: 0, mention_count: 0, last_read_seq: 0, preferences_rev: 0, muted: false, archived: false, pinned: false, marked_unread: false,
  channel: {
    id: 'c1', external_id: 'order', type: 'group', name: 'Order', avatar_url: null, metadata: {}, created_at: at(0), last_seq: HELD,
    rev: HELD + 1, settings_rev: 1, member_count: 2,
  },
};

let line;
class Socket {
  listeners = {};
  constructor() { line = this; }
  addEventListener(type, listener) { this.listeners[type] = listener; }
  close() {}
  hear(text) { this.listeners.message({ data: text }); }
  receive(type, data, id) { this.hear(JSON.stringify({ type, data, id })); }
  send(text) {
    const { type, id } = JSON.parse(text);
    if (type !== 'sync') return;
    setImmediate(() => {
      this.receive('channel.sync', summary);
      this.receive('ack', {}, id);
      this.receive('sync.done', { id, epoch: 'e1', unread_total: 0 });
    });
  }
}

function answer(url) {
  const { pathname, searchParams } = new URL(url);
  if (pathname.endsWith('/members')) return { ...read, members: [alice, bob].map((user) => ({ user, role: 'member', rev: 1, left: false })), has_more: false };
  if (!pathname.endsWith('/messages')) return { ...read, receipts: [], has_more: false };
  const before = Number((searchParams.get('before') ?? `seq:${HELD + 1}`).slice('seq:'.length));
  const messages = Array.from({ length: Math.min(100, before - 1) }, (_, index) => message(before - 1 - index));
  return { ...read, messages, has_more: before > 101 };
}

const frames = [];
const publish = () => { for (const run of frames.splice(0)) run(); };
const settle = async () => {
  for (let turn = 0; turn < 20; turn += 1) {
    await new Promise((done) => setImmediate(done));
    publish();
  }
};
const client = new Cariosan({
  apiUrl: 'http://bench.test', token: 'x', webSocket: Socket, limits: { pageSize: 100 },
  fetch: async (url) => new Response(JSON.stringify(answer(url))),
  environment: { setTimer: () => () => {}, frame: (run) => frames.push(run), now: Date.now, random: Math.random },
});
const connected = client.connect();
await settle();
line.receive('connection.ready', {
  connection_id: 'x', user: alice, epoch: 'e1', blocks_rev: 0, preferences_rev: 0, server_time: at(HELD), heartbeat_seconds: 30, unread_total: 0,
});
await connected;
const channel = client.channel('order');
channel.retain();
channel.timeline.subscribe(() => {});
await settle();
while (channel.timeline.get().messages.length < HELD) {
  await channel.loadOlder();
  await settle();
}

const texts = Array.from({ length: EVENTS }, (_, index) => {
  const seq = HELD + 1 + index;
  return JSON.stringify({ type: 'message.created', data: { channel_id: 'c1', channel_external_id: 'order', rev: seq + 1, since: seq, message: message(seq) } });
});

/** Milliseconds of the processor. */
function cost(run) {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const bare = cost(() => texts.forEach((text) => JSON.parse(text)));
const longest = new Float64Array(EVENTS);
const all = cost(() => texts.forEach((text, index) => {
  const began = performance.now();
  line.hear(text);
  longest[index] = performance.now() - began;
  if (index % EVENTS_PER_PUBLISH === EVENTS_PER_PUBLISH - 1) publish();
}));
publish();
const { messages } = channel.timeline.get();
if (messages.at(-1)?.seq !== HELD + EVENTS) throw new Error('the last message is not shown');
console.log(`one live event, core alone: ${(all / EVENTS).toFixed(4)} ms mean with a publish every ${EVENTS_PER_PUBLISH}, goal 0.05; parsing alone ${(bare / EVENTS).toFixed(4)} ms`);
console.log(`without its publish: p99 ${longest.sort()[Math.floor(EVENTS * 0.99)].toFixed(4)} ms, goal 0.3; ${EVENTS} events, ${messages.length} messages held in the end`);
process.exit(0);
