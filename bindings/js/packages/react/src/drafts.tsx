// What a message that is being written replies to, and which message is being edited. There is one of both at most.

import { createContext, useContext, useMemo, useRef, useState, type ReactNode } from 'react';
import type { ChatMessage } from '@cariosan/client';

export interface Draft {
  readonly message: ChatMessage | null;
  start(message: ChatMessage): void;
  cancel(): void;
}

/** Where the conversation is written: the field that `MessageInput` puts here, or the app's own. */
export interface ComposerField {
  current: { focus(): void } | null;
}

interface Drafts {
  readonly reply: Draft;
  readonly edit: Draft;
  readonly field: ComposerField;
}

const nothing = (): void => {};
const none: Draft = { message: null, start: nothing, cancel: nothing };
const without: Drafts = { reply: none, edit: none, field: { current: null } };
const Context = createContext(without);

type Held = { readonly kind: 'reply' | 'edit'; readonly message: ChatMessage } | null;

/** One for each conversation on the screen. */
export function ReplyDraftProvider({ children }: { readonly children?: ReactNode }): ReactNode {
  const [held, setHeld] = useState<Held>(null);
  const field = useRef<{ focus(): void } | null>(null);
  const functions = useMemo(() => {
    const of = (kind: 'reply' | 'edit') => ({
      start: (message: ChatMessage) => setHeld({ kind, message }),
      cancel: () => setHeld((now) => (now?.kind === kind ? null : now)),
    });
    return { reply: of('reply'), edit: of('edit') };
  }, []);
  const drafts = useMemo(() => {
    const of = (kind: 'reply' | 'edit'): Draft => ({ ...functions[kind], message: held?.kind === kind ? held.message : null });
    return { reply: of('reply'), edit: of('edit'), field };
  }, [functions, held]);
  return <Context.Provider value={drafts}>{children}</Context.Provider>;
}

/** Without a `ReplyDraftProvider` there is never a draft, and starting one does nothing. */
export const useReplyDraft = (): Draft => useContext(Context).reply;
export const useEditDraft = (): Draft => useContext(Context).edit;
/** True: replies and edits can be begun here. */
export const useHasDrafts = (): boolean => useContext(Context) !== without;
export const useComposerField = (): ComposerField => useContext(Context).field;

/** The field that replies and edits go to, until what is returned is called. */
export function hold(place: ComposerField, field: { focus(): void }): () => void {
  place.current = field;
  return () => {
    place.current = null;
  };
}
