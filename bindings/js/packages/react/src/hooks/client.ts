// Hooks about the client as a whole.

import { useCallback, useEffect, useMemo, useState } from 'react';
import type { Cariosan, ChannelSnapshot, ConnectionState, Id, OutboxSnapshot } from '@cariosan/client';
import { constant, listed, sameList, useCell, useCellValue, useNewest } from '../cells.ts';
import { useChat, useCariosan } from '../provider.tsx';
import { select, type Cell } from '@cariosan/client';

export interface ConnectionView {
  readonly state: ConnectionState;
  readonly isLive: boolean;
  /** Seconds until the next attempt; null while there is none to wait for. */
  readonly retryIn: number | null;
  readonly retryNow: () => void;
}

const secondsUntil = (at: number): number => Math.max(0, Math.ceil((at - Date.now()) / 1_000));

/** Counts down to a time, with one timer while somebody looks. */
export function useSecondsUntil(at: number | null): number | null {
  const [seconds, setSeconds] = useState<number | null>(null);
  useEffect(() => {
    if (at === null) return undefined;
    const tick = (): void => {
      const left = secondsUntil(at);
      setSeconds(left);
      if (left === 0) clearInterval(timer);
    };
    const timer = setInterval(tick, 1_000);
    tick();
    return () => {
      clearInterval(timer);
      setSeconds(null);
    };
  }, [at]);
  return seconds;
}

export function useConnection(): ConnectionView {
  const client = useCariosan();
  const state = useCell(client.connection);
  const retryIn = useSecondsUntil(state.name === 'waiting' ? state.retryAt : null);
  const retryNow = useCallback(() => client.retryNow(), [client]);
  return { state, isLive: state.name === 'live' || (state.name as string) === 'polling', retryIn, retryNow };
}

export interface ChannelsView {
  readonly channels: readonly ChannelSnapshot[];
  readonly loading: boolean;
  readonly stale: boolean;
  readonly hasMore: boolean;
  readonly loadMore: () => void;
}

const lists = new WeakMap<Cariosan, Cell<readonly ChannelSnapshot[]>>();

/** One for each client, whoever looks at it. */
function channelsOf(client: Cariosan): Cell<readonly ChannelSnapshot[]> {
  const known = lists.get(client);
  if (known !== undefined) return known;
  const ids = select(client.channels, (list) => list.ids, sameList);
  const made = listed(ids, (id) => client.channel(id).info);
  lists.set(client, made);
  return made;
}

/** Those that the user pinned stand first, else the order stays. */
function pinnedFirst(channels: readonly ChannelSnapshot[]): readonly ChannelSnapshot[] {
  const pinned = channels.filter((channel) => channel.pinned);
  return pinned.length === 0 ? channels : [...pinned, ...channels.filter((channel) => !channel.pinned)];
}

/** The user's channels: the pinned ones, then those with the newest activity. Archived ones are not among them. */
export function useChannels({ filter }: { readonly filter?: (channel: ChannelSnapshot) => boolean } = {}): ChannelsView {
  const { client, initialData } = useChat();
  const known = useCell(channelsOf(client));
  const { complete, stale } = useCell(client.channels);
  const [loading, setLoading] = useState(false);
  const shown = known.length === 0 && stale && initialData !== null ? initialData.channels : known;
  const channels = useMemo(() => pinnedFirst(filter === undefined ? shown : shown.filter(filter)), [shown, filter]);
  const loadMore = useNewest(() => {
    if (loading) return;
    setLoading(true);
    const done = (): void => setLoading(false);
    client.loadMoreChannels().then(done, done);
  });
  return { channels, loading: loading || (stale && shown.length === 0), stale, hasMore: !complete && !stale, loadMore };
}

/** The account is suspended, or was deleted: the server does not admit it any more, and says so by 4403. */
export function useSuspended(): boolean {
  return useCellValue(useCariosan().connection, (state) => state.name === 'refused' && state.closeCode === 4403);
}

export function useUnreadTotal(): number {
  return useCell(useCariosan().unreadTotal);
}


/** What waits to be sent, in all channels. */
export function useOutbox(): OutboxSnapshot {
  return useCell(useCariosan().outbox);
}

export interface BlockedView {
  readonly blocked: ReadonlySet<Id>;
  readonly block: (user: string) => Promise<void>;
  readonly unblock: (user: string) => Promise<void>;
}

export function useBlocked(): BlockedView {
  const client = useCariosan();
  const blocked = useCell(client.blocked);
  const change = useMemo(() => ({ block: (user: string) => client.blockUser(user), unblock: (user: string) => client.unblockUser(user) }), [client]);
  return { blocked, ...change };
}

const nobody = constant(null);

/** What is known of a user; null for nobody. */
export function useUser(id: Id | null) {
  const client = useCariosan();
  return useCell(id === null ? nobody : client.user(id));
}

/** Whether a user is online; null until it is known. */
export function usePresence(id: Id | null) {
  const client = useCariosan();
  return useCell(id === null ? nobody : client.presence(id));
}

/** The signed-in user; null until the server has greeted. */
export function useMe() {
  const { client, initialData } = useChat();
  return useCell(client.me) ?? initialData?.me ?? null;
}

/** What the workspace allows; null until the server has said. */
export function useWorkspaceSettings() {
  return useCell(useCariosan().settings);
}
