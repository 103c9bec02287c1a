// What all components stand in: the client, the language, and how things look.

import { createContext, useContext, useMemo, type ReactNode } from 'react';
import { useColorScheme } from 'react-native';
import { ChatProvider as HeadlessProvider, type ChatProviderProps as HeadlessProps } from '@cariosan/react/headless';

export interface Theme {
  readonly background: string;
  readonly surface: string;
  readonly text: string;
  readonly muted: string;
  readonly accent: string;
  readonly onAccent: string;
  readonly own: string;
  readonly onOwn: string;
  readonly danger: string;
  readonly line: string;
  readonly radius: number;
  readonly space: number;
  readonly fontSize: number;
}

const shape = { radius: 14, space: 8, fontSize: 16 };

export const lightTheme: Theme = {
  ...shape, background: '#ffffff', surface: '#eef1f4', text: '#15202b', muted: '#566370', accent: '#0b63ce', onAccent: '#ffffff', own: '#0b63ce', onOwn: '#ffffff',
  danger: '#b3261e', line: '#d5dbe1',
};

export const darkTheme: Theme = {
  ...shape, background: '#0f151b', surface: '#1e2830', text: '#eef2f5', muted: '#9fadba', accent: '#7db4ff', onAccent: '#06213f', own: '#1b4f8f', onOwn: '#ffffff',
  danger: '#ff9d94', line: '#2c3843',
};

const Themes = createContext<Theme>(lightTheme);
export const useTheme = (): Theme => useContext(Themes);

export interface ChatProviderProps extends Omit<HeadlessProps, 'initialData'> {
  /** Over the light one or the dark one, whichever the phone is set to. */
  readonly theme?: Partial<Theme>;
  readonly children?: ReactNode;
}

export function ChatProvider({ theme, children, ...rest }: ChatProviderProps): ReactNode {
  const dark = useColorScheme() === 'dark';
  const looks = useMemo(() => ({ ...(dark ? darkTheme : lightTheme), ...theme }), [dark, theme]);
  return (
    <HeadlessProvider {...rest}>
      <Themes.Provider value={looks}>{children}</Themes.Provider>
    </HeadlessProvider>
  );
}
