// The provider of the components: as that of the hooks, with both languages at hand.

import { useMemo, useState, type ReactNode } from 'react';
import { en } from './locales/en.ts';
import { id } from './locales/id.ts';
import { ChatProvider as HeadlessProvider, type HeadlessProviderProps } from './provider.tsx';
import type { Strings } from './strings.ts';

export interface ChatProviderProps extends Omit<HeadlessProviderProps, 'strings'> {
  /** BCP 47. Texts are English and Indonesian; other languages are shown with `strings`. */
  readonly locale?: string;
  /** Takes the place of single texts, or of all. */
  readonly strings?: Partial<Strings>;
}

const catalogues: Readonly<Record<string, Strings>> = { en, id };

const sameEntries = (a: object | undefined, b: object | undefined): boolean => {
  const [left, right] = [Object.entries(a ?? {}), new Map(Object.entries(b ?? {}))];
  return left.length === right.size && left.every(([name, value]) => right.get(name) === value);
};

export function ChatProvider({ locale = 'en', strings, ...rest }: ChatProviderProps): ReactNode {
  // Written in place they are a new object each time, and still the same texts.
  const [given, setGiven] = useState(strings);
  if (given !== strings && !sameEntries(given, strings)) setGiven(strings);
  const catalogue = useMemo<Strings>(() => ({ ...(catalogues[locale.split('-')[0] ?? ''] ?? en), ...given }), [locale, given]);
  return <HeadlessProvider {...rest} locale={locale} strings={catalogue} />;
}
