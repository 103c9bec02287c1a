// Hooks that change something: sending, and what can be done with a message.

import { useEffect, useMemo, useState } from 'react';
import type { Cariosan, CariosanError, Channel, ChatMessage, Message, SendInput, UploadHandle, UploadSource } from '@cariosan/client';
import { useCellValue, useNewest } from '../cells.ts';
import { useReplyDraft } from '../drafts.tsx';
import { asError } from '../errors.ts';
import { useCariosan } from '../provider.tsx';
import { useSecondsUntil } from './client.ts';

export interface SenderView {
  /** The row is on the screen when this returns; the promise resolves when the server has the message. */
  readonly sendMessage: (input: SendInput) => Promise<Message>;
  /** Throws if the server will not take the file. */
  readonly sendAttachment: (file: UploadSource, input?: SendInput) => UploadHandle;
  readonly retry: (key: string) => void;
  readonly discard: (key: string) => void;
  /** Of the send that failed last. */
  readonly error: CariosanError | null;
}

/** A message that is sent while there is a reply draft is that reply, and the draft ends with it. */
export function useMessageSender(ref: string): SenderView {
  const handle = useCariosan().channel(ref);
  const reply = useReplyDraft();
  const [error, setError] = useState<CariosanError | null>(null);

  const asReply = (input: SendInput): SendInput => {
    if (reply.message === null || input.parentId !== undefined) return input;
    reply.cancel();
    return { ...input, parentId: reply.message.id };
  };
  const sendMessage = useNewest((input: SendInput) => {
    setError(null);
    const sent = handle.sendMessage(asReply(input));
    // Who does not wait for it sees in the row how it ended.
    sent.catch((fault: unknown) => setError(asError(fault)));
    return sent;
  });
  const sendAttachment = useNewest((file: UploadSource, input: SendInput = {}) => handle.sendAttachment(file, asReply(input)));
  const rest = useMemo(() => ({
    retry: (key: string) => handle.retry(key),
    discard: (key: string) => void handle.discard(key).catch(() => {}),
  }), [handle]);
  return { sendMessage, sendAttachment, ...rest, error };
}

/** What was written in vain: null, or the end of the mute, '' if it has none. */
function muteOf(messages: readonly ChatMessage[]): string | null {
  let until: string | null = null;
  for (const { status, error } of messages) if (status === 'failed' && error?.code === 'MUTED') until = String(error.details['until'] ?? '');
  return until;
}

/** A timer cannot wait for longer. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * A moderator muted the user here, or everywhere: the server took none of what they wrote last. It ends with the mute, or when what was
 * refused is sent after all or discarded.
 */
export function useMuted(ref: string): boolean {
  const handle = useCariosan().channel(ref);
  const until = useCellValue(handle.timeline, ({ messages }) => muteOf(messages));
  const [over, setOver] = useState<string | null>(null);
  useEffect(() => {
    const left = Date.parse(until ?? '') - Date.now();
    if (!(left <= LONGEST_MS)) return undefined;
    const timer = setTimeout(() => setOver(until), Math.max(0, left));
    return () => clearTimeout(timer);
  }, [until]);
  return until !== null && until !== over;
}

/** Slow mode: seconds until the user may write again. */
export function useSlowMode(ref: string): number {
  return useSecondsUntil(useCellValue(useCariosan().channel(ref).info, (info) => info?.mayWriteAt ?? null)) ?? 0;
}

export type MessageAction = 'edit' | 'delete' | 'react' | 'reply' | 'pin' | 'report';

export interface ActionsView extends Pick<Channel, 'addReaction' | 'removeReaction' | 'editMessage' | 'deleteMessage' | 'pin' | 'unpin' | 'report'> {
  /** Takes the reaction back if it is the user's own, else makes it theirs. */
  readonly toggleReaction: (message: ChatMessage, emoji: string) => Promise<Message>;
  readonly can: (message: ChatMessage, action: MessageAction) => boolean;
}

function actionsOf(client: Cariosan, handle: Channel): ActionsView {
  // A rejection is for those who wait; nobody is troubled by one that nobody waits for.
  const quiet = <Args extends readonly unknown[], T>(run: (...args: Args) => Promise<T>) => (...args: Args): Promise<T> => {
    const answer = run(...args);
    answer.catch(() => {});
    return answer;
  };
  const [addReaction, removeReaction] = [quiet(handle.addReaction), quiet(handle.removeReaction)];
  return {
    addReaction, removeReaction,
    toggleReaction: ({ id, reactions }, emoji) =>
      (reactions.some((one) => one.emoji === emoji && one.reacted_by_me === true) ? removeReaction : addReaction)(id, emoji),
    editMessage: quiet(handle.editMessage),
    deleteMessage: quiet(handle.deleteMessage),
    pin: quiet(handle.pin),
    unpin: quiet(handle.unpin),
    report: quiet(handle.report),
    can({ deleted_at: deleted, type, own, status, created_at: at }, action) {
      if (deleted !== null || type === 'system') return false;
      const { role, readOnly, frozen, type: kind } = handle.info.get() ?? {};
      const leads = role === 'admin';
      if (action === 'delete') return own || (status === 'sent' && leads && kind === 'group');
      if (status !== 'sent') return false;
      if (action === 'report') return !own;
      if (readOnly === true || (frozen === true && !leads)) return false;
      if (action === 'pin') return leads || kind === 'direct';
      if (action !== 'edit') return true;
      const limit = client.settings.get()?.editWindowSeconds ?? null;
      return own && (limit === null || Date.now() - Date.parse(at) < limit * 1_000);
    },
  };
}

export function useMessageActions(ref: string): ActionsView {
  const client = useCariosan();
  const handle = client.channel(ref);
  return useMemo(() => actionsOf(client, handle), [client, handle]);
}
