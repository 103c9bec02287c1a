// @cariosan/react-native/async-storage: the storage alone, without React Native's components.

export { asyncStorage } from './async_storage.ts';
export type { AsyncStorageLike, AsyncStorageOfMany, AsyncStorageOfPairs } from './async_storage.ts';
