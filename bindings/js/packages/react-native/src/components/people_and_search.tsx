// Who is in a conversation, and searching.

import { useState, type ReactNode } from 'react';
import { FlatList, Pressable, Text, TextInput, View } from 'react-native';
import type { SearchHit, UserRef } from '@cariosan/client';
import { reasonOf, useCariosan, useMe, useMembers, useSearch, useStrings } from '@cariosan/react/headless';
import { useTheme } from '../provider.tsx';
import { nameOf, timeOf } from '../texts.ts';
import { Reasons } from './pinned.tsx';
import { Avatar, Notice, PresenceBadge, TextButton, TOUCH } from './small.tsx';

/** Asks for a reason, and says how it ended. */
function Report({ user }: { readonly user: UserRef }): ReactNode {
  const theme = useTheme();
  const strings = useStrings();
  const client = useCariosan();
  const [asks, setAsks] = useState(false);
  const [words, setWords] = useState('');
  const { external_id: ref } = user;
  if (ref === null) return null;
  const report = (reason: string): void => {
    setAsks(false);
    client.reportUser(ref, reason).then(() => setWords(strings.reported), (fault: { code?: string }) => setWords(strings.actionFailed(reasonOf(strings, fault.code ?? 'other'))));
  };
  return (
    <View style={{ alignItems: 'flex-end' }}>
      {asks ? <Reasons onPick={report} /> : <TextButton label={strings.reportUser(nameOf(user, strings))} symbol="⚑" onPress={() => setAsks(true)} />}
      {words === '' ? null : <Text accessibilityLiveRegion="polite" style={{ color: theme.muted, fontSize: 13 }}>{words}</Text>}
    </View>
  );
}

export function MemberList({ channelId }: { readonly channelId: string }): ReactNode {
  const theme = useTheme();
  const strings = useStrings();
  const me = useMe();
  const { members, complete, loadMore } = useMembers(channelId);
  return (
    <FlatList accessibilityLabel={strings.memberList} data={members} keyExtractor={({ user }) => user.id} style={{ backgroundColor: theme.background }} onEndReached={complete ? null : loadMore}
      renderItem={({ item: { user, role } }) => (
        <View style={{ flexDirection: 'row', alignItems: 'center', gap: 12, minHeight: 56, paddingHorizontal: 16 }}>
          <View accessible style={{ flex: 1, flexDirection: 'row', alignItems: 'center', gap: 12 }}>
            <Avatar name={user.name} url={user.avatar_url} />
            <Text style={{ flex: 1, color: theme.text, fontSize: theme.fontSize }}>{nameOf(user, strings)}</Text>
            {role === 'admin' ? <Text style={{ color: theme.muted }}>{strings.admin}</Text> : null}
            <PresenceBadge userId={user.id} />
          </View>
          {me === null || user.id === me.id ? null : <Report user={user} />}
        </View>
      )} />
  );
}

/** A snippet, cut where something was found in it. */
function Snippet({ hit }: { readonly hit: SearchHit }): ReactNode {
  const theme = useTheme();
  const parts: ReactNode[] = [];
  let done = 0;
  for (const [start, end] of hit.highlights) {
    parts.push(hit.snippet.slice(done, start), <Text key={start} style={{ fontWeight: '700', color: theme.accent }}>{hit.snippet.slice(start, end)}</Text>);
    done = end;
  }
  return <Text numberOfLines={2} style={{ color: theme.text }}>{[...parts, hit.snippet.slice(done)]}</Text>;
}

export interface SearchScreenProps {
  readonly channelId?: string;
  readonly onOpen: (hit: SearchHit) => void;
}

export function SearchScreen({ channelId, onOpen }: SearchScreenProps): ReactNode {
  const theme = useTheme();
  const strings = useStrings();
  const { query, setQuery, results, loading, hasMore, loadMore } = useSearch({ channel: channelId });
  const hint = results === null ? (loading ? strings.loading : strings.searchHint) : strings.searchNone;
  return (
    <View style={{ flex: 1, backgroundColor: theme.background }}>
      <TextInput autoFocus value={query} onChangeText={setQuery} placeholder={strings.searchPlaceholder} placeholderTextColor={theme.muted} accessibilityLabel={strings.search}
        style={{ minHeight: TOUCH, margin: 8, paddingHorizontal: 12, borderRadius: theme.radius, color: theme.text, backgroundColor: theme.surface, fontSize: theme.fontSize }} />
      {results === null || results.length === 0 ? null : <Text accessibilityLiveRegion="polite" style={{ color: theme.muted, paddingHorizontal: 16 }}>{strings.searchFound(results.length, hasMore)}</Text>}
      <FlatList data={results ?? []} keyExtractor={({ message }) => message.id} onEndReached={hasMore ? loadMore : null} keyboardShouldPersistTaps="handled" contentContainerStyle={{ flexGrow: 1 }}
        ListEmptyComponent={<Notice text={hint} />}
        renderItem={({ item }) => (
          <Pressable accessibilityRole="button" onPress={() => onOpen(item)} style={{ minHeight: 60, paddingHorizontal: 16, paddingVertical: 8 }}>
            <Text style={{ color: theme.muted, fontSize: 13 }}>{`${nameOf(item.message.user, strings)}, ${timeOf(item.message.created_at, strings)}`}</Text>
            <Snippet hit={item} />
          </Pressable>
        )} />
    </View>
  );
}
