// ssr: what a server rendered becomes alive without a warning, and without anything vanishing meanwhile.

import { act } from '@testing-library/react';
import { hydrateRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import type { ReactNode } from 'react';
import { expect, test, vi } from 'vitest';
import { fetchInitialData } from '@cariosan/client';
import { ChatProvider, useMessages } from '../../src/headless.ts';
import { ChannelList, Chat, ChatProvider as Components } from '../../src/index.ts';
import { en } from '../../src/locales/en.ts';
import { app } from '../support/app.tsx';

test('ssr: a page is hydrated without a warning, and its messages stay where they are', async () => {
  const all = app((order) => void order.says('bob', 'Halo'));
  const initialData = await fetchInitialData({ apiUrl: all.server.options.apiUrl, token: 'token', channel: 'order_1', fetch: all.server.fetch });
  const shown: string[] = [];
  function Page(): ReactNode {
    const text = useMessages('order_1').messages.map(({ content }) => content).join();
    shown.push(text);
    return <p>{text}</p>;
  }
  const tree = <ChatProvider client={all.client} strings={en} initialData={initialData}><Page /></ChatProvider>;
  const box = document.createElement('div');
  document.body.append(box);
  box.innerHTML = renderToString(tree);
  const said = vi.spyOn(console, 'error').mockImplementation(() => {});
  const root = await act(async () => hydrateRoot(box, tree));
  await all.settle();
  expect(said.mock.calls).toEqual([]);
  await act(async () => void all.order.says('bob', 'again'));
  await all.settle();
  expect([...new Set(shown)]).toEqual(['Halo', 'Halo,again']);
  await act(async () => root.unmount());
});

test('ssr: the components are hydrated without a warning, and show what the server has shown until they know better', async () => {
  const all = app((order) => {
    for (let at = 0; at < 30; at += 1) order.says('bob', `message ${at}`);
  });
  const initialData = await fetchInitialData({ apiUrl: all.server.options.apiUrl, token: 'token', channel: 'order_1', fetch: all.server.fetch });
  const tree = (
    <Components client={all.client} strings={en} initialData={initialData}>
      <ChannelList onSelect={() => {}} />
      <Chat channelId="order_1" list={{ virtualize: false }} />
    </Components>
  );
  // React 18 takes this place, which has a DOM, for a browser, and has advice about rendering in one.
  const said = vi.spyOn(console, 'error').mockImplementation(() => {});
  const box = document.createElement('div');
  document.body.append(box);
  box.innerHTML = renderToString(tree);
  said.mockClear();
  const texts = (): string[] => [...box.querySelectorAll('[data-car-part=text]')].map(({ textContent }) => textContent ?? '');
  const rendered = texts();
  expect(rendered).toHaveLength(30);
  const [row] = box.querySelectorAll('[data-car-part=channel]');
  const recoverable: unknown[] = [];
  const release = all.server.hold();
  const root = await act(async () => hydrateRoot(box, tree, { onRecoverableError: (fault) => recoverable.push(fault) }));
  await all.settle();
  expect(texts()).toEqual(rendered);
  release();
  await all.settle();
  expect(texts()).toEqual(rendered);
  expect(box.querySelector('[data-car-part=channel]')).toBe(row);
  await act(async () => void all.order.says('bob', 'again'));
  await all.settle();
  expect(texts()).toEqual([...rendered, 'again']);
  expect([said.mock.calls, recoverable]).toEqual([[], []]);
  await act(async () => root.unmount());
});
