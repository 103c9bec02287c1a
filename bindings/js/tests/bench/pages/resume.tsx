// A client of the real server that was away for a while, and the same conversation by hand.

import { Cariosan, type WebSocketConstructor } from '@cariosan/client';
import { nextFrame } from './played.ts';

interface Said {
  readonly frames: string[];
  readonly requests: { readonly url: string; readonly init: RequestInit | undefined }[];
  came: number;
}

const said: Said = { frames: [], requests: [], came: 0 };
let answered = 0;

let opened: { readonly url: string; readonly protocols: string[] } = { url: '', protocols: [] };

function Recorded(url: string, protocols: string[]): WebSocket {
  opened = { url, protocols };
  const socket = new WebSocket(url, protocols);
  const send = socket.send.bind(socket);
  socket.send = (text) => {
    said.frames.push(String(text));
    send(text);
  };
  socket.addEventListener('message', () => { said.came += 1; });
  return socket;
}
const recordedFetch = (async (url: string, init?: RequestInit) => {
  said.requests.push({ url, init });
  const response = await fetch(url, init);
  answered += 1;
  return response;
}) as unknown as typeof fetch;

let client: Cariosan;
let count = 0;

Object.assign(globalThis, {
  async begin(token: string, channels: number) {
    client = new Cariosan({ apiUrl: window.location.origin, token, webSocket: Recorded as unknown as WebSocketConstructor, fetch: recordedFetch });
    await client.connect();
    while (client.channels.get().ids.length < channels) {
      await client.loadMoreChannels();
      await nextFrame();
    }
    client.disconnect();
    Object.assign(said, { frames: [], requests: [], came: 0 });
    count = client.channels.get().ids.length;
    return count;
  },
  async resume() {
    let published = 0;
    let most = 0;
    let frames = 0;
    client.channels.subscribe(() => { published += 1; });
    let isOver = false;
    let last = 0;
    const frame = (): void => {
      frames += 1;
      most = Math.max(most, published - last);
      last = published;
      if (!isOver) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    const began = performance.now();
    const live = new Promise<void>((resolve) => {
      const stop = client.connection.subscribe(() => {
        if (client.connection.get().name !== 'live') return;
        stop();
        resolve();
      });
    });
    await client.connect();
    if (client.connection.get().name !== 'live') await live;
    const took = performance.now() - began;
    isOver = true;
    return { took, most, published, frames, came: said.came, sent: said.frames.length, requests: said.requests.length, answered };
  },
  /** What the client said, said again over a bare socket; what comes is parsed and dropped. */
  async byHand() {
    const asked = { frames: [...said.frames], requests: [...said.requests], came: said.came };
    const began = performance.now();
    await new Promise<void>((resolve) => {
      const socket = new WebSocket(opened.url, opened.protocols);
      let came = 0;
      socket.onmessage = ({ data }) => {
        JSON.parse(String(data));
        came += 1;
        if (came === 1) for (const text of asked.frames) socket.send(text);
        if (came >= asked.came) resolve();
      };
      socket.onclose = () => resolve();
    });
    await Promise.all(asked.requests.map(async ({ url, init }) => {
      const { signal: _, ...rest } = init ?? {};
      JSON.parse(await (await fetch(url, rest)).text());
    }));
    return performance.now() - began;
  },
  unread: () => client.channels.get().ids.reduce((sum, id) => sum + (client.channel(id).info.get()?.unread ?? 0), 0),
  isReady: true,
});
