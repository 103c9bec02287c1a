// The open list: components on a server that is played, and beside it a plain list of `div`s.

import { createRoot } from 'react-dom/client';
import { memo, type ReactNode } from 'react';
import { Cariosan, type ChatMessage } from '@cariosan/client';
import { Chat, ChatProvider, RichText } from '@cariosan/react';
import { en } from '@cariosan/react/locales/en';
import '@cariosan/react/styles.css';
import { nextFrame, played } from './played.ts';

const all = played();
const root = document.getElementById('root') as HTMLElement;
let renders = 0;

/** Inside each row: it counts, and draws what is seen of a message. */
const Counted = memo(function Counted({ message }: { readonly message: ChatMessage }): ReactNode {
  renders += 1;
  return <div data-car-part="bubble"><p data-car-part="text"><RichText text={message.content} /></p></div>;
});
const slots = { Bubble: Counted };

function bareRow(text: string): HTMLElement {
  const row = document.createElement('div');
  row.textContent = (JSON.parse(text) as { data: { message: { content: string } } }).data.message.content;
  row.style.padding = '8px';
  return row;
}

const rows = (): Element[] => [...document.querySelectorAll('[data-car-part=row]')];

Object.assign(globalThis, {
  /** `many` messages are held before the list is opened. */
  async openList(many: number) {
    const client = new Cariosan({ ...all.options, limits: { heldMessages: 20_000 } });
    const order = client.channel('order_1');
    order.retain();
    await client.connect();
    while (order.timeline.get().status !== 'ready') await nextFrame();
    for (let at = 1; at < many; at += 1) all.deliver(all.frame());
    await nextFrame();
    createRoot(root).render(<ChatProvider client={client} strings={en}><Chat channelId="order_1" list={{ slots }} input={{ sendOnEnter: true }} /></ChatProvider>);
    while (rows().length === 0) await nextFrame();
    // It opens at the first unread message.
    const scroller = document.querySelector('[data-car-part=scroller]') as HTMLElement;
    for (let at = 0; at < 20; at += 1) {
      await nextFrame();
      scroller.scrollTop = scroller.scrollHeight;
    }
    for (let at = 0; at < 10; at += 1) await nextFrame();
    return order.timeline.get().messages.length;
  },
  openBare(many: number) {
    const box = document.createElement('div');
    box.id = 'bare';
    for (let at = 0; at < many; at += 1) box.append(bareRow(all.frame()));
    root.append(box);
    box.scrollTop = box.scrollHeight;
  },
  /** So many events, 100 a second; what React did meanwhile. */
  async stream(events: number, into: 'list' | 'bare') {
    let longTasks = 0;
    new PerformanceObserver((list) => { longTasks += list.getEntries().length; }).observe({ type: 'longtask' });
    const box = document.getElementById('bare');
    const page = globalThis as unknown as { commits: number };
    const before = { commits: page.commits, renders, reads: all.reads };
    let frames = 0;
    let most = 0;
    let last = page.commits;
    let isOver = false;
    const frame = (): void => {
      frames += 1;
      most = Math.max(most, page.commits - last);
      last = page.commits;
      if (!isOver) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    const began = performance.now();
    for (let sent = 0; sent < events;) {
      await new Promise((resolve) => { setTimeout(resolve, 5); });
      for (const due = Math.min(events, Math.floor((performance.now() - began) / 10)); sent < due; sent += 1) {
        const text = all.frame();
        if (into === 'list') all.deliver(text);
        else {
          box?.append(bareRow(text));
          if (box !== null) box.scrollTop = box.scrollHeight;
        }
      }
    }
    await nextFrame();
    await nextFrame();
    isOver = true;
    const scroller = document.querySelector('[data-car-part=scroller]');
    return {
      commits: page.commits - before.commits, renders: renders - before.renders, reads: all.reads - before.reads, frames, most, longTasks, took: performance.now() - began,
      fromEnd: scroller === null ? 0 : scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight,
    };
  },
  /** Until `stopped`: how long frames take, and how many rows are mounted beside those that fit. */
  watchFrames() {
    const state = { deltas: [] as number[], mounted: 0, smallest: Infinity, stopped: false };
    Object.assign(globalThis, { watched: state });
    let last = performance.now();
    const frame = (now: number): void => {
      state.deltas.push(now - last);
      last = now;
      const mounted = rows();
      state.mounted = Math.max(state.mounted, mounted.length);
      for (const row of mounted) state.smallest = Math.min(state.smallest, (row as HTMLElement).offsetHeight);
      if (!state.stopped) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  },
  /** From the next key press on: when its row is there, whether still in the same task, and when it is painted. */
  watchKey() {
    const state = { toRow: -1, toPaint: -1, tasks: 0 };
    Object.assign(globalThis, { key: state });
    const field = document.querySelector('textarea') as HTMLTextAreaElement;
    const bare = document.getElementById('bare');
    window.addEventListener('keydown', (event) => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => { state.tasks += 1; };
      channel.port2.postMessage(null);
      const observer = new MutationObserver(() => {
        const row = bare === null ? document.querySelector('[data-status=pending]') : bare.querySelector('[data-new]');
        if (row === null || state.toRow >= 0) return;
        state.toRow = performance.now() - event.timeStamp;
        state.tasks = -state.tasks;
        requestAnimationFrame(() => setTimeout(() => { state.toPaint = performance.now() - event.timeStamp; }));
        observer.disconnect();
        // Tasks that began before the row was there.
        Object.assign(state, { tasksBefore: -state.tasks, tasks: 0 });
      });
      observer.observe(document.body, { childList: true, subtree: true, attributes: true });
    }, { capture: true, once: true });
    if (bare !== null) {
      field.addEventListener('keydown', (event) => {
        if (event.key !== 'Enter') return;
        const row = document.createElement('div');
        row.dataset['new'] = '';
        row.textContent = field.value;
        bare.append(row);
        bare.scrollTop = bare.scrollHeight;
        field.value = '';
      });
    }
  },
  addField() {
    root.append(document.createElement('textarea'));
  },
  /** The server answers nothing from now on. */
  holdServer: () => void all.server.hold(),
  isReady: true,
});
