// A channel as an app holds it.

import type { Cell } from './core/cell.ts';
import type { Emitter } from './core/emitter.ts';
import { CariosanError } from './core/error.ts';
import type { Part } from './core/part.ts';
import type { UploadSource } from './environment/upload.ts';
import type { ChannelSnapshot, ChannelView, Shown } from './channel_view.ts';
import type { Session } from './session.ts';
import { ownRead } from './state/channel.ts';
import type { Action } from './talk/acting.ts';
import type { Commands, PageWanted, PreferencesWanted, SettingsWanted } from './talk/commands.ts';
import type { Opened } from './talk/opened.ts';
import type { PinsSnapshot } from './talk/pins.ts';
import type { ReadMark } from './talk/reading.ts';
import type { OutboxItem, SendBody } from './talk/outbox.ts';
import type { ChatMessage } from './talk/rows.ts';
import type { UploadHandle, UploadOptions, Uploads } from './talk/uploads.ts';
import type { Id, Json, Member, MemberPage, Message, MessagePage, NamedMention, Reaction, Role } from './wire/types.ts';

export interface SendInput {
  readonly text?: string;
  readonly parentId?: Id;
  /** Members of the channel: by their ids or external ids, or with the places in the text that name them. */
  readonly mentions?: readonly (string | NamedMention)[];
  readonly attachmentUrl?: string;
  readonly type?: 'text' | 'image' | 'file';
  readonly metadata?: Json;
  /** Two sends with one key are one message. Minted if absent. */
  readonly idempotencyKey?: string;
}

export interface ReactionChange {
  readonly message_id: Id;
  readonly user_id: Id | null;
  readonly emoji: string;
  readonly reactions: readonly Reaction[];
}

export interface ChannelEvents {
  message: Message;
  'message.updated': Message;
  'message.deleted': { readonly id: Id; readonly seq: number; readonly deleted_at: string };
  'reaction.add': ReactionChange;
  'reaction.remove': ReactionChange;
  mention: { readonly message_id: Id; readonly by_user_id: Id };
  typing: { readonly user_id: Id; readonly state: 'start' | 'stop' };
  /** Who joined, and who left. */
  presence: { readonly type: 'join' | 'leave'; readonly members: readonly Member[] };
  /** The name, the picture or another setting of the channel has changed. */
  updated: ChannelSnapshot;
  receipt: { readonly kind: 'read' | 'delivered'; readonly user_id: Id; readonly seq: number };
}

/** The parts behind a handle. */
export interface ChannelParts {
  readonly core: Session;
  readonly view: ChannelView;
  readonly opened: Part<Opened>;
  readonly typing: Cell<readonly Id[]>;
  readonly pins: Cell<PinsSnapshot>;
  readonly events: Emitter<ChannelEvents>;
  wantRead(channel: Id, mark: ReadMark): void;
  readonly files: Uploads;
}

const REQUESTS: readonly (keyof Commands)[] = [
  'getMessages', 'setPreferences', 'setMuted', 'leave', 'pin', 'unpin', 'getPins', 'findMembers', 'report', 'update', 'addMembers', 'removeMember', 'setRole',
];

/** A request of one channel. */
type Command<Call> = Call extends (channel: string, ...rest: infer Args) => infer Answer ? (...args: Args) => Answer : never;

function bodyOf(input: SendInput): SendBody {
  const { text = '', parentId, mentions, attachmentUrl, type, metadata } = input;
  return { content: text, parent_id: parentId, mentions, attachment_url: attachmentUrl, type, metadata };
}

