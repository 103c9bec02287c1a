// The engine behind a server of Node.js: requests and upgrades below a path.

import { STATUS_CODES } from 'node:http';
import { WebSocketServer } from 'ws';
import { Kind, SECURE } from './library.js';
import { Socket } from './socket.js';

const BODY_TIMEOUT = 30_000; // ms, for the whole body of a request
const RETRY = 5; // ms
const LARGEST_TEXT = 1 << 20; // the engine has its own limit, which is lower unless it is changed

const under = (url, prefix) => prefix === '' || url === prefix || url.startsWith(`${prefix}/`) || url.startsWith(`${prefix}?`);

/// Takes the requests and upgrades below `prefix`, and leaves the others to the server's own listeners.
export function mount(chat, server, prefix) {
  const others = server.listeners('request');
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    if (under(request.url, prefix)) return serveRequest(chat, request, response, request.url.slice(prefix.length) || '/');
    for (const other of others) other.call(server, request, response);
    return undefined;
  });
  // Whoever asks before sending a body is told once its head is accepted.
  const asked = server.listeners('checkContinue');
  server.removeAllListeners('checkContinue');
  server.on('checkContinue', (request, response) => {
    if (under(request.url, prefix)) return serveRequest(chat, request, response, request.url.slice(prefix.length) || '/', true);
    if (asked.length === 0) {
      response.writeContinue();
      server.emit('request', request, response);
    }
    for (const other of asked) other.call(server, request, response);
    return undefined;
  });
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LARGEST_TEXT, perMessageDeflate: false, handleProtocols: (_, request) => request.cariosanProtocol });
  server.on('upgrade', (request, socket, head) => {
    if (under(request.url, prefix)) serveUpgrade(chat, sockets, request, socket, head, request.url.slice(prefix.length) || '/');
  });
}

/// The arguments of the library for the head of a request.
function headOf(request, target) {
  const flags = request.socket.encrypted ? SECURE : 0;
  return [target, request.rawHeaders, request.rawHeaders.length / 2, request.socket.remoteAddress ?? null, flags];
}

export function serveRequest(chat, request, response, target, asks = false) {
  let body = null;
  chat.beginWith('http_begin', [request.method, ...headOf(request, target)], (item) => {
    if (item.kind === Kind.BODY) {
      if (asks) response.writeContinue();
      body = passBody(chat, request, response, item.handle);
      return false;
    }
    body?.end();
    if (item.error) refuse(response, item.error);
    else write(request, response, item);
    return true;
  }, (error) => refuse(response, error));
}

/// Passes the body on as it comes, and gives the request up when its client does.
function passBody(chat, request, response, number) {
  const giveUp = () => chat.tell('http_give_up', number);
  const timer = setTimeout(giveUp, BODY_TIMEOUT);
  let retry = null;
  const pass = (part, last, then) => {
    if (chat.handIn('http_body', number, part, part.length, last)) then?.();
    else retry = setTimeout(pass, RETRY, part, last, then);
  };
  request.on('data', (part) => {
    request.pause();
    pass(part, 0, () => request.resume());
  });
  request.on('end', () => {
    clearTimeout(timer);
    pass(Buffer.alloc(0), 1);
  });
  request.on('error', giveUp);
  response.on('close', giveUp);
  return {
    end() {
      clearTimeout(timer);
      clearTimeout(retry);
      response.off('close', giveUp);
      request.removeAllListeners('data').removeAllListeners('end');
    },
  };
}

function write(request, response, { status, headers, data }) {
  if (response.destroyed) return;
  for (const [name, value] of headers) response.appendHeader(name, value);
  const hasBody = status !== 204 && status !== 304;
  if (hasBody) response.setHeader('Content-Length', data.length);
  // What is left of a body would be read as a request.
  if (!request.complete) response.setHeader('Connection', 'close');
  response.writeHead(status);
  response.end(hasBody && request.method !== 'HEAD' ? data : undefined);
  if (!request.complete) request.resume();
}

function envelope({ code, message, details, retryable }) {
  return JSON.stringify({ error: { code, message, retryable, details } });
}

/// Answers what never reached the engine: too much waits there, or it is closed.
function refuse(response, error) {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(503, { 'Content-Type': 'application/json', 'Retry-After': '1', Connection: 'close' }).end(envelope(error));
}

function serveUpgrade(chat, sockets, request, socket, head, target) {
  const ignore = () => {};
  socket.on('error', ignore);
  const answer = (status, headers, data) => {
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    socket.end(Buffer.concat([Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines}Content-Length: ${data.length}\r\nConnection: close\r\n\r\n`), data]));
  };
  const refused = (error) => answer(503, [['Content-Type', 'application/json'], ['Retry-After', '1']], Buffer.from(envelope(error)));
  chat.beginWith('session_open', headOf(request, target), (item) => {
    if (item.kind !== Kind.ADMITTED) {
      if (item.error) refused(item.error);
      else answer(item.status, item.headers, item.data);
      return true;
    }
    let opened = false;
    request.cariosanProtocol = item.data.toString();
    sockets.handleUpgrade(request, socket, head, (connection) => {
      opened = true;
      socket.off('error', ignore);
      chat.addSocket(item.handle, new Socket(chat, item.handle, connection));
    });
    // A handshake that is not one was answered by `ws`.
    if (!opened) chat.endSession(item.handle);
    return true;
  }, refused);
}
