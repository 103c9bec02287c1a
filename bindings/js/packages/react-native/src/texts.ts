// Names, times and days as they are shown and spoken.

import type { ChannelSnapshot, ChatMessage, UserRef } from '@cariosan/client';
import type { Strings } from '@cariosan/react/headless';

const formats = new Map<string, Intl.DateTimeFormat>();

function format(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale + JSON.stringify(options);
  const known = formats.get(key) ?? new Intl.DateTimeFormat(locale, options);
  formats.set(key, known);
  return known;
}

export const timeOf = (at: string, { locale }: Strings): string => format(locale, { hour: 'numeric', minute: '2-digit' }).format(new Date(at));

export const sameDay = (a: string, b: string): boolean => new Date(a).toDateString() === new Date(b).toDateString();

export function dayOf(at: string, strings: Strings, now: number): string {
  const day = new Date(at).toDateString();
  if (day === new Date(now).toDateString()) return strings.today;
  if (day === new Date(now - 86_400_000).toDateString()) return strings.yesterday;
  return format(strings.locale, { day: 'numeric', month: 'long', year: 'numeric' }).format(new Date(at));
}

export const nameOf = (user: UserRef, strings: Strings): string => (user.deleted === true ? strings.deletedUser : user.name);

export const titleOf = (channel: ChannelSnapshot, strings: Strings): string =>
  (channel.type === 'direct' && channel.peer !== null ? nameOf(channel.peer, strings) : channel.name);

const attached = ({ metadata }: ChatMessage): string => {
  const facts = metadata['attachment'] as { readonly name?: unknown } | undefined;
  return typeof facts?.name === 'string' ? facts.name : '';
};

/** A message in one line. */
export function summaryOf(message: ChatMessage, strings: Strings): string {
  if (message.deleted_at !== null) return strings.unsent;
  if (message.content !== '') return message.content;
  if (message.type === 'image') return strings.picture(attached(message));
  return message.attachment_url === null && message.status !== 'uploading' ? '' : strings.file(attached(message));
}
