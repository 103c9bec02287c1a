// What a user can ask for in a channel that is no message: each is one request. The events that follow change what is held.

import type { ChannelItem, Id, Json, MemberPage, Message, MessagePage, Role } from '../wire/types.ts';
import type { Core } from './core.ts';

export interface PageWanted {
  readonly limit?: number;
  readonly before?: string;
  readonly after?: string;
  readonly around?: string;
  readonly signal?: AbortSignal;
}

export interface PreferencesWanted {
  readonly muted?: boolean;
  readonly archived?: boolean;
  readonly pinned?: boolean;
  readonly markedUnread?: boolean;
}

export interface SettingsWanted {
  readonly name?: string;
  readonly avatar_url?: string | null;
  readonly metadata?: Json;
  readonly slow_mode_seconds?: number;
  readonly frozen?: boolean;
}

/** The first argument is the channel's id, or the app's own name of it. */
export function commands({ http, takeItem }: Core) {
  const shared = (channel: string, after = ''): string => `/v1/channels/${encodeURIComponent(channel)}${after}`;
  const own = (channel: string): string => `/v1/me/channels/${encodeURIComponent(channel)}`;
  const member = (channel: string, user: string): string => shared(channel, `/members/${encodeURIComponent(user)}`);

  async function setPreferences(channel: string, { markedUnread, ...rest }: PreferencesWanted): Promise<void> {
    takeItem(await http.request<ChannelItem>('PATCH', own(channel), { body: { ...rest, marked_unread: markedUnread } }));
  }

  return {
    setPreferences,
    setMuted: (channel: string, muted: boolean) => setPreferences(channel, { muted }),
    getMessages: (channel: string, { signal, ...query }: PageWanted = {}) =>
      http.request<MessagePage>('GET', shared(channel, '/messages'), { query: { ...query }, signal }),
    leave: (channel: string) => http.request<void>('DELETE', own(channel)),
    pin: (channel: string, id: Id) => http.request<Message>('PUT', shared(channel, `/messages/${id}/pin`)),
    unpin: (channel: string, id: Id) => http.request<Message>('DELETE', shared(channel, `/messages/${id}/pin`)),
    getPins: (channel: string) => http.request<MessagePage>('GET', shared(channel, '/pins')),
    findMembers: (channel: string, q: string) => http.request<MemberPage>('GET', shared(channel, '/members'), { query: { q } }),
    report: (channel: string, id: Id, reason: string, note?: string) =>
      http.request<void>('POST', shared(channel, `/messages/${id}/report`), { body: { reason, note } }),
    update: (channel: string, patch: SettingsWanted) => http.request<void>('PATCH', shared(channel), { body: patch }),
    addMembers: (channel: string, refs: readonly string[], role?: Role) =>
      http.request<void>('POST', shared(channel, '/members'), { body: { external_ids: refs, role } }),
    removeMember: (channel: string, user: string) => http.request<void>('DELETE', member(channel, user)),
    setRole: (channel: string, user: string, role: Role) => http.request<void>('PATCH', member(channel, user), { body: { role } }),
  };
}

export type Commands = ReturnType<typeof commands>;
