// The small parts that the larger ones are made of.

import { createContext, forwardRef, useContext, useEffect, useState, type ComponentType, type CSSProperties, type ReactNode } from 'react';
import type { ChannelSnapshot, Id, UserRef } from '@cariosan/client';
import { useChat, useStrings } from '../provider.tsx';
import { useConnection, useOutbox, usePresence } from '../hooks/client.ts';
import type { ReceiptMark } from '../hooks/marks.ts';
import type { Strings } from '../strings.ts';
import { shortOf } from './format.ts';

/** What every component takes. `classNames`: by the name in `data-car-part`. */
export interface LookProps {
  readonly className?: string | undefined;
  readonly style?: CSSProperties | undefined;
  readonly classNames?: Readonly<Record<string, string>> | undefined;
}

export const noClasses: Readonly<Record<string, string>> = {};
const Classes = createContext(noClasses);
export const ClassNames = Classes.Provider;

/** The attributes of a part. */
export function usePart(): (name: string) => { readonly 'data-car-part': string; readonly className: string | undefined } {
  const classes = useContext(Classes);
  return (name) => ({ 'data-car-part': name, className: classes[name] });
}

/** Those of a component's outermost element. */
export function rootOf(name: string, { className, style, classNames }: LookProps) {
  return { 'data-car-part': name, className: [classNames?.[name], className].filter(Boolean).join(' ') || undefined, style };
}

/** Given by whatever component, or the one of this package. */
export type Slots<Props> = { readonly [Name in keyof Props]?: ComponentType<Props[Name]> };

const paths = {
  send: 'M3 11.5 21 3l-6.5 18-3.2-7.3L3 11.5Z',
  attach: 'M8 12.5 14.5 6a3 3 0 0 1 4.3 4.3l-8.3 8.2a5 5 0 0 1-7-7L11 4',
  close: 'M6 6l12 12M18 6 6 18',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  search: 'M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13ZM15.5 15.5 21 21',
  down: 'M6 9.5l6 6 6-6',
  check: 'M4 12.5l5 5L20 7',
  checks: 'M1.5 12.5l5 5L16 7M10.5 15.5l2 2L22.5 7',
  clock: 'M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18ZM12 7v5l3.5 2',
  file: 'M6 3h8l4 4v14H6V3ZM14 3v4h4',
  back: 'M15 5l-7 7 7 7',
  info: 'M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18ZM12 11v5M12 8h.01',
  pinned: 'M9 3h6l-1 7 4 4H6l4-4-1-7ZM12 14v7',
  muted: 'M5 9h3l5-4v14l-5-4H5V9ZM17 9l5 6M22 9l-5 6',
} as const;

export function Icon({ name }: { readonly name: keyof typeof paths }): ReactNode {
  return (
    <svg data-car-part="icon" data-car-icon={name} viewBox="0 0 24 24" width="20" height="20" aria-hidden="true"
      fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round"><path d={paths[name]} /></svg>
  );
}

export const nameOf = (user: UserRef | null | undefined, strings: Strings): string =>
  (user == null || user.deleted === true || user.name === '' ? strings.deletedUser : user.name);

export const titleOf = (channel: ChannelSnapshot, strings: Strings): string =>
  (channel.type === 'direct' && channel.peer !== null ? nameOf(channel.peer, strings) : channel.name || (channel.externalId ?? ''));

const HUES = 8;
function hueOf(id: string): number {
  return [...id].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 0) % HUES;
}
const initialsOf = (name: string): string => {
  const words = name.replace(/[^\p{L}\p{N}\s]/gu, '').trim().split(/\s+/);
  return [...words.slice(0, 1), ...words.slice(1).slice(-1)].map((word) => [...word][0]).join('').toUpperCase();
};

export interface AvatarProps extends LookProps {
  /** Of the user or the channel: its colour follows from it. */
  readonly id: Id;
  readonly name: string;
  /** Loaded only from https. */
  readonly url?: string | null | undefined;
}

