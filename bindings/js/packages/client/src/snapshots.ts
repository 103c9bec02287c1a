// What a client as a whole shows, built from what is held.

import type { ChannelListSnapshot, OutboxSnapshot, WorkspaceSettings } from './options.ts';
import type { Session } from './session.ts';
import { lastActivity, type HeldChannel } from './state/channel.ts';
import { sameList } from './talk/rows.ts';
import type { WireSettings } from './wire/types.ts';

export function settingsOf(wire: WireSettings): WorkspaceSettings {
  return {
    readReceipts: wire.read_receipts_enabled, editWindowSeconds: wire.edit_window_seconds, maxMessageBytes: wire.max_message_bytes,
    attachments: wire.attachments === null ? null : { types: wire.attachments.types, maxBytes: wire.attachments.max_bytes },
  };
}

export function outboxSnapshot({ sending, following }: Session): OutboxSnapshot {
  const items = sending.items();
  const failed = items.filter(({ state }) => state === 'failed').length;
  return { waiting: items.length - failed, failed, pausedUntil: following.now?.sender.pausedUntil ?? null };
}

/** Descending. */
const byText = (a: string, b: string): number => (a < b ? 1 : a > b ? -1 : 0);
const byActivity = (a: HeldChannel, b: HeldChannel): number => byText(lastActivity(a), lastActivity(b)) || byText(a.id, b.id);

/** The newest activity first. The same object as the last one while nothing has changed. */
export function listSnapshot({ held, line, following }: Session, last: ChannelListSnapshot | undefined): ChannelListSnapshot {
  const shown = [...held.channels.values()].filter(({ settings, preferences }) => settings !== null && !preferences.archived);
  const ids = shown.sort(byActivity).map(({ id }) => id);
  const stale = !line.isCurrent;
  const complete = following.now?.listing.complete ?? true;
  const same = last !== undefined && sameList(last.ids, ids);
  return same && last.stale === stale && last.complete === complete ? last : { ids: same ? last.ids : ids, complete, stale };
}
