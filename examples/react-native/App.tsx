// A shop's chat: who is asked for, the conversations, one conversation. The users are those of `cariosan-server --demo`.

import AsyncStorage from '@react-native-async-storage/async-storage';
import {
  ChannelHeader, ChannelList, ChatProvider, ConnectionBanner, createNativeClient, darkTheme, lightTheme, MemberList, MessageInput, MessageList, PinnedMessages, ReplyDraftProvider, SearchScreen,
  TypingIndicator, useTheme,
} from '@cariosan/react-native';
import { en } from '@cariosan/react-native/locales/en';
import { id as indonesian } from '@cariosan/react-native/locales/id';
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { Platform, Pressable, SafeAreaView, Text, useColorScheme, View } from 'react-native';

// The computer that an emulator runs on, as the emulator names it.
const API_URL = Platform.select({ android: 'http://10.0.2.2:8080', default: 'http://127.0.0.1:8080' });

const languages = { en, id: indonesian };

interface Person {
  readonly id: string;
  readonly name: string;
  readonly token: string;
}

/** Your own backend signs your users in and gives them their tokens; the demo names its users, each with a new one. */
async function people(signal?: AbortSignal): Promise<readonly Person[]> {
  const answer = await fetch(`${API_URL}/demo.json`, signal === undefined ? {} : { signal });
  if (!answer.ok) throw new Error(`Is cariosan-server --demo running at ${API_URL}? It answered ${answer.status}.`);
  const { users } = (await answer.json()) as { users: readonly { external_id: string; name: string; token: string }[] };
  return users.map(({ external_id: id, name, token }) => ({ id, name, token }));
}

async function fetchToken(user: string, signal: AbortSignal): Promise<string | null> {
  return (await people(signal)).find(({ id }) => id === user)?.token ?? null;
}

type Place = { readonly name: 'list' } | { readonly name: 'chat' | 'members' | 'search'; readonly id: string; readonly around?: string };

function Screens(): ReactNode {
  const theme = useTheme();
  const [place, setPlace] = useState<Place>({ name: 'list' });
  if (place.name === 'list') return <ChannelList style={{ flex: 1 }} onSelect={({ id }) => setPlace({ name: 'chat', id })} />;
  const { id } = place;
  const back = (): void => setPlace(place.name === 'chat' ? { name: 'list' } : { name: 'chat', id });
  return (
    <View style={{ flex: 1, backgroundColor: theme.background }}>
      <ChannelHeader channelId={id} onBack={back} onInfo={() => setPlace({ name: 'members', id })} onSearch={() => setPlace({ name: 'search', id })} />
      {place.name === 'members' ? <MemberList channelId={id} /> : null}
      {place.name === 'search' ? <SearchScreen channelId={id} onOpen={({ message }) => setPlace({ name: 'chat', id, around: message.id })} /> : null}
      {place.name === 'chat' ? (
        <ReplyDraftProvider>
          <PinnedMessages channelId={id} onOpen={(message) => setPlace({ name: 'chat', id, around: message.id })} />
          <MessageList channelId={id} {...(place.around === undefined ? {} : { around: place.around })} />
          <TypingIndicator channelId={id} />
          <MessageInput channelId={id} />
        </ReplyDraftProvider>
      ) : null}
    </View>
  );
}

function Chat({ user, locale }: { readonly user: string; readonly locale: 'en' | 'id' }): ReactNode {
  const client = useMemo(() => createNativeClient({ apiUrl: API_URL, token: ({ signal }) => fetchToken(user, signal), cacheKey: user, AsyncStorage }), [user]);
  useEffect(() => () => void client.close(), [client]);
  return (
    <ChatProvider client={client} strings={languages[locale]}>
      <ConnectionBanner />
      <Screens />
    </ChatProvider>
  );
}

export function App(): ReactNode {
  const theme = useColorScheme() === 'dark' ? darkTheme : lightTheme;
  const [user, setUser] = useState<string | null>(null);
  const [locale, setLocale] = useState<'en' | 'id'>('en');
  const [all, setAll] = useState<readonly Person[]>([]);
  const [problem, setProblem] = useState('');
  useEffect(() => {
    people().then(setAll, (fault: unknown) => setProblem(fault instanceof Error ? fault.message : String(fault)));
  }, []);
  if (user !== null) return <SafeAreaView style={{ flex: 1, backgroundColor: theme.background }}><Chat user={user} locale={locale} /></SafeAreaView>;
  return (
    <SafeAreaView style={{ flex: 1, justifyContent: 'center', padding: 24, gap: 12, backgroundColor: theme.background }}>
      {problem === '' ? null : <Text accessibilityRole="alert" style={{ color: theme.danger }}>{problem}</Text>}
      {all.map(({ id, name }) => (
        <Pressable key={id} accessibilityRole="button" onPress={() => setUser(id)} style={{ padding: 16, borderRadius: 12, backgroundColor: theme.own }}>
          <Text style={{ color: theme.onOwn, fontSize: 18, textAlign: 'center' }}>{name}</Text>
        </Pressable>
      ))}
      <Pressable accessibilityRole="button" onPress={() => setLocale(locale === 'en' ? 'id' : 'en')} style={{ padding: 12 }}>
        <Text style={{ textAlign: 'center', color: theme.accent }}>{locale === 'en' ? 'Bahasa Indonesia' : 'English'}</Text>
      </Pressable>
    </SafeAreaView>
  );
}
