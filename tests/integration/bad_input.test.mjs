// Invalid input: the right code, no crash, nothing stored.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from './client.mjs';
import { testData, within } from './data.mjs';
import { jsonTexts, naughtyStrings } from './fixtures/bad_json.mjs';
import { allPages, assertError } from './rest.mjs';
import { TestServer } from './server.mjs';

async function shopOf(t) {
  const server = await TestServer.start(t);
  const shop = await server.createWorkspace();
  for (const name of ['alice', 'budi']) await shop.createUser(name);
  const group = await shop.createGroup('g', ['alice', 'budi']);
  const alice = await shop.as('alice');
  const connect = async () => {
    const client = new Client(server, await shop.token('alice'), { reconnect: false });
    t.after(() => client.close());
    const synced = once(client, 'synced');
    client.open();
    await within(synced, 'the first sync');
    return client;
  };
  return { server, shop, group, alice, connect, backend: shop.rest };
}

/// All available JSON texts: [name, bytes].
function allJsonTexts() {
  const folder = testData('torture/json');
  if (folder === null) return jsonTexts;
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return [...jsonTexts, ...names.map((name) => [name, readFileSync(join(folder, name))])];
}

function allNaughtyStrings() {
  const path = testData('torture/blns.json');
  return path === null ? naughtyStrings : [...naughtyStrings, ...JSON.parse(readFileSync(path, 'utf8'))];
}

/// White space and invisible characters are not content; Arabic number signs, which are format characters too, are.
const SHOWS_NOTHING = /^(?:(?![\u0600-\u0605\u06DD\u070F\u08E2\u{110BD}\u{110CD}])[\p{White_Space}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800])*$/u;
const isText = (value) => !/\0/.test(value) && Buffer.from(value, 'utf8').toString('utf8') === value;

test('invalid JSON, and unexpected JSON', async (t) => {
  const { backend, alice, connect } = await shopOf(t);
  const users = await allPages(backend, '/v1/users', 'users');
  const path = '/v1/channels/g/messages';

  await t.test('as a body', async () => {
    for (const [name, bytes] of allJsonTexts()) {
      const answer = await backend.request('POST', '/v1/users', { body: bytes });
      assert.equal(answer.status, 400, `${name}: ${answer.text}`);
      assertError(answer, 400, 'VALIDATION_ERROR');
    }
    assert.deepEqual(await allPages(backend, '/v1/users', 'users'), users);
  });

  await t.test('within a body', async () => {
    let stored = 0;
    for (const [name, bytes] of allJsonTexts()) {
      const body = Buffer.concat([Buffer.from('{"content":"x","metadata":{"v":'), bytes, Buffer.from('}}')]);
      const answer = await alice.request('POST', path, { body });
      assert.ok(answer.status === 201 || answer.status === 400, `${name}: ${answer.text}`);
      if (name.startsWith('n_')) assertError(answer, 400, 'VALIDATION_ERROR');
      if (answer.status !== 201) continue;
      stored += 1;
      // As JSON, in which -0 is 0.
      const expected = JSON.parse(JSON.stringify({ v: JSON.parse(bytes.toString('utf8')) }));
      assert.deepEqual(answer.body.metadata, expected, name);
    }
    const { last_seq } = await alice.expect(200, 'GET', '/v1/channels/g');
    assert.equal(last_seq, stored);
    assert.ok(stored >= jsonTexts.filter(([name]) => name.startsWith('y_')).length);
  });

  await t.test('as a frame', async () => {
    const { last_seq } = await alice.expect(200, 'GET', '/v1/channels/g');
    let client = await connect();
    for (const [name, bytes] of allJsonTexts()) {
      if (!client.connected) client = await connect();
      const answered = new Promise((resolve) => {
        client.once('frame', resolve);
        client.once('closed', resolve);
      });
      client.sendRaw(bytes);
      const answer = await within(answered, name);
      // Invalid UTF-8 ends the connection, and so does the tenth malformed frame.
      if (typeof answer === 'number') assert.ok([1007, 1009, 4400].includes(answer), `${name}: ${answer}`);
      else assert.equal(answer.data.code, 'VALIDATION_ERROR', `${name}: ${JSON.stringify(answer)}`);
    }
    assert.equal((await alice.expect(200, 'GET', '/v1/channels/g')).last_seq, last_seq);
  });
});

