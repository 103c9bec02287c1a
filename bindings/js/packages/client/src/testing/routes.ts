// The answers over HTTP of a server that is played: what a client asks for, and no more.

import type { Message, Preferences, Role } from '../wire/types.ts';
import type { Commands } from './commands.ts';
import { refuse } from './faults.ts';
import { refOf } from './people.ts';
import type { Room } from './room.ts';
import type { World } from './world.ts';

export interface Asked {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

const done: Answer = { status: 204 };
const says = (body: unknown, status = 200): Answer => ({ status, body });

/** Newest first. A cursor is the `seq` before which it goes on. */
function page(one: Room, { limit = '50', before, after, around, cursor }: Asked['query']): object {
  const all = [...one.visible()].reverse();
  const size = Number(limit);
  const seqOf = (place: string): number => (place.startsWith('seq:') ? Number(place.slice(4)) : (one.find(place)?.seq ?? refuse({ code: 'NOT_FOUND' })));
  const read = { rev: one.rev, receipt_rev: one.receiptRev, epoch: one.item().epoch };
  const from = (list: readonly Message[]): object => {
    const messages = list.slice(0, size);
    const more = list.length > messages.length;
    return { ...read, messages, has_more: more, next_cursor: more ? `seq:${messages[messages.length - 1]?.seq}` : null };
  };
  if (around !== undefined) {
    const middle = all.findIndex(({ id }) => id === around);
    if (middle < 0) refuse({ code: 'NOT_FOUND' });
    const start = Math.max(0, middle - Math.floor(size / 2));
    return { ...read, messages: all.slice(start, start + size), has_more: all.length > start + size, next_cursor: null };
  }
  if (after !== undefined) {
    const newer = all.filter(({ seq }) => seq > seqOf(after)).reverse();
    return { ...read, messages: newer.slice(0, size).reverse(), has_more: newer.length > size, next_cursor: null };
  }
  const place = cursor ?? before;
  return from(place === undefined ? all : all.filter(({ seq }) => seq < seqOf(place)));
}

function search(world: World, { q = '', channel, limit = '20' }: Asked['query']): object {
  const wanted = q.toLowerCase();
  const rooms = channel === undefined ? world.mine() : [world.own(channel)];
  const hits = rooms.flatMap((one) => one.visible()).filter(({ content }) => wanted !== '' && content.toLowerCase().includes(wanted)).reverse();
  return {
    results: hits.slice(0, Number(limit)).map((message) => {
      const start = [...message.content.slice(0, message.content.toLowerCase().indexOf(wanted))].length;
      return { message, channel_id: message.channel_id, snippet: message.content, highlights: [[start, [...q].length]], score: 1 };
    }),
    partial: false, has_more: false, next_cursor: null,
  };
}

type Route = (asked: Asked, parts: readonly string[]) => Answer;

export function routes(world: World, commands: Commands) {
  const room = (parts: readonly string[]): Room => world.own(parts[0] ?? '');
  const viewer = (): string => world.viewer.id;

  function preferences(one: Room, body: Asked['body']): Answer {
    if (Object.keys(body).length > 0) world.prefers(one, body as Partial<Preferences>);
    return says(one.item());
  }

  function addMembers(one: Room, body: Asked['body']): Answer {
    const members = (body['external_ids'] as readonly string[]).map((ref) => one.joins(ref, body['role'] as Role | undefined));
    return says({ members, rev: one.rev });
  }

  /** What a path says after its channel or its user is in `parts`. */
  const table: readonly (readonly [string, RegExp, Route])[] = [
    ['GET', /^\/v1\/me$/, () => says({ ...world.viewer, settings: world.settings, preferences_rev: world.preferencesRev, unread_total: world.unreadTotal() })],
    ['GET', /^\/v1\/me\/channels$/, () => says({ channels: world.mine().map((one) => one.item()), epoch: world.epoch, has_more: false, next_cursor: null })],
    ['GET', /^\/v1\/me\/channels\/([^/]+)$/, (_, parts) => says(room(parts).item())],
    ['PATCH', /^\/v1\/me\/channels\/([^/]+)$/, ({ body }, parts) => preferences(room(parts), body)],
    ['DELETE', /^\/v1\/me\/channels\/([^/]+)$/, (_, parts) => (room(parts).leaves(viewer()), done)],
    ['GET', /^\/v1\/me\/preferences$/, ({ query }) => says({
      preferences: world.mine().filter(({ preferencesRev }) => preferencesRev > Number(query['since'] ?? 0))
        .map((one) => ({ channel_id: one.id, ...one.preferences, preferences_rev: one.preferencesRev })),
      preferences_rev: world.preferencesRev, has_more: false,
    })],
    ['GET', /^\/v1\/me\/blocks$/, () => says({
      blocks: world.blocks().map((user) => ({ user: refOf(user), created_at: user.created_at })), blocks_rev: world.blocksRev, has_more: false, next_cursor: null,
    })],
    ['PUT', /^\/v1\/me\/blocks\/([^/]+)$/, (_, [user = '']) => (world.setBlock(user, true), done)],
    ['DELETE', /^\/v1\/me\/blocks\/([^/]+)$/, (_, [user = '']) => (world.setBlock(user, false), done)],
    ['POST', /^\/v1\/me\/devices$/, ({ body }) => (world.devices.set(String(body['token']), String(body['platform'])), says({ token: body['token'] }, 201))],
    ['DELETE', /^\/v1\/me\/devices\/([^/]+)$/, (_, [token = '']) => (world.devices.delete(token), done)],
    ['POST', /^\/v1\/me\/delivered$/, ({ body }) => {
      for (const [channel, message] of Object.entries(body['channels'] as Record<string, string>)) world.find(channel)?.moves('delivered', viewer(), message);
      return says({});
    }],
    ['GET', /^\/v1\/presence$/, ({ query }) => says({ presence: (query['users'] ?? '').split(',').filter((ref) => ref !== '').map(world.presenceOf) })],
    ['GET', /^\/v1\/search$/, ({ query }) => says(search(world, query))],
    ['POST', /^\/v1\/attachments\/presign$/, ({ body }) => says({
      upload_url: `https://files.test/up/${String(body['filename'])}`, method: 'PUT', headers: { 'content-type': String(body['content_type']) },
      public_url: `https://files.test/${String(body['filename'])}`, expires_at: world.now,
    })],
    ['GET', /^\/v1\/channels\/([^/]+)\/changes$/, ({ query }, parts) =>
      says(room(parts).changes(Number(query['since'] ?? 0), Number(query['receipts_since'] ?? 0), query['epoch'] ?? ''))],
    ['GET', /^\/v1\/channels\/([^/]+)\/messages$/, ({ query }, parts) => says(page(room(parts), query))],
    ['POST', /^\/v1\/channels\/([^/]+)\/messages$/, ({ body }, parts) => says(commands.send(room(parts), body), 201)],
    ['GET', /^\/v1\/channels\/([^/]+)\/members$/, (_, parts) => says({ ...readAt(room(parts)), members: room(parts).members(), has_more: false, next_cursor: null })],
    ['POST', /^\/v1\/channels\/([^/]+)\/members$/, ({ body }, parts) => addMembers(room(parts), body)],
    ['PATCH', /^\/v1\/channels\/([^/]+)\/members\/([^/]+)$/, ({ body }, parts) =>
      says({ members: [room(parts).joins(parts[1] ?? '', body['role'] as Role)], rev: room(parts).rev })],
    ['DELETE', /^\/v1\/channels\/([^/]+)\/members\/([^/]+)$/, (_, parts) => says({ members: [room(parts).leaves(parts[1] ?? '')], rev: room(parts).rev })],
    ['GET', /^\/v1\/channels\/([^/]+)\/receipts$/, (_, parts) => says({ ...readAt(room(parts)), receipts: room(parts).receipts(), has_more: false, next_cursor: null })],
    ['PATCH', /^\/v1\/channels\/([^/]+)$/, ({ body }, parts) => says(room(parts).becomes(body))],
    ['GET', /^\/v1\/channels\/([^/]+)$/, (_, parts) => says({ ...room(parts).channel(), epoch: world.epoch })],
    ['PUT', /^\/v1\/channels\/([^/]+)\/messages\/([^/]+)\/pin$/, (_, parts) => says(room(parts).pins(parts[1] ?? '', viewer()))],
    ['DELETE', /^\/v1\/channels\/([^/]+)\/messages\/([^/]+)\/pin$/, (_, parts) => says(room(parts).pins(parts[1] ?? '', null))],
    ['GET', /^\/v1\/channels\/([^/]+)\/pins$/, (_, parts) => says({ ...readAt(room(parts)), messages: room(parts).pinned(), has_more: false, next_cursor: null })],
    ['POST', /^\/v1\/channels\/([^/]+)\/messages\/([^/]+)\/report$/, () => done],
    ['POST', /^\/v1\/users\/([^/]+)\/report$/, () => done],
  ];
  const readAt = (one: Room): object => ({ rev: one.rev, receipt_rev: one.receiptRev, epoch: world.epoch });

  return (asked: Asked): Answer => {
    for (const [method, path, route] of table) {
      const found = method === asked.method ? path.exec(asked.path) : null;
      if (found !== null) return route(asked, found.slice(1).map(decodeURIComponent));
    }
    return refuse({ code: 'NOT_FOUND', message: `${asked.method} ${asked.path} is not played` });
  };
}
