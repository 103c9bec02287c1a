// Where a message is written: text, mentions, files, replies and edits.

import {
  forwardRef, useEffect, useId, useImperativeHandle, useRef, useState, type ChangeEvent, type ClipboardEvent, type ComponentType, type DragEvent, type ForwardedRef, type KeyboardEvent,
  type ReactNode, type RefObject, type TextareaHTMLAttributes,
} from 'react';
import type { CariosanError, Channel, ChatMessage, UserRef } from '@cariosan/client';
import { sameList, useBrowserLayoutEffect, useCellValue, useNewest } from '../cells.ts';
import { hold, useComposerField, useEditDraft, useReplyDraft } from '../drafts.tsx';
import { mentionAt, suggestionsFor, withMention, type MentionQuery } from '../composing.ts';
import { asError } from '../errors.ts';
import { useChannel, useMembers, useTyping, type ChannelView } from '../hooks/channel.ts';
import { useBlocked, useMe, useWorkspaceSettings } from '../hooks/client.ts';
import { useMessageActions, useMessageSender, useMuted } from '../hooks/writing.ts';
import { mentionDraft } from '../mentions.ts';
import { useStrings } from '../provider.tsx';
import { reasonOf, type Strings } from '../strings.ts';
import { useKeptDraft } from './kept_drafts.ts';
import { percentOf, summaryOf } from './message_parts.tsx';
import { Avatar, ClassNames, noClasses, Icon, nameOf, rootOf, titleOf, usePart, type LookProps } from './parts.tsx';

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
function obstacle({ channel, status }: ChannelView, blocked: ReadonlySet<string>, muted: boolean, strings: Strings): string | null {
  if (status === 'gone') return strings.gone;
  if (channel === null) return null;
  if (channel.peer?.deleted === true) return strings.peerGone;
  if (channel.peer !== null && blocked.has(channel.peer.id)) return strings.blockedNote(nameOf(channel.peer, strings));
  if (channel.frozen && channel.role !== 'admin') return strings.frozenNote;
  return muted ? strings.mutedNote : null;
}

function Chip({ title, text, cancelLabel, onCancel }: ChipProps): ReactNode {
  const part = usePart();
  return (
    <div {...part('chip')}>
      <span data-car-part="chip-title">{title}</span><span data-car-part="chip-text">{text}</span>
      <button type="button" aria-label={cancelLabel} onClick={onCancel}><Icon name="close" /></button>
    </div>
  );
}

