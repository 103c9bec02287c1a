// The list of conversations, and the header of one.

import { memo, useCallback, type ReactNode } from 'react';
import { FlatList, Pressable, Text, View, type StyleProp, type ViewStyle } from 'react-native';
import type { ChannelSnapshot } from '@cariosan/client';
import { useChannel, useChannels, usePresence, useStrings } from '@cariosan/react/headless';
import { useTheme } from '../provider.tsx';
import { nameOf, summaryOf, timeOf, titleOf } from '../texts.ts';
import { Avatar, Notice, PresenceBadge, TextButton, UnreadBadge } from './small.tsx';

interface RowProps {
  readonly channel: ChannelSnapshot;
  readonly selected: boolean;
  readonly onSelect: (channel: ChannelSnapshot) => void;
}

function previewOf({ preview }: ChannelSnapshot, strings: ReturnType<typeof useStrings>): string {
  if (preview === null) return strings.noMessages;
  return `${preview.own ? strings.you : nameOf(preview.user, strings)}: ${summaryOf(preview, strings)}`;
}

const ChannelRow = memo(function ChannelRow({ channel, selected, onSelect }: RowProps): ReactNode {
  const theme = useTheme();
  const strings = useStrings();
  const title = titleOf(channel, strings);
  const preview = previewOf(channel, strings);
  const time = timeOf(channel.lastActivity, strings);
  const unread = channel.unread > 0 ? [strings.unreadMessages(channel.unread)] : [];
  const label = [title, ...unread, ...(channel.muted ? [strings.muted] : []), preview, time].join(', ');
  return (
    <Pressable accessibilityRole="button" accessibilityLabel={label} accessibilityState={{ selected }} onPress={() => onSelect(channel)}
      style={{ flexDirection: 'row', alignItems: 'center', gap: 12, paddingHorizontal: 16, paddingVertical: 10, minHeight: 64, backgroundColor: selected ? theme.surface : theme.background }}>
      <View>
        <Avatar name={title} url={channel.peer?.avatar_url ?? channel.avatarUrl} size={44} />
        <View style={{ position: 'absolute', right: 0, bottom: 0 }}><PresenceBadge userId={channel.peer?.id ?? null} /></View>
      </View>
      <View style={{ flex: 1, gap: 2 }}>
        <Text numberOfLines={1} style={{ color: theme.text, fontSize: theme.fontSize, fontWeight: channel.unread > 0 ? '700' : '500' }}>{title}</Text>
        <Text numberOfLines={1} style={{ color: theme.muted, fontSize: 14 }}>{preview}</Text>
      </View>
      <View style={{ alignItems: 'flex-end', gap: 4 }}>
        <Text style={{ color: theme.muted, fontSize: 12 }}>{channel.muted ? `🔕 ${time}` : time}</Text>
        <UnreadBadge count={channel.unread} mentioned={channel.mentions > 0} />
      </View>
    </Pressable>
  );
});

export interface ChannelListProps {
  readonly onSelect: (channel: ChannelSnapshot) => void;
  /** The id of the one that is open, where both are on one screen. */
  readonly selected?: string;
  readonly filter?: (channel: ChannelSnapshot) => boolean;
  readonly emptyState?: ReactNode;
  readonly style?: StyleProp<ViewStyle>;
}

export function ChannelList({ onSelect, selected, filter, emptyState, style }: ChannelListProps): ReactNode {
  const theme = useTheme();
  const strings = useStrings();
  const { channels, loading, hasMore, loadMore } = useChannels(filter === undefined ? {} : { filter });
  const renderItem = useCallback(({ item }: { item: ChannelSnapshot }) => <ChannelRow channel={item} selected={item.id === selected} onSelect={onSelect} />, [selected, onSelect]);
  return (
    <FlatList accessibilityLabel={strings.conversations} data={channels} keyExtractor={({ id }) => id} renderItem={renderItem} style={[{ backgroundColor: theme.background }, style]}
      contentContainerStyle={{ flexGrow: 1 }} onEndReached={hasMore ? loadMore : null} onEndReachedThreshold={1}
      ListEmptyComponent={loading ? <Notice text={strings.loading} /> : <>{emptyState ?? <Notice text={strings.noConversations} />}</>} />
  );
}

export interface ChannelHeaderProps {
  readonly channelId: string;
  readonly onBack?: () => void;
  readonly onSearch?: () => void;
  readonly onInfo?: () => void;
}

function Status({ channel }: { readonly channel: ChannelSnapshot }): ReactNode {
  const theme = useTheme();
  const strings = useStrings();
  const presence = usePresence(channel.peer?.id ?? null);
  const lastSeen = presence?.lastSeenAt ?? null;
  const away = lastSeen === null ? strings.offline : strings.lastSeen(timeOf(lastSeen, strings));
  const text = channel.type === 'group' ? strings.members(channel.memberCount) : presence?.status === 'online' ? strings.online : presence === null ? '' : away;
  return text === '' ? null : <Text style={{ color: theme.muted, fontSize: 13 }}>{text}</Text>;
}

export function ChannelHeader({ channelId, onBack, onSearch, onInfo }: ChannelHeaderProps): ReactNode {
  const theme = useTheme();
  const strings = useStrings();
  const { channel } = useChannel(channelId);
  const title = channel === null ? strings.loading : titleOf(channel, strings);
  return (
    <View style={{ flexDirection: 'row', alignItems: 'center', gap: 2, paddingHorizontal: 4, paddingVertical: 6, borderBottomWidth: 1, borderColor: theme.line, backgroundColor: theme.background }}>
      {onBack === undefined ? null : <TextButton label={strings.conversations} symbol="‹" onPress={onBack} />}
      <Avatar name={title} url={channel?.peer?.avatar_url ?? channel?.avatarUrl} size={36} />
      <View style={{ flex: 1, marginLeft: 8 }}>
        <Text accessibilityRole="header" numberOfLines={1} style={{ color: theme.text, fontSize: 17, fontWeight: '600' }}>{title}</Text>
        {channel === null ? null : <Status channel={channel} />}
      </View>
      {onSearch === undefined ? null : <TextButton label={strings.search} symbol="🔍" onPress={onSearch} />}
      {onInfo === undefined ? null : <TextButton label={strings.memberList} symbol="👥" onPress={onInfo} />}
    </View>
  );
}

