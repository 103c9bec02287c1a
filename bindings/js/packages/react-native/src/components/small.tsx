// The small parts: avatars, badges, marks, who types, the banner of the connection.

import { useEffect, useState, type ReactNode } from 'react';
import { Image, Pressable, Text, View } from 'react-native';
import { useConnection, useOutbox, usePresence, useStrings, useTyping, type ReceiptMark } from '@cariosan/react/headless';
import { useTheme } from '../provider.tsx';
import { nameOf } from '../texts.ts';

export const TOUCH = 44;

export function Avatar({ name, url, size = 40 }: { readonly name: string; readonly url?: string | null | undefined; readonly size?: number }): ReactNode {
  const theme = useTheme();
  const round = { width: size, height: size, borderRadius: size / 2 };
  // Only what was fetched in a safe way is shown.
  if (url != null && url.startsWith('https:')) return <Image accessibilityIgnoresInvertColors source={{ uri: url }} style={round} />;
  return (
    <View style={{ ...round, alignItems: 'center', justifyContent: 'center', backgroundColor: theme.surface }} accessibilityElementsHidden importantForAccessibility="no-hide-descendants">
      <Text style={{ color: theme.text, fontSize: size * 0.42, fontWeight: '600' }}>{[...name.trim()][0]?.toUpperCase() ?? '?'}</Text>
    </View>
  );
}

export function UnreadBadge({ count, mentioned = false }: { readonly count: number; readonly mentioned?: boolean }): ReactNode {
  const theme = useTheme();
  const strings = useStrings();
  if (count === 0) return null;
  const label = [strings.unreadMessages(count), ...(mentioned ? [strings.mentioned] : [])].join(', ');
  return (
    <View accessible accessibilityLabel={label} style={{ minWidth: 22, paddingHorizontal: 6, borderRadius: 11, alignItems: 'center', backgroundColor: theme.accent }}>
      <Text style={{ color: theme.onAccent, fontSize: 13, lineHeight: 22, fontWeight: '700' }}>{`${mentioned ? '@' : ''}${count > 99 ? '99+' : count}`}</Text>
    </View>
  );
}

export function PresenceBadge({ userId }: { readonly userId: string | null }): ReactNode {
  const theme = useTheme();
  const strings = useStrings();
  const online = usePresence(userId)?.status === 'online';
  return online ? <View accessible accessibilityRole="image" accessibilityLabel={strings.online} style={{ width: 10, height: 10, borderRadius: 5, backgroundColor: '#2e9e5b', borderWidth: 1, borderColor: theme.background }} /> : null;
}

const ticks: Readonly<Record<ReceiptMark, string>> = { sent: '✓', delivered: '✓✓', read: '✓✓' };

export function ReceiptIcon({ mark, color }: { readonly mark: ReceiptMark; readonly color: string }): ReactNode {
  const strings = useStrings();
  return <Text accessibilityLabel={strings[mark]} style={{ color, fontSize: 12, fontWeight: mark === 'read' ? '700' : '400' }}>{ticks[mark]}</Text>;
}

export function TypingIndicator({ channelId, max = 2 }: { readonly channelId: string; readonly max?: number }): ReactNode {
  const theme = useTheme();
  const strings = useStrings();
  const { typists } = useTyping(channelId);
  if (typists.length === 0) return null;
  const names = typists.slice(0, max).map((user) => nameOf(user, strings));
  return <Text accessibilityLiveRegion="polite" style={{ color: theme.muted, backgroundColor: theme.background, paddingHorizontal: 16, paddingVertical: 4 }}>{strings.typing(names, typists.length - names.length)}</Text>;
}

const SHOWN_AFTER_MS = 2_000;

/** Says that there is no connection, once that has lasted for two seconds. */
export function ConnectionBanner(): ReactNode {
  const theme = useTheme();
  const strings = useStrings();
  const { state, isLive, retryIn, retryNow } = useConnection();
  const { waiting } = useOutbox();
  const [late, setLate] = useState(false);
  const calm = isLive || state.name === 'idle' || state.name === 'closed';
  useEffect(() => {
    if (calm) return undefined;
    const timer = setTimeout(() => setLate(true), SHOWN_AFTER_MS);
    return () => {
      clearTimeout(timer);
      setLate(false);
    };
  }, [calm]);
  if (calm || !late) return null;
  const text = retryIn === null ? strings.connection[state.name] : strings.offlineRetry(retryIn);
  return (
    <View style={{ flexDirection: 'row', alignItems: 'center', gap: theme.space, paddingHorizontal: 16, backgroundColor: theme.surface }}>
      <Text accessibilityLiveRegion="polite" style={{ flex: 1, color: theme.text, paddingVertical: 10 }}>{waiting > 0 ? `${text} ${strings.waitingToSend(waiting)}` : text}</Text>
      {state.name === 'waiting' ? <TextButton label={strings.retryNow} onPress={retryNow} /> : null}
    </View>
  );
}

export interface TextButtonProps {
  readonly label: string;
  readonly onPress: () => void;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  readonly symbol?: string;
}

/** As large as a finger. With a symbol the label is only spoken. */
export function TextButton({ label, onPress, danger = false, disabled = false, symbol }: TextButtonProps): ReactNode {
  const theme = useTheme();
  return (
    <Pressable accessibilityRole="button" accessibilityLabel={label} accessibilityState={{ disabled }} disabled={disabled} onPress={onPress}
      style={{ minWidth: TOUCH, minHeight: TOUCH, paddingHorizontal: theme.space, alignItems: 'center', justifyContent: 'center', opacity: disabled ? 0.45 : 1 }}>
      <Text style={{ color: danger ? theme.danger : theme.accent, fontSize: symbol === undefined ? theme.fontSize : 22, fontWeight: '600' }}>{symbol ?? label}</Text>
    </Pressable>
  );
}

export function Notice({ text, children }: { readonly text: string; readonly children?: ReactNode }): ReactNode {
  const theme = useTheme();
  return (
    <View style={{ flex: 1, alignItems: 'center', justifyContent: 'center', padding: 24, gap: theme.space, backgroundColor: theme.background }}>
      <Text style={{ color: theme.muted, fontSize: theme.fontSize, textAlign: 'center' }}>{text}</Text>
      {children}
    </View>
  );
}
