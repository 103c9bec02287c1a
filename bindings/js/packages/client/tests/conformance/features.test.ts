// Overlays, blocks, presence, search, devices and marks against the real server.

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isCariosanError, type Message } from '../../src/index.ts';
import { inspect } from '../../src/testing.ts';
import { program } from '../support/real_server.ts';
import { realClients, until, type RealClients } from '../support/real_clients.ts';

describe.skipIf(program === undefined)('against the real server', () => {
  let real: RealClients;
  beforeAll(async () => { real = await realClients(); }, 60_000);
  afterEach(() => real.closeAll());
  afterAll(() => real.end());

  test('what the server refuses is taken back', async () => {
    await real.room('refused');
    const alice = await real.open('alice', 'refused');
    const bob = await real.open('bob', 'refused');
    const sent = await alice.channel.sendMessage({ text: 'hers' });
    await until(bob.channel.timeline, ({ messages }) => messages.length === 1);
    const before = bob.channel.timeline.get().messages[0];
    const edit = bob.channel.editMessage(sent.id, 'his');
    expect(bob.channel.timeline.get().messages[0]).toMatchObject({ content: 'his', saving: 'edit' });
    await expect(edit).rejects.toSatisfy((fault: unknown) => isCariosanError(fault, 'NOT_AUTHOR'));
    expect(bob.channel.timeline.get().messages[0]).toEqual(before);
    const reaction = await bob.channel.addReaction(sent.id, '👍');
    const drawn = bob.channel.timeline.get().messages[0];
    expect([drawn?.reactions, drawn?.saving]).toEqual([reaction.reactions, null]);
  });

  test('a block hides what is there, and its end brings it back', async () => {
    await real.room('blocks');
    const alice = await real.open('alice', 'blocks');
    const bob = await real.open('bob', 'blocks');
    await alice.channel.sendMessage({ text: 'one' });
    const his = await bob.channel.sendMessage({ text: 'two' });
    await alice.channel.sendMessage({ text: 'three', parentId: his.id });
    await until(alice.channel.timeline, ({ messages }) => messages.length === 3);
    await alice.client.blockUser('bob');
    const shown = await until(alice.channel.timeline, ({ messages }) => messages.length === 2);
    expect(shown.messages[1]?.quoted_message).toEqual({ id: his.id, hidden: true });
    await bob.channel.sendMessage({ text: 'four' });
    expect((await alice.client.listBlocked()).map(({ external_id }) => external_id)).toEqual(['bob']);
    await alice.client.unblockUser('bob');
    const back = await until(alice.channel.timeline, ({ messages, stale }) => messages.length === 4 && !stale);
    expect(back.messages.map(({ content }) => content)).toEqual(['one', 'two', 'three', 'four']);
    expect(back.messages[2]?.quoted_message).toMatchObject({ content: 'two' });
    await until(alice.channel.info, (info) => info?.unread === 1);
  });

  test('mentions say where the text names them, through the outbox, live, read again and edited', async () => {
    await real.room('spans');
    const alice = await real.open('alice', 'spans');
    const bob = await real.open('bob', 'spans');
    const spansOf = (message: Pick<Message, 'mentions'> | undefined) => message?.mentions?.map(({ external_id, spans }) => [external_id, spans]);
    const sent = await alice.channel.sendMessage({ text: '🎉 @bob, @alice and @bob', mentions: [{ user: 'bob', spans: [[2, 4], [19, 4]] }, 'alice'] });
    const expected = [['bob', [[2, 4], [19, 4]]], ['alice', undefined]];
    expect(spansOf(sent)).toEqual(expected);
    const { messages } = await until(bob.channel.timeline, (shown) => shown.messages.length === 1);
    expect(spansOf(messages[0])).toEqual(expected);
    expect(spansOf((await bob.channel.getMessages({})).messages[0])).toEqual(expected);
    const moved = await alice.channel.editMessage(sent.id, '@bob!', [{ user: 'bob', spans: [[0, 4]] }]);
    expect(spansOf(moved)).toEqual([['bob', [[0, 4]]]]);
    const { messages: [edited] } = await until(bob.channel.timeline, (shown) => shown.messages[0]?.content === '@bob!');
    expect(spansOf(edited)).toEqual([['bob', [[0, 4]]]]);
    expect(spansOf(await alice.channel.editMessage(sent.id, 'hi @bob'))).toEqual([['bob', undefined]]);
    const overlapping = alice.channel.sendMessage({ text: '@bob', mentions: [{ user: 'bob', spans: [[0, 4], [3, 1]] }] });
    await expect(overlapping).rejects.toSatisfy((fault: unknown) => isCariosanError(fault, 'VALIDATION_ERROR'));
  });

  test('presence of those who are watched', async () => {
    await real.room('presence', ['alice', 'bob', 'eve']);
    const alice = await real.open('alice', 'presence');
    const members = await until(alice.channel.members, ({ complete }) => complete);
    const id = members.members.find(({ user }) => user.external_id === 'eve')?.user.id ?? '';
    const cell = alice.client.presence(id);
    await until(cell, (value) => value?.status === 'offline');
    await real.client('eve').connect();
    await until(cell, (value) => value?.status === 'online');
  });

  test('search finds what was said, and its highlights can be cut out', async () => {
    await real.room('search');
    const alice = await real.open('alice', 'search');
    await alice.channel.sendMessage({ text: '☕️ kopi susu' });
    let hit = (await alice.client.search('kopi', { channel: 'search' })).results[0];
    // The index follows the sends within a second or so.
    while (hit === undefined) hit = (await alice.client.search('kopi', { channel: 'search' })).results[0];
    expect(hit.highlights.map(([from, to]) => hit.snippet.slice(from, to))).toEqual(['kopi']);
  });

  test('devices, muting, members and leaving', async () => {
    await real.room('rest', ['alice', 'bob', 'eve']);
    const alice = await real.open('alice', 'rest');
    await alice.client.registerDevice('token-1', 'web');
    await alice.client.unregisterDevice('token-1');
    await alice.channel.setMuted(true);
    expect(alice.channel.info.get()?.muted).toBe(true);
    await alice.channel.update({ name: 'Another' });
    await until(alice.channel.info, (info) => info?.name === 'Another');
    await alice.channel.removeMember('eve');
    await until(alice.channel.members, ({ members }) => members.length === 2);
    await alice.channel.addMembers(['eve'], 'admin');
    await until(alice.channel.members, ({ members }) => members.some(({ user, role }) => user.external_id === 'eve' && role === 'admin'));
    await alice.channel.setRole('eve', 'member');
    await until(alice.channel.members, ({ members }) => members.every(({ user, role }) => user.external_id !== 'eve' || role === 'member'));
    const bob = await real.open('bob', 'rest');
    await bob.channel.leave();
    await until(bob.channel.info, (info) => info === null);
  });

  test('preferences reach the other devices of a user, live and after a loss; a message ends archiving', async () => {
    await real.room('preferences');
    const phone = await real.open('alice', 'preferences');
    const desk = await real.open('alice', 'preferences');
    const bob = await real.open('bob', 'preferences');
    await phone.channel.setPreferences({ pinned: true, markedUnread: true });
    await until(desk.channel.info, (info) => info?.pinned === true && info.markedUnread);
    desk.client.disconnect();
    await phone.channel.setPreferences({ archived: true, pinned: false });
    await desk.client.connect();
    await until(desk.channel.info, (info) => info?.archived === true && !info.pinned && info.markedUnread);
    expect(desk.client.channels.get().ids).not.toContain(desk.channel.id);
    await bob.channel.sendMessage({ text: 'Halo' });
    for (const { channel } of [phone, desk]) await until(channel.info, (info) => info?.archived === false && info.markedUnread);
    phone.channel.markRead();
    for (const { channel } of [phone, desk]) await until(channel.info, (info) => info?.markedUnread === false);
  });

  test('what arrives is marked as delivered, for the author to see', async () => {
    await real.room('delivered', ['alice', 'bob', 'eve']);
    const alice = await real.open('alice', 'delivered');
    for (const user of ['bob', 'eve']) await real.client(user).connect();
    const sent = await alice.channel.sendMessage({ text: 'Halo' });
    const seen = await until(alice.channel.receipts, ({ deliveredToAll }) => deliveredToAll === sent.seq);
    expect(seen.readByAll).toBe(0);
    expect(inspect(alice.client).idle).toBe(true);
  });
});
