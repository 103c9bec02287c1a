// What one user of the checker does: anything the public interface offers, at random, by what the client shows.

import type { Cariosan, Channel, ChatMessage } from '../../src/index.ts';

const EMOJI = ['👍', '🎉', '❤️', '😂', '🇮🇩'];
const OPEN_AT_ONCE = 3;

export interface Said {
  /** The user has pressed "unsend" on a message with this text. */
  unsending?: string;
  /** A message that was refused is sent again, and so stands behind later ones. */
  retrying?: string;
  discarding?: string;
}

export interface ActorHost {
  readonly client: Cariosan;
  random(): number;
  /** The next number, which no other message has. */
  number(): number;
  /** Users there are, by the app's own names. */
  readonly users: readonly string[];
  say(what: Said): void;
  /** Closes the client properly and makes another one of what it has stored. */
  again(): Promise<void>;
}

type Act = (channel: Channel) => unknown;

export function actor(host: ActorHost) {
  const { client, random } = host;
  const open = new Map<string, () => void>();
  let now = '';
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  const chance = (part: number): boolean => random() < part;
  const rowsOf = (channel: Channel, fits: (row: ChatMessage) => boolean): ChatMessage[] =>
    channel.timeline.get().messages.slice(-30).filter((row) => row.deleted_at === null && fits(row));
  const sentRow = (channel: Channel, own: boolean): ChatMessage | undefined =>
    pick(rowsOf(channel, (row) => row.status === 'sent' && (!own || (row.own && row.type === 'text'))));

  function send(channel: Channel): void {
    const parent = chance(0.25) ? sentRow(channel, false) : undefined;
    const named = chance(0.2) ? pick(host.users) : undefined;
    const members = new Set(channel.members.get().members.map(({ user }) => user.external_id));
    const words = chance(0.05) ? 'é👩‍👩‍👧 long '.repeat(60) : 'hello';
    const external = channel.info.get()?.externalId;
    // Both names of a channel are one channel.
    const handle = chance(0.3) && external != null ? client.channel(external) : channel;
    handle.enqueue({
      text: `#${host.number()} ${words}`,
      ...(parent === undefined ? {} : { parentId: parent.id }),
      ...(named === undefined || !members.has(named) ? {} : { mentions: [chance(0.5) ? named : { user: named, spans: [[0, 2], [3, 1]] as const }] }),
      ...(chance(0.1) ? { metadata: { tags: ['a', { b: 1.5 }], seen: null } } : {}),
    });
  }

  async function edit(channel: Channel): Promise<void> {
    const row = sentRow(channel, true);
    if (row !== undefined) await channel.editMessage(row.id, `${row.content.slice(0, 40)} edited ${host.number()}`);
  }

  async function unsend(channel: Channel): Promise<void> {
    const row = sentRow(channel, true);
    if (row === undefined) return;
    host.say({ unsending: row.content });
    await channel.deleteMessage(row.id);
  }

  async function react(channel: Channel): Promise<void> {
    const row = sentRow(channel, false);
    if (row === undefined) return;
    const mine = row.reactions.find(({ reacted_by_me: own }) => own)?.emoji;
    if (mine !== undefined && chance(0.5)) await channel.removeReaction(row.id, mine);
    else await channel.addReaction(row.id, pick(EMOJI) ?? '👍');
  }

  async function administer(channel: Channel): Promise<void> {
    if (channel.info.get()?.type !== 'group') return;
    const someone = pick(host.users) ?? '';
    const what = random();
    if (what < 0.4) await channel.update({ name: `name ${host.number()}`, metadata: { by: someone } });
    else if (what < 0.6) await channel.setRole(someone, chance(0.6) ? 'admin' : 'member');
    else if (what < 0.8) await channel.addMembers([someone]);
    else await channel.removeMember(someone);
  }

  async function pin(channel: Channel): Promise<void> {
    const row = sentRow(channel, false);
    if (row !== undefined) await (row.pinned_at === undefined ? channel.pin(row.id) : channel.unpin(row.id));
  }

  async function look(channel: Channel): Promise<void> {
    const all = channel.timeline.get().messages;
    const what = random();
    if (what < 0.5) await channel.loadOlder();
    else if (what < 0.65) await channel.loadMembers();
    else if (what < 0.8) await channel.openAround(pick(all)?.id ?? '');
    else if (what < 0.9) await channel.loadNewer();
    else channel.backToLive();
  }

  async function settleFailed(channel: Channel): Promise<void> {
    const row = pick(rowsOf(channel, ({ status }) => status === 'failed'));
    if (row === undefined) return;
    const retries = chance(0.4);
    host.say(retries ? { retrying: row.content } : { discarding: row.content });
    if (retries) channel.retry(row.key);
    else await channel.discard(row.key);
  }

  async function block(): Promise<void> {
    const someone = pick(host.users) ?? '';
    await (chance(0.4) ? client.blockUser(someone) : client.unblockUser(someone));
  }

  const prefer: Act = (channel) => channel.setPreferences(pick([{ muted: chance(0.5) }, { pinned: chance(0.5) }, { markedUnread: chance(0.5) }]) ?? {});

  const table: readonly (readonly [number, Act])[] = [
    [40, send], [10, edit], [18, react], [4, unsend], [12, (channel) => channel.markRead(chance(0.4) ? undefined : pick(rowsOf(channel, () => true))?.id)],
    [1, (channel) => (channel.info.get()?.externalId === 'flood' ? undefined : channel.leave())], [3, administer], [2, pin], [6, look], [3, settleFailed],
    [2, prefer], [1, block], [2, (channel) => channel.startTyping()], [6, (channel) => visit(channel)], [0.4, () => host.again()],
  ];
  const total = table.reduce((sum, [weight]) => sum + weight, 0);

  /** A few channels are on the screen; who opens another one leaves one. */
  function visit(channel: Channel): void {
    if (open.has(channel.ref)) return;
    open.set(channel.ref, channel.retain());
    const [oldest] = open;
    if (open.size > OPEN_AT_ONCE && oldest !== undefined) {
      oldest[1]();
      open.delete(oldest[0]);
    }
  }

  async function act(): Promise<void> {
    const { ids } = client.channels.get();
    const id = open.size > 0 && chance(0.8) ? pick([...open.keys()]) : pick(ids);
    if (id === undefined) return;
    const channel = client.channel(id);
    visit(channel);
    let left = random() * total;
    const [, doing] = table.find(([weight]) => (left -= weight) < 0) ?? [0, send];
    now = doing.name || String(doing);
    // A refusal is one of the things that happen: what the screen shows then is compared in the end.
    await Promise.resolve().then(() => doing(channel)).catch(() => {});
    now = '';
  }

  return { act, doing: () => now, release: () => open.forEach((let_go) => let_go()) };
}
