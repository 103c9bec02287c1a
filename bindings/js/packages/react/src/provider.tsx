// What all hooks and components stand in: the client, the language, and what the server has rendered with.

import { createContext, useContext, useMemo, useState, type ReactNode } from 'react';
import type { Cariosan, CariosanOptions, InitialData } from '@cariosan/client';
import { sameList, useBrowserLayoutEffect } from './cells.ts';
import { acquire, findOrMake, release, type OwnedClient } from './clients.ts';
import type { Strings } from './strings.ts';

export interface ChatContext {
  readonly client: Cariosan;
  readonly strings: Strings;
  /** BCP 47, for times and days. */
  readonly locale: string;
  readonly initialData: InitialData | null;
}

const Context = createContext<ChatContext | null>(null);

export interface ChatProviderProps {
  /** The app's own client, which is the app's to close. */
  readonly client?: Cariosan;
  /** Or the provider makes one, for as long as there is a provider of this user. */
  readonly options?: CariosanOptions;
  /** With `options`: your own id of the user. Another one is another client. */
  readonly userKey?: string;
  /** False: connecting is left to the app. */
  readonly connect?: boolean;
  /** The language: a catalogue such as `en` of `/locales/en`, or one with texts of your own in it. */
  readonly strings: Strings;
  /** The language of times and days. That of the catalogue if absent. */
  readonly locale?: string;
  /** Of `fetchInitialData`: what is shown until the client knows better, on a server too. */
  readonly initialData?: InitialData | null;
  readonly children?: ReactNode;
}

function useOwned(userKey: string, options: CariosanOptions, connect: boolean): OwnedClient {
  const [owned, setOwned] = useState(() => findOrMake(userKey, options));
  const fits = owned.userKey === userKey;
  const current = fits ? owned : findOrMake(userKey, options);
  if (!fits) setOwned(current);
  useBrowserLayoutEffect(() => {
    const inUse = acquire(current);
    if (inUse !== current) setOwned(inUse);
    const disconnect = connect ? inUse.client.retain() : undefined;
    return () => {
      disconnect?.();
      release(inUse);
    };
  }, [current, connect]);
  useBrowserLayoutEffect(() => {
    current.token = options.token;
  });
  return current;
}

interface WithClient extends Omit<ChatProviderProps, 'client' | 'options' | 'userKey'> {
  readonly client: Cariosan;
}

const entriesOf = (strings: Strings): readonly unknown[] => Object.entries(strings).flat();

function Provide({ client, connect = true, strings: given, locale = given.locale, initialData = null, children }: WithClient): ReactNode {
  // Written in place they are a new object each time, and still the same texts.
  const [strings, setStrings] = useState(given);
  if (strings !== given && !sameList(entriesOf(strings), entriesOf(given))) setStrings(given);
  useBrowserLayoutEffect(() => (connect ? client.retain() : undefined), [client, connect]);
  const value = useMemo(() => ({ client, strings, locale, initialData }), [client, strings, locale, initialData]);
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

interface WithOptions extends Omit<WithClient, 'client'> {
  readonly options: CariosanOptions;
  readonly userKey: string;
}

function ProvideOwned({ options, userKey, connect = true, ...rest }: WithOptions): ReactNode {
  const { client } = useOwned(userKey, options, connect);
  return <Provide {...rest} client={client} connect={false} />;
}

/** Give it either a `client`, or `options` and a `userKey`, and the same of the two for all its life. */
export function ChatProvider({ client, options, userKey, ...rest }: ChatProviderProps): ReactNode {
  // Who writes no types is told too.
  if ((rest.strings as Strings | undefined) !== undefined) {
    if (client !== undefined) return <Provide {...rest} client={client} />;
    if (options !== undefined && userKey !== undefined) return <ProvideOwned {...rest} options={options} userKey={userKey} />;
  }
  throw new Error('ChatProvider needs strings, and client or options and userKey');
}

export function useChat(): ChatContext {
  const context = useContext(Context);
  if (context === null) throw new Error('there is no ChatProvider');
  return context;
}

export function useCariosan(): Cariosan {
  return useChat().client;
}

export function useStrings(): Strings {
  return useChat().strings;
}