test('texts that break programs', async (t) => {
  const { backend, alice, connect } = await shopOf(t);
  const path = '/v1/channels/g/messages';
  const strings = allNaughtyStrings();
  let client = await connect();

  /// The answer to a send as a frame. With NUL or a lone surrogate the frame is malformed: its error has no id, and the
  /// tenth ends the connection.
  const sendByFrame = async (content) => {
    if (!client.connected) client = await connect();
    if (isText(content)) return client.ask('message.send', { channel: 'g', content });
    const refused = client.nextFrame((frame) => frame.type === 'error');
    client.send('message.send', { channel: 'g', content });
    return refused;
  };

  await t.test('as content, they come back unchanged', async () => {
    const kept = [];
    for (const content of strings) {
      // JSON.stringify writes lone surrogates as escapes.
      const byRest = await alice.post(path, { content });
      const byFrame = await within(sendByFrame(content), `an answer to ${JSON.stringify(content)}`);
      if (!isText(content) || SHOWS_NOTHING.test(content)) {
        assertError(byRest, 400, 'VALIDATION_ERROR');
        assert.equal(byFrame.data.code, 'VALIDATION_ERROR', JSON.stringify(content));
      } else if (Buffer.byteLength(content) > 8192) {
        assertError(byRest, 413, 'PAYLOAD_TOO_LARGE');
        assert.equal(byFrame.data.code, 'PAYLOAD_TOO_LARGE');
      } else {
        assert.equal(byRest.status, 201, `${JSON.stringify(content)}: ${byRest.text}`);
        assert.equal(byRest.body.content, content);
        assert.equal(byFrame.data.message.content, content);
        kept.push(content, content);
      }
    }
    const history = await allPages(alice, `${path}?limit=100`, 'messages');
    assert.deepEqual(history.reverse().map((message) => message.content), kept);
  });

  await t.test('as names, ids and parts of a path', async () => {
    const known = new Set(['alice', 'budi']);
    for (const text of strings) {
      const made = await backend.post('/v1/users', { external_id: text, name: text.slice(0, 40) });
      assert.ok([200, 201, 400].includes(made.status), `${JSON.stringify(text)}: ${made.text}`);
      if (made.status === 400) assertError(made, 400, 'VALIDATION_ERROR');
      const control = [...text].some((c) => c < ' ' || (c >= '\x7f' && c < '\xa0'));
      if (text === '' || !isText(text) || control || Buffer.byteLength(text) > 255)
        assert.equal(made.status, 400, JSON.stringify(text));
      if (made.status !== 400) known.add(text);
      if (!text.isWellFormed?.() && /[\ud800-\udfff]/.test(text)) continue;
      const found = await backend.get(`/v1/users/${encodeURIComponent(text)}`);
      if (text === '' || text === '.' || text === '..') continue; // the client resolves these itself
      assert.equal(found.status === 200, known.has(text), `${JSON.stringify(text)}: ${found.text}`);
      if (found.status === 200) assert.equal(found.body.external_id, text);
      const listed =
          await backend.get(`/v1/channels/${encodeURIComponent(text)}/messages?cursor=${encodeURIComponent(text)}`);
      assert.ok(listed.status < 500, listed.text);
    }
    const users = await allPages(backend, '/v1/users?limit=100', 'users');
    assert.deepEqual(new Set(users.map((user) => user.external_id)), known);
  });
});

const bad = {
  text: [7, true, null, [], {}],
  number: ['1', true, [], {}, 1.5],
  object: ['{}', 7, [], true],
  list: ['alice', 7, {}],
  flag: ['true', 1, [], {}]
};
const nullable = (values) => values.filter((value) => value !== null);

