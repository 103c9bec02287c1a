// What a server renders with, before there is a client: read once over REST. Plain JSON.

import { asError, CariosanError, errorFrom } from './core/error.ts';
import type { ChannelSnapshot, TimelineSnapshot } from './channel_view.ts';
import type { ChatMessage } from './talk/rows.ts';
import type { ChannelItem, ChannelPage, ErrorBody, Message, MessagePage, User } from './wire/types.ts';

export interface InitialData {
  readonly me: User;
  /** The newest activity first. */
  readonly channels: readonly ChannelSnapshot[];
  readonly channel: { readonly info: ChannelSnapshot; readonly timeline: TimelineSnapshot } | null;
}

export interface InitialDataOptions {
  readonly apiUrl: string;
  /** The user's, not the backend's key. */
  readonly token: string;
  /** By id or by the app's own name: its newest messages are wanted too. */
  readonly channel?: string;
  readonly fetch?: typeof globalThis.fetch;
}

function rowOf(message: Message, me: User): ChatMessage {
  const own = message.user.id === me.id;
  return { ...message, key: own ? (message.idempotency_key ?? message.id) : message.id, status: 'sent', own, error: null, saving: null, progress: null };
}

function snapshotOf(item: ChannelItem, me: User): ChannelSnapshot {
  const { channel, last_message: last } = item;
  const peer = item.peer ?? null;
  return {
    id: channel.id, externalId: channel.external_id, type: channel.type, name: channel.name, avatarUrl: channel.avatar_url, metadata: channel.metadata,
    role: item.role, muted: item.muted ?? false, archived: item.archived ?? false, pinned: item.pinned ?? false, markedUnread: item.marked_unread ?? false,
    frozen: channel.frozen ?? false, mayWriteAt: null, memberCount: item.member_count, peer, preview: last === null ? null : rowOf(last, me),
    lastActivity: item.last_activity, unread: item.unread_count, mentions: item.mention_count, lastReadSeq: item.last_read_seq,
    lastSeq: channel.last_seq, readOnly: channel.type === 'direct' && peer?.deleted === true, stale: true,
  };
}

/** Everything in it is marked as stale. Rejects with a `CariosanError`. */
export async function fetchInitialData({ apiUrl, token, channel, fetch = globalThis.fetch }: InitialDataOptions): Promise<InitialData> {
  async function get<Answer>(path: string): Promise<Answer> {
    const response = await fetch(apiUrl.replace(/\/+$/, '') + path, { headers: { authorization: `Bearer ${token}` } });
    const body = (await response.json().catch(() => null)) as unknown;
    if (!response.ok) throw errorFrom((body as { readonly error?: ErrorBody } | null)?.error ?? {}, response.status);
    if (body === null) throw new CariosanError({ code: 'PROTOCOL', message: 'the answer is no JSON', status: response.status });
    return body as Answer;
  }

  async function open(ref: string, me: User): Promise<InitialData['channel']> {
    const name = encodeURIComponent(ref);
    const [item, page] = await Promise.all([get<ChannelItem>(`/v1/me/channels/${name}`), get<MessagePage>(`/v1/channels/${name}/messages?limit=50`)]);
    const messages = page.messages.map((message) => rowOf(message, me)).reverse();
    const timeline: TimelineSnapshot = {
      messages, window: 'live', focusId: null, status: 'ready', stale: true, error: null, reachedStart: !page.has_more, reachedEnd: true,
      loadingOlder: false, loadingNewer: false,
    };
    return { info: snapshotOf(item, me), timeline };
  }

  try {
    const [me, list] = await Promise.all([get<User>('/v1/me'), get<ChannelPage>('/v1/me/channels')]);
    return { me, channels: list.channels.map((item) => snapshotOf(item, me)), channel: channel === undefined ? null : await open(channel, me) };
  } catch (fault) {
    throw asError(fault);
  }
}
