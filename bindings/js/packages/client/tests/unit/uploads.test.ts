// Files: checked before anything is sent, sent as permitted, and messages that wait for theirs.

import { describe, expect, test } from 'vitest';
import { isCariosanError, memoryStorage, type UploadRequest } from '../../src/index.ts';
import { fakeServer, greet, message, settle, alice, type Answer, type Asked, type FakeServer } from '../support/fakes.ts';
import { answers, live, rowsOf } from '../support/room.ts';

const wire = { read_receipts_enabled: true, edit_window_seconds: null, max_message_bytes: 4_096, attachments: { types: ['image/png', 'audio/*'], max_bytes: 100 } };
const photo = (size = 10, type = 'image/png'): Blob => new Blob(['x'.repeat(size)], { type });

interface Store {
  readonly requests: UploadRequest[];
  /** Answers the oldest request that has none. */
  answer(status: number): Promise<void>;
  breakOff(): Promise<void>;
}

function store(): Store & { upload(request: UploadRequest): Promise<{ status: number }> } {
  const requests: UploadRequest[] = [];
  const open: { resolve(answer: { status: number }): void; reject(fault: Error): void }[] = [];
  return {
    requests,
    upload: (request) => new Promise((resolve, reject) => {
      requests.push(request);
      open.push({ resolve, reject });
      request.signal.addEventListener('abort', () => reject(new Error('aborted')));
    }),
    async answer(status) {
      open.shift()?.resolve({ status });
      await settle();
    },
    async breakOff() {
      open.shift()?.reject(new Error('broken'));
      await settle();
    },
  };
}

const permission = (one: Asked): Answer => (one.path === '/v1/attachments/presign' ? { status: 200, body: {
  upload_url: 'http://store.test/1', method: 'PUT', headers: { 'content-type': 'image/png', 'Content-Length': '10' }, public_url: 'http://files.test/1', expires_at: 'x',
} } : answers(one));

async function room(storage = memoryStorage()): Promise<{ server: FakeServer; files: Store }> {
  const files = store();
  const server = await live(fakeServer({ upload: files.upload, storage }, permission), { settings: wire });
  return { server, files };
}

const asked = (server: FakeServer) => server.asked.filter(({ path }) => path === '/v1/attachments/presign').map(({ body }) => body);
const channelOf = (server: FakeServer) => server.client.channel('order_1');
const states = (server: FakeServer): string[] => rowsOf(server).map(({ content, status }) => `${content} ${status}`);

test.each([[photo(10, 'text/html'), 'TYPE_NOT_ACCEPTED'], [photo(101), 'TOO_LARGE']])('what the server would not take is not sent', async (file, code) => {
  const { server } = await room();
  await expect(channelOf(server).uploadAttachment(file)).rejects.toSatisfy((fault: unknown) => isCariosanError(fault, code));
  expect(() => channelOf(server).sendAttachment(file)).toThrow(code === 'TOO_LARGE' ? 'TOO_LARGE' : 'text/html');
  expect([asked(server), rowsOf(server)]).toEqual([[], []]);
});

test('it goes with exactly the headers that were signed, but the length', async () => {
  const { server, files } = await room();
  const parts: number[] = [];
  const done = channelOf(server).uploadAttachment(photo(), { onProgress: (part) => parts.push(part), filename: 'a.png' });
  await settle();
  expect(asked(server)).toEqual([{ filename: 'a.png', content_type: 'image/png', size_bytes: 10 }]);
  expect(files.requests[0]).toMatchObject({ url: 'http://store.test/1', method: 'PUT', headers: { 'content-type': 'image/png' } });
  expect(Object.keys(files.requests[0]?.headers ?? {})).toEqual(['content-type']);
  files.requests[0]?.onProgress(0.5);
  await files.answer(200);
  expect([await done, parts]).toEqual([{ publicUrl: 'http://files.test/1', type: 'image' }, [0.5]]);
});