test('wrong types and missing fields', async (t) => {
  const { alice, backend } = await shopOf(t);
  const user = { external_id: 'x', name: 'x' };
  const group = { type: 'group', external_id: 'x', name: 'x', member_external_ids: ['alice'] };
  const calls = [
    [
      backend, 'POST', '/v1/users', user, {
        external_id: bad.text,
        name: bad.text,
        avatar_url: nullable(bad.text),
        metadata: bad.object,
      },
      ['external_id', 'name']
    ],
    [
      backend, 'POST', '/v1/auth/token', {user_id: 'alice'}, {user_id: bad.text, ttl_seconds: bad.number},
      ['user_id']
    ],
    [
      backend, 'POST', '/v1/channels', group, {
        type: [...bad.text, 'room'],
        external_id: nullable(bad.text),
        name: nullable(bad.text),
        member_external_ids: [...bad.list, [7], [null]],
        created_by: nullable(bad.text),
        metadata: bad.object,
      },
      ['type', 'external_id']
    ],
    [
      backend, 'PATCH', '/v1/workspace', {}, {
        name: nullable(bad.text),
        read_receipts_enabled: bad.flag,
        edit_window_seconds: [...bad.number, -1],
      },
      []
    ],
    [
      alice, 'PATCH', '/v1/channels/g', {},
      {name: nullable(bad.text), avatar_url: nullable(bad.text), metadata: bad.object}, []
    ],
    [
      alice, 'POST', '/v1/channels/g/members', {external_ids: ['budi']}, {
        external_ids: [...bad.list, [7]],
        role: [...nullable(bad.text), 'owner'],
      },
      ['external_ids']
    ],
    [
      alice, 'PATCH', '/v1/channels/g/members/budi', {role: 'member'}, {role: [...bad.text, 'owner', 'ADMIN']},
      ['role']
    ],
    [
      alice, 'POST', '/v1/channels/g/messages', {content: 'x'}, {
        content: nullable(bad.text),
        type: [...nullable(bad.text), 'video'],
        parent_id: [...nullable(bad.text), 'x'],
        mentions: [...bad.list, [7]],
        idempotency_key: nullable([...bad.text, '']),
        metadata: bad.object,
        attachment_url: nullable(bad.text),
      },
      ['content']
    ],
    [alice, 'POST', '/v1/channels/g/read', {}, {message_id: [...nullable(bad.text), 'x']}, []],
    [alice, 'PATCH', '/v1/me/channels/g', {muted: false}, {muted: bad.flag}, []],
  ];
  for (const [rest, method, path, body, fields, required] of calls) {
    await t.test(`${method} ${path}`, async () => {
      for (const [field, values] of Object.entries(fields)) {
        for (const value of values) {
          const answer = await rest.request(method, path, { body: { ...body, [field]: value } });
          const what = `${field}: ${JSON.stringify(value)} → ${answer.text}`;
          assert.equal(answer.status, 400, what);
          const error = assertError(answer, 400, 'VALIDATION_ERROR');
          assert.ok(error.details.field?.startsWith(field), what);
        }
      }
      for (const field of required) {
        const { [field]: _, ...rest_ } = body;
        const error = assertError(await rest.request(method, path, { body: rest_ }), 400, 'VALIDATION_ERROR');
        assert.equal(error.details.field, field);
      }
      assertError(await rest.request(method, path, { body: '[]' }), 400, 'VALIDATION_ERROR');
      assertError(await rest.request(method, path, { body: '"x"' }), 400, 'VALIDATION_ERROR');
    });
  }
  const channel = await alice.expect(200, 'GET', '/v1/channels/g');
  assert.equal(channel.last_seq, 0);
  assert.equal(channel.rev, 1);
  assert.equal((await allPages(backend, '/v1/users', 'users')).length, 2);
  assert.equal((await allPages(backend, '/v1/channels', 'channels')).length, 1);
});

