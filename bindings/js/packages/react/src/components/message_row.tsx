// One row of the list. It renders when one of its properties changed, and not because another row did.

import { memo, useId, type KeyboardEvent, type ReactNode } from 'react';
import type { ChatMessage, Quote } from '@cariosan/client';
import type { ReceiptMark } from '../hooks/marks.ts';
import { useStrings } from '../provider.tsx';
import { authorOf, MessagePart, summaryOf, useList } from './message_parts.tsx';
import { Avatar, Icon, nameOf, usePart } from './parts.tsx';

export interface MessageRowProps {
  readonly message: ChatMessage;
  readonly first: boolean;
  readonly last: boolean;
  readonly mark: ReceiptMark | 'pending' | null;
  readonly quote: Quote | null;
  /** Where the keyboard is. */
  readonly active: boolean;
  readonly position: number;
  /** More than two people talk: it is said who. */
  readonly named: boolean;
  readonly onKey: (event: KeyboardEvent<HTMLElement>, message: ChatMessage) => void;
  readonly onFocus: (key: string) => void;
  readonly renderMessage: ((message: ChatMessage) => ReactNode) | undefined;
}

export const MessageRow = memo(function MessageRow(props: MessageRowProps): ReactNode {
  const { message, first, last, mark, quote, active, position, named, onKey, onFocus, renderMessage } = props;
  const part = usePart();
  const strings = useStrings();
  const { openMenu, slots } = useList();
  const [Message, Picture] = [slots.Message ?? MessagePart, slots.Avatar ?? Avatar];
  const tabIndex = active ? 0 : -1;
  const footId = useId();
  const name = authorOf(message, strings);
  if (message.type === 'system') return <div {...part('system')} role="article" aria-posinset={position} aria-setsize={-1}>{message.content}</div>;
  return (
    <div {...part('message')} role="article" tabIndex={tabIndex} aria-posinset={position} aria-setsize={-1} aria-label={`${name}: ${summaryOf(message, strings)}`}
      aria-describedby={renderMessage === undefined ? footId : undefined}
      data-own={message.own || undefined} data-first={first || undefined} data-last={last || undefined} data-status={message.status}
      data-saving={message.saving ?? undefined} data-key={message.key} data-deleted={message.deleted_at !== null || undefined}
      onKeyDown={(event) => onKey(event, message)} onFocus={() => onFocus(message.key)}>
      {named && !message.own && <span data-car-part="avatar-place">{last && <Picture id={message.user.id} name={nameOf(message.user, strings)} url={message.user.avatar_url} />}</span>}
      <div data-car-part="content">
        {named && first && !message.own && <span {...part('author')}>{name}</span>}
        {renderMessage === undefined ? <Message message={message} mark={mark} quote={quote} footId={footId} tabIndex={tabIndex} /> : renderMessage(message)}
      </div>
      {message.deleted_at === null && (
        <button type="button" {...part('more')} tabIndex={-1} aria-haspopup="menu" aria-label={strings.moreFor(summaryOf(message, strings).slice(0, 60))} onClick={() => openMenu(message)}>
          <Icon name="more" />
        </button>
      )}
    </div>
  );
});
