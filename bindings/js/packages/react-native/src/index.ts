// @cariosan/react-native

export * from '@cariosan/react/headless';
export { asyncStorage } from './async_storage.ts';
export type { AsyncStorageLike } from './async_storage.ts';
export { createNativeClient, fileOnPhone } from './client.ts';
export type { NativeClientOptions, PickedFile } from './client.ts';
export { createNativeEnvironment } from './environment.ts';
export type { AppStateLike, NativeParts, NetInfoLike } from './environment.ts';
export { openFromPush, usePushRegistration } from './push.ts';
export type { OpenedFromPush, PushRegistration } from './push.ts';