test('each limit, exactly and exceeded by one', async (t) => {
  const { shop, alice, backend } = await shopOf(t);
  for (let i = 0; i < 110; ++i) await shop.createUser(`u${i}`);
  const names = (count) => Array.from({ length: count }, (_, i) => `u${i}`);
  await backend.expect(200, 'POST', '/v1/channels/g/members', { external_ids: names(100) });
  const nested = (depth) => (depth === 1 ? {} : { a: nested(depth - 1) });
  const sized = (bytes) => ({ a: 'x'.repeat(bytes - '{"a":""}'.length) });
  const url = (bytes) => `https://x/${'x'.repeat(bytes - 'https://x/'.length)}`;
  const users = (change) => [backend, '/v1/users', { external_id: 'limit', name: 'x', ...change }];
  const groups = (change) =>
      [backend, '/v1/channels', {type: 'group', external_id: 'limit', member_external_ids: ['alice'], ...change}];
  const messages = (change) => [alice, '/v1/channels/g/messages', { content: 'x', ...change }];
  const cases = {
    'name of a user': [255, (n) => users({ name: 'x'.repeat(n) })],
    'name of a user in bytes': [255, (n) => users({ name: '☕'.repeat(85) + 'x'.repeat(n - 255) })],
    'external_id of a user': [255, (n) => users({ external_id: 'y'.repeat(n) })],
    'avatar_url': [2048, (n) => users({ avatar_url: url(n) })],
    'metadata of a user in bytes': [4096, (n) => users({ metadata: sized(n) })],
    'metadata of a user in depth': [8, (n) => users({ metadata: nested(n) })],
    'name of a channel': [255, (n) => groups({ external_id: `n${n}`, name: 'x'.repeat(n) })],
    'external_id of a channel': [255, (n) => groups({ external_id: 'z'.repeat(n) })],
    'members of a new channel': [100, (n) => groups({ external_id: `m${n}`, member_external_ids: names(n) })],
    'members of one call': [100, (n) => [backend, '/v1/channels/g/members', { external_ids: names(n) }]],
    'metadata of a message in bytes': [4096, (n) => messages({ metadata: sized(n) })],
    'metadata of a message in depth': [8, (n) => messages({ metadata: nested(n) })],
    'idempotency_key': [255, (n) => messages({ idempotency_key: 'k'.repeat(n) })],
    'mentions': [50, (n) => messages({ mentions: names(n) })],
  };
  for (const [what, [limit, make]] of Object.entries(cases)) {
    await t.test(what, async () => {
      const [rest, path, body] = make(limit);
      const fits = await rest.post(path, body);
      assert.ok(fits.status < 300, fits.text);
      const error = assertError(await rest.post(path, make(limit + 1)[2]), 400, 'VALIDATION_ERROR');
      assert.ok(error.details.field, JSON.stringify(error));
      assert.equal(error.details.limit, limit, JSON.stringify(error));
    });
  }
  await t.test('content', async () => {
    await alice.expect(201, 'POST', '/v1/channels/g/messages', { content: 'x'.repeat(8192) });
    await alice.expect(201, 'POST', '/v1/channels/g/messages', { content: '☕'.repeat(2730) });
    assertError(await alice.post('/v1/channels/g/messages', {content: 'x'.repeat(8193)}), 413, 'PAYLOAD_TOO_LARGE');
    assertError(await alice.post('/v1/channels/g/messages', {content: '☕'.repeat(2731)}), 413, 'PAYLOAD_TOO_LARGE');
  });
});

test('invalid UTF-8', async (t) => {
  const { alice, backend } = await shopOf(t);
  const broken = {
    'a lone byte': [0xff],
    'an overlong form': [0xc0, 0xaf],
    'a surrogate': [0xed, 0xa0, 0x80],
    'a cut sequence': [0xe2, 0x82],
    'beyond Unicode': [0xf4, 0x90, 0x80, 0x80]
  };
  for (const [what, bytes] of Object.entries(broken)) {
    const wrap = (head, tail) => Buffer.concat([Buffer.from(head), Buffer.from(bytes), Buffer.from(tail)]);
    assertError(
        await alice.request('POST', '/v1/channels/g/messages', {body: wrap('{"content":"', '"}')}), 400,
        'VALIDATION_ERROR');
    assertError(
        await backend.request('POST', '/v1/users', {body: wrap('{"external_id":"', '","name":"x"}')}), 400,
        'VALIDATION_ERROR');
    assertError(
        await backend.request('POST', '/v1/users', {body: wrap('{"', '":1,"external_id":"x","name":"x"}')}), 400,
        'VALIDATION_ERROR');
    const escaped = bytes.map((byte) => `%${byte.toString(16)}`).join('');
    const found = await backend.get(`/v1/users/${escaped}`);
    assert.ok(found.status === 400 || found.status === 404, `${what}: ${found.text}`);
  }
  for (const escaped of ['%00', 'a%00b', '%', '%4', '%zz']) {
    const found = await backend.get(`/v1/users/${escaped}`);
    assert.ok(found.status === 400 || found.status === 404, `${escaped}: ${found.text}`);
  }
  assert.equal((await alice.expect(200, 'GET', '/v1/channels/g')).last_seq, 0);
});

