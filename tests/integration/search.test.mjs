// Search from outside: what is found, by whom, and what is refused.

import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { test } from 'node:test';
import { eventually } from './data.mjs';
import { notOnPostgres } from './database.mjs';
import { assertError } from './rest.mjs';
import { TestServer } from './server.mjs';

/// The results of a search once there are any: the index is up to a second behind.
async function found(user, query) {
  let results = [];
  await eventually(async () => {
    const answer = await user.get(`/v1/search?q=${encodeURIComponent(query)}`);
    assert.ok([200, 503].includes(answer.status), answer.text);
    results = answer.status === 200 ? answer.body.results : [];
    return results.length > 0;
  }, `something is found for ${query}`);
  return results;
}

test('search', async (t) => {
  const server = await TestServer.start(t);
  const shop = await server.createWorkspace();
  for (const [id, name] of [['alice', 'Alice'], ['budi', 'Budi'], ['citra', 'Citra']]) await shop.createUser(id, name);
  await shop.createGroup('order_1', ['alice', 'budi'], 'Order #1');
  await shop.createGroup('order_2', ['alice', 'citra'], 'Order #2');
  const [alice, budi, citra] = [await shop.as('alice'), await shop.as('budi'), await shop.as('citra')];
  const say = (user, channel, content) =>
    user.expect(201, 'POST', `/v1/channels/${channel}/messages`, { content });
  const one = await say(alice, 'order_1', 'Pesanan sudah dikirim kemarin, nomor resi ABC');
  const two = await say(citra, 'order_2', 'Pesanan belum datang');
  await say(citra, 'order_2', '我的订单 tanda');
  await found(citra, 'tanda');

  await t.test('users find what is in their channels', async () => {
    const ids = async (user, path) =>
      (await user.expect(200, 'GET', `/v1/search?${path}`)).results.map((hit) => hit.message.id).sort();
    assert.deepEqual(await ids(alice, 'q=pesanan'), [one.id, two.id].sort());
    assert.deepEqual(await ids(budi, 'q=pesanan'), [one.id]);
    assert.deepEqual(await ids(alice, 'q=pesanan&channel=order_2'), [two.id]);
    assert.deepEqual(await ids(budi, `q=${encodeURIComponent('"dikirim kemarin"')}`), [one.id]);
    assert.deepEqual(await ids(budi, `q=${encodeURIComponent('"kemarin dikirim"')}`), []);
    assertError(await budi.get('/v1/search?q=pesanan&channel=order_2'), 403, 'NOT_A_MEMBER');
  });

  await t.test('a match has highlights', async () => {
    const [hit] = (await budi.expect(200, 'GET', '/v1/search?q=DIKI')).results;
    assert.equal(hit.channel_id, hit.message.channel_id);
    assert.deepEqual(hit.highlights, [[14, 7]]);
    assert.equal(hit.snippet.slice(14, 21), 'dikirim');
    assert.ok(hit.score > 0 && hit.score <= 1000);
    const [other] = (await alice.expect(200, 'GET', `/v1/search?q=${encodeURIComponent('订单')}`)).results;
    assert.deepEqual(other.highlights, [[2, 2]]);
  });

  await t.test('pages', async () => {
    const first = await alice.expect(200, 'GET', '/v1/search?q=pesanan&limit=1');
    assert.equal(first.has_more, true);
    const cursor = encodeURIComponent(first.next_cursor);
    const second = await alice.expect(200, 'GET', `/v1/search?q=pesanan&limit=1&cursor=${cursor}`);
    assert.equal(second.has_more, false);
    assert.notEqual(second.results[0].message.id, first.results[0].message.id);
    assertError(await alice.get(`/v1/search?q=other&cursor=${cursor}`), 400, 'VALIDATION_ERROR');
  });

  await t.test('an edit is found only by its new words, an unsent message by none', async () => {
    const message = await say(alice, 'order_1', 'semangka merah');
    const path = `/v1/channels/order_1/messages/${message.id}`;
    await found(budi, 'semangka');
    await alice.expect(200, 'PATCH', path, { content: 'pepaya merah' });
    const [hit] = await found(budi, 'pepaya');
    assert.equal(hit.message.id, message.id);
    assert.deepEqual((await budi.expect(200, 'GET', '/v1/search?q=semangka')).results, []);
    await budi.expect(200, 'PUT', `${path}/reactions/${encodeURIComponent('👍')}`);
    const [liked] = await found(budi, 'pepaya');
    assert.deepEqual(liked.message.reactions, [{ emoji: '👍', count: 1, reacted_by_me: true }]);
    await alice.expect(200, 'DELETE', path);
    assert.deepEqual((await budi.expect(200, 'GET', '/v1/search?q=pepaya')).results, []);
    assert.deepEqual((await budi.expect(200, 'GET', '/v1/search?q=merah')).results, []);
  });

  await t.test('people\'s spelling is found by what others type', async () => {
    for (const [content, query, marked] of [
      ['ฉันอยากกินข้าวผัด', 'กินข้าว', 'กินข้าว'],
      ['ёлка у дома', 'елка', 'ёлка'],
      ['أحمد مُحَمَّد', 'محمد', 'مُحَمَّد'],
      ['die Straße', 'STRASSE', 'Straße'],
      ['done 👍🏽', '👍', '👍🏽'],
    ]) {
      await say(alice, 'order_1', content);
      const [hit] = await found(budi, query);
      const [start, length] = hit.highlights[0];
      assert.equal([...hit.snippet].slice(start, start + length).join(''), marked);
    }
  });

  await t.test('an index deleted under the running server is rebuilt', { skip: notOnPostgres }, async () => {
    const [before] = await found(budi, 'елка');
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${server.database}-search${suffix}`);
    const [after] = await found(budi, 'елка');
    assert.equal(after.message.id, before.message.id);
    await say(alice, 'order_1', 'setelah itu');
    await found(budi, 'setelah');
    assert.ok(existsSync(`${server.database}-search`));
  });

  await t.test('a former member finds nothing more', async () => {
    await citra.expect(204, 'DELETE', '/v1/me/channels/order_2');
    assert.deepEqual((await citra.expect(200, 'GET', '/v1/search?q=pesanan')).results, []);
  });

  await t.test('what is refused', async () => {
    assertError(await budi.get('/v1/search'), 400, 'VALIDATION_ERROR');
    assertError(await budi.get('/v1/search?q='), 400, 'VALIDATION_ERROR');
    assertError(await budi.get(`/v1/search?q=${'x'.repeat(257)}`), 400, 'VALIDATION_ERROR');
    assertError(await budi.get('/v1/search?q=a+b+c+d+e+f+g+h+i'), 400, 'VALIDATION_ERROR');
    assertError(await shop.rest.get('/v1/search?q=pesanan'), 403, 'FORBIDDEN');
  });
});
