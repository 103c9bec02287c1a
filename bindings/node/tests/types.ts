// What a program in TypeScript may write. Compiled, never run.
import { createServer } from 'node:http';
import { backend, ChatError, describe, open, restore, user, type Chat } from '../src/index.js';

const chat: Chat = open({ storage: 'sqlite::memory:', log: 'info', max_tickets: 5 }, { onLog: ({ level, event }) => console.log(level, event) });
const shop = await chat.call<{ id: string }>('workspace.create', { name: 'Shop' });
await chat.call('message.send', { channel: 'room', content: 'Halo!' }, user(shop.id, 'alice'));
for await (const { type, data } of chat.events(shop.id)) console.log(type.toUpperCase(), data.channel_id);
chat.mount(createServer(chat.handler()), '/chat');
try {
  await chat.call('user.list', {}, backend(shop.id));
} catch (error) {
  if (error instanceof ChatError && error.retryable) console.log(error.code, error.details);
}
// @ts-expect-error: storage is missing
open({});
// @ts-expect-error: not a level
open({ storage: 'sqlite::memory:', log: 'loud' });
await chat.backup('copy.db');
const epoch: string = await chat.rotateEpoch() + (await chat.metrics());
for await (const line of chat.export(shop.id, 'alice')) console.log(line.length, epoch);
const { complete, problems } = await chat.import({ workspace: shop.id, source: 'old' }, {
  lines: [new Uint8Array(1), 'x'], onProgress: ({ stage, position, size }) => console.log(stage, position / size), signal: AbortSignal.timeout(5),
});
console.log(complete, problems[0]?.line, describe().commands.length);
// @ts-expect-error: source is missing
await chat.import({ workspace: shop.id });
open({ storage: 'sqlite::memory:' }, { moderator: async ({ text }) => (text === '' ? { verdict: 'refuse', reason: 'empty' } : { verdict: 'allow' }) });
// @ts-expect-error: no such verdict
open({ storage: 'sqlite::memory:' }, { moderator: () => ({ verdict: 'perhaps' }) });
await chat.close(100);
await restore('copy.db', 'sqlite:chat.db');
