// @cariosan/react/headless: the hooks, without components and without a DOM. React Native builds on this.

export { ChatProvider, useCariosan, useStrings } from './provider.tsx';
export type { ChatProviderProps } from './provider.tsx';
export * from './hooks/index.ts';
