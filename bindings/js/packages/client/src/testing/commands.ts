// The commands of the socket, as a server that is played answers them. The data of the ack; null: there is none.

import type { Id, Message, NamedMention } from '../wire/types.ts';
import { refuse } from './faults.ts';
import type { Room } from './room.ts';
import type { World } from './world.ts';

type Data = Readonly<Record<string, unknown>>;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []);
const named = (value: unknown): (string | NamedMention)[] => (Array.isArray(value) ? (value as (string | NamedMention)[]) : []);
const asData = (value: unknown): Data => (typeof value === 'object' && value !== null ? (value as Data) : {});

export function commands(world: World, tell: (type: string, data: object) => void) {
  const viewer = (): Id => world.viewer.id;

  function send(one: Room, data: Data): Message {
    const parent = text(data['parent_id']);
    if (parent !== '' && one.find(parent) === undefined) refuse({ code: 'NOT_FOUND', message: 'no such parent' });
    return one.says(viewer(), {
      text: text(data['content']), type: (text(data['type']) || 'text') as Message['type'], metadata: asData(data['metadata']),
      mentions: named(data['mentions']), idempotencyKey: text(data['idempotency_key']),
      ...(parent === '' ? {} : { parentId: parent }),
      ...(data['attachment_url'] === undefined ? {} : { attachmentUrl: text(data['attachment_url']) }),
    });
  }

  /** A message that is there, of the viewer's own if it must be. */
  function message(one: Room, data: Data, own: boolean): Id {
    const found = one.find(text(data['message_id']));
    if (found === undefined) refuse({ code: 'NOT_FOUND' });
    if (own && found.user.id !== viewer()) refuse({ code: 'NOT_AUTHOR' });
    if (found.deleted_at !== null && own) refuse({ code: 'NOT_FOUND' });
    return found.id;
  }

  function sync(data: Data, id: unknown): object {
    const listed = asData(data['channels']);
    const pages: object[] = [];
    for (const [channel, at] of Object.entries(listed)) {
      const [since, receipts] = at as [number, number];
      const one = world.find(channel);
      if (one === undefined || !one.isMember(viewer())) pages.push({ channel_id: channel, left: true });
      else if (text(data['epoch']) !== world.epoch || one.rev !== since || one.receiptRev !== receipts) pages.push(one.changes(since, receipts, text(data['epoch'])));
    }
    if (data['complete'] === true) {
      for (const one of world.mine()) if (!(one.id in listed)) pages.push({ ...one.item(), channel_id: one.id, summary: true });
    }
    // After the ack: what is told here stands behind it.
    return { pages, done: { id, epoch: world.epoch, unread_total: world.unreadTotal() } };
  }

  const table: Readonly<Record<string, (data: Data, room: () => Room) => object | null>> = {
    'message.send': (data, room) => ({ message: send(room(), data), rev: room().rev }),
    'message.edit': (data, room) => ({ message: room().edits(message(room(), data, true), text(data['content']), data['mentions'] === undefined ? undefined : named(data['mentions'])), rev: room().rev }),
    'message.delete': (data, room) => ({ message: room().unsends(message(room(), data, true)), rev: room().rev }),
    'reaction.add': (data, room) => ({ message: room().reacts(viewer(), message(room(), data, false), text(data['emoji'])), rev: room().rev }),
    'reaction.remove': (data, room) => ({ message: room().reacts(viewer(), message(room(), data, false), null), rev: room().rev }),
    'message.read': (data, room) => moved('read', room(), data),
    'message.delivered': (data, room) => moved('delivered', room(), data),
    'presence.subscribe': (data) => ({ users: texts(data['users']).map(world.presenceOf) }),
    'presence.unsubscribe': () => ({}),
    'auth.refresh': () => ({ expires_at: null }),
    'typing.start': () => null,
    'typing.stop': () => null,
  };

  function moved(kind: 'read' | 'delivered', one: Room, data: Data): object {
    const upTo = data['message_id'] === undefined ? undefined : message(one, data, false);
    const receipt = one.moves(kind, viewer(), upTo);
    return { receipt_rev: one.receiptRev, receipt, ...one.counts() };
  }

  /** Runs a command. Throws what the client is to be told. */
  function run(type: string, data: Data, id: unknown): { ack: object | null; after(): void } {
    if (type === 'sync') {
      const { pages, done } = sync(data, id) as { pages: object[]; done: object };
      return {
        ack: {},
        after() {
          for (const page of pages) tell('channel.sync', page);
          tell('sync.done', done);
        },
      };
    }
    const command = table[type];
    if (command === undefined) refuse({ code: 'VALIDATION_ERROR', message: `no command ${type}` });
    return { ack: command(data, () => world.own(text(data['channel']))), after: () => {} };
  }

  return { run, send };
}

export type Commands = ReturnType<typeof commands>;
