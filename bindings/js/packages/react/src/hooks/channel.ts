// Hooks about one channel, by its id or by the app's own name for it.

import { useCallback, useEffect, useMemo, useState } from 'react';
import type { CariosanError, Channel, ChannelSnapshot, ChatMessage, Id, MembersSnapshot, PinsSnapshot, TimelineSnapshot, UserRef } from '@cariosan/client';
import { sameList, useCell, useCellValue, useNewest } from '../cells.ts';
import { asError } from '../errors.ts';
import { useCariosan, useChat } from '../provider.tsx';

/** The handle, whose messages and members are loaded and kept for as long as somebody is mounted. */
function useRetained(ref: string): Channel {
  const handle = useCariosan().channel(ref);
  useEffect(() => handle.retain(), [handle]);
  return handle;
}

export type ChannelStatus = 'loading' | 'ready' | 'gone' | 'failed';

export interface ChannelView {
  readonly channel: ChannelSnapshot | null;
  readonly handle: Channel;
  readonly status: ChannelStatus;
  readonly error: CariosanError | null;
}

function statusOf(timeline: TimelineSnapshot['status'], known: boolean): ChannelStatus {
  if (timeline === 'gone') return 'gone';
  if (known) return 'ready';
  return timeline === 'failed' ? 'failed' : 'loading';
}

const isNamed = ({ id, externalId }: ChannelSnapshot, ref: string): boolean => id === ref || externalId === ref;

export function useChannel(ref: string): ChannelView {
  const { initialData } = useChat();
  const handle = useRetained(ref);
  const info = useCell(handle.info);
  const [state, error] = useCellValue(handle.timeline, (timeline) => [timeline.status, timeline.error] as const, sameList);
  const channel = info ?? (state === 'gone' ? null : initialData?.channels.find((one) => isNamed(one, ref)) ?? null);
  return { channel, handle, status: statusOf(state, channel !== null), error };
}

export interface MessagesView {
  /** Ascending; those that wait to be sent stand last. */
  readonly messages: readonly ChatMessage[];
  readonly loading: boolean;
  /** The server may have moved on since: there is no connection, or it is being caught up. */
  readonly stale: boolean;
  readonly status: TimelineSnapshot['status'];
  readonly error: CariosanError | null;
  /** Not all older messages are here. */
  readonly hasMore: boolean;
  readonly loadMore: () => void;
  readonly loadingMore: boolean;
  /** A stretch of older messages is shown, and not all newer ones are here. */
  readonly hasNewer: boolean;
  readonly loadNewer: () => void;
  /** The message that `jumpTo` went to. */
  readonly focusId: Id | null;
  /** Shows the messages around one. False: it is not there any more. */
  readonly jumpTo: (id: Id) => Promise<boolean>;
  readonly backToLive: () => void;
}

export function useMessages(ref: string, { around }: { readonly around?: Id | undefined } = {}): MessagesView {
  const { initialData } = useChat();
  const handle = useRetained(ref);
  const live = useCell(handle.timeline);
  const [failure, setFailure] = useState<CariosanError | null>(null);
  const given = initialData?.channel;
  const fits = given != null && isNamed(given.info, ref);
  // Until the client has its own, what the server rendered with stays where it is.
  const timeline = fits && live.messages.length === 0 && (live.status === 'idle' || live.status === 'loading') ? given.timeline : live;

  const page = useNewest((load: () => Promise<unknown>) => {
    setFailure(null);
    load().catch((fault: unknown) => setFailure(asError(fault)));
  });
  const ready = live.status === 'ready';
  // What could not be loaded at all is asked for as on the first day: by retaining.
  const loadMore = useNewest(() => page(() => (ready ? handle.loadOlder() : Promise.resolve(handle.retain()()))));
  const rest = useMemo(() => ({
    loadNewer: () => page(() => handle.loadNewer()),
    jumpTo: (id: Id) => handle.openAround(id),
    backToLive: () => handle.backToLive(),
  }), [handle, page]);

  useEffect(() => {
    if (ready && around !== undefined) page(() => handle.openAround(around));
  }, [handle, ready, around, page]);

  const { messages, stale, status, focusId } = timeline;
  return {
    messages, stale, status, focusId, error: timeline.error ?? failure,
    loading: status === 'idle' || status === 'loading', loadingMore: live.loadingOlder,
    hasMore: ready && !live.reachedStart, hasNewer: ready && live.window === 'around',
    loadMore, ...rest,
  };
}

export interface MembersView extends MembersSnapshot {
  readonly loadMore: () => void;
}

export function useMembers(ref: string): MembersView {
  const handle = useRetained(ref);
  const members = useCell(handle.members);
  const loadMore = useCallback(() => void handle.loadMembers().catch(() => {}), [handle]);
  return useMemo(() => ({ ...members, loadMore }), [members, loadMore]);
}

/** The pinned messages, those pinned last first. */
export function usePins(ref: string): PinsSnapshot {
  return useCell(useRetained(ref).pins);
}

const IDLE_MS = 5_000;

export interface TypingView {
  readonly typists: readonly UserRef[];
  /** Call it with each key press. */
  readonly onInput: () => void;
  /** Call it when the text was sent or emptied, or the field was left. */
  readonly onStop: () => void;
}

function whileWriting(handle: Channel): Pick<TypingView, 'onInput' | 'onStop'> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const onStop = (): void => {
    clearTimeout(timer);
    handle.stopTyping();
  };
  const onInput = (): void => {
    clearTimeout(timer);
    timer = setTimeout(onStop, IDLE_MS);
    handle.startTyping();
  };
  return { onInput, onStop };
}

export function useTyping(ref: string): TypingView {
  const client = useCariosan();
  const handle = client.channel(ref);
  const typists = useCellValue(handle.typing, (ids) => ids.flatMap((id) => client.user(id).get() ?? []), sameList);
  const writing = useMemo(() => whileWriting(handle), [handle]);
  useEffect(() => writing.onStop, [writing]);
  return { typists, ...writing };
}
