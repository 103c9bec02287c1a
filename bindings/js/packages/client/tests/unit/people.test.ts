// Blocks, presence, preferences, settings, search and devices.

import { describe, expect, test } from 'vitest';
import { inUnits } from '../../src/talk/search.ts';
import { alice, budi, fakeServer, greet, item, message, settle, type Answer, type Asked, type FakeServer } from '../support/fakes.ts';
import { answers, created, live, rowsOf } from '../support/room.ts';

const contents = (server: FakeServer): string[] => rowsOf(server).map(({ content }) => content);
const eve = { id: 'u-eve', external_id: 'eve', name: 'Eve', avatar_url: null };
const asked = (server: FakeServer, path: string): Asked[] => server.asked.filter((one) => one.path.startsWith(path));

describe('blocks', () => {
  const list = (users: object[], rev: number): Answer => ({
    status: 200, body: { blocks: users.map((user) => ({ user, created_at: 'x' })), blocks_rev: rev, has_more: false, next_cursor: null },
  });

  async function room(answer: (asked: Asked) => Answer = answers): Promise<FakeServer> {
    const server = await live(fakeServer({}, answer));
    const quote = { id: 'm1', user_id: budi.id, user_name: 'Budi', content: 'text 1', type: 'text', deleted: false };
    for (const one of [message(1, 2), message(2, 3, { user: eve, parent_id: 'm1', quoted_message: quote }), message(3, 4)]) {
      server.socket.receive('message.created', created(one));
    }
    await settle();
    return server;
  }

  test('what a blocked user wrote goes, quotes of it are hidden, and the preview is another one', async () => {
    const server = await room();
    server.socket.receive('typing.start', { channel_id: 'c1', user_id: budi.id });
    server.socket.receive('block.updated', { user_id: budi.id, blocked: true, blocks_rev: 1 });
    await settle();
    expect(contents(server)).toEqual(['text 2']);
    expect(rowsOf(server)[0]?.quoted_message).toEqual({ id: 'm1', hidden: true });
    const channel = server.client.channel('order_1');
    expect(channel.info.get()?.preview?.id).toBe('m2');
    expect(channel.typing.get()).toEqual([]);
    expect([...server.client.blocked.get()]).toEqual([budi.id]);
  });

  test('a page that was read before the block brings nothing back', async () => {
    let release = (_answer: Response): void => {};
    const server = await room(({ path }) => (path.includes('before=') ? { status: 200, body: undefined } : answers({} as Asked)));
    const held = server.client.channel('order_1');
    const late = new Promise<Response>((resolve) => { release = resolve; });
    server.answerWith(({ path }) => (path.includes('around=') ? late : undefined));
    const opened = held.openAround('m0');
    await settle();
    server.socket.receive('block.updated', { user_id: budi.id, blocked: true, blocks_rev: 1 });
    release(new Response(JSON.stringify({ messages: [message(0, 1, { id: 'm0' })], rev: 4, receipt_rev: 0, epoch: 'e1', has_more: false })));
    expect(await opened).toBe(false);
    await settle();
    expect(contents(server)).toEqual(['text 2']);
  });

  test('another number at the beginning of a connection means that the list is read', async () => {
    const server = await live(fakeServer({}, (one) => (one.path.startsWith('/v1/me/blocks') ? list([budi], 7) : answers(one))), { blocks_rev: 7 });
    expect([...server.client.blocked.get()]).toEqual([budi.id]);
    server.socket.end(1006);
    await server.clock.advance(1_000);
    await greet(server, [], { blocks_rev: 7 });
    expect(asked(server, '/v1/me/blocks')).toHaveLength(1);
  });

  test('a change that was missed means the same', async () => {
    const server = await room((one) => (one.path.startsWith('/v1/me/blocks') ? list([budi, eve], 2) : answers(one)));
    server.socket.receive('block.updated', { user_id: eve.id, blocked: true, blocks_rev: 2 });
    await settle();
    expect(contents(server)).toEqual([]);
  });

  test('whom another device blocked for a moment has written what did not come, so the channel is read again', async () => {
    const server = await room((one) => (one.path.startsWith('/v1/me/blocks') ? list([], 4) : answers(one)));
    server.socket.receive('block.updated', { user_id: eve.id, blocked: true, blocks_rev: 1 });
    server.socket.receive('block.updated', { user_id: eve.id, blocked: false, blocks_rev: 2 });
    await settle();
    const before = asked(server, '/v1/channels/c1/messages').length;
    // Blocked and free again, in two frames of which one was lost.
    server.socket.receive('block.updated', { user_id: budi.id, blocked: false, blocks_rev: 4 });
    await settle();
    expect(asked(server, '/v1/channels/c1/messages').length - before).toBe(1);
  });

  test('the end of a block reads the channel again', async () => {
    const server = await room();
    server.socket.receive('block.updated', { user_id: budi.id, blocked: true, blocks_rev: 1 });
    await settle();
    const before = asked(server, '/v1/channels/c1/messages').length;
    server.socket.receive('block.updated', { user_id: budi.id, blocked: false, blocks_rev: 2 });
    await settle();
    expect(asked(server, '/v1/channels/c1/messages').length).toBe(before + 1);
    expect(server.client.blocked.get().size).toBe(0);
  });

  test('a direct channel with a blocked user is read-only', async () => {
    const server = fakeServer({}, answers);
    server.client.connect().catch(() => {});
    const one = item(1, 0);
    await greet(server, [{ ...one, peer: budi, channel: { ...(one['channel'] as object), type: 'direct' } }]);
    const { info } = server.client.channel('order_1');
    expect(info.get()?.readOnly).toBe(false);
    server.socket.receive('block.updated', { user_id: budi.id, blocked: true, blocks_rev: 1 });
    await settle();
    expect(info.get()?.readOnly).toBe(true);
  });
});

