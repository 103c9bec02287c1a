// Where a message is written: text, mentions, files, replies and edits.

import {
  forwardRef, useEffect, useId, useImperativeHandle, useRef, useState, type ChangeEvent, type ClipboardEvent, type ComponentType, type DragEvent, type ForwardedRef, type KeyboardEvent,
  type ReactNode, type RefObject, type TextareaHTMLAttributes,
} from 'react';
import type { CariosanError, ChatMessage, UserRef } from '@cariosan/client';
import { useBrowserLayoutEffect, useNewest } from '../cells.ts';
import { hold, useComposerField, useEditDraft, useReplyDraft } from '../drafts.tsx';
import { asError } from '../errors.ts';
import { useChannel, useTyping, type ChannelView } from '../hooks/channel.ts';
import { useBlocked, useSuspended, useWorkspaceSettings } from '../hooks/client.ts';
import { useMessageActions, useMessageSender, useMuted, useSlowMode } from '../hooks/writing.ts';
import { useExtras, withExtras } from '../later.ts';
import type { MentionDraft } from '../mentions.ts';
import { useStrings } from '../provider.tsx';
import { reasonOf, type Strings } from '../strings.ts';
import { useKeptDraft } from './kept_drafts.ts';
import type { AboveProps, OfferHandle } from './above.tsx';
import { ClassNames, noClasses, Icon, nameOf, rootOf, titleOf, usePart, type LookProps } from './parts.tsx';

export interface ChipProps {
  readonly title: string;
  readonly text: string;
  readonly cancelLabel: string;
  readonly onCancel: () => void;
}
export interface MentionListProps {
  readonly id: string;
  readonly users: readonly UserRef[];
  readonly selected: number;
  readonly onPick: (user: UserRef) => void;
}
export interface ButtonProps {
  readonly label: string;
  readonly disabled: boolean;
  readonly onClick: () => void;
}
export interface InputSlotProps {
  Textarea: TextareaHTMLAttributes<HTMLTextAreaElement> & { readonly fieldRef: RefObject<HTMLTextAreaElement | null> };
  SendButton: ButtonProps;
  AttachButton: ButtonProps;
  MentionList: MentionListProps;
  ReplyChip: ChipProps;
  EditChip: ChipProps;
  /** One for each file that is on its way. */
  UploadChip: ChipProps & { readonly message: ChatMessage };
}

export interface MessageInputProps extends LookProps {
  readonly channelId: string;
  readonly placeholder?: string;
  /** In characters. */
  readonly maxLength?: number;
  readonly attachments?: boolean;
  readonly mentions?: boolean;
  /** Keeps what is written over a reload, in this tab, under this name. */
  readonly draftKey?: string;
  /** What Enter does. On phones it begins a new line unless this is `true`. */
  readonly sendOnEnter?: boolean | 'desktop';
  readonly onError?: (error: CariosanError) => void;
  readonly disabled?: boolean;
  readonly slots?: { readonly [Name in keyof InputSlotProps]?: ComponentType<InputSlotProps[Name]> };
}

export interface MessageInputHandle {
  focus(): void;
}

/** Why nothing can be written here; null: something can. */
function obstacle({ channel, status }: ChannelView, blocked: ReadonlySet<string>, muted: boolean, suspended: boolean, strings: Strings): string | null {
  if (suspended) return strings.suspendedNote;
  if (status === 'gone') return strings.gone;
  if (channel === null) return null;
  if (channel.peer?.deleted === true) return strings.peerGone;
  if (channel.peer !== null && blocked.has(channel.peer.id)) return strings.blockedNote(nameOf(channel.peer, strings));
  if (channel.frozen && channel.role !== 'admin') return strings.frozenNote;
  return muted ? strings.mutedNote : null;
}

function Field({ fieldRef, ...rest }: InputSlotProps['Textarea']): ReactNode {
  const part = usePart();
  const { value } = rest;
  useBrowserLayoutEffect(() => {
    const field = fieldRef.current;
    if (field === null) return;
    field.style.height = 'auto';
    field.style.height = `${field.scrollHeight}px`;
  }, [value, fieldRef]);
  return <textarea ref={fieldRef} rows={1} dir="auto" {...part('field')} {...rest} />;
}

const button = (part: string, icon: 'send' | 'attach') => function Button({ label, disabled, onClick }: ButtonProps): ReactNode {
  const look = usePart();
  return <button type="button" {...look(part)} aria-label={label} title={label} disabled={disabled} onClick={onClick}><Icon name={icon} /></button>;
};
const SendButton = button('send', 'send');
const AttachButton = button('attach', 'attach');

