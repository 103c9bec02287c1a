// A client with what a phone brings filled in.

import { Cariosan, type CariosanOptions, type FileOnPhone } from '@cariosan/client';
import { AppState } from 'react-native';
import { asyncStorage, type AsyncStorageLike } from './async_storage.ts';
import { createNativeEnvironment, type NetInfoLike } from './environment.ts';

export interface NativeClientOptions extends CariosanOptions {
  /** Keeps unsent messages, and what was shown, from start to start. */
  readonly AsyncStorage?: AsyncStorageLike;
  readonly NetInfo?: NetInfoLike;
}

/** The system suspends sockets of an app that nobody looks at. */
const CLOSE_HIDDEN_AFTER_MS = 20_000;

export function createNativeClient({ AsyncStorage, NetInfo, ...options }: NativeClientOptions): Cariosan {
  return new Cariosan({
    environment: createNativeEnvironment({ AppState, NetInfo }), closeHiddenAfterMs: CLOSE_HIDDEN_AFTER_MS,
    ...(AsyncStorage === undefined ? {} : { storage: asyncStorage(AsyncStorage) }),
    ...options,
  });
}

/** What a picker gives. Not all of them know the size, which is signed, so it must be true. */
export interface PickedFile {
  readonly uri: string;
  readonly name: string;
  readonly type: string;
  readonly size?: number | null;
}

async function sizeAt(uri: string): Promise<number> {
  const head = await fetch(uri, { method: 'HEAD' }).catch(() => null);
  const told = Number(head?.headers.get('content-length') ?? Number.NaN);
  if (Number.isFinite(told) && told > 0) return told;
  return (await (await fetch(uri)).blob()).size;
}

/** Ready for `sendAttachment`. The size is the picker's, or is read from the file. */
export async function fileOnPhone({ uri, name, type, size }: PickedFile): Promise<FileOnPhone> {
  return { uri, name, type, size: size ?? (await sizeAt(uri)) };
}