describe('presence', () => {
  const online = (id: string) => ({ user_id: id, external_id: id, status: 'online', last_seen_at: null });

  test('those who are watched are followed by one frame, and told by its ack and by changes', async () => {
    const server = await live();
    const cells = [server.client.presence('a'), server.client.presence('b')];
    const stops = cells.map((cell) => cell.subscribe(() => {}));
    await server.clock.advance(50);
    const { id, data } = server.socket.last('presence.subscribe');
    expect(data).toEqual({ users: ['a', 'b'] });
    server.socket.receive('ack', { users: [online('a')] }, id);
    await settle();
    expect(cells.map((cell) => cell.get()?.status)).toEqual(['online', undefined]);
    server.socket.receive('presence.update', { users: [{ ...online('a'), status: 'offline', last_seen_at: 'x' }] });
    await settle();
    expect(cells[0]?.get()).toEqual({ status: 'offline', lastSeenAt: 'x' });
    for (const stop of stops) stop();
    await server.clock.advance(9_999);
    expect(server.socket.frames('presence.unsubscribe')).toEqual([]);
    await server.clock.advance(1);
    expect(server.socket.frames('presence.unsubscribe').map(({ data: users }) => users)).toEqual([{ users: ['a'] }, { users: ['b'] }]);
  });

  test('it is unknown after a lost connection, until the next one has told it again', async () => {
    const server = await live();
    const cell = server.client.presence('a');
    cell.subscribe(() => {});
    await server.clock.advance(50);
    server.socket.receive('ack', { users: [online('a')] }, server.socket.last('presence.subscribe').id);
    await settle();
    server.socket.end(1006);
    await settle();
    expect(cell.get()).toBeNull();
    await server.clock.advance(1_000);
    await greet(server, []);
    await server.clock.advance(50);
    server.socket.receive('ack', { users: [online('a')] }, server.socket.last('presence.subscribe').id);
    await settle();
    expect(cell.get()?.status).toBe('online');
  });

  test('past two hundred the rest is asked for each minute', async () => {
    const server = await live(fakeServer({}, (one) => (one.path.startsWith('/v1/presence')
      ? { status: 200, body: { presence: [{ ...online('p249') }] } } : answers(one))));
    for (let at = 0; at < 250; at += 1) server.client.presence(`p${at}`).subscribe(() => {});
    await server.clock.advance(50);
    expect((server.socket.last('presence.subscribe').data['users'] as string[]).length).toBe(200);
    server.socket.receive('ack', { users: [] }, server.socket.last('presence.subscribe').id);
    expect(asked(server, '/v1/presence')).toHaveLength(1);
    expect(server.client.presence('p249').get()?.status).toBe('online');
    for (let at = 0; at < 12; at += 1) {
      server.socket.receive('pong');
      await server.clock.advance(5_000);
    }
    expect(asked(server, '/v1/presence')).toHaveLength(2);
  });
});

