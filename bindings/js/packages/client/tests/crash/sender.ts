// A process that sends and may be killed at any time: node sender.mjs <url> <token> <folder> <first number> <how many, 0: what is left>
// It prints `kept <text>` when a message is on the disk, and `done` when nothing is left to be sent.

import { WebSocket } from 'ws';
import { Cariosan, type WebSocketConstructor } from '../../src/index.ts';
import { fileStorage } from './file_storage.ts';

const [url = '', token = '', folder = '', first = '0', count = '0'] = process.argv.slice(2);

const storage = fileStorage(folder, (key, text) => {
  if (!key.includes(':o:')) return;
  const { body, channel } = JSON.parse(text) as { channel: string; body: { content: string } };
  process.stdout.write(`kept ${channel} ${body.content}\n`);
});
const client = new Cariosan({
  apiUrl: url, token, storage, cacheKey: 'alice', webSocket: WebSocket as unknown as WebSocketConstructor,
  reconnect: { initialDelayMs: 20, maxDelayMs: 100 },
});

let pressed = 0;
function press(): void {
  if (pressed >= Number(count)) return;
  const number = Number(first) + pressed;
  client.channel(`crash_${number % 3}`).enqueue({ text: String(number) });
  pressed += 1;
  setImmediate(press);
}

client.connect().then(() => {
  const look = (): void => {
    if (pressed < Number(count) || client.outbox.get().waiting > 0) return;
    process.stdout.write('done\n');
    void client.close().then(() => process.exit(0));
  };
  client.outbox.subscribe(look);
  look();
}, (fault: unknown) => {
  process.stderr.write(`${String(fault)}\n`);
  process.exit(1);
});
// Some are pressed before there is a connection.
press();