function Suggestions({ id, users, selected, onPick }: MentionListProps): ReactNode {
  const part = usePart();
  const strings = useStrings();
  return (
    <ul {...part('mention-list')} id={id} role="listbox" aria-label={strings.mentionPeople}>
      {users.map((user, at) => (
        <li key={user.id} id={`${id}-${at}`} role="option" aria-selected={at === selected} {...part('mention-option')}
          // The field keeps the focus.
          onPointerDown={(event) => event.preventDefault()} onClick={() => onPick(user)}>
          <Avatar id={user.id} name={nameOf(user, strings)} url={user.avatar_url} /><span>{nameOf(user, strings)}</span>
        </li>
      ))}
    </ul>
  );
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

/** What is chosen from while an `@` word is being written. */
function useMentions(channelId: string, enabled: boolean) {
  const me = useMe();
  const { members } = useMembers(channelId);
  const [query, setQuery] = useState<MentionQuery | null>(null);
  const [selected, setSelected] = useState(0);
  const users = !enabled || query === null ? [] : suggestionsFor(members.map(({ user }) => user).filter(({ id }) => id !== me?.id), query.query);
  return {
    users, query, selected: Math.min(selected, Math.max(0, users.length - 1)), setSelected,
    look(text: string, caret: number) {
      setQuery(mentionAt(text, caret));
      setSelected(0);
    },
    close: () => setQuery(null),
  };
}

/** Files that are on their way: their rows may be out of sight. */
function useUploads(handle: Channel): readonly ChatMessage[] {
  return useCellValue(handle.timeline, ({ messages }) => messages.filter(({ status }) => status === 'uploading'), sameList);
}

export const MessageInput = forwardRef<MessageInputHandle, MessageInputProps>(function MessageInput({ classNames, ...props }, ref) {
  return <ClassNames value={classNames ?? noClasses}><Inner key={props.channelId} {...props} classNames={classNames} control={ref} /></ClassNames>;
});

function Inner(props: MessageInputProps & { readonly control: ForwardedRef<MessageInputHandle> }): ReactNode {
  const { channelId, placeholder, maxLength, attachments = true, mentions = true, draftKey, sendOnEnter = 'desktop', onError, disabled = false, slots = {}, control, ...look } = props;
  const strings = useStrings();
  const view = useChannel(channelId);
  const { channel, handle } = view;
  const uploads = useUploads(handle);
  // The server learns of a file's name when the file is there.
  const [names] = useState(() => new Map<string, string>());
  const { sendMessage, sendAttachment, discard } = useMessageSender(channelId);
  const { editMessage, can } = useMessageActions(channelId);
  const { onInput, onStop } = useTyping(channelId);
  const { blocked } = useBlocked();
  const settings = useWorkspaceSettings();
  const reply = useReplyDraft();
  const edit = useEditDraft();
  const composer = useComposerField();
  const [text, setText] = useKeptDraft(channelId, draftKey);
  const [editText, setEditText] = useState('');
  const [named, setNamed] = useState(() => mentionDraft(null));
  const [editNamed, setEditNamed] = useState(named);
  const [problem, setProblem] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const caret = useRef<number | null>(null);
  const listId = useId();
  const suggest = useMentions(channelId, mentions);

  const value = edit.message === null ? text : editText;
  const write = edit.message === null ? setText : setEditText;
  const why = obstacle(view, blocked, useMuted(channelId), strings);
  const off = disabled || why !== null;
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
    setEditNamed(mentionDraft(edited));
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
  const submit = (): void => {
    const words = value.trim();
    if (words === '' || tooLong || off) return;
    setProblem('');
    suggest.close();
    if (edited !== null) {
      edit.cancel();
      if (words !== edited.content) editMessage(edited.id, words, editNamed.of(words)).catch(failed);
      return;
    }
    const mentions = named.of(words);
    setNamed(mentionDraft(null));
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
  const pick = (user: UserRef): void => {
    if (suggest.query === null || user.external_id === null) return;
    const next = withMention(value, suggest.query, user.name);
    (edited === null ? named : editNamed).choose(user.name, user.external_id);
    caret.current = next.caret;
    write(next.text);
    suggest.close();
  };

  const onChange = (event: ChangeEvent<HTMLTextAreaElement>): void => {
    const next = event.target.value;
    write(next);
    setProblem('');
    suggest.look(next, event.target.selectionStart);
    if (edited !== null) return;
    if (next === '') onStop();
    else onInput();
  };
  const inSuggestions = (event: KeyboardEvent): boolean => {
    const { users, selected } = suggest;
    if (users.length === 0) return false;
    const user = users[selected];
    if (event.key === 'ArrowDown') suggest.setSelected((selected + 1) % users.length);
    else if (event.key === 'ArrowUp') suggest.setSelected((selected - 1 + users.length) % users.length);
    else if ((event.key === 'Enter' || event.key === 'Tab') && user !== undefined) pick(user);
    else if (event.key === 'Escape') suggest.close();
    else return false;
    return true;
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
    let done = inSuggestions(event);
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
    suggest.close();
    if (edited === null) onStop();
  });

  if (why !== null) return <div {...rootOf('input', look)} data-off=""><p data-car-part="obstacle" role="status">{why}</p></div>;
  const [Textarea, Send, Attach] = [slots.Textarea ?? Field, slots.SendButton ?? SendButton, slots.AttachButton ?? AttachButton];
  const [List, ReplyChip, EditChip, UploadChip] = [slots.MentionList ?? Suggestions, slots.ReplyChip ?? Chip, slots.EditChip ?? Chip, slots.UploadChip ?? Chip];
  const open = suggest.users.length > 0;
  const label = channel === null ? strings.placeholder : strings.writeTo(titleOf(channel, strings));
  return (
    <div {...rootOf('input', look)} onDragOver={(event) => takesFiles && event.preventDefault()} onDrop={(event) => filesOf(event.dataTransfer, event)}>
      {open && <List id={listId} users={suggest.users} selected={suggest.selected} onPick={pick} />}
      {reply.message !== null && (
        <ReplyChip title={strings.replyingTo(reply.message.own ? strings.you : nameOf(reply.message.user, strings))} text={summaryOf(reply.message, strings)}
          cancelLabel={strings.cancelReply} onCancel={reply.cancel} />
      )}
      {edited !== null && <EditChip title={strings.editing} text={edited.content} cancelLabel={strings.cancelEdit} onCancel={edit.cancel} />}
      {uploads.map((message) => (
        <UploadChip key={message.key} message={message} title={names.get(message.key) ?? strings.attachment} text={strings.uploading(percentOf(message))}
          cancelLabel={strings.cancel} onCancel={() => discard(message.key)} />
      ))}
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
          aria-autocomplete={mentions ? 'list' : undefined} aria-controls={open ? listId : undefined} aria-activedescendant={open ? `${listId}-${suggest.selected}` : undefined}
          aria-invalid={tooLong || undefined} onChange={onChange} onKeyDown={onKeyDown} onBlur={onBlur} onPaste={(event) => filesOf(event.clipboardData, event)} />
        <Send label={edited === null ? strings.send : strings.save} disabled={off || tooLong || value.trim() === ''} onClick={submit} />
      </div>
    </div>
  );
}