test('a permission that ran out is asked for once more, a store that breaks off three times', async () => {
  const { server, files } = await room();
  const renewed = channelOf(server).uploadAttachment(photo());
  await settle();
  await files.answer(403);
  await files.answer(200);
  expect((await renewed).type).toBe('image');
  expect(asked(server)).toHaveLength(2);
  const broken = channelOf(server).uploadAttachment(photo());
  const failed = expect(broken).rejects.toSatisfy((fault: unknown) => isCariosanError(fault, 'UPLOAD_FAILED'));
  for (let at = 0; at < 3; at += 1) {
    await server.clock.advance(3_000);
    await files.breakOff();
  }
  await failed;
  expect(files.requests).toHaveLength(5);
});

describe('a message with a file', () => {
  test('is there at once, shows how far it is, lets others pass, and goes when the file has', async () => {
    const { server, files } = await room();
    const handle = channelOf(server).sendAttachment(photo(), { text: 'a photo', metadata: { attachment: { width: 4 } } });
    channelOf(server).enqueue({ text: 'words' });
    expect(states(server)).toEqual(['a photo uploading', 'words pending']);
    expect(server.socket.last('message.send').data['content']).toBe('words');
    await settle();
    files.requests[0]?.onProgress(0.25);
    await settle();
    expect(rowsOf(server)[0]?.progress).toBe(0.25);
    await files.answer(200);
    const first = server.socket.last('message.send');
    server.socket.receive('ack', { rev: 2, message: message(1, 2, { user: alice, idempotency_key: first.data['idempotency_key'], content: 'words' }) }, first.id);
    await settle();
    const { id, data } = server.socket.last('message.send');
    expect(data).toMatchObject({ content: 'a photo', type: 'image', attachment_url: 'http://files.test/1', idempotency_key: handle.key });
    expect(data['metadata']).toEqual({ attachment: { name: 'file', size: 10, content_type: 'image/png', width: 4 } });
    server.socket.receive('ack', { rev: 3, message: message(2, 3, { user: alice, idempotency_key: handle.key, content: 'a photo' }) }, id);
    expect((await handle.sent).seq).toBe(2);
  });

  test('is given up with its upload', async () => {
    const { server, files } = await room();
    const handle = channelOf(server).sendAttachment(photo());
    await settle();
    handle.cancel();
    await expect(handle.sent).rejects.toSatisfy((fault: unknown) => isCariosanError(fault, 'DISCARDED'));
    expect([files.requests[0]?.signal.aborted, rowsOf(server)]).toEqual([true, []]);
  });

  test('fails with the reason, and a retry sends the file again', async () => {
    const { server, files } = await room();
    const handle = channelOf(server).sendAttachment(photo(), { text: 'a photo' });
    await settle();
    await files.answer(400);
    await expect(handle.sent).rejects.toSatisfy((fault: unknown) => isCariosanError(fault, 'UPLOAD_REFUSED'));
    expect(states(server)).toEqual(['a photo failed']);
    channelOf(server).retry(handle.key);
    await settle();
    await files.answer(200);
    expect(server.socket.last('message.send').data['idempotency_key']).toBe(handle.key);
  });

  test('after a restart: failed without its file, begun anew with one that lies on a phone', async () => {
    const storage = memoryStorage();
    const { server } = await room(storage);
    channelOf(server).sendAttachment(photo(), { text: 'in the browser' });
    channelOf(server).sendAttachment({ uri: 'file:///a.png', name: 'a.png', type: 'image/png', size: 7 }, { text: 'on a phone' });
    await settle();
    server.client.close();
    const { server: again, files } = await room(storage);
    expect(states(again)).toEqual(['in the browser failed', 'on a phone uploading']);
    expect(files.requests.map(({ body }) => body)).toEqual([{ uri: 'file:///a.png', name: 'a.png', type: 'image/png', size: 7 }]);
    await files.answer(200);
    expect(again.socket.last('message.send').data['content']).toBe('on a phone');
  });

  test('without a connection it waits for one', async () => {
    const { server, files } = await room();
    server.socket.end(1006);
    server.answerWith(({ path }) => (path.includes('presign') ? Promise.reject(new Error('no network')) : undefined));
    channelOf(server).sendAttachment(photo(), { text: 'a photo' });
    await settle();
    expect(states(server)).toEqual(['a photo uploading']);
    server.answerWith(() => undefined);
    await server.clock.advance(1_000);
    await greet(server, [], { settings: wire });
    expect(files.requests).toHaveLength(1);
  });
});
