// The parts of a message. Each can be replaced by a slot of `MessageList`.

import { createContext, useContext, type ReactNode } from 'react';
import type { ChatMessage, Id, Mention, Quote } from '@cariosan/client';
import type { ActionsView } from '../hooks/writing.ts';
import type { ReceiptMark } from '../hooks/marks.ts';
import { useChat, useStrings } from '../provider.tsx';
import { reasonOf } from '../strings.ts';
import { dayOf, sizeOf, timeOf } from './format.ts';
import { Icon, nameOf, ReceiptIcon, usePart, type AvatarProps, type ReceiptIconProps, type Slots } from './parts.tsx';
import { RichText } from './rich_text.tsx';

export interface MessageProps {
  readonly message: ChatMessage;
}
export interface QuoteProps extends MessageProps {
  readonly quote: Quote;
  readonly onOpen: (id: Id) => void;
}
export interface BubbleProps extends MessageProps {
  readonly mark: ReceiptMark | 'pending' | null;
  readonly quote: Quote | null;
  /** The `id` of the part that says when it was sent and how far it got: the row is described by it. */
  readonly footId: string;
  /** -1 in rows that the keyboard has not gone to: the list is one stop. */
  readonly tabIndex: number;
}
export interface ReactionsProps extends MessageProps {
  readonly tabIndex: number;
}
export interface DayLineProps {
  readonly at: number;
}
export interface JumpProps {
  readonly count: number;
  readonly onClick: () => void;
}
export interface FailedProps {
  readonly text: string;
  readonly onRetry: (() => void) | null;
}
export interface MessageSlotProps {
  Message: BubbleProps;
  Bubble: BubbleProps;
  Avatar: AvatarProps;
  Quote: QuoteProps;
  Reactions: ReactionsProps;
  Attachment: ReactionsProps;
  Receipt: ReceiptIconProps;
  DayLine: DayLineProps;
  UnreadLine: Record<never, never>;
  Tombstone: MessageProps;
  Pending: MessageProps;
  JumpToLatest: JumpProps;
  Empty: Record<never, never>;
  Loading: Record<never, never>;
  Failed: FailedProps;
}
export type MessageSlots = Slots<MessageSlotProps>;

/** What all rows of one list share. */
export interface ListContext {
  readonly actions: ActionsView;
  readonly slots: MessageSlots;
  readonly reactions: readonly string[];
  readonly retry: (key: string) => void;
  readonly discard: (key: string) => void;
  readonly jumpTo: (id: Id) => unknown;
  readonly onMention: ((mention: Mention) => void) | undefined;
  readonly onAttachment: ((message: ChatMessage) => void) | undefined;
  readonly openMenu: (message: ChatMessage) => void;
}

export const List = createContext<ListContext | null>(null);
export function useList(): ListContext {
  const list = useContext(List);
  if (list === null) throw new Error('there is no MessageList');
  return list;
}

/** A message in one line. */
export function summaryOf(message: Pick<ChatMessage, 'content' | 'type' | 'deleted_at'>, strings: { readonly unsent: string; readonly attachment: string }): string {
  if (message.deleted_at !== null) return strings.unsent;
  if (message.content !== '') return message.content;
  return message.type === 'text' || message.type === 'system' ? '' : strings.attachment;
}

function QuotePart({ quote, onOpen }: QuoteProps): ReactNode {
  const part = usePart();
  const strings = useStrings();
  if (quote.hidden === true) return <div {...part('quote')} data-hidden="">{strings.hiddenQuote}</div>;
  const text = summaryOf({ content: quote.content, type: quote.type as ChatMessage['type'], deleted_at: quote.deleted ? '' : null }, strings);
  return (
    <button type="button" {...part('quote')} tabIndex={-1} onClick={() => onOpen(quote.id)}>
      <span data-car-part="quote-name">{quote.user_name || strings.deletedUser}</span>
      <span data-car-part="quote-text">{text}</span>
    </button>
  );
}

interface FileFacts {
  readonly name?: string;
  readonly size?: number;
  readonly width?: number;
  readonly height?: number;
}

/** How far its file is. */
export const percentOf = (message: ChatMessage): number => Math.round((message.progress ?? 0) * 100);

