// One row of a conversation.

import { memo, useState, type ReactNode } from 'react';
import { Image, Linking, Pressable, Text, View, type AccessibilityActionEvent } from 'react-native';
import type { ChatMessage, Quote } from '@cariosan/client';
import { reasonOf, useStrings, type ActionsView, type ReceiptMark, type Strings } from '@cariosan/react/headless';
import { piecesOf } from '@cariosan/react/text';
import { useTheme } from '../provider.tsx';
import { nameOf, summaryOf, timeOf } from '../texts.ts';
import { ReceiptIcon, TextButton } from './small.tsx';

/** Longer ones make inverted lists stutter on Android. */
export const CUT_AT = 2_000;

export type RowAction = 'reply' | 'edit' | 'unsend' | 'react' | 'pin' | 'report' | 'menu' | 'retry' | 'discard';

export interface MessageRowProps {
  readonly message: ChatMessage;
  /** The one before is of somebody else, or of another time. */
  readonly first: boolean;
  readonly mark: ReceiptMark | null;
  readonly focused: boolean;
  /** `detail`: the emoji, or what is reported for. */
  readonly onAction: (action: RowAction, message: ChatMessage, detail?: string) => void;
  readonly onQuote: (id: string) => void;
  readonly can: ActionsView['can'];
}

/** "Budi, Halo, 10.30, read". */
export function labelOf(message: ChatMessage, mark: ReceiptMark | null, strings: Strings): string {
  const state = message.status === 'failed' ? strings.notSent(reasonOf(strings, message.error?.code ?? 'other'))
    : message.status === 'sent' ? (mark === null ? null : strings[mark]) : strings.sending;
  const edited = [...(message.pinned_at === undefined ? [] : [strings.pinned]), ...(message.edited_at === null ? [] : [strings.edited])];
  return [message.own ? strings.you : nameOf(message.user, strings), summaryOf(message, strings), ...edited, timeOf(message.created_at, strings), ...(state === null ? [] : [state])].join(', ');
}

function QuoteBlock({ quote, onPress, color }: { readonly quote: Quote; readonly onPress: () => void; readonly color: string }): ReactNode {
  const strings = useStrings();
  const hidden = quote.hidden === true;
  return (
    <Pressable onPress={onPress} style={{ borderLeftWidth: 3, borderColor: color, paddingLeft: 8, marginBottom: 4, opacity: 0.85 }}>
      <Text numberOfLines={2} style={{ color, fontSize: 14 }}>{hidden ? strings.hiddenQuote : `${quote.user_name || strings.deletedUser}: ${quote.deleted ? strings.unsent : quote.content}`}</Text>
    </Pressable>
  );
}

function Attachment({ message, color }: { readonly message: ChatMessage; readonly color: string }): ReactNode {
  const strings = useStrings();
  const url = message.attachment_url;
  if (message.status === 'uploading') return <Text style={{ color }}>{strings.uploading(Math.round((message.progress ?? 0) * 100))}</Text>;
  if (url === null || !/^https?:/.test(url)) return null;
  const label = summaryOf({ ...message, content: '' }, strings);
  if (message.type === 'image') return <Image accessibilityLabel={label} source={{ uri: url }} resizeMode="cover" style={{ width: 220, height: 160, borderRadius: 8 }} />;
  return <Text accessibilityRole="link" onPress={() => void Linking.openURL(url)} style={{ color, textDecorationLine: 'underline', paddingVertical: 8 }}>{`📎 ${label}`}</Text>;
}

function Body({ message, color }: { readonly message: ChatMessage; readonly color: string }): ReactNode {
  const theme = useTheme();
  const strings = useStrings();
  const [whole, setWhole] = useState(false);
  if (message.deleted_at !== null) return <Text style={{ color, fontStyle: 'italic', opacity: 0.8 }}>{strings.unsent}</Text>;
  if (message.content === '') return null;
  const long = !whole && message.content.length > CUT_AT;
  // Where a text is cut, the places of its mentions may be gone.
  const pieces = long ? piecesOf(`${message.content.slice(0, CUT_AT)}…`) : piecesOf(message.content, message.mentions);
  return (
    <>
      <Text style={{ color, fontSize: theme.fontSize }}>
        {pieces.map(({ kind, text }, at) => {
          if (kind === 'text') return text;
          if (kind === 'mention') return <Text key={at} style={{ fontWeight: '700' }}>{text}</Text>;
          return <Text key={at} accessibilityRole="link" onPress={() => void Linking.openURL(text)} style={{ textDecorationLine: 'underline' }}>{text}</Text>;
        })}
      </Text>
      {long ? <Text accessibilityRole="button" onPress={() => setWhole(true)} style={{ color, fontWeight: '700', paddingVertical: 8 }}>{strings.more}</Text> : null}
    </>
  );
}

