// Reads lists of a channel into what is held: messages, members, receipts. A page that was read before frames that came meanwhile
// sets the channel's revision back to its own, and the changes since are read again.

import type { Id, MemberPage, MessagePage, ReadAt, ReceiptPage } from '../wire/types.ts';
import { asError, CariosanError } from '../core/error.ts';
import { applyMembersPage, applyPage, applyReceiptsPage, applySidePage } from '../state/pages.ts';
import { trimGrown } from '../state/side.ts';
import type { HeldChannel } from '../state/channel.ts';
import type { Replica } from '../state/replica.ts';
import type { CatchUp } from './catch_up.ts';

export type Query = Readonly<Record<string, string | number>>;

export interface LoaderHost {
  readonly replica: Replica;
  readonly catchUp: Pick<CatchUp, 'ask'>;
  /** `GET /v1/channels/{id}/{list}`. Rejects with a `CariosanError`. */
  list<Page extends ReadAt>(channelId: Id, list: 'messages' | 'members' | 'receipts', query: Query): Promise<Page>;
  otherEpoch(epoch: string): void;
  readonly pageSize: number;
  /** Messages that are held of one channel, at most. */
  readonly mostMessages: number;
}

export interface Loader {
  /** Reads what is missing: the newest messages, which are `shown` then, and who is there and has read them. */
  open(channel: HeldChannel, lacksReceipts: (channel: HeldChannel) => boolean, shown: () => void): Promise<void>;
  newest(channel: HeldChannel): Promise<void>;
  older(channel: HeldChannel): Promise<void>;
  newer(channel: HeldChannel): Promise<void>;
  /** Opens the side window. Answers whether the message is there. */
  around(channel: HeldChannel, messageId: Id): Promise<boolean>;
  members(channel: HeldChannel): Promise<void>;
  receipts(channel: HeldChannel): Promise<void>;
}

const MEMBERS_PER_PAGE = 100;

export function loader(host: LoaderHost): Loader {
  const { replica, catchUp } = host;

  /** Reads a page and applies it, if what it was asked for is still held. Answers null otherwise. */
  async function read<Page extends ReadAt>(
    channel: HeldChannel, list: 'messages' | 'members' | 'receipts', query: Query, apply: (page: Page) => boolean,
    generation = channel.generation,
  ): Promise<Page | null> {
    const { epoch } = replica;
    const page = await host.list<Page>(channel.id, list, query);
    if (replica.get(channel.id) !== channel || replica.epoch !== epoch) throw new CariosanError({ code: 'LOST', retryable: true });
    if (page.epoch !== epoch) {
      host.otherEpoch(page.epoch);
      throw new CariosanError({ code: 'LOST', retryable: true });
    }
    if (channel.generation !== generation) return null;
    if (apply(page)) catchUp.ask(channel);
    replica.changed(channel);
    return page;
  }

  /** Drops what is too much at the other end. Returns `behind`. */
  function kept(channel: HeldChannel, where: 'older' | 'newer', behind: boolean): boolean {
    trimGrown(channel.windows, host.mostMessages, host.pageSize, where);
    return behind;
  }

  async function newest(channel: HeldChannel): Promise<void> {
    await read<MessagePage>(channel, 'messages', { limit: host.pageSize }, (page) =>
      channel.windows.start === Infinity && applyPage(channel, page));
  }

  async function older(channel: HeldChannel): Promise<void> {
    const { side, start } = channel.windows;
    if (side !== null) return more(channel, 'older', { before: `seq:${side.start}` });
    if (start === Infinity || channel.windows.reachedStart) return;
    await read<MessagePage>(channel, 'messages', { limit: host.pageSize, before: `seq:${start}` }, (page) =>
      channel.windows.start === start && kept(channel, 'older', applyPage(channel, page)));
  }

  /** The next page of the side window, if that is still the one for which it was asked. */
  async function more(channel: HeldChannel, where: 'older' | 'newer', place: Query): Promise<void> {
    const { side } = channel.windows;
    if (side === null || (where === 'older' && side.reachedStart)) return;
    await read<MessagePage>(channel, 'messages', { limit: host.pageSize, ...place }, (page) =>
      channel.windows.side === side && kept(channel, where, applySidePage(channel, page, where)));
  }

  async function newer(channel: HeldChannel): Promise<void> {
    const { side } = channel.windows;
    if (side !== null) await more(channel, 'newer', { after: `seq:${side.end}` });
  }

  async function around(channel: HeldChannel, messageId: Id): Promise<boolean> {
    try {
      await read<MessagePage>(channel, 'messages', { limit: host.pageSize, around: messageId }, (page) => applySidePage(channel, page, 'around'));
    } catch (fault) {
      if (asError(fault).status === 404) return false;
      throw fault;
    }
    return channel.windows.get(messageId) !== undefined;
  }

  async function members(channel: HeldChannel): Promise<void> {
    const { generation } = channel;
    let query: Query | null = { limit: MEMBERS_PER_PAGE };
    while (query !== null) {
      const take = (body: MemberPage): boolean => applyMembersPage(channel, body);
      const page: MemberPage | null = await read<MemberPage>(channel, 'members', query, take, generation);
      query = page?.has_more && page.next_cursor ? { limit: MEMBERS_PER_PAGE, cursor: page.next_cursor } : null;
    }
  }

  async function receipts(channel: HeldChannel): Promise<void> {
    const { generation } = channel;
    let query: Query | null = { limit: MEMBERS_PER_PAGE };
    while (query !== null) {
      const take = (body: ReceiptPage): boolean => applyReceiptsPage(channel, body);
      const page: ReceiptPage | null = await read<ReceiptPage>(channel, 'receipts', query, take, generation);
      query = page?.has_more && page.next_cursor ? { limit: MEMBERS_PER_PAGE, cursor: page.next_cursor } : null;
    }
  }

  async function open(channel: HeldChannel, lacksReceipts: (channel: HeldChannel) => boolean, shown: () => void): Promise<void> {
    if (channel.windows.start === Infinity) await newest(channel);
    shown();
    if (!channel.membersComplete) await members(channel);
    if (lacksReceipts(channel)) await receipts(channel);
  }

  return { open, newest, older, newer, around, members, receipts };
}
