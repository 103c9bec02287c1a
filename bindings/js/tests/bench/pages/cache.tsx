// A page that shows what the browser has stored, while nobody answers.

const began = performance.now();

import { createRoot } from 'react-dom/client';
import { Cariosan, type WebSocketConstructor } from '@cariosan/client';
import { indexedDbStorage } from '@cariosan/client/indexeddb';
import { fakeServer } from '@cariosan/client/testing';
import { ChannelList, Chat, ChatProvider } from '@cariosan/react';
import { en } from '@cariosan/react/locales/en';
import '@cariosan/react/styles.css';
import { nextFrame } from './played.ts';

const root = document.getElementById('root') as HTMLElement;
const cacheKey = 'alice';

/** When this was in the page; -1 if it was not after so many frames. */
async function shown(selector: string): Promise<number> {
  for (let frames = 0; frames < 1_500; frames += 1) {
    if (document.querySelector(selector) !== null) return performance.now() - began;
    await nextFrame();
  }
  return -1;
}

async function fill(channels: number, messages: number) {
  const server = fakeServer();
  for (let at = 0; at < channels; at += 1) {
    const one = server.channel(`order_${at}`, { name: `Order ${at}`, members: ['alice', 'bob'] });
    for (let said = 0; said < (at === 0 ? messages : 3); said += 1) one.says('bob', `message ${said} of ${at}`);
  }
  const client = new Cariosan({ ...server.options, storage: indexedDbStorage(), cacheKey });
  const handles = Array.from({ length: channels }, (_, at) => client.channel(`order_${at}`));
  await client.connect();
  for (const handle of handles) {
    const release = handle.retain();
    while (handle.timeline.get().status !== 'ready') await nextFrame();
    if (handle !== handles[0]) release();
  }
  await client.close();
  return client.channels.get().ids.length;
}

function open() {
  const asked = { requests: 0, sockets: 0 };
  const nobody = (() => {
    asked.requests += 1;
    return new Promise(() => {});
  }) as unknown as typeof fetch;
  function Silent() {
    asked.sockets += 1;
    return { addEventListener() {}, send() {}, close() {} };
  }
  const client = new Cariosan({ apiUrl: 'http://chat.test', token: 'token', storage: indexedDbStorage(), cacheKey, fetch: nobody, webSocket: Silent as unknown as WebSocketConstructor });
  createRoot(root).render(
    <ChatProvider client={client} strings={en}>
      <div style={{ display: 'grid', gridTemplateColumns: '200px 1fr', height: '100%' }}>
        <ChannelList onSelect={() => {}} />
        <Chat channelId="order_0" />
      </div>
    </ChatProvider>,
  );
  return Promise.all([shown('[data-car-part=channel]'), shown('[data-car-part=message]')]).then(async ([list, messages]) => {
    const mounted = document.querySelectorAll('[data-car-part=channel]').length;
    return { list, messages, mounted, ids: client.channels.get().ids.length, ...asked };
  });
}

/** The same data with nothing in between: read, parsed, and drawn as `div`s. */
async function bare() {
  const { name = '' } = (await indexedDB.databases())[0] ?? {};
  const db = await new Promise<IDBDatabase>((resolve) => {
    const opening = indexedDB.open(name);
    opening.onsuccess = () => resolve(opening.result);
  });
  const store = db.objectStoreNames[0] ?? '';
  const values = await new Promise<unknown[]>((resolve) => {
    const reading = db.transaction(store).objectStore(store).getAll();
    reading.onsuccess = () => resolve(reading.result as unknown[]);
  });
  for (const value of values) {
    const row = document.createElement('div');
    row.className = 'bare';
    const parsed: unknown = typeof value === 'string' && /^[[{]/.test(value) ? JSON.parse(value) : value;
    row.textContent = String(parsed).slice(0, 80);
    root.append(row);
  }
  return { list: await shown('.bare'), values: values.length };
}

const what = new URLSearchParams(window.location.search).get('what');
Object.assign(globalThis, { fill, result: what === 'open' ? open() : what === 'bare' ? bare() : null, isReady: true });