/** Beside a name, so it says nothing of its own to those who listen. */
export const Avatar = forwardRef<HTMLSpanElement, AvatarProps>(function Avatar({ id, name, url, ...look }, ref) {
  const [broken, setBroken] = useState<string | null>(null);
  const picture = url?.startsWith('https://') && broken !== url ? url : null;
  return (
    <span ref={ref} {...rootOf('avatar', look)} data-car-hue={hueOf(id)} aria-hidden="true">
      {picture === null ? initialsOf(name) : <img src={picture} alt="" loading="lazy" onError={() => setBroken(picture)} />}
    </span>
  );
});

export interface UnreadBadgeProps extends LookProps {
  readonly count: number;
  readonly mentions?: number;
  /** The user wants to come back to it, unread or not. */
  readonly marked?: boolean;
}

export const UnreadBadge = forwardRef<HTMLSpanElement, UnreadBadgeProps>(function UnreadBadge({ count, mentions = 0, marked = false, ...look }, ref) {
  const strings = useStrings();
  if (count === 0) return marked ? <span ref={ref} {...rootOf('unread-badge', look)} data-marked="" role="img" aria-label={strings.markedUnread} /> : null;
  return (
    <span ref={ref} {...rootOf('unread-badge', look)} data-mentioned={mentions > 0 || undefined}>
      <span aria-hidden="true">{mentions > 0 ? '@ ' : ''}{count > 99 ? '99+' : count}</span>
      <span data-car-part="spoken">{strings.unreadMessages(count)}{mentions > 0 ? `, ${strings.mentioned}` : ''}</span>
    </span>
  );
});

export interface PresenceBadgeProps extends LookProps {
  readonly userId: Id;
  /** Words beside the dot: "online", or when they were last seen. */
  readonly text?: boolean;
}

export const PresenceBadge = forwardRef<HTMLSpanElement, PresenceBadgeProps>(function PresenceBadge({ userId, text = false, ...look }, ref) {
  const { strings, locale } = useChat();
  const presence = usePresence(userId);
  if (presence === null) return null;
  const seen = presence.lastSeenAt === null ? strings.offline : strings.lastSeen(shortOf(Date.parse(presence.lastSeenAt), locale, strings));
  const words = presence.status === 'online' ? strings.online : seen;
  return (
    <span ref={ref} {...rootOf('presence', look)} data-status={presence.status}>
      <span data-car-part="presence-dot" aria-hidden="true" />
      <span data-car-part={text ? 'presence-text' : 'spoken'}>{words}</span>
    </span>
  );
});

export interface ReceiptIconProps extends LookProps {
  readonly mark: ReceiptMark | 'pending';
}

export const ReceiptIcon = forwardRef<HTMLSpanElement, ReceiptIconProps>(function ReceiptIcon({ mark, ...look }, ref) {
  const strings = useStrings();
  const words = { pending: strings.sending, sent: strings.sent, delivered: strings.delivered, read: strings.read }[mark];
  return (
    <span ref={ref} {...rootOf('receipt', look)} data-mark={mark} role="img" aria-label={words} title={words}>
      <Icon name={mark === 'pending' ? 'clock' : mark === 'sent' ? 'check' : 'checks'} />
    </span>
  );
});

const PATIENCE_MS = 2_000;

/** Says what is wrong with the connection, once it has been wrong for two seconds. */
export const ConnectionBanner = forwardRef<HTMLDivElement, LookProps>(function ConnectionBanner(look, ref) {
  const strings = useStrings();
  const { state, isLive, retryIn, retryNow } = useConnection();
  const { waiting } = useOutbox();
  const [late, setLate] = useState(false);
  const wrong = !isLive && state.name !== 'idle';
  useEffect(() => {
    if (!wrong) return undefined;
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => {
      clearTimeout(timer);
      setLate(false);
    };
  }, [wrong]);
  const shown = wrong && late;
  const words = retryIn === null ? strings.connection[state.name] : strings.offlineRetry(retryIn);
  return (
    <div ref={ref} {...rootOf('connection-banner', look)} data-state={state.name} data-shown={shown || undefined}>
      {/* The seconds are not spoken each time they change. */}
      <span role="status" data-car-part="spoken">{shown ? strings.connection[state.name] : ''}</span>
      {shown && <span>{words}{waiting > 0 ? ` ${strings.waitingToSend(waiting)}` : ''}</span>}
      {shown && state.name === 'waiting' && <button type="button" onClick={retryNow}>{strings.retryNow}</button>}
    </div>
  );
});
