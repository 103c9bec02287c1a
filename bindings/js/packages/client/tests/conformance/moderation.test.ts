// What moderators do, with the real server: pins, reports, frozen and slow channels, suspended accounts.

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isCariosanError } from '../../src/index.ts';
import { realClients, until, type RealClients } from '../support/real_clients.ts';
import { program } from '../support/real_server.ts';

describe.skipIf(program === undefined)('moderation, with the real server', () => {
  let real: RealClients;
  beforeAll(async () => void (real = await realClients()), 60_000);
  afterEach(() => real.closeAll());
  afterAll(() => real.end());

  const lead = (channel: string, user: string): Promise<unknown> => real.server.backend('PATCH', `/v1/channels/${channel}/members/${user}`, { role: 'admin' });
  const settings = (channel: string, patch: object): Promise<unknown> => real.server.backend('PATCH', `/v1/channels/${channel}`, patch);
  const refusal = (request: Promise<unknown>): Promise<string> => request.then(() => 'nothing', (fault: unknown) => (isCariosanError(fault) ? fault.code : String(fault)));

  test('pins reach everybody, live and after a gap', async () => {
    await real.room('pins');
    await lead('pins', 'alice');
    const alice = await real.open('alice', 'pins');
    const bob = await real.open('bob', 'pins');
    const pinned = (count: number) => until(bob.channel.pins, ({ messages, stale }) => messages.length === count && !stale);
    bob.channel.pins.subscribe(() => {});
    const [one, two] = [await alice.channel.sendMessage({ text: 'one' }), await alice.channel.sendMessage({ text: 'two' })];
    await alice.channel.pin(one.id);
    await pinned(1);
    await alice.channel.pin(two.id);
    expect((await pinned(2)).messages.map(({ content, pinned_by: by }) => [content, by?.name])).toEqual([['two', 'Alice'], ['one', 'Alice']]);
    bob.client.disconnect();
    await alice.channel.unpin(two.id);
    await bob.client.connect();
    expect((await pinned(1)).messages.map(({ content }) => content)).toEqual(['one']);
    await alice.channel.deleteMessage(one.id);
    await pinned(0);
    expect(await refusal(bob.channel.pin(two.id))).toBe('NOT_ADMIN');
  });

  test('messages and users are reported to the backend', async () => {
    await real.room('reports');
    const alice = await real.open('alice', 'reports');
    const bob = await real.open('bob', 'reports');
    const { id } = await bob.channel.sendMessage({ text: 'buy now' });
    await alice.channel.report(id, 'spam', 'again');
    await alice.client.reportUser('bob', 'abuse');
    const { reports } = await real.server.backend<{ reports: { reason: string; note: string | null; message?: { content: string }; user?: { name: string } }[] }>('GET', '/v1/reports');
    expect(reports.map(({ reason, note, message, user }) => [reason, note, message?.content ?? user?.name]).sort()).toEqual([['abuse', null, 'Budi'], ['spam', 'again', 'buy now']]);
  });

  test('a frozen channel takes nothing from its members; a slow one takes it from time to time', async () => {
    await real.room('slow');
    const bob = await real.open('bob', 'slow');
    await settings('slow', { frozen: true });
    await until(bob.channel.info, (info) => info?.frozen === true);
    expect(await refusal(bob.channel.sendMessage({ text: 'frozen' }))).toBe('FROZEN');
    await settings('slow', { frozen: false, slow_mode_seconds: 3_600 });
    await until(bob.channel.info, (info) => info !== null && !info.frozen && info.mayWriteAt !== null);
    const sent = await bob.channel.sendMessage({ text: 'first' });
    await until(bob.channel.info, (info) => info?.mayWriteAt === Date.parse(sent.created_at) + 3_600_000);
    expect(await refusal(bob.channel.sendMessage({ text: 'second' }))).toBe('SLOW_MODE');
    await lead('slow', 'bob');
    await until(bob.channel.info, (info) => info?.mayWriteAt === null);
    expect(await refusal(bob.channel.sendMessage({ text: 'third' }))).toBe('nothing');
  });

  test('whoever is suspended is not admitted until the suspension ends', async () => {
    await real.room('suspended', ['alice', 'eve']);
    const eve = await real.open('eve', 'suspended');
    await real.server.backend('PUT', '/v1/users/eve/suspension', {});
    await until(eve.client.connection, (state) => state.name === 'refused' && state.closeCode === 4403);
    await real.server.backend('DELETE', '/v1/users/eve/suspension');
    await eve.client.connect();
    expect(eve.client.connection.get().name).toBe('live');
  });
});
