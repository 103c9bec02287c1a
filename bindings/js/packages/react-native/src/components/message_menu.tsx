// What can be done with a message, over everything else.

import { useState, type ReactNode } from 'react';
import { Modal, Pressable, Text, View } from 'react-native';
import type { ChatMessage } from '@cariosan/client';
import { useStrings } from '@cariosan/react/headless';
import { useTheme } from '../provider.tsx';
import { summaryOf } from '../texts.ts';
import type { MessageRowProps, RowAction } from './message_row.tsx';
import { Reasons } from './pinned.tsx';
import { TextButton, TOUCH } from './small.tsx';

export const REACTIONS: readonly string[] = ['👍', '❤️', '😂', '🎉', '😮', '🙏'];

export interface ReactionBarProps {
  readonly onPick: (emoji: string) => void;
  readonly emoji?: readonly string[];
}

export function ReactionBar({ onPick, emoji = REACTIONS }: ReactionBarProps): ReactNode {
  const theme = useTheme();
  const strings = useStrings();
  return (
    <View style={{ flexDirection: 'row', flexWrap: 'wrap', justifyContent: 'space-around' }}>
      {emoji.map((one) => (
        <Pressable key={one} accessibilityRole="button" accessibilityLabel={strings.reactWith(one)} onPress={() => onPick(one)} style={{ width: TOUCH, height: TOUCH, alignItems: 'center', justifyContent: 'center' }}>
          <Text style={{ color: theme.text, fontSize: 26 }}>{one}</Text>
        </Pressable>
      ))}
    </View>
  );
}

export interface MessageMenuProps {
  readonly message: ChatMessage;
  readonly can: MessageRowProps['can'];
  readonly onAction: (action: RowAction, message: ChatMessage, detail?: string) => void;
  readonly onClose: () => void;
  readonly reactions?: readonly string[] | undefined;
}

export function MessageMenu({ message, can, onAction, onClose, reactions }: MessageMenuProps): ReactNode {
  const theme = useTheme();
  const strings = useStrings();
  const [sure, setSure] = useState(false);
  const [reports, setReports] = useState(false);
  const title = reports ? strings.report : strings.moreFor(summaryOf(message, strings));
  const run = (action: RowAction, detail?: string) => (): void => {
    onClose();
    onAction(action, message, detail);
  };
  return (
    <Modal accessibilityLabel={title} transparent animationType="fade" onRequestClose={onClose}>
      <Pressable accessibilityLabel={strings.close} onPress={onClose} style={{ flex: 1, justifyContent: 'flex-end', backgroundColor: 'rgba(0,0,0,0.45)' }}>
        <View accessibilityViewIsModal onStartShouldSetResponder={() => true} style={{ backgroundColor: theme.background, borderTopLeftRadius: 18, borderTopRightRadius: 18, padding: 16, gap: 4 }}>
          <Text numberOfLines={2} style={{ color: theme.muted, fontSize: 14, paddingBottom: 4 }}>{title}</Text>
          {reports ? <Reasons onPick={(reason) => run('report', reason)()} /> : <>
          {can(message, 'react') ? <ReactionBar onPick={(emoji) => run('react', emoji)()} {...(reactions === undefined ? {} : { emoji: reactions })} /> : null}
          {can(message, 'reply') ? <TextButton label={strings.reply} onPress={run('reply')} /> : null}
          {can(message, 'edit') ? <TextButton label={strings.edit} onPress={run('edit')} /> : null}
          {can(message, 'pin') ? <TextButton label={message.pinned_at === undefined ? strings.pin : strings.unpin} onPress={run('pin')} /> : null}
          {can(message, 'report') ? <TextButton danger label={strings.report} onPress={() => setReports(true)} /> : null}
          {can(message, 'delete') ? <TextButton danger label={sure ? strings.unsendSure : strings.unsend} onPress={sure ? run('unsend') : () => setSure(true)} /> : null}
          </>}
          <TextButton label={strings.cancel} onPress={onClose} />
        </View>
      </Pressable>
    </Modal>
  );
}
