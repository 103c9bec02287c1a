// What those who write TypeScript can rely on. The compiler is the test: nothing here runs.

import { createRef, type ReactNode } from 'react';
import { expectTypeOf } from 'vitest';
import type { Cariosan, CariosanError, Channel, ChannelSnapshot, ChatMessage, Id, Message, UploadHandle } from '@cariosan/client';
import {
  Avatar, ChannelHeader, ChannelList, Chat, ChatProvider, MessageInput, MessageList, MessageListRoot, SearchPanel, useCellValue, useChannel, useChannels, useEvent, useMessageActions,
  useMessages, useMessageSender, useMuted, usePresence, useReceiptMark, useUnreadTotal, useUser, type MessageInputHandle, type MessageListHandle, type Strings,
} from '../../src/index.ts';
import { ChatProvider as Headless } from '../../src/headless.ts';
import { en } from '../../src/locales/en.ts';
import { id } from '../../src/locales/id.ts';

declare const client: Cariosan;
declare const channel: Channel;
declare const message: ChatMessage;
const options = { apiUrl: 'https://chat.test', token: 'token' };

export function Hooks(): void {
  expectTypeOf(useChannels()).toHaveProperty('channels').toEqualTypeOf<readonly ChannelSnapshot[]>();
  expectTypeOf(useChannels).parameter(0).exclude<undefined>().toHaveProperty('filter').exclude<undefined>().toEqualTypeOf<(channel: ChannelSnapshot) => boolean>();
  const { channel: info, handle, status, error } = useChannel('order_1');
  expectTypeOf(info).toEqualTypeOf<ChannelSnapshot | null>();
  expectTypeOf(handle).toEqualTypeOf<Channel>();
  expectTypeOf(status).toEqualTypeOf<'loading' | 'ready' | 'gone' | 'failed'>();
  expectTypeOf(error).toEqualTypeOf<CariosanError | null>();
  const { messages, jumpTo } = useMessages('order_1', { around: 'm-1' });
  expectTypeOf(messages).toEqualTypeOf<readonly ChatMessage[]>();
  expectTypeOf(jumpTo).toEqualTypeOf<(id: Id) => Promise<boolean>>();
  const { sendMessage, sendAttachment } = useMessageSender('order_1');
  expectTypeOf(sendMessage({ text: 'Halo' })).toEqualTypeOf<Promise<Message>>();
  expectTypeOf(sendAttachment(new Blob())).toEqualTypeOf<UploadHandle>();
  const { can, deleteMessage } = useMessageActions('order_1');
  expectTypeOf(can(message, 'edit')).toEqualTypeOf<boolean>();
  expectTypeOf(deleteMessage('m-1')).toEqualTypeOf<Promise<Message | null>>();
  expectTypeOf(useReceiptMark('order_1', 1)).toEqualTypeOf<'sent' | 'delivered' | 'read'>();
  expectTypeOf(useUnreadTotal()).toEqualTypeOf<number>();
  expectTypeOf(useMuted('order_1')).toEqualTypeOf<boolean>();
  expectTypeOf(useUser(null)).toEqualTypeOf<ReturnType<typeof useUser>>();
  expectTypeOf(usePresence('u-1')).extract<null>().toEqualTypeOf<null>();
  // A part of a cell has the type that is picked.
  expectTypeOf(useCellValue(channel.info, (one) => one?.unread ?? 0)).toEqualTypeOf<number>();
  // A handler gets what its event brings.
  useEvent(channel, 'message', (one) => expectTypeOf(one).toEqualTypeOf<Message>());
  useEvent(client, 'channel.removed', ({ reason }) => expectTypeOf(reason).toEqualTypeOf<'left' | 'deleted'>());
  // @ts-expect-error: there is no such event
  useEvent(channel, 'messages', () => {});
  // @ts-expect-error: there is no such action
  can(message, 'translate');
  // @ts-expect-error: snapshots are not to be changed
  messages.push(message);
  // @ts-expect-error: nor is what is in them
  message.content = '';
}

const list = createRef<MessageListHandle>();
const input = createRef<MessageInputHandle>();

export function Components(): ReactNode {
  return (
    <ChatProvider client={client} locale="en-GB" strings={{ ...id, send: 'Kirim', members: (count) => `${count.toFixed()} orang` }}>
      <ChannelList onSelect={(one) => expectTypeOf(one).toEqualTypeOf<ChannelSnapshot>()} virtualize="auto" slots={{ Preview: ({ channel: one }) => <>{one.name}</> }} />
      <ChannelHeader channelId="order_1" classNames={{ header: 'x' }} slots={{ Avatar: (props) => <Avatar {...props} className="round" /> }} />
      <MessageList ref={list} channelId="order_1" reactions={['👍']} renderMessage={(one) => one.content} slots={{ Receipt: ({ mark }) => <>{mark}</>, DayLine: ({ at }) => <>{at.toFixed()}</> }} />
      <MessageInput ref={input} channelId="order_1" sendOnEnter="desktop" onError={(fault) => expectTypeOf(fault).toEqualTypeOf<CariosanError>()}
        slots={{ UploadChip: ({ message: one, onCancel }) => <button type="button" onClick={onCancel}>{one.progress}</button> }} />
      <MessageListRoot channelId="order_1">
        {({ mounted, scrollerProps, rowsProps, rowProps }) => (
          <div {...scrollerProps}><ol {...rowsProps}>{mounted.map((placed) => <li key={placed.row.key} {...rowProps(placed)}>{placed.row.kind}</li>)}</ol></div>
        )}
      </MessageListRoot>
      <SearchPanel onOpen={({ message: one, snippet }) => [expectTypeOf(one.id).toEqualTypeOf<string>(), expectTypeOf(snippet).toEqualTypeOf<string>()]} />
      {/* @ts-expect-error: a channel is needed */}
      <Chat />
      {/* @ts-expect-error: Enter sends, or not, or on desktops */}
      <MessageInput channelId="order_1" sendOnEnter="always" />
      {/* @ts-expect-error: a slot gets what its part gets */}
      <MessageList channelId="order_1" slots={{ Receipt: ({ seen }: { readonly seen: boolean }) => <>{seen}</> }} />
      {/* @ts-expect-error: there is no such slot */}
      <ChannelList onSelect={() => {}} slots={{ Rows: () => null }} />
    </ChatProvider>
  );
}

export function Providers(): ReactNode {
  return (
    <>
      <ChatProvider options={options} userKey="alice" strings={en} />
      <Headless options={options} userKey="alice" strings={id} />
      {/* @ts-expect-error: the language is the app's to choose */}
      <Headless options={options} userKey="alice" />
      {/* @ts-expect-error: there is no such text */}
      <ChatProvider client={client} strings={{ ...en, hello: 'Hello' }} />
    </>
  );
}

// @ts-expect-error: a catalogue that lacks a text is none
export const partial: Strings = { locale: 'fr', send: 'Envoyer' };
export const whole: readonly Strings[] = [en, id];
