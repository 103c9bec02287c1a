// Where messages are written. The words come back if the server refuses them.

import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { KeyboardAvoidingView, Platform, Pressable, Text, TextInput, View } from 'react-native';
import { isCariosanError, type UploadSource, type UserRef } from '@cariosan/client';
import {
  reasonOf, useBlocked, useChannel, useEditDraft, useMe, useMembers, useMessageActions, useMessageSender, useMuted, useReplyDraft, useSlowMode, useStrings, useSuspended, useTyping, useWorkspaceSettings,
} from '@cariosan/react/headless';
import { mentionAt, mentionDraft, suggestionsFor, withMention } from '@cariosan/react/text';
import { useTheme } from '../provider.tsx';
import { nameOf, summaryOf, titleOf } from '../texts.ts';
import { TextButton, TOUCH } from './small.tsx';

export interface MessageInputProps {
  readonly channelId: string;
  readonly placeholder?: string;
  readonly disabled?: boolean;
  /** The app's own picker. Each file is sent as a message. */
  readonly attach?: () => Promise<readonly UploadSource[]>;
  /** What stands above the screen's top that the keyboard does not know of, as a header. */
  readonly keyboardVerticalOffset?: number;
  /** Of the safe area, as the app knows it. */
  readonly insets?: { readonly bottom: number };
  readonly onError?: (reason: string) => void;
}

const LINES = 6;
const MENTIONED_AT_ONCE = 5;

/** The others that fit what stands after an "@" at the end. */
function useMentions(channelId: string, text: string): readonly UserRef[] {
  const me = useMe();
  const { members } = useMembers(channelId);
  const query = mentionAt(text, text.length)?.query;
  return useMemo(() => (query === undefined ? [] : suggestionsFor(members.map(({ user }) => user).filter(({ id }) => id !== me?.id), query, MENTIONED_AT_ONCE)), [members, me, query]);
}

/** Why nothing can be written here; null: something can. */
function useObstacle(channelId: string): string | null {
  const strings = useStrings();
  const { channel, status } = useChannel(channelId);
  const { blocked } = useBlocked();
  const muted = useMuted(channelId);
  const suspended = useSuspended();
  if (suspended) return strings.suspendedNote;
  if (status === 'gone') return strings.gone;
  if (channel === null) return null;
  if (channel.readOnly) return channel.peer !== null && blocked.has(channel.peer.id) ? strings.blockedNote(nameOf(channel.peer, strings)) : strings.peerGone;
  if (channel.frozen && channel.role !== 'admin') return strings.frozenNote;
  return muted ? strings.mutedNote : null;
}

function Chip({ label, text, cancel, onCancel }: { readonly label: string; readonly text: string; readonly cancel: string; readonly onCancel: () => void }): ReactNode {
  const theme = useTheme();
  return (
    <View style={{ flexDirection: 'row', alignItems: 'center', paddingLeft: 12, borderLeftWidth: 3, borderColor: theme.accent, backgroundColor: theme.surface }}>
      <View style={{ flex: 1 }}>
        <Text style={{ color: theme.accent, fontSize: 13, fontWeight: '600' }}>{label}</Text>
        <Text numberOfLines={1} style={{ color: theme.muted, fontSize: 14 }}>{text}</Text>
      </View>
      <TextButton label={cancel} symbol="×" onPress={onCancel} />
    </View>
  );
}

