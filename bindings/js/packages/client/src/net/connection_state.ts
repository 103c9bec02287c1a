// What an app sees of the connection.

import type { CariosanError } from '../core/error.ts';

export type ConnectionState =
  | { readonly name: 'idle' }
  | { readonly name: 'connecting'; readonly attempt: number }
  | { readonly name: 'syncing' }
  | { readonly name: 'live' }
  /** Sockets are blocked, so HTTP is used: everything works except typing signs. */
  | { readonly name: 'polling' }
  | { readonly name: 'waiting'; readonly retryAt: number; readonly error: CariosanError | null }
  /** Closed because the page is hidden or there is no network. It comes back by itself. */
  | { readonly name: 'suspended'; readonly why: 'hidden' | 'offline' }
  | { readonly name: 'signed_out' }
  | { readonly name: 'refused'; readonly closeCode: number; readonly reason: string }
  | { readonly name: 'closed' };