const entersSend = (choice: boolean | 'desktop'): boolean =>
  (choice === 'desktop' ? typeof matchMedia !== 'function' || matchMedia('(pointer: fine)').matches : choice);

export const MessageInput = forwardRef<MessageInputHandle, MessageInputProps>(function MessageInput({ classNames, ...props }, ref) {
  return <ClassNames value={classNames ?? noClasses}><Inner key={props.channelId} {...props} classNames={classNames} control={ref} /></ClassNames>;
});

function Inner(props: MessageInputProps & { readonly control: ForwardedRef<MessageInputHandle> }): ReactNode {
  const { channelId, placeholder, maxLength, attachments = true, mentions = true, draftKey, sendOnEnter = 'desktop', onError, disabled = false, slots = {}, control, ...look } = props;
  const strings = useStrings();
  const view = useChannel(channelId);
  const { channel, handle } = view;
  const extras = useExtras();
  // The server learns of a file's name when the file is there.
  const [names] = useState(() => new Map<string, string>());
  const { sendMessage, sendAttachment } = useMessageSender(channelId);
  const { editMessage, can } = useMessageActions(channelId);
  const { onInput, onStop } = useTyping(channelId);
  const { blocked } = useBlocked();
  const settings = useWorkspaceSettings();
  const reply = useReplyDraft();
  const edit = useEditDraft();
  const composer = useComposerField();
  const [text, setText] = useKeptDraft(channelId, draftKey);
  const [editText, setEditText] = useState('');
  /** Whom the text names, and that of a message that is edited. */
  const [named] = useState(() => new Map<ChatMessage | null, MentionDraft>());
  /** Where the caret was when something was written; null: nothing is offered. */
  const [writtenAt, setWrittenAt] = useState<number | null>(null);
  const [offered, setOffered] = useState<string | undefined>();
  const offer = useRef<OfferHandle>(null);
  const [problem, setProblem] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const caret = useRef<number | null>(null);
  const listId = useId();

  const value = edit.message === null ? text : editText;
  const write = edit.message === null ? setText : setEditText;
  const why = obstacle(view, blocked, useMuted(channelId), useSuspended(), strings);
  const slow = useSlowMode(channelId);
  /** An edit is no message. */
  const wait = edit.message === null ? slow : 0;
  const off = disabled || why !== null || wait > 0;
  const length = [...value].length;
  const tooLong = maxLength !== undefined && length > maxLength;
  const takesFiles = attachments && settings?.attachments != null && edit.message === null;

  useImperativeHandle(control, () => ({ focus: () => field.current?.focus() }), []);
  useEffect(() => hold(composer, { focus: () => field.current?.focus() }), [composer]);
  const edited = edit.message;
  const [lastEdited, setLastEdited] = useState<ChatMessage | null>(null);
  if (edited !== lastEdited) {
    setLastEdited(edited);
    setEditText(edited?.content ?? '');
    setProblem('');
  }
  useEffect(() => {
    if (edited !== null || reply.message !== null) field.current?.focus();
  }, [edited, reply.message]);
  useBrowserLayoutEffect(() => {
    if (caret.current !== null) field.current?.setSelectionRange(caret.current, caret.current);
    caret.current = null;
  }, [value]);

  const failed = (fault: unknown): void => {
    const error = asError(fault);
    onError?.(error);
    setProblem(strings.actionFailed(reasonOf(strings, error.code)));
  };
  /** Moderation gives the words back, to be said otherwise. */
  const refused = (words: string) => (fault: unknown): void => {
    const error = asError(fault);
    if (error.code === 'DISCARDED') return;
    onError?.(error);
    if (error.code !== 'MESSAGE_REJECTED') return;
    setProblem(strings.notSent(reasonOf(strings, error.code)));
    if (field.current?.value === '') setText(words);
  };
  const saveEdit = (message: ChatMessage, words: string): void => withExtras(({ mentionDraft }) => {
    edit.cancel();
    if (words !== message.content) editMessage(message.id, words, (named.get(message) ?? mentionDraft(message)).of(words)).catch(failed);
    named.delete(message);
  }, failed);
  const submit = (): void => {
    const words = value.trim();
    if (words === '' || tooLong || off) return;
    setProblem('');
    setWrittenAt(null);
    if (edited !== null) return saveEdit(edited, words);
    const mentions = named.get(null)?.of(words);
    named.delete(null);
    setText('');
    onStop();
    sendMessage({ text: words, ...(mentions === undefined ? {} : { mentions }) }).catch(refused(words));
  };
  const sendFiles = (files: Iterable<File>): void => {
    for (const file of files) {
      try {
        if (file.size > 0) names.set(sendAttachment(file).key, file.name);
      } catch (fault) {
        failed(fault);
      }
    }
  };
  const pick: AboveProps['onPick'] = (next, name, user) => {
    const draft = named.get(edited) ?? extras?.mentionDraft(edited);
    draft?.choose(name, user);
    if (draft !== undefined) named.set(edited, draft);
    caret.current = next.caret;
    write(next.text);
    setWrittenAt(null);
  };

  const onChange = (event: ChangeEvent<HTMLTextAreaElement>): void => {
    const next = event.target.value;
    write(next);
    setProblem('');
    setWrittenAt(event.target.selectionStart);
    if (edited !== null) return;
    if (next === '') onStop();
    else onInput();
  };
  const cancelOne = (): boolean => {
    if (reply.message !== null) reply.cancel();
    else if (edited !== null) edit.cancel();
    else return false;
    return true;
  };
  const editLast = (): boolean => {
    const last = [...handle.timeline.get().messages].reverse().find((message) => message.own && can(message, 'edit'));
    if (value !== '' || last === undefined) return false;
    edit.start(last);
    return true;
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    // The key belongs to the input method: it chooses a word.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    let done = offer.current?.takes(event.key) === true;
    if (!done && event.key === 'Escape') done = cancelOne();
    if (!done && event.key === 'ArrowUp') done = editLast();
    if (!done && event.key === 'Enter' && !event.shiftKey && entersSend(sendOnEnter)) {
      submit();
      done = true;
    }
    if (done) event.preventDefault();
  };
  const filesOf = (given: DataTransfer, event: ClipboardEvent | DragEvent): void => {
    if (!takesFiles || off || given.files.length === 0) return;
    event.preventDefault();
    sendFiles(given.files);
  };
  const onBlur = useNewest(() => {
    setWrittenAt(null);
    if (edited === null) onStop();
  });

  if (why !== null) return <div {...rootOf('input', look)} data-off=""><p data-car-part="obstacle" role="status">{why}</p></div>;
  const [Textarea, Send, Attach] = [slots.Textarea ?? Field, slots.SendButton ?? SendButton, slots.AttachButton ?? AttachButton];
  const label = channel === null ? strings.placeholder : strings.writeTo(titleOf(channel, strings));
  return (
    <div {...rootOf('input', look)} onDragOver={(event) => takesFiles && event.preventDefault()} onDrop={(event) => filesOf(event.dataTransfer, event)}>
      {extras !== null && (
        <extras.Above channelId={channelId} handle={handle} slots={slots} names={names} offer={offer} listId={listId} text={value} wait={wait}
          caret={mentions ? writtenAt : null} onPick={pick} onOffer={setOffered} onClose={() => setWrittenAt(null)} />
      )}
      {(problem !== '' || tooLong) && <p data-car-part="problem" role="alert">{tooLong ? strings.tooLong(maxLength) : problem}</p>}
      <div data-car-part="input-row">
        {takesFiles && (
          <>
            <Attach label={strings.attach} disabled={off} onClick={() => picker.current?.click()} />
            <input ref={picker} type="file" hidden multiple accept={settings?.attachments?.types.join()} data-car-part="picker" aria-label={strings.attach}
              onChange={(event) => {
                sendFiles([...(event.target.files ?? [])]);
                event.target.value = '';
              }} />
          </>
        )}
        <Textarea fieldRef={field} value={value} placeholder={placeholder ?? strings.placeholder} aria-label={label} disabled={disabled} enterKeyHint={entersSend(sendOnEnter) ? 'send' : 'enter'}
          aria-autocomplete={mentions ? 'list' : undefined} aria-controls={offered && listId} aria-activedescendant={offered}
          aria-invalid={tooLong || undefined} onChange={onChange} onKeyDown={onKeyDown} onBlur={onBlur} onPaste={(event) => filesOf(event.clipboardData, event)} />
        <Send label={edited === null ? strings.send : strings.save} disabled={off || tooLong || value.trim() === ''} onClick={submit} />
      </div>
    </div>
  );
}