export function MessageInput({ channelId, placeholder, disabled = false, attach, keyboardVerticalOffset = 0, insets, onError }: MessageInputProps): ReactNode {
  const theme = useTheme();
  const strings = useStrings();
  const { channel } = useChannel(channelId);
  const obstacle = useObstacle(channelId);
  const limit = useWorkspaceSettings()?.maxMessageBytes ?? null;
  const { sendMessage, sendAttachment } = useMessageSender(channelId);
  const { editMessage } = useMessageActions(channelId);
  const { onInput, onStop } = useTyping(channelId);
  const reply = useReplyDraft();
  const edit = useEditDraft();
  const [text, setText] = useState('');
  const [named, setNamed] = useState(() => mentionDraft(null));
  const [failure, setFailure] = useState<string | null>(null);
  const offered = useMentions(channelId, text);
  const edited = edit.message;
  const slow = useSlowMode(channelId);
  /** An edit is no message. */
  const wait = edited === null ? slow : 0;
  useEffect(() => {
    if (edited !== null) setText(edited.content);
    setNamed(mentionDraft(edited));
  }, [edited]);

  const failed = (fault: unknown): void => {
    const reason = reasonOf(strings, isCariosanError(fault) ? fault.code : 'other');
    setFailure(strings.actionFailed(reason));
    onError?.(reason);
  };

  function change(next: string): void {
    setText(next);
    setFailure(null);
    if (next === '') onStop();
    else onInput();
  }

  function pick({ name, external_id: external }: UserRef): void {
    const query = mentionAt(text, text.length);
    if (query === null || external === null) return;
    setText(withMention(text, query, name).text);
    named.choose(name, external);
  }

  function submit(): void {
    const content = text.trim();
    if (content === '' || wait > 0) return;
    onStop();
    setText('');
    setFailure(null);
    const mentions = named.of(content);
    setNamed(mentionDraft(null));
    if (edited !== null) {
      edit.cancel();
      editMessage(edited.id, content, mentions).catch(failed);
      return;
    }
    sendMessage({ text: content, ...(mentions === undefined ? {} : { mentions }) }).catch((fault: unknown) => {
      if (!isCariosanError(fault, 'MESSAGE_REJECTED')) return;
      setText((now) => (now === '' ? content : now));
      failed(fault);
    });
  }

  async function addFiles(): Promise<void> {
    for (const file of (await attach?.()) ?? []) sendAttachment(file);
  }

  if (obstacle !== null) return <Text accessibilityLiveRegion="polite" style={{ color: theme.muted, textAlign: 'center', padding: 16, paddingBottom: 16 + (insets?.bottom ?? 0), backgroundColor: theme.surface }}>{obstacle}</Text>;
  const tooLong = limit !== null && text.length > limit;
  const said = tooLong ? strings.tooLong(limit) : failure;
  return (
    <KeyboardAvoidingView behavior={Platform.OS === 'ios' ? 'padding' : 'height'} keyboardVerticalOffset={keyboardVerticalOffset}>
      <View style={{ borderTopWidth: 1, borderColor: theme.line, backgroundColor: theme.background, paddingBottom: insets?.bottom ?? 0 }}>
        {offered.map((user) => (
          <Pressable key={user.id} accessibilityRole="button" onPress={() => pick(user)} style={{ minHeight: TOUCH, paddingHorizontal: 16, justifyContent: 'center' }}>
            <Text style={{ color: theme.text, fontSize: theme.fontSize }}>{`@${user.name}`}</Text>
          </Pressable>
        ))}
        {reply.message === null ? null : <Chip label={strings.replyingTo(reply.message.own ? strings.you : nameOf(reply.message.user, strings))} text={summaryOf(reply.message, strings)} cancel={strings.cancelReply} onCancel={reply.cancel} />}
        {edited === null ? null : <Chip label={strings.editing} text={edited.content} cancel={strings.cancelEdit} onCancel={() => { edit.cancel(); setText(''); }} />}
        {wait > 0 ? <Text accessibilityLabel={strings.reason.SLOW_MODE} accessibilityLiveRegion="polite" style={{ color: theme.muted, paddingHorizontal: 16, paddingTop: 6 }}>{strings.slowWait(wait)}</Text> : null}
        {said === null ? null : <Text accessibilityRole="alert" style={{ color: theme.danger, paddingHorizontal: 16, paddingTop: 6 }}>{said}</Text>}
        <View style={{ flexDirection: 'row', alignItems: 'flex-end', padding: 6, gap: 4 }}>
          {attach === undefined ? null : <TextButton label={strings.attach} symbol="＋" disabled={disabled || wait > 0} onPress={() => void addFiles().catch(failed)} />}
          <TextInput multiline editable={!disabled} value={text} onChangeText={change} onBlur={onStop} placeholder={placeholder ?? strings.placeholder} placeholderTextColor={theme.muted}
            accessibilityLabel={channel === null ? strings.placeholder : strings.writeTo(titleOf(channel, strings))}
            style={{ flex: 1, minHeight: TOUCH, maxHeight: theme.fontSize * 1.4 * LINES, color: theme.text, fontSize: theme.fontSize, backgroundColor: theme.surface, borderRadius: theme.radius, paddingHorizontal: 12, paddingVertical: 10 }} />
          <TextButton label={edited === null ? strings.send : strings.save} symbol="➤" disabled={disabled || tooLong || wait > 0 || text.trim() === ''} onPress={submit} />
        </View>
      </View>
    </KeyboardAvoidingView>
  );
}
