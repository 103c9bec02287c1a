// What a program in TypeScript may write. Compiled, never run.
import { createServer } from 'node:http';
import { backend, ChatError, open, user, type Chat } from '../src/index.js';

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
await chat.close(100);
