// The shop: the built example, the real server behind the same origin, a store for files, and people in browsers of their own.

import { createServer, request as httpRequest } from 'node:http';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { chromium } from 'playwright-core';
import { realServer } from '../../packages/client/tests/support/real_server.ts';
import { shopApp } from './apps.mjs';

const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const BUCKET = 'chat-files';

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** `app`: one of `apps.mjs`. */
export async function openShop(app = shopApp) {
  const folder = mkdtempSync(join(tmpdir(), 'cariosan-browser-'));
  await app.build(folder);
  const files = new Map();
  const sockets = new Set();
  let server;
  let isReachable = true;
  let isDeaf = false;
  let upgrades = 0;

  function forward(request, response) {
    if (!isReachable) return void response.destroy();
    const { port } = new URL(server.url);
    const onward = httpRequest({ port, host: '127.0.0.1', method: request.method, path: request.url, headers: request.headers },
      (answer) => void answer.pipe(response.writeHead(answer.statusCode, answer.headers)));
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  }

  async function answer(request, response) {
    const { pathname } = new URL(request.url, 'http://x');
    if (pathname.startsWith('/v1/')) return forward(request, response);
    if (pathname.startsWith(`/${BUCKET}/`) && request.method === 'PUT') {
      files.set(pathname, { type: request.headers['content-type'], body: await bodyOf(request) });
      return void response.writeHead(200).end();
    }
    const file = files.get(pathname);
    if (file !== undefined) return void response.writeHead(200, { 'content-type': file.type }).end(file.body);
    if (pathname === '/demo.json') {
      const users = await Promise.all(['alice', 'budi'].map(async (id) => ({ external_id: id, name: id, token: await server.token(id) })));
      return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ language: 'en', workspace: { name: 'Shop' }, users, attachments: { types: ['image/png'], max_bytes: 1_000_000 } }));
    }
    const path = join(folder, pathname === '/' ? 'index.html' : pathname);
    if (!existsSync(path)) return void response.writeHead(404).end();
    return void response.writeHead(200, { 'content-type': types[extname(path)] ?? 'application/octet-stream', 'content-security-policy': app.policy }).end(readFileSync(path));
  }

  const web = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  web.on('upgrade', (request, socket, head) => {
    if (!isReachable) return void socket.destroy();
    upgrades += 1;
    const onward = connect(Number(new URL(server.url).port), '127.0.0.1', () => {
      const lines = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`);
      onward.write(`GET ${request.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      onward.write(head);
      socket.pipe(onward);
      onward.on('data', (chunk) => void (isDeaf || socket.write(chunk)));
    });
    for (const one of [socket, onward]) {
      sockets.add(one);
      one.on('error', () => {}).on('close', () => { sockets.delete(one); socket.destroy(); onward.destroy(); });
    }
  });
  web.listen(0, '127.0.0.1');
  await once(web, 'listening');
  const origin = `http://127.0.0.1:${web.address().port}`;
  server = await realServer({
    CARIOS_S3_ENDPOINT: origin, CARIOS_S3_REGION: 'x', CARIOS_S3_BUCKET: BUCKET, CARIOS_S3_ACCESS_KEY: 'KEY', CARIOS_S3_SECRET_KEY: 'the-secret-of-the-bucket',
  });
  for (const [id, name] of [['alice', 'Alice'], ['budi', 'Budi']]) await server.backend('POST', '/v1/users', { external_id: id, name });
  // Pages that are gone back to may come back as they were.
  const withCache = { ignoreDefaultArgs: ['--disable-back-forward-cache'] };
  const browser = await chromium.launch({ executablePath: process.env.CARIOSAN_BROWSER, args: ['--no-sandbox'], ...withCache });

  return {
    server, browser, origin,
    /** How many connections were begun. */
    get upgrades() { return upgrades; },
    /** How many of them are open. */
    get connections() { return sockets.size / 2; },
    /** Nobody reaches the server, until they do again. */
    reachable(on) {
      isReachable = on;
      if (!on) for (const socket of sockets) socket.destroy();
    },
    /** Between the two, and named after the other. */
    async direct() {
      await server.backend('POST', '/v1/channels', { type: 'direct', member_external_ids: ['alice', 'budi'] });
    },
    /** What connections say arrives, and nothing is heard from the server over them; then they end. */
    deaf(on) {
      if (on === isDeaf) return;
      isDeaf = on;
      if (!on) for (const socket of sockets) socket.destroy();
    },
    async channel(id, name) {
      await server.backend('POST', '/v1/channels', { type: 'group', external_id: id, name, member_external_ids: ['alice', 'budi'] });
    },
    /** By the app's own server, in somebody's name. */
    say: async (channel, user, content) => server.asUser(await server.token(user), 'POST', `/v1/channels/${channel}/messages`, { content }),
    /** The texts that a channel has, the oldest first. */
    said: async (channel) => (await server.asUser(await server.token('budi'), 'GET', `/v1/channels/${channel}/messages`)).messages.map(({ content }) => content).toReversed(),
    /** From now on this user is an admin of the channel. */
    lead: async (channel, user) => server.backend('PATCH', `/v1/channels/${channel}/members/${user}`, { role: 'admin' }),
    /** Settings of a channel. */
    becomes: async (channel, settings) => server.backend('PATCH', `/v1/channels/${channel}`, settings),
    pin: async (channel, user, { id }) => server.asUser(await server.token(user), 'PUT', `/v1/channels/${channel}/messages/${id}/pin`),
    /** What was reported, and what for. */
    reported: async () => (await server.backend('GET', '/v1/reports')).reports.map(({ message, reason }) => [message?.content, reason]),
    react: async (channel, user, { id }, emoji) => server.asUser(await server.token(user), 'PUT', `/v1/channels/${channel}/messages/${id}/reactions/${encodeURIComponent(emoji)}`),
    /** Puts a file where attachments are, and answers its address. */
    async upload(user, filename, type, body) {
      const presigned = await server.asUser(await server.token(user), 'POST', '/v1/attachments/presign', { filename, content_type: type, size_bytes: body.length });
      await fetch(presigned.upload_url, { method: 'PUT', headers: { 'content-type': type }, body });
      return presigned.public_url;
    },
    async person(user, { language = 'en', open, context, query = '', ...rest } = {}) {
      const place = context ?? await browser.newContext({ viewport: { width: 900, height: 700 }, ...rest });
      const page = await place.newPage();
      const faults = [];
      page.on('pageerror', (fault) => faults.push(fault.message));
      page.on('console', (line) => line.type() === 'error' && !/Failed to load resource|WebSocket connection/.test(line.text()) && faults.push(line.text()));
      await page.goto(`${origin}/?as=${user}&lang=${language}${query}`);
      await app.ui?.speak?.(page, language);
      if (open !== undefined) {
        await app.ui.inList(page, open).click();
        await app.ui.field(page).waitFor();
      }
      return Object.assign(page, { faults });
    },
    async close() {
      await browser.close();
      web.close();
      web.closeAllConnections();
      for (const socket of sockets) socket.destroy();
      await server.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
