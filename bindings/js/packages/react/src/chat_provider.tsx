// The provider of the components: as that of the hooks, and what is not said otherwise is English.

import { useMemo, useState, type ReactNode } from 'react';
import { en } from './locales/en.ts';
import { ChatProvider as HeadlessProvider, type HeadlessProviderProps } from './provider.tsx';
import type { Strings } from './strings.ts';

export interface ChatProviderProps extends Omit<HeadlessProviderProps, 'strings'> {
  /** Another language, such as `id` of `/locales/id`, or single texts of your own in place of the English ones. */
  readonly strings?: Partial<Strings>;
}

const sameEntries = (a: object | undefined, b: object | undefined): boolean => {
  const [left, right] = [Object.entries(a ?? {}), new Map(Object.entries(b ?? {}))];
  return left.length === right.size && left.every(([name, value]) => right.get(name) === value);
};

export function ChatProvider({ strings, ...rest }: ChatProviderProps): ReactNode {
  // Written in place they are a new object each time, and still the same texts.
  const [given, setGiven] = useState(strings);
  if (given !== strings && !sameEntries(given, strings)) setGiven(strings);
  const catalogue = useMemo<Strings>(() => ({ ...en, ...given }), [given]);
  return <HeadlessProvider {...rest} strings={catalogue} />;
}