function AttachmentPart({ message, tabIndex }: ReactionsProps): ReactNode {
  const part = usePart();
  const { strings, locale } = useChat();
  const { onAttachment } = useList();
  const { name = strings.attachment, size, width, height } = (message.metadata['attachment'] ?? {}) as FileFacts;
  const url = message.attachment_url;
  if (url === null || !/^https?:\/\//.test(url)) return null;
  const open = onAttachment === undefined ? undefined : (event: { preventDefault(): void }) => {
    event.preventDefault();
    onAttachment(message);
  };
  const link = { href: url, target: '_blank', rel: 'noopener noreferrer nofollow ugc', tabIndex, onClick: open };
  if (message.type === 'image') {
    return (
      <a {...part('picture')} {...link} aria-label={strings.picture(name)}>
        <img src={url} alt={strings.picture(name)} loading="lazy" {...(width && height ? { width, height } : {})} data-sized={width && height ? '' : undefined} />
      </a>
    );
  }
  return (
    <a {...part('file')} {...link} aria-label={strings.file(name)}>
      <Icon name="file" /><span data-car-part="file-name">{name}</span>{size !== undefined && <span data-car-part="file-size">{sizeOf(size, locale)}</span>}
    </a>
  );
}

function ReactionsPart({ message, tabIndex }: ReactionsProps): ReactNode {
  const part = usePart();
  const strings = useStrings();
  const { actions } = useList();
  if (message.reactions.length === 0) return null;
  return (
    <div {...part('reactions')} role="group" aria-label={strings.react}>
      {message.reactions.map(({ emoji, count, reacted_by_me: mine = false }) => (
        <button key={emoji} type="button" {...part('reaction')} tabIndex={tabIndex} aria-pressed={mine} aria-label={strings.reaction(emoji, count, mine)}
          disabled={!actions.can(message, 'react')} onClick={() => void actions.toggleReaction(message, emoji)}>
          <span aria-hidden="true">{emoji} {count}</span>
        </button>
      ))}
    </div>
  );
}

/** What stands under a message that is not sent yet: how far its file is, or why it failed. */
function PendingPart({ message }: MessageProps): ReactNode {
  const part = usePart();
  const strings = useStrings();
  const { retry, discard } = useList();
  if (message.status === 'uploading') {
    const percent = percentOf(message);
    return (
      <div {...part('uploading')}>
        <progress max={100} value={percent} aria-label={strings.uploading(percent)} />
        <button type="button" onClick={() => discard(message.key)}>{strings.cancel}</button>
      </div>
    );
  }
  if (message.status !== 'failed') return null;
  return (
    <div {...part('failed')}>
      <span role="alert">{strings.notSent(reasonOf(strings, message.error?.code ?? 'other'))}</span>
      <button type="button" onClick={() => retry(message.key)}>{strings.retry}</button>
      <button type="button" onClick={() => discard(message.key)}>{strings.discard}</button>
    </div>
  );
}

function BubblePart({ message, mark, quote, footId, tabIndex }: BubbleProps): ReactNode {
  const part = usePart();
  const { strings, locale } = useChat();
  const { jumpTo, onMention, slots } = useList();
  const [Quoted, Attachment] = [slots.Quote ?? QuotePart, slots.Attachment ?? AttachmentPart];
  const [Receipt, Tombstone] = [slots.Receipt ?? ReceiptIcon, slots.Tombstone ?? TombstonePart];
  return (
    <div {...part('bubble')}>
      {message.deleted_at !== null ? <Tombstone message={message} /> : (
        <>
          {quote !== null && <Quoted message={message} quote={quote} onOpen={jumpTo} />}
          {(message.type === 'image' || message.type === 'file') && <Attachment message={message} tabIndex={tabIndex} />}
          {message.content !== '' && (
            <p {...part('text')} dir="auto"><RichText text={message.content} mentions={message.mentions} onMention={onMention} tabIndex={tabIndex} /></p>
          )}
        </>
      )}
      <span {...part('foot')} id={footId}>
        {message.pinned_at !== undefined && <span data-car-part="pinned" role="img" aria-label={strings.pinned}><Icon name="pinned" /></span>}
        {message.edited_at !== null && message.deleted_at === null && <span data-car-part="edited">{strings.edited}</span>}
        <time dateTime={message.created_at}>{timeOf(Date.parse(message.created_at), locale)}</time>
        {mark !== null && <Receipt mark={mark} />}
      </span>
    </div>
  );
}

export function MessagePart(props: BubbleProps): ReactNode {
  const { slots } = useList();
  const [Bubble, Reactions, Pending] = [slots.Bubble ?? BubblePart, slots.Reactions ?? ReactionsPart, slots.Pending ?? PendingPart];
  const { message, tabIndex } = props;
  return (
    <>
      <Bubble {...props} />
      <Reactions message={message} tabIndex={tabIndex} />
      <Pending message={message} />
    </>
  );
}

/** Words in the middle of the list. */
function Line({ name, role, children }: { readonly name: string; readonly role?: 'status'; readonly children: ReactNode }): ReactNode {
  const part = usePart();
  return <div {...part(name)} role={role}><span>{children}</span></div>;
}

export function DayLinePart({ at }: DayLineProps): ReactNode {
  const { strings, locale } = useChat();
  return <Line name="day">{dayOf(at, locale, strings)}</Line>;
}

export const UnreadLinePart = (): ReactNode => <Line name="unread">{useStrings().unreadLine}</Line>;
export const LoadingPart = (): ReactNode => <Line name="loading" role="status">{useStrings().loading}</Line>;

function Paragraph({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
  const part = usePart();
  return <p {...part(name)}>{children}</p>;
}

export const TombstonePart = (): ReactNode => <Paragraph name="tombstone">{useStrings().unsent}</Paragraph>;
export const EmptyPart = (): ReactNode => <Paragraph name="empty">{useStrings().noMessages}</Paragraph>;

export function JumpPart({ count, onClick }: JumpProps): ReactNode {
  const part = usePart();
  const strings = useStrings();
  const words = count > 0 ? strings.newMessages(count) : strings.toNewest;
  return <button type="button" {...part('jump')} onClick={onClick} aria-label={words}>{count > 0 && <span>{words}</span>}<Icon name="down" /></button>;
}

export function FailedPart({ text, onRetry }: FailedProps): ReactNode {
  const part = usePart();
  const strings = useStrings();
  return <div {...part('list-failed')} role="alert"><span>{text}</span>{onRetry !== null && <button type="button" onClick={onRetry}>{strings.tryAgain}</button>}</div>;
}

/** Whose message it is, for those who listen and for those who look. */
export const authorOf = (message: ChatMessage, strings: Parameters<typeof nameOf>[1]): string => (message.own ? strings.you : nameOf(message.user, strings));
