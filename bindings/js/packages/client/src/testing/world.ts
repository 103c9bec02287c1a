// Everything that a server which is played holds for one user.

import type { Id, Preferences, User, UserPresence, WireSettings } from '../wire/types.ts';
import { refuse } from './faults.ts';
import { people, type FakeUser } from './people.ts';
import { room, type FakeChannelOptions, type Room } from './room.ts';

export interface WorldOptions {
  /** The user whose client is tested, by the app's own name. `alice` */
  readonly user?: string;
  /** Of the first thing that happens; each is a second after the one before. The 1st of January 2026, 08:00 UTC. */
  readonly startsAt?: string;
  readonly settings?: Partial<WireSettings>;
}

export function world(options: WorldOptions, tell: (type: string, data: object) => void) {
  let now = Date.parse(options.startsAt ?? '2026-01-01T08:00:00.000Z');
  let minted = 0;
  let epoch = 'e-1';
  let blocksRev = 0;
  let preferencesRev = 0;
  const rooms = new Map<Id, Room>();
  const blocked = new Set<Id>();
  const online = new Map<Id, UserPresence>();
  const devices = new Map<string, string>();
  const at = (): string => new Date(now += 1_000).toISOString();
  const known = people(at);
  const viewer = known.put(options.user ?? 'alice', {});
  const settings: WireSettings = {
    read_receipts_enabled: true, edit_window_seconds: null, max_message_bytes: 10_000,
    attachments: { types: ['image/*', 'application/pdf', 'text/plain'], max_bytes: 10_000_000 }, ...options.settings,
  };

  const find = (ref: string): Room | undefined => rooms.get(ref) ?? rooms.get(`c-${ref}`);
  const isMine = (one: Room): boolean => one.isMember(viewer.id);
  const mine = (): Room[] => [...rooms.values()].filter(isMine);
  const unreadTotal = (): number => mine().filter(({ preferences }) => !preferences.muted).reduce((sum, one) => sum + one.unread(), 0);

  const host = {
    get viewer() { return known.get(viewer.id); },
    get epoch() { return epoch; },
    people: known, at, unreadTotal, tell,
    mint: () => `m-${++minted}`,
    isBlocked: (user: Id) => blocked.has(user),
  };

  /** A channel of the viewer's, or a refusal. */
  function own(ref: string): Room {
    const found = find(ref);
    if (found === undefined) refuse({ code: 'NOT_FOUND' });
    if (!isMine(found)) refuse({ code: 'NOT_A_MEMBER' });
    return found;
  }

  function channel(ref: string, given: FakeChannelOptions = {}): Room {
    const known = find(ref);
    if (known !== undefined) return known;
    const made = room(host, ref, given);
    rooms.set(made.id, made);
    if (isMine(made)) tell('channel.created', { channel: made.channel(), rev: made.rev, members: made.members() });
    return made;
  }

  function user(ref: string, fields: FakeUser = {}): User {
    const before = known.find(ref);
    const after = known.put(ref, fields);
    if (before !== undefined) tell('user.updated', { user: { id: after.id, external_id: after.external_id, name: after.name, avatar_url: after.avatar_url, updated_at: after.updated_at } });
    return after;
  }

  function setBlock(ref: string, on: boolean): void {
    const { id } = known.get(ref);
    if (blocked.has(id) === on) return;
    if (on) blocked.add(id);
    else blocked.delete(id);
    blocksRev += 1;
    tell('block.updated', { user_id: id, blocked: on, blocks_rev: blocksRev });
  }

  const presenceOf = (ref: string): UserPresence => {
    const { id, external_id } = known.get(ref);
    return online.get(id) ?? { user_id: id, external_id, status: 'offline', last_seen_at: null };
  };

  function setPresence(ref: string, status: 'online' | 'offline'): void {
    const { id, external_id } = known.get(ref);
    const next: UserPresence = { user_id: id, external_id, status, last_seen_at: status === 'online' ? null : at() };
    online.set(id, next);
    tell('presence.update', { users: [next] });
  }

  const prefers = (one: Room, patch: Partial<Preferences>): void => one.prefers(patch, ++preferencesRev);

  return {
    host, channel, user, find, own, mine, setBlock, presenceOf, setPresence, prefers, settings, devices, unreadTotal,
    /** Another history: what clients hold of revisions is of no use any more. */
    newEpoch: () => { epoch = `e-${epoch.slice(2)}1`; },
    blocks: () => [...blocked].map((id) => known.get(id)),
    get viewer() { return known.get(viewer.id); },
    get epoch() { return epoch; },
    get blocksRev() { return blocksRev; },
    get preferencesRev() { return preferencesRev; },
    get now() { return new Date(now).toISOString(); },
  };
}

export type World = ReturnType<typeof world>;
