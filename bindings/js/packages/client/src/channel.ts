// A channel as an app holds it.

import type { Cell, Source } from './core/cell.ts';
import { asError } from './core/error.ts';
import type { Emitter } from './core/emitter.ts';
import type { UploadSource } from './environment/upload.ts';
import type { ChannelSnapshot, ChannelView, MembersSnapshot, ReceiptsSnapshot, TimelineSnapshot } from './channel_view.ts';
import type { Session } from './session.ts';
import { ownRead } from './state/channel.ts';
import { withoutContent, withReaction, withText } from './state/overlay.ts';
import type { Action, Overlays } from './talk/overlays.ts';
import type { ReadMarks } from './talk/reading.ts';
import type { OutboxItem, SendBody } from './talk/outbox.ts';
import type { ChatMessage } from './talk/rows.ts';
import type { UploadHandle, UploadOptions, Uploads } from './talk/uploads.ts';
import type { ChannelItem, ChannelObject, Id, Json, Member, MembersAnswer, Message, MessagePage, Preferences, Reaction, Role } from './wire/types.ts';

export interface SendInput {
  readonly text?: string;
  readonly parentId?: Id;
  readonly mentions?: readonly string[];
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
  receipt: { readonly kind: 'read' | 'delivered'; readonly user_id: Id; readonly seq: number };
}

/** What a handle stands on. */
export interface ChannelParts {
  readonly core: Session;
  readonly view: ChannelView;
  readonly acting: Overlays;
  readonly typing: Source<readonly Id[]>;
  readonly events: Emitter<ChannelEvents>;
  readonly marks: ReadMarks;
  readonly files: Uploads;
}

const TYPING_EVERY_MS = 4_000;

