// Every text that this package shows or speaks. A catalogue that lacks one does not compile.

import type { ConnectionState, ErrorCode } from '@cariosan/client';

/** A function where numbers or names are put in. */
export interface Strings {
  /** BCP 47. Times and days follow it, unless the provider names another. */
  readonly locale: string;

  readonly loading: string;
  readonly tryAgain: string;
  readonly close: string;
  readonly cancel: string;
  readonly more: string;

  readonly connection: Readonly<Record<ConnectionState['name'] | 'polling', string>>;
  readonly offlineRetry: (seconds: number) => string;
  readonly retryNow: string;
  readonly waitingToSend: (count: number) => string;

  readonly conversations: string;
  readonly noConversations: string;
  readonly unreadMessages: (count: number) => string;
  readonly mentioned: string;
  readonly markedUnread: string;
  readonly muted: string;
  readonly pinned: string;
  readonly pinnedMessage: (at: number, count: number) => string;

  readonly messages: string;
  readonly messagesOf: (channel: string) => string;
  readonly noMessages: string;
  readonly beginning: string;
  readonly loadingOlder: string;
  readonly loadFailed: string;
  readonly gone: string;
  readonly unreadLine: string;
  readonly toNewest: string;
  readonly newMessages: (count: number) => string;
  /** Spoken when a message comes. */
  readonly arrived: (name: string, text: string) => string;

  readonly you: string;
  readonly deletedUser: string;
  readonly edited: string;
  readonly unsent: string;
  readonly hiddenQuote: string;
  readonly attachment: string;
  readonly file: (name: string) => string;
  readonly picture: (name: string) => string;
  readonly today: string;
  readonly yesterday: string;

  readonly sending: string;
  readonly sent: string;
  readonly delivered: string;
  readonly read: string;
  readonly uploading: (percent: number) => string;
  readonly notSent: (reason: string) => string;
  readonly retry: string;
  readonly discard: string;

  readonly reply: string;
  readonly react: string;
  readonly reactWith: (emoji: string) => string;
  readonly reaction: (emoji: string, count: number, mine: boolean) => string;
  readonly moreFor: (text: string) => string;
  readonly copy: string;
  readonly edit: string;
  readonly unsend: string;
  readonly unsendSure: string;
  readonly pin: string;
  readonly unpin: string;
  readonly report: string;
  readonly reportUser: (name: string) => string;
  /** What a user can report something for. */
  readonly reportReason: Readonly<Record<'spam' | 'abuse' | 'other', string>>;
  readonly reported: string;
  readonly actionFailed: (reason: string) => string;

  readonly placeholder: string;
  readonly writeTo: (channel: string) => string;
  readonly send: string;
  readonly save: string;
  readonly attach: string;
  readonly replyingTo: (name: string) => string;
  readonly cancelReply: string;
  readonly editing: string;
  readonly cancelEdit: string;
  readonly mentionPeople: string;
  readonly tooLong: (limit: number) => string;
  readonly blockedNote: (name: string) => string;
  readonly peerGone: string;
  readonly frozenNote: string;
  readonly mutedNote: string;
  readonly suspendedNote: string;
  readonly slowWait: (seconds: number) => string;

  readonly typing: (names: readonly string[], others: number) => string;
  readonly online: string;
  readonly offline: string;
  readonly lastSeen: (when: string) => string;
  readonly members: (count: number) => string;
  readonly admin: string;
  readonly memberList: string;

  readonly search: string;
  readonly searchPlaceholder: string;
  readonly searchHint: string;
  readonly searchNone: string;
  readonly searchFound: (count: number, more: boolean) => string;

  /** Why something failed, to be put into a sentence. */
  readonly reason: Readonly<Record<NamedReason | 'other', string>>;
}

export type NamedReason =
  | 'RATE_LIMITED' | 'NOT_A_MEMBER' | 'FORBIDDEN' | 'NOT_AUTHOR' | 'NOT_ADMIN' | 'MUTED' | 'SUSPENDED' | 'FROZEN' | 'SLOW_MODE' | 'NOT_FOUND'
  | 'PAYLOAD_TOO_LARGE' | 'MESSAGE_REJECTED' | 'EDIT_WINDOW_EXPIRED' | 'UNAVAILABLE' | 'NETWORK' | 'TIMEOUT' | 'LOST' | 'OFFLINE' | 'OUTBOX_FULL'
  | 'UPLOAD_REFUSED' | 'UPLOAD_FAILED' | 'TOO_LARGE' | 'TYPE_NOT_ACCEPTED' | 'SIGNED_OUT';

export function reasonOf(strings: Strings, code: ErrorCode): string {
  const known: Readonly<Partial<Record<string, string>>> = strings.reason;
  return known[code] ?? strings.reason.other;
}