test('preferences: set, heard from another device, and read after a time without connection', async () => {
  const preference = { channel_id: 'c1', muted: false, archived: true, pinned: true, marked_unread: false, preferences_rev: 9 };
  const server = await live(fakeServer({}, (one) => {
    if (one.path.startsWith('/v1/me/preferences')) return { status: 200, body: { preferences: [preference], preferences_rev: 9 } };
    if (one.method === 'PATCH') return { status: 200, body: { ...item(1, 0), ...(one.body as object) } };
    return answers(one);
  }), { preferences_rev: 3 });
  const channel = server.client.channel('order_1');
  await channel.setPreferences({ markedUnread: true, muted: true });
  expect(asked(server, '/v1/me/channels/c1').map(({ body }) => body)).toEqual([{ marked_unread: true, muted: true }]);
  expect([channel.info.get()?.muted, channel.info.get()?.markedUnread]).toEqual([true, true]);
  server.socket.receive('channel.preferences', { ...preference, archived: false, unread_total: 0, preferences_rev: 4 });
  await settle();
  expect([channel.info.get()?.pinned, server.client.channels.get().ids]).toEqual([true, ['c1']]);
  server.socket.end(1006);
  await server.clock.advance(1_000);
  await greet(server, [], { preferences_rev: 9 });
  expect(asked(server, '/v1/me/preferences').map(({ path }) => path)).toEqual(['/v1/me/preferences?since=4']);
  expect([channel.info.get()?.archived, server.client.channels.get().ids]).toEqual([true, []]);
});

test('settings come with the greeting and change by a frame', async () => {
  const wire = { read_receipts_enabled: true, edit_window_seconds: 900, max_message_bytes: 4_096, attachments: { types: ['image/png'], max_bytes: 10 } };
  const server = await live(undefined, { settings: wire });
  expect(server.client.settings.get()?.attachments).toEqual({ types: ['image/png'], maxBytes: 10 });
  server.socket.receive('settings.updated', { settings: { ...wire, attachments: null, read_receipts_enabled: false } });
  await settle();
  expect([server.client.settings.get()?.readReceipts, server.client.settings.get()?.attachments]).toEqual([false, null]);
});

test('search: highlights can be cut out of the snippet, whatever stands before them', async () => {
  const snippet = '☕️👩‍🚀 kopi 👍🏽 kopi';
  const points = [...snippet];
  const spans = points.flatMap((_, at) => (points.slice(at, at + 4).join('') === 'kopi' ? [[at, 4] as const] : []));
  expect(inUnits(snippet, spans).map(([from, to]) => snippet.slice(from, to))).toEqual(['kopi', 'kopi']);
  const hit = { message: message(1, 2), channel_id: 'c1', snippet, highlights: spans, score: 1 };
  const server = await live(fakeServer({}, (one) => (one.path.startsWith('/v1/search')
    ? { status: 200, body: { results: [hit], has_more: true, next_cursor: 'n' } } : answers(one))));
  const page = await server.client.search('kopi susu', { channel: 'order_1', limit: 5 });
  expect(asked(server, '/v1/search')[0]?.path).toBe('/v1/search?q=kopi%20susu&channel=order_1&limit=5');
  expect([page.results[0]?.snippet.slice(...(page.results[0].highlights[1] ?? [0, 0])), page.partial, page.next_cursor]).toEqual(['kopi', false, 'n']);
});