function bodyOf(input: SendInput): SendBody {
  const { text = '', parentId, mentions, attachmentUrl, type, metadata } = input;
  return {
    content: text,
    ...(parentId === undefined ? {} : { parent_id: parentId }),
    ...(mentions === undefined ? {} : { mentions }),
    ...(attachmentUrl === undefined ? {} : { attachment_url: attachmentUrl }),
    ...(type === undefined ? {} : { type }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

export class Channel {
  /** As it was asked for: an id, or the app's own name of the channel. */
  readonly ref: string;
  readonly info: Cell<ChannelSnapshot | null>;
  readonly timeline: Cell<TimelineSnapshot>;
  readonly members: Cell<MembersSnapshot>;
  readonly receipts: Cell<ReceiptsSnapshot>;
  readonly typing: Cell<readonly Id[]>;
  private readonly parts: ChannelParts;
  private typedAt = -Infinity;

  constructor(parts: ChannelParts) {
    this.parts = parts;
    this.ref = parts.view.ref;
    this.info = parts.view.info;
    this.timeline = parts.view.timeline;
    this.members = parts.view.members;
    this.receipts = parts.view.receipts;
    this.typing = parts.typing;
  }

  /** Null until the channel is known. */
  get id(): Id | null {
    return this.parts.view.held?.id ?? null;
  }

  /** Loads the newest messages and the members, and keeps doing so after each loss, until the answer is called. */
  retain(): () => void {
    return this.parts.view.retain();
  }

  loadOlder(): Promise<void> {
    return this.parts.view.loadOlder();
  }

  loadNewer(): Promise<void> {
    return this.parts.view.loadNewer();
  }

  /** Shows the messages around one. False: it is not there. */
  openAround(messageId: Id): Promise<boolean> {
    return this.parts.view.openAround(messageId);
  }

  backToLive(): void {
    this.parts.view.backToLive();
  }

  loadMembers(): Promise<void> {
    return this.parts.view.loadMembers();
  }

  /** Resolves when the server has the message, over as many connections as that takes. */
  sendMessage(input: SendInput): Promise<Message> {
    try {
      return this.add(input).done;
    } catch (fault) {
      return Promise.reject(asError(fault));
    }
  }

  /** The same without waiting: the row that stands in the timeline now. Throws `OUTBOX_FULL`. */
  enqueue(input: SendInput): ChatMessage | null {
    const { item, done } = this.add(input);
    // How it ends is shown by the row.
    done.catch(() => {});
    return this.timeline.get().messages.find((row) => row.key === item.key) ?? null;
  }

  private add(input: SendInput): { readonly item: OutboxItem; readonly done: Promise<Message> } {
    const { core } = this.parts;
    const added = core.sending.add(this.ref, bodyOf(input), input.idempotencyKey ?? core.mint());
    this.added();
    return added;
  }

  private added(): void {
    this.parts.view.backToLive();
    this.typedAt = -Infinity;
    this.parts.core.publishNow();
  }

  /** A message with a file: its row is there at once, and it is sent when the file is. Throws if the server will not take the file. */
  sendAttachment(file: UploadSource, input: SendInput = {}): UploadHandle {
    const { core, files } = this.parts;
    const handle = files.send(this.ref, file, bodyOf(input), input.idempotencyKey ?? core.mint());
    // How it ends is shown by the row.
    handle.sent.catch(() => {});
    this.added();
    return handle;
  }

  /** The file alone, for a message of the app's own making. */
  async uploadAttachment(file: UploadSource, options?: UploadOptions): Promise<{ publicUrl: string; type: 'image' | 'file' }> {
    const { publicUrl, type } = await this.parts.files.upload(file, options);
    return { publicUrl, type };
  }

  /** Sends a failed message again, with its key. */
  retry(key: string): void {
    this.parts.core.sending.retry(key);
  }

  /** Gives a message up that is not sent. */
  discard(key: string): Promise<void> {
    return this.parts.core.sending.discard(key);
  }

  /** Shown at once; a refusal takes it back and rejects. Without a connection it rejects with `OFFLINE`. */
  editMessage(id: Id, text: string): Promise<Message> {
    return this.act('edit', id, 'message.edit', { content: text }, (message) => withText(message, text));
  }

  /** As an edit. Of a message that was not sent yet nothing is left: then the answer is null. */
  async deleteMessage(id: Id): Promise<Message | null> {
    const { core } = this.parts;
    if (core.sending.items().some(({ key }) => key === id)) {
      await core.sending.discard(id);
      return null;
    }
    const at = new Date(core.now()).toISOString();
    return this.act('delete', id, 'message.delete', {}, (message) => withoutContent(message, at));
  }

  /** There is one reaction per user and message: another emoji takes the place of the first. */
  addReaction(id: Id, emoji: string): Promise<Message> {
    return this.act('reaction', id, 'reaction.add', { emoji }, (message) => withReaction(message, emoji));
  }

  removeReaction(id: Id, emoji: string): Promise<Message> {
    return this.act('reaction', id, 'reaction.remove', { emoji }, (message) => withReaction(message, null));
  }

  private act(kind: Action['kind'], id: Id, type: string, data: Action['data'], draw: Action['draw']): Promise<Message> {
    const channel = this.name;
    return this.parts.acting.run({ kind, channel, messageId: id, type, data: { channel, message_id: id, ...data }, draw });
  }

  /** A page of messages, newest first, that changes nothing of what is held. */
  getMessages(options: { limit?: number; before?: string; after?: string; around?: string; signal?: AbortSignal } = {}): Promise<MessagePage> {
    const { signal, ...place } = options;
    const path = `/v1/channels/${encodeURIComponent(this.name)}/messages`;
    return this.parts.core.http.request<MessagePage>('GET', path, { query: place, ...(signal === undefined ? {} : { signal }) });
  }

  /** Marks everything as read, or up to the message named. */
  markRead(upTo?: Id): void {
    const held = this.parts.view.held;
    if (held === undefined) return;
    const message = upTo === undefined ? held.lastMessage : (held.windows.get(upTo) ?? null);
    // The newest may be of somebody the user has blocked: only the server can name it.
    const hidden = upTo === undefined && held.lastSeq > (message?.seq ?? 0) && held.rev >= held.seen;
    const mark = hidden ? { messageId: null, seq: held.lastSeq } : { messageId: message?.id ?? null, seq: message?.seq ?? 0 };
    if (mark.seq > ownRead(held)) this.parts.marks.want(held.id, mark);
  }

  /** Call it with each key press: others are told at most every four seconds. */
  startTyping(): void {
    const { core } = this.parts;
    const now = core.now();
    if (now - this.typedAt < TYPING_EVERY_MS) return;
    if (core.line.tell('typing.start', { channel: this.name })) this.typedAt = now;
  }

  stopTyping(): void {
    if (this.typedAt === -Infinity) return;
    this.typedAt = -Infinity;
    this.parts.core.line.tell('typing.stop', { channel: this.name });
  }

  on<E extends keyof ChannelEvents>(event: E, handler: (data: ChannelEvents[E]) => void): () => void {
    return this.parts.events.on(event, handler);
  }

  off<E extends keyof ChannelEvents>(event: E, handler: (data: ChannelEvents[E]) => void): void {
    this.parts.events.off(event, handler);
  }

  /** What this user alone sees of the channel. */
  async setPreferences(patch: { muted?: boolean; archived?: boolean; pinned?: boolean; markedUnread?: boolean }): Promise<void> {
    const { markedUnread, ...rest } = patch;
    const body: Partial<Preferences> = { ...rest, ...(markedUnread === undefined ? {} : { marked_unread: markedUnread }) };
    this.parts.core.takeItem(await this.ask<ChannelItem>('PATCH', '/v1/me/channels/', '', body));
  }

  setMuted(muted: boolean): Promise<void> {
    return this.setPreferences({ muted });
  }

  async leave(): Promise<void> {
    await this.ask('DELETE', '/v1/me/channels/', '');
  }

  pin(id: Id): Promise<Message> {
    return this.ask('PUT', '/v1/channels/', `/messages/${id}/pin`);
  }

  unpin(id: Id): Promise<Message> {
    return this.ask('DELETE', '/v1/channels/', `/messages/${id}/pin`);
  }

  async report(id: Id, reason: string, note?: string): Promise<void> {
    await this.ask('POST', '/v1/channels/', `/messages/${id}/report`, { reason, ...(note === undefined ? {} : { note }) });
  }

  async update(patch: { name?: string; avatar_url?: string | null; metadata?: Json }): Promise<void> {
    await this.ask<ChannelObject>('PATCH', '/v1/channels/', '', patch);
  }

  /** By the app's own names of the users. */
  async addMembers(refs: readonly string[], role?: Role): Promise<void> {
    await this.ask<MembersAnswer>('POST', '/v1/channels/', '/members', { external_ids: refs, ...(role === undefined ? {} : { role }) });
  }

  async removeMember(ref: string): Promise<void> {
    await this.ask<MembersAnswer>('DELETE', '/v1/channels/', `/members/${encodeURIComponent(ref)}`);
  }

  async setRole(ref: string, role: Role): Promise<void> {
    await this.ask<MembersAnswer>('PATCH', '/v1/channels/', `/members/${encodeURIComponent(ref)}`, { role });
  }

  /** The events that follow change what is held. */
  private ask<Answer>(method: string, before: string, after: string, body?: unknown): Promise<Answer> {
    return this.parts.core.http.request<Answer>(method, `${before}${encodeURIComponent(this.name)}${after}`, body === undefined ? {} : { body });
  }

  private get name(): string {
    return this.id ?? this.ref;
  }
}

