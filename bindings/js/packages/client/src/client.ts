// The client as an app holds it. Making one does nothing: no socket, timer, listener or request before `connect`.

import type { Cell } from './core/cell.ts';
import { CariosanError } from './core/error.ts';
import { loaded } from './core/part.ts';
import type { Channel } from './channel.ts';
import type { ConnectionState } from './net/connection_state.ts';
import type { CariosanOptions, ChannelListSnapshot, ClientEvents, OutboxSnapshot, WorkspaceSettings } from './options.ts';
import type { Session } from './session.ts';
import type { Blocks } from './talk/blocks.ts';
import type { Presence } from './talk/presence.ts';
import type { SearchOptions, SearchPage } from './talk/search.ts';
import { wiring, type Wiring } from './wiring.ts';
import type { Id, User, UserRef } from './wire/types.ts';

/** The inside of a client. Tests compare it with the server; it is no part of the interface. */
export const inside = Symbol.for('cariosan.inside');

const RELEASE_AFTER_MS = 1_000;
/** Their codes are the same in capitals. */
const ENDS: readonly string[] = ['signed_out', 'refused', 'closed'];

/** Why there will be no connection by itself, if so. */
function ended(state: ConnectionState): CariosanError | null {
  if (!ENDS.includes(state.name)) return null;
  const refused = state.name === 'refused' ? { message: state.reason, details: { close_code: state.closeCode } } : {};
  return new CariosanError({ code: state.name.toUpperCase(), ...refused });
}

export class Cariosan {
  readonly connection!: Cell<ConnectionState>;
  readonly me!: Cell<User | null>;
  readonly channels!: Cell<ChannelListSnapshot>;
  readonly unreadTotal!: Cell<number>;
  readonly outbox!: Cell<OutboxSnapshot>;
  /** Whom the user has blocked. */
  readonly blocked!: Cell<ReadonlySet<Id>>;
  /** Null until the server has said. */
  readonly settings!: Cell<WorkspaceSettings | null>;
  readonly [inside]: Session;
  private readonly parts: Wiring;
  private users = 0;
  private device: string | null = null;
  private cancelRelease = (): void => {};

  constructor(options: CariosanOptions) {
    this.parts = wiring(options);
    this[inside] = this.parts.core;
    const { connection, me, channels, unreadTotal, outbox, blocked, settings } = this.parts;
    Object.assign(this, { connection, me, channels, unreadTotal, outbox, blocked, settings });
  }

  /** Resolves when everything held is up to date for the first time. Rejects only when that will not happen by itself. */
  connect(): Promise<User> {
    const { core, events } = this.parts;
    if (core.line.state.name === 'closed') return Promise.reject(new CariosanError({ code: 'CLOSED' }));
    this.parts.connect();
    return new Promise((resolve, reject) => {
      const look = (state: ConnectionState): void => {
        const fault = ended(state);
        if (core.line.isCurrent && core.me !== null) resolve(core.me);
        else if (fault !== null) reject(fault);
        else return;
        stop();
      };
      const stop = events.on('connection', look);
      look(core.line.state);
    });
  }

  /** Ends the connection. What is held and what waits to be sent stay. */
  disconnect(): void {
    this.parts.disconnect();
  }

  /** A counted `connect`: a second after the last release the connection ends. */
  retain(): () => void {
    this.users += 1;
    this.cancelRelease();
    this.connect().catch(() => {});
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.users -= 1;
      if (this.users === 0) this.cancelRelease = this.parts.environment.setTimer(() => this.disconnect(), RELEASE_AFTER_MS);
    };
  }

  retryNow(): void {
    this.parts.core.line.retryNow();
  }

  /** For good. What waits to be sent stays in the storage, which is up to date when the promise resolves. */
  close(): Promise<void> {
    this.cancelRelease();
    return this.parts.close();
  }

  /** Closes, and leaves nothing of this user on the device unless `keepCache` says so. Push to this device ends if there is a connection. */
  async signOut({ keepCache = false }: { readonly keepCache?: boolean } = {}): Promise<void> {
    if (this.device !== null) await this.unregisterDevice(this.device).catch(() => {});
    const { core } = this.parts;
    core.line.stop({ name: 'closed' });
    if (!keepCache) await this.parts.wipe();
    await this.parts.close();
  }

  /** By the app's own name or by id. The same handle each time. */
  channel(ref: string): Channel {
    return this.parts.handle(ref).channel;
  }

  /** Of many channels the most recent come by themselves. Answers whether there are still more. */
  async loadMoreChannels(): Promise<boolean> {
    return (await this.parts.core.following.get()).listing.more();
  }

  /** What is known of a user, of whatever object it came with. */
  user(id: Id): Cell<UserRef | null> {
    return this.parts.user(id);
  }

  /** Whether a user is online; null until it is known. Watching the cell asks the server. */
  presence(id: Id): Cell<Presence | null> {
    return this.parts.presence(id);
  }

  async search(query: string, options: SearchOptions = {}): Promise<SearchPage> {
    const { http } = this.parts.core;
    const searchMessages = await loaded(async () => (await import('./talk/search.ts')).searchMessages);
    return searchMessages((path, request) => http.request('GET', path, request), query, options);
  }

  /** Nothing that this user writes is shown any more. */
  async blockUser(ref: string): Promise<void> {
    await (await this.blocks()).put('PUT', ref);
  }

  async unblockUser(ref: string): Promise<void> {
    await (await this.blocks()).put('DELETE', ref);
  }

  /** Tells the moderators of the app about a user. */
  async reportUser(ref: string, reason: string, note?: string): Promise<void> {
    await this.parts.core.http.request('POST', `/v1/users/${encodeURIComponent(ref)}/report`, { body: { reason, note } });
  }

  async listBlocked(): Promise<readonly UserRef[]> {
    return (await this.blocks()).list();
  }

  /** Push goes to this device from now on, also while there is no connection. Register each time the app starts. */
  async registerDevice(token: string, platform: 'ios' | 'android' | 'web'): Promise<void> {
    await this.parts.core.http.request('POST', '/v1/me/devices', { body: { token, platform } });
    this.device = token;
  }

  async unregisterDevice(token: string): Promise<void> {
    await this.parts.core.http.request('DELETE', `/v1/me/devices/${encodeURIComponent(token)}`);
    if (this.device === token) this.device = null;
  }

  /** A push has come: catches up once, within half a minute, and ends the connection again if there was none. */
  async wake(hint: { readonly channel_id?: Id; readonly message_id?: Id } = {}): Promise<void> {
    const wake = await loaded(async () => (await import('./waking.ts')).wake);
    return wake(this.parts, () => this.connect(), () => this.users > 0, hint.channel_id);
  }

  private async blocks(): Promise<Blocks> {
    return (await this.parts.core.following.get()).lists.blocking.get();
  }

  on<E extends keyof ClientEvents>(event: E, handler: (data: ClientEvents[E]) => void): () => void {
    return this.parts.events.on(event, handler);
  }

  off<E extends keyof ClientEvents>(event: E, handler: (data: ClientEvents[E]) => void): void {
    this.parts.events.off(event, handler);
  }
}
