// What a resume brought, counted before it is applied: an app says "12 new messages" with it.

import type { HeldChannel } from '../state/channel.ts';
import { findMessage } from '../state/merging.ts';
import type { Changes, Id, Message } from '../wire/types.ts';

export interface Missed {
  readonly messages: number;
  readonly edits: number;
  readonly unsent: number;
  readonly reactions: number;
  /** How many others have read further. */
  readonly reads: number;
  /** Channels of which so much had changed that they were read anew; nothing in them is counted. */
  readonly resets: readonly Id[];
}

type Counted = Exclude<keyof Missed, 'resets'>;

/** For a message that is not held, only `edited_at` shows an edit. */
function kindOf(channel: HeldChannel, message: Message): Counted | null {
  const held = findMessage(channel, message.id);
  if (held !== undefined && held.rev >= message.rev) return null;
  if (message.deleted_at !== null) return message.seq <= channel.lastSeq ? 'unsent' : null;
  if (message.seq > channel.lastSeq) return message.user.id === channel.viewer ? null : 'messages';
  return message.edited_at !== (held?.edited_at ?? null) ? 'edits' : 'reactions';
}

export function missed() {
  let counts = { messages: 0, edits: 0, unsent: 0, reactions: 0, reads: 0 };
  let resets: Id[] = [];
  return {
    count(channel: HeldChannel, body: Changes): void {
      if (body.reset) return void resets.push(channel.id);
      for (const message of body.messages) {
        const kind = kindOf(channel, message);
        if (kind !== null) counts[kind] += 1;
      }
      for (const { user_id: user, last_read_seq: read = 0 } of body.receipts) {
        if (user !== channel.viewer && read > channel.cursors.of(user).read) counts.reads += 1;
      }
    },
    /** What was counted since the last time. */
    take(): Missed {
      const taken = { ...counts, resets };
      counts = { messages: 0, edits: 0, unsent: 0, reactions: 0, reads: 0 };
      resets = [];
      return taken;
    },
  };
}