export interface Channel extends Shown {
  /** Null until the channel is known. */
  readonly id: Id | null;
  readonly typing: Cell<readonly Id[]>;
  /** The pinned messages. Watching the cell asks the server, while somebody retains the channel. */
  readonly pins: Cell<PinsSnapshot>;
  /** Resolves when the server has the message, over as many connections as that takes. */
  sendMessage(input: SendInput): Promise<Message>;
  /** The same without waiting: returns the new row; null before anybody has signed in. Throws `OUTBOX_FULL`. */
  enqueue(input: SendInput): ChatMessage | null;
  /** A message with a file: its row is there at once, and it is sent when the file is. Throws if the server will not take the file. */
  sendAttachment(file: UploadSource, input?: SendInput): UploadHandle;
  /** The file alone, for a message of the app's own making. */
  uploadAttachment(file: UploadSource, options?: UploadOptions): Promise<{ publicUrl: string; type: 'image' | 'file' }>;
  /** Sends a failed message again, with its key. */
  retry(key: string): void;
  /** Gives up a message that was not sent. */
  discard(key: string): Promise<void>;
  /**
   * Shown at once; a refusal takes it back and rejects. Without a connection it rejects with `OFFLINE`. Mentions that are not given
   * stay, but where another text names them is not known.
   */
  editMessage(id: Id, text: string, mentions?: SendInput['mentions']): Promise<Message>;
  /** As an edit. Nothing is left of a message that was not sent yet: then the answer is null. */
  deleteMessage(id: Id): Promise<Message | null>;
  /** Each user has one reaction per message: another emoji replaces the first. */
  addReaction(id: Id, emoji: string): Promise<Message>;
  removeReaction(id: Id, emoji: string): Promise<Message>;
  /** A page of messages, newest first. It changes nothing that is held. */
  getMessages(options?: PageWanted): Promise<MessagePage>;
  /** Marks everything as read, or up to the message named. */
  markRead(upTo?: Id): void;
  /** Call it on each key press; it sends at most every four seconds. */
  startTyping(): void;
  stopTyping(): void;
  /** What this user alone sees of the channel. */
  setPreferences(patch: PreferencesWanted): Promise<void>;
  setMuted(muted: boolean): Promise<void>;
  leave(): Promise<void>;
  pin(id: Id): Promise<Message>;
  unpin(id: Id): Promise<Message>;
  /** The pinned ones, those pinned last first. They are in `pins` too. */
  getPins(): Promise<MessagePage>;
  /** Those of whose name a word begins so, or whose external id does. */
  findMembers(q: string): Promise<MemberPage>;
  /** Tells the moderators of the app. */
  report(id: Id, reason: string, note?: string): Promise<void>;
  update(patch: SettingsWanted): Promise<void>;
  /** Users are named by external id. */
  addMembers(refs: readonly string[], role?: Role): Promise<void>;
  removeMember(ref: string): Promise<void>;
  setRole(ref: string, role: Role): Promise<void>;
  on<E extends keyof ChannelEvents>(event: E, handler: (data: ChannelEvents[E]) => void): () => void;
  off<E extends keyof ChannelEvents>(event: E, handler: (data: ChannelEvents[E]) => void): void;
}

export function channelHandle({ core, view, opened, typing, pins, events, wantRead, files }: ChannelParts): Channel {
  const { sending, line } = core;
  const { ref, backToLive } = view.shown;

  const name = (): string => view.held?.id ?? ref;
  /** Loaded with the first timeline. */
  const requests = Object.fromEntries(REQUESTS.map((what) => [what, async (...args: readonly unknown[]) => {
    const { commands } = await opened.get();
    return (commands[what] as (channel: string, ...rest: readonly unknown[]) => unknown)(name(), ...args);
  }])) as { readonly [What in keyof Commands]: Command<Commands[What]> };

  function added(): void {
    backToLive();
    opened.now?.signs.sent(name());
    core.publishNow();
  }

  function add(input: SendInput): { readonly item: OutboxItem; readonly done: Promise<Message> } {
    const made = sending.add(ref, bodyOf(input), input.idempotencyKey ?? core.mint());
    added();
    return made;
  }

  async function act(type: Action['type'], messageId: Id, value: string, mentions?: Action['mentions']): Promise<Message> {
    const loaded = line.isUp ? (opened.now ?? await opened.get()) : undefined;
    if (loaded === undefined || !line.isUp) throw new CariosanError({ code: 'OFFLINE', message: 'there is no connection', retryable: true });
    return loaded.actions.run({ type, channel: name(), messageId, value, mentions });
  }

  return {
    ...view.shown, on: events.on, off: events.off, typing, pins,
    get id() { return view.held?.id ?? null; },
    async sendMessage(input) {
      return add(input).done;
    },
    enqueue(input) {
      const { item, done } = add(input);
      // The row shows how it ends.
      done.catch(() => {});
      return view.rowOf(item);
    },
    sendAttachment(file, input = {}) {
      const handle = files.send(ref, file, bodyOf(input), input.idempotencyKey ?? core.mint());
      handle.sent.catch(() => {});
      added();
      return handle;
    },
    async uploadAttachment(file, options) {
      const { publicUrl, type } = await files.upload(file, options);
      return { publicUrl, type };
    },
    retry: sending.retry,
    discard: sending.discard,
    editMessage: (id, text, mentions) => act('message.edit', id, text, mentions),
    async deleteMessage(id) {
      if (sending.items().some(({ key }) => key === id)) {
        await sending.discard(id);
        return null;
      }
      return act('message.delete', id, new Date(core.environment.now()).toISOString());
    },
    addReaction: (id, emoji) => act('reaction.add', id, emoji),
    removeReaction: (id, emoji) => act('reaction.remove', id, emoji),
    markRead(upTo) {
      const { held } = view;
      if (held === undefined) return;
      const message = upTo === undefined ? held.lastMessage : (held.windows.get(upTo) ?? null);
      // The newest message may be from a blocked user, whose messages only the server knows.
      const hidden = upTo === undefined && held.lastSeq > (message?.seq ?? 0) && held.rev >= held.seen;
      const mark = hidden ? { messageId: null, seq: held.lastSeq } : { messageId: message?.id ?? null, seq: message?.seq ?? 0 };
      if (mark.seq > ownRead(held)) wantRead(held.id, mark);
    },
    startTyping() {
      if (line.isUp) opened.use(({ signs }) => signs.typed(name()));
    },
    stopTyping: () => opened.now?.signs.ended(name()),
    ...requests,
  };
}
