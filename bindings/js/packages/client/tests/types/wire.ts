// Compares the wire types with the server's own description at compile time: a member that is missing here, or that the server does not
// send, is a type error. The golden files cover the values.

import type { ServerCode } from '../../src/core/error.ts';
import type { components } from '../../src/wire/schema.gen.ts';
import type {
  BlockPage, Changes, ChannelItem, ChannelObject, ChannelPage, CursorMoved, Member, MemberPage, MembersAnswer, Mention, Message, MessagePage,
  Presigned, Quote, Reaction, Receipt, ReceiptPage, SearchAnswer, SyncAnswer, User, UserPresence, UserRef,
} from '../../src/wire/types.ts';

type Told = components['schemas'];
type KeysOf<T> = T extends unknown ? keyof T : never;
type RequiredOf<T> = T extends unknown ? { [K in keyof T]-?: Record<never, never> extends Pick<T, K> ? never : K }[keyof T] : never;
type Agree<Ours, Theirs> = {
  readonly notWrittenHere: Exclude<KeysOf<Theirs>, KeysOf<Ours>>;
  readonly notTold: Exclude<RequiredOf<Ours>, KeysOf<Theirs>>;
};
type Agrees = { readonly notWrittenHere: never; readonly notTold: never };
type Is<Pair extends Agrees> = Pair;

export type Checked = [
  Is<Agree<UserRef, Told['UserSummary']>>,
  // The suspension is the backend's alone.
  Is<Agree<User, Omit<Told['User'], 'suspension'>>>,
  Is<Agree<ChannelObject, Told['Channel']>>,
  Is<Agree<Member, Told['Member']>>,
  Is<Agree<Quote, Told['Quote']>>,
  Is<Agree<Mention, Told['Mention']>>,
  Is<Agree<Reaction, Told['Reaction']>>,
  Is<Agree<Message, Told['Message']>>,
  Is<Agree<Receipt, Told['Receipt']>>,
  Is<Agree<Changes, Told['Changes']>>,
  Is<Agree<SyncAnswer, Told['Synced']>>,
  Is<Agree<ChannelItem, Told['MyChannelAnswer']>>,
  Is<Agree<MessagePage, Told['MessageList']>>,
  Is<Agree<MemberPage, Told['MemberList']>>,
  Is<Agree<MembersAnswer, Told['MembersChanged']>>,
  Is<Agree<ReceiptPage, Told['ReceiptList']>>,
  Is<Agree<ChannelPage, Told['MyChannelList']>>,
  Is<Agree<CursorMoved, Told['ReceiptState']>>,
  Is<Agree<BlockPage, Told['BlockList']>>,
  Is<Agree<UserPresence, Told['UserPresence']>>,
  Is<Agree<SearchAnswer, Told['SearchResults']>>,
  Is<Agree<Presigned, Told['PresignedUpload']>>,
];

/** A code that the server answers and nobody has named here. */
export type Codes = Is<{ readonly notWrittenHere: Exclude<Told['Error']['error']['code'], ServerCode>; readonly notTold: never }>;
