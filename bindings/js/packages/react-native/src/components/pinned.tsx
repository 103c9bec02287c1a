// The bar of pinned messages, and what somebody reports something for.

import { useState, type ReactNode } from 'react';
import { Pressable, Text, View } from 'react-native';
import type { Id, Message } from '@cariosan/client';
import { usePins, useStrings } from '@cariosan/react/headless';
import { useTheme } from '../provider.tsx';
import { nameOf } from '../texts.ts';
import { TextButton, TOUCH } from './small.tsx';

export interface PinnedMessagesProps {
  readonly channelId: string;
  /** Somebody wants to go there: give its id to the `around` of the list. */
  readonly onOpen: (message: Message) => void;
}

/** The one pinned last, then those before it, one with each press. Nothing while nothing is pinned. */
export function PinnedMessages({ channelId, onOpen }: PinnedMessagesProps): ReactNode {
  const theme = useTheme();
  const strings = useStrings();
  const { messages } = usePins(channelId);
  // Which one is shown, of those that began with this one: another pin begins anew.
  const [place, setPlace] = useState<{ readonly newest: Id | undefined; readonly at: number }>({ newest: undefined, at: 0 });
  const newest = messages[0]?.id;
  const at = place.newest === newest && place.at < messages.length ? place.at : 0;
  const message = messages[at];
  if (message === undefined) return null;
  const [name, text] = [nameOf(message.user, strings), message.content === '' ? strings.attachment : message.content];
  const next = (): void => {
    setPlace({ newest, at: (at + 1) % messages.length });
    onOpen(message);
  };
  return (
    <Pressable accessibilityRole="button" accessibilityLabel={`${strings.pinnedMessage(at + 1, messages.length)}, ${name}: ${text}`} onPress={next}
      style={{ flexDirection: 'row', alignItems: 'center', gap: theme.space, minHeight: TOUCH, paddingHorizontal: 16, paddingVertical: 4, backgroundColor: theme.surface, borderBottomWidth: 1, borderColor: theme.line }}>
      <View style={{ width: 3, alignSelf: 'stretch', backgroundColor: theme.accent }} />
      <View style={{ flex: 1 }}>
        <Text numberOfLines={1} style={{ color: theme.accent, fontSize: 13, fontWeight: '600' }}>{`${strings.pinned} · ${name}`}</Text>
        <Text numberOfLines={1} style={{ color: theme.text, fontSize: 14 }}>{text}</Text>
      </View>
      {messages.length > 1 ? <Text style={{ color: theme.muted, fontSize: 13 }}>{`${at + 1}/${messages.length}`}</Text> : null}
    </Pressable>
  );
}

/** The reasons to choose from. */
export function Reasons({ onPick }: { readonly onPick: (reason: string) => void }): ReactNode {
  const { reportReason } = useStrings();
  return Object.entries(reportReason).map(([reason, label]) => <TextButton key={reason} label={label} onPress={() => onPick(reason)} />);
}