test('search: the caller’s signal ends it', async () => {
  const server = await live();
  const stop = new AbortController();
  server.answerWith(({ path }, signal) => (path.startsWith('/v1/search')
    ? new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted')))) : undefined));
  const found = server.client.search('kopi', { signal: stop.signal });
  await settle();
  stop.abort();
  await expect(found).rejects.toMatchObject({ code: 'ABORTED' });
});

test('devices are registered and given up by their token', async () => {
  const server = await live();
  await server.client.registerDevice('a/b', 'web');
  await server.client.unregisterDevice('a/b');
  expect(asked(server, '/v1/me/devices').map(({ method, path, body }) => [method, path, body])).toEqual([
    ['POST', '/v1/me/devices', { token: 'a/b', platform: 'web' }], ['DELETE', '/v1/me/devices/a%2Fb', undefined]]);
});

test('a name that changes is new in every row of that author, and in the cell of the user', async () => {
  const server = await live();
  const seen: (string | undefined)[] = [];
  const cell = server.client.user(budi.id);
  cell.subscribe(() => seen.push(cell.get()?.name));
  server.socket.receive('message.created', created(message(1, 2)));
  await settle();
  server.socket.receive('user.updated', { user: { ...budi, name: 'Budi S.' } });
  await settle();
  expect(seen).toEqual(['Budi', 'Budi S.']);
  expect(rowsOf(server)[0]?.user.name).toBe('Budi S.');
  expect(server.client.user(alice.id).get()?.name).toBe('Alice');
});

test('of two copies of a user the one that changed later is shown, in whichever order and object they come', async () => {
  const server = await live();
  const at = (second: number) => `2026-01-01T00:00:0${second}.000Z`;
  const named = () => [server.client.user(budi.id).get()?.name, ...rowsOf(server).map(({ user }) => user.name)];
  const copy = (name: string, second: number) => ({ ...budi, name, updated_at: at(second) });
  server.socket.receive('message.created', created(message(1, 2, { user: copy('second', 2) })));
  await settle();
  expect(named()).toEqual(['second', 'second']);
  // Read before the change, and received after it.
  server.socket.receive('message.created', created(message(2, 3, { user: copy('first', 1) })));
  server.socket.receive('user.updated', { user: copy('first', 1) });
  await settle();
  expect(named()).toEqual(['second', 'second', 'second']);
  server.socket.receive('message.created', created(message(3, 4, { user: copy('third', 3) })));
  await settle();
  expect(named()).toEqual(['third', 'third', 'third', 'third']);
  // A deleted user has no time, and no older copy brings the name back.
  server.socket.receive('message.created', created(message(4, 5, { user: { id: budi.id, external_id: null, name: '', deleted: true } })));
  server.socket.receive('message.created', created(message(5, 6, { user: copy('third', 3) })));
  await settle();
  expect(named()).toEqual(['', '', '', '', '', '']);
});

describe('many channels', () => {
  const numbered = (at: number): Record<string, unknown> => {
    const one = item(1, 1);
    return { ...one, channel_id: `n${at}`, channel: { ...(one['channel'] as object), id: `n${at}`, external_id: null } };
  };
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => numbered(from + at));

  test('the most recent come by themselves, the rest when it is asked for', async () => {
    const server = fakeServer({}, (one) => {
      const from = /cursor=(\d+)/.exec(one.path)?.[1] ?? '0';
      if (!one.path.startsWith('/v1/me/channels')) return answers(one);
      const next = Number(from) + 100;
      return { status: 200, body: { channels: range(Number(from), Math.min(next, 350)), epoch: 'e1', has_more: next < 350, next_cursor: next < 350 ? String(next) : null } };
    });
    server.client.connect().catch(() => {});
    await greet(server, range(0, 200));
    expect([asked(server, '/v1/me/channels').length, server.client.channels.get().ids.length, server.client.channels.get().complete]).toEqual([0, 200, false]);
    const both = await Promise.all([server.client.loadMoreChannels(), server.client.loadMoreChannels()]);
    expect([both, server.client.channels.get().ids.length, asked(server, '/v1/me/channels').length]).toEqual([[true, true], 300, 3]);
    expect([await server.client.loadMoreChannels(), server.client.channels.get().ids.length, server.client.channels.get().complete]).toEqual([false, 350, true]);
    expect(await server.client.loadMoreChannels()).toBe(false);
  });

  test('few are all there are', async () => {
    const server = fakeServer({}, answers);
    server.client.connect().catch(() => {});
    await greet(server, range(0, 199));
    expect([server.client.channels.get().complete, await server.client.loadMoreChannels(), asked(server, '/v1/me/channels')]).toEqual([true, false, []]);
  });
});
