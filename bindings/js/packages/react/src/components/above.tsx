// What stands above the field while a message is written: whom an `@` word may mean, what is replied to or edited, files on their way.

import { useEffect, useImperativeHandle, useState, type ReactNode, type Ref } from 'react';
import type { Channel, ChatMessage, UserRef } from '@cariosan/client';
import { sameList, useCellValue } from '../cells.ts';
import { mentionAt, suggestionsFor, withMention } from '../composing.ts';
import { useEditDraft, useReplyDraft } from '../drafts.tsx';
import { useMembers } from '../hooks/channel.ts';
import { useMe } from '../hooks/client.ts';
import { useMessageSender } from '../hooks/writing.ts';
import { useStrings } from '../provider.tsx';
import type { ChipProps, MentionListProps, MessageInputProps } from './message_input.tsx';
import { authorOf, percentOf, summaryOf } from './message_parts.tsx';
import { Avatar, Icon, nameOf, usePart } from './parts.tsx';

/** The list of those who may be meant. */
export interface OfferHandle {
  /** True: the key chose among them. */
  takes(key: string): boolean;
}

export interface AboveProps {
  readonly channelId: string;
  readonly handle: Channel;
  readonly slots: NonNullable<MessageInputProps['slots']>;
  /** Those of files, by the keys of their messages. */
  readonly names: ReadonlyMap<string, string>;
  readonly offer: Ref<OfferHandle>;
  readonly listId: string;
  readonly text: string;
  /** Slow mode: seconds until something can be sent. */
  readonly wait: number;
  /** Null: nobody is offered. */
  readonly caret: number | null;
  /** The text with the chosen name, and the app's id of its user. */
  readonly onPick: (next: { readonly text: string; readonly caret: number }, name: string, user: string) => void;
  /** The `id` of the one that Enter would choose. */
  readonly onOffer: (option: string | undefined) => void;
  readonly onClose: () => void;
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

function Offer({ channelId, slots, offer, listId, text, caret, onPick, onOffer, onClose }: AboveProps): ReactNode {
  const me = useMe();
  const { members } = useMembers(channelId);
  const [chosen, setChosen] = useState({ text, at: 0 });
  const query = caret === null ? null : mentionAt(text, caret);
  const users = query === null ? [] : suggestionsFor(members.map(({ user }) => user).filter(({ id }) => id !== me?.id), query.query);
  // Another text offers others, from the first one on.
  const at = chosen.text === text && users[chosen.at] !== undefined ? chosen.at : 0;
  const option = users.length === 0 ? undefined : `${listId}-${at}`;
  useEffect(() => {
    onOffer(option);
    return () => onOffer(undefined);
  }, [onOffer, option]);

  const pick = ({ name, external_id: user }: UserRef): void => {
    if (query !== null && user !== null) onPick(withMention(text, query, name), name, user);
  };
  const takes = (key: string): boolean => {
    const user = users[at];
    if (user === undefined) return false;
    const to: Readonly<Record<string, number>> = { ArrowDown: at + 1, ArrowUp: at - 1 + users.length };
    const next = to[key];
    if (next !== undefined) setChosen({ text, at: next % users.length });
    else if (key === 'Enter' || key === 'Tab') pick(user);
    else if (key === 'Escape') onClose();
    else return false;
    return true;
  };
  useImperativeHandle(offer, () => ({ takes }));
  const List = slots.MentionList ?? Suggestions;
  return option !== undefined && <List id={listId} users={users} selected={at} onPick={pick} />;
}

/** Files that are on their way: their rows may be out of sight. */
function useUploads(handle: Channel): readonly ChatMessage[] {
  return useCellValue(handle.timeline, ({ messages }) => messages.filter(({ status }) => status === 'uploading'), sameList);
}

export function Above(props: AboveProps): ReactNode {
  const { channelId, handle, slots, names, wait } = props;
  const strings = useStrings();
  const reply = useReplyDraft();
  const edit = useEditDraft();
  const uploads = useUploads(handle);
  const { discard } = useMessageSender(channelId);
  const [ReplyChip, EditChip, UploadChip] = [slots.ReplyChip ?? Chip, slots.EditChip ?? Chip, slots.UploadChip ?? Chip];
  return (
    <>
      <Offer {...props} />
      {wait > 0 && (
        <p data-car-part="slow">
          {/* The seconds are not spoken each time they change. */}
          <span data-car-part="spoken" role="status">{strings.reason.SLOW_MODE}</span><span aria-hidden="true">{strings.slowWait(wait)}</span>
        </p>
      )}
      {reply.message !== null && (
        <ReplyChip title={strings.replyingTo(authorOf(reply.message, strings))} text={summaryOf(reply.message, strings)} cancelLabel={strings.cancelReply} onCancel={reply.cancel} />
      )}
      {edit.message !== null && <EditChip title={strings.editing} text={edit.message.content} cancelLabel={strings.cancelEdit} onCancel={edit.cancel} />}
      {uploads.map((message) => (
        <UploadChip key={message.key} message={message} title={names.get(message.key) ?? strings.attachment} text={strings.uploading(percentOf(message))}
          cancelLabel={strings.cancel} onCancel={() => discard(message.key)} />
      ))}
    </>
  );
}