function Failed({ message, onAction }: Pick<MessageRowProps, 'message' | 'onAction'>): ReactNode {
  const theme = useTheme();
  const strings = useStrings();
  return (
    <View style={{ flexDirection: 'row', alignItems: 'center', flexWrap: 'wrap', justifyContent: 'flex-end' }}>
      <Text accessibilityRole="alert" style={{ color: theme.danger, fontSize: 13 }}>{strings.notSent(reasonOf(strings, message.error?.code ?? 'other'))}</Text>
      <TextButton label={strings.retry} onPress={() => onAction('retry', message)} />
      <TextButton label={strings.discard} danger onPress={() => onAction('discard', message)} />
    </View>
  );
}

export const MessageRow = memo(function MessageRow({ message, first, mark, focused, onAction, onQuote, can }: MessageRowProps): ReactNode {
  const theme = useTheme();
  const strings = useStrings();
  const { own } = message;
  const color = own ? theme.onOwn : theme.text;
  const offered = [
    ...(can(message, 'reply') ? [{ name: 'reply', label: strings.reply }] : []), ...(can(message, 'react') ? [{ name: 'react', label: strings.react }] : []),
    ...(can(message, 'edit') ? [{ name: 'edit', label: strings.edit }] : []), ...(can(message, 'delete') ? [{ name: 'unsend', label: strings.unsend }] : []),
  ];
  const heard = ({ nativeEvent }: AccessibilityActionEvent): void => onAction(nativeEvent.actionName as RowAction, message);
  const quote = message.deleted_at === null ? message.quoted_message : undefined;
  return (
    <View style={{ paddingHorizontal: 12, paddingTop: first ? 10 : 2, alignItems: own ? 'flex-end' : 'flex-start' }}>
      {first && !own ? <Text style={{ color: theme.muted, fontSize: 13, paddingBottom: 2 }}>{nameOf(message.user, strings)}</Text> : null}
      <Pressable accessible accessibilityLabel={labelOf(message, mark, strings)} accessibilityActions={offered} onAccessibilityAction={heard} onLongPress={() => onAction('menu', message)}
        style={{ maxWidth: '84%', borderRadius: theme.radius, paddingHorizontal: 12, paddingVertical: 8, backgroundColor: own ? theme.own : theme.surface, borderWidth: 2, borderColor: focused ? theme.accent : 'transparent', opacity: message.status === 'pending' ? 0.75 : 1 }}>
        {quote === undefined ? null : <QuoteBlock quote={quote} color={color} onPress={() => onQuote(quote.id)} />}
        {message.deleted_at === null ? <Attachment message={message} color={color} /> : null}
        <Body message={message} color={color} />
        <View style={{ flexDirection: 'row', justifyContent: 'flex-end', gap: 6 }}>
          {message.pinned_at === undefined ? null : <Text style={{ color, fontSize: 12 }}>{strings.pinned}</Text>}
          {message.edited_at === null || message.deleted_at !== null ? null : <Text style={{ color, fontSize: 12 }}>{strings.edited}</Text>}
          <Text style={{ color, fontSize: 12 }}>{timeOf(message.created_at, strings)}</Text>
          {mark === null ? null : <ReceiptIcon mark={mark} color={color} />}
        </View>
      </Pressable>
      {message.reactions.length === 0 ? null : (
        <View style={{ flexDirection: 'row', flexWrap: 'wrap', gap: 4, paddingTop: 2 }}>
          {message.reactions.map(({ emoji, count, reacted_by_me: mine = false }) => (
            <Pressable key={emoji} accessibilityRole="button" accessibilityLabel={strings.reaction(emoji, count, mine)} hitSlop={8} onPress={() => onAction('react', message, emoji)}
              style={{ flexDirection: 'row', paddingHorizontal: 8, minHeight: 28, alignItems: 'center', borderRadius: 14, borderWidth: 1, borderColor: mine ? theme.accent : theme.line, backgroundColor: theme.background }}>
              <Text style={{ color: theme.text }}>{`${emoji} ${count}`}</Text>
            </Pressable>
          ))}
        </View>
      )}
      {message.status === 'failed' ? <Failed message={message} onAction={onAction} /> : null}
    </View>
  );
});