test("objects of other workspaces do not exist", async (t) => {
  const { server, group, alice, backend } = await shopOf(t);
  const other = await server.createWorkspace('Other');
  const zoe = await other.createUser('zoe');
  const theirs = await other.createGroup('theirs', ['zoe']);
  const zoeRest = await other.as('zoe');
  const message = await zoeRest.expect(201, 'POST', '/v1/channels/theirs/messages', { content: 'secret' });
  const own = await alice.expect(201, 'POST', '/v1/channels/g/messages', { content: 'own' });

  const gone = [404, 400];
  const refused = async (rest, method, path, body) => {
    const answer = await rest.request(method, path, { body });
    assert.ok(gone.includes(answer.status), `${method} ${path}: ${answer.text}`);
    assert.ok(!answer.text.includes('secret'));
  };
  for (const rest of [alice, backend]) {
    await refused(rest, 'GET', `/v1/channels/${theirs.id}`);
    await refused(rest, 'PATCH', `/v1/channels/${theirs.id}`, { name: 'x' });
    await refused(rest, 'GET', `/v1/channels/${theirs.id}/members`);
    await refused(rest, 'POST', `/v1/channels/${theirs.id}/members`, { external_ids: ['alice'] });
    await refused(rest, 'POST', `/v1/channels/${theirs.id}/messages`, { user: 'alice', content: 'x' });
    await refused(rest, 'POST', '/v1/channels/g/messages', { user: 'alice', content: 'x', parent_id: message.id });
    await refused(rest, 'POST', '/v1/channels/g/messages', { user: 'alice', content: 'x', mentions: [zoe.id] });
    await refused(rest, 'GET', `/v1/channels/g/messages?before=${message.id}`);
    await refused(rest, 'DELETE', `/v1/channels/g/members/${zoe.id}`);
  }
  await refused(alice, 'GET', `/v1/channels/${theirs.id}/changes?since=0`);
  await refused(alice, 'POST', '/v1/channels/g/read', { message_id: message.id });
  await refused(alice, 'PATCH', `/v1/me/channels/${theirs.id}`, { muted: true });
  await refused(alice, 'DELETE', `/v1/me/channels/${theirs.id}`);
  await refused(backend, 'GET', `/v1/users/${zoe.id}`);
  await refused(backend, 'POST', `/v1/users/${zoe.id}/tokens`, {});
  await refused(backend, 'POST', '/v1/channels/g/messages', { user: zoe.id, content: 'x' });
  await refused(backend, 'DELETE', `/v1/channels/${theirs.id}`);
  await refused(zoeRest, 'GET', `/v1/channels/${group.id}/messages`);
  await refused(zoeRest, 'POST', '/v1/channels/theirs/messages', { content: 'x', parent_id: own.id });
  assert.equal((await alice.expect(200, 'GET', '/v1/channels/g')).last_seq, 1);
  assert.equal((await zoeRest.expect(200, 'GET', '/v1/channels/theirs')).last_seq, 1);
});

test('the error for an unreadable body says why', async (t) => {
  const { shop } = await shopOf(t);
  const post = (body, headers = {}) =>
    fetch(`${shop.server.base()}/v1/users`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${shop.apiKey}:${shop.apiSecret}`, 'Content-Type': 'application/json', ...headers },
      body,
    });
  const said = async (response) => (await response.json()).error.message;
  const packed = await post('{}', { 'Content-Encoding': 'gzip' });
  assert.equal(packed.status, 415);
  assert.match(await said(packed), /compressed/);
  const comma = await post('{"external_id":"a",}');
  assert.equal(comma.status, 400);
  assert.match(await said(comma), /a comma before a closing bracket at byte 18/);
});
