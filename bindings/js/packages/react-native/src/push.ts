// Push: registering this device, and opening what a notification is about.

import { useEffect } from 'react';
import type { Cariosan, Channel, Id } from '@cariosan/client';
import { useCariosan, useConnection, useMe, useNewest } from '@cariosan/react/headless';

export interface PushRegistration {
  /** An FCM token, on iOS too: `@react-native-firebase/messaging` gives one, Expo's device token there is APNs'. Null: no permission. */
  readonly getToken: () => Promise<string | null>;
  /** Tells of a new token. Answers what ends that. */
  readonly onTokenRefresh?: (listener: (token: string) => void) => () => void;
  readonly platform: 'ios' | 'android';
}

/**
 * Registers this device once there is a connection, and again for another token or user. `client.signOut()` ends it. One that fails is
 * tried again with the next connection.
 */
export function usePushRegistration({ getToken, onTokenRefresh, platform }: PushRegistration): void {
  const client = useCariosan();
  const { isLive } = useConnection();
  const user = useMe()?.id ?? null;
  const newest = useNewest(getToken);
  useEffect(() => {
    if (!isLive || user === null) return undefined;
    let over = false;
    const register = async (token: string | null): Promise<void> => {
      if (!over && token !== null) await client.registerDevice(token, platform);
    };
    newest().then(register).catch(() => {});
    const end = onTokenRefresh?.((token) => void register(token).catch(() => {}));
    return () => {
      over = true;
      end?.();
    };
  }, [client, isLive, user, newest, onTokenRefresh, platform]);
}

export interface OpenedFromPush {
  readonly channel: Channel;
  /** The message that was pushed, for `around` of a list. */
  readonly messageId: Id | null;
}

type Data = Readonly<Record<string, unknown>>;
const asData = (value: unknown): Data | null => (typeof value === 'object' && value !== null ? (value as Data) : null);

/** The data of a notification that was tapped, or the notification itself. Null: it is not one of the chat. */
export function openFromPush(client: Cariosan, push: unknown): OpenedFromPush | null {
  const outer = asData(push) ?? {};
  const { channel_id: channel, message_id: message } = asData(outer['data']) ?? outer;
  if (typeof channel !== 'string' || channel === '') return null;
  return { channel: client.channel(channel), messageId: typeof message === 'string' && message !== '' ? message : null };
}
