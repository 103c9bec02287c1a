// REST calls to a server under test.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { connect } from 'node:net';

/// Makes calls with one set of credentials. `base` is a function, because a restarted server may have another port.
export class Rest {
  constructor(base, authorization = null) {
    this.base = base;
    this.authorization = authorization;
  }

  /// The response as `{status, headers, text, body}`; `body` is the parsed JSON, if any.
  async request(method, path, { body, headers = {}, authorization = this.authorization } = {}) {
    const all = { ...headers };
    if (authorization !== null) all.Authorization = authorization;
    let content = body;
    if (body !== undefined && typeof body !== 'string' && !(body instanceof Uint8Array)) {
      content = JSON.stringify(body);
    }
    if (content !== undefined && !Object.keys(all).some((name) => name.toLowerCase() === 'content-type')) {
      all['Content-Type'] = 'application/json';
    }
    const response = await fetch(this.base() + path, { method, headers: all, body: content, redirect: 'manual' });
    const text = await response.text();
    const isJson = (response.headers.get('content-type') ?? '').startsWith('application/json');
    const answer = { status: response.status, headers: response.headers, text };
    answer.body = isJson && text !== '' ? JSON.parse(text) : undefined;
    return answer;
  }

  get(path, options) {
    return this.request('GET', path, options);
  }
  post(path, body, options = {}) {
    return this.request('POST', path, { body, ...options });
  }
  patch(path, body, options = {}) {
    return this.request('PATCH', path, { body, ...options });
  }
  delete(path, options) {
    return this.request('DELETE', path, options);
  }

  /// The body of a response, which must have this status.
  async expect(status, method, path, body) {
    const answer = await this.request(method, path, { body });
    assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`);
    return answer.body;
  }
}

/// Checks that a response is the error envelope with this status and code, and returns its `error`.
export function assertError(answer, status, code) {
  assert.equal(answer.status, status, answer.text);
  const error = answer.body?.error;
  assert.ok(error, `no error envelope: ${answer.text}`);
  assert.equal(error.code, code, answer.text);
  assert.equal(typeof error.message, 'string');
  assert.equal(typeof error.retryable, 'boolean');
  assert.equal(typeof error.details, 'object');
  assert.equal(error.request_id, answer.headers.get('x-request-id'));
  return error;
}

/// All items of a list, page by page.
export async function allPages(rest, path, name) {
  const items = [];
  let cursor = null;
  do {
    const separator = path.includes('?') ? '&' : '?';
    const more = cursor === null ? '' : `${separator}cursor=${encodeURIComponent(cursor)}`;
    const page = await rest.expect(200, 'GET', path + more);
    items.push(...page[name]);
    assert.equal(page.has_more, page.next_cursor !== null && page.next_cursor !== undefined);
    cursor = page.has_more ? page.next_cursor : null;
  } while (cursor !== null);
  return items;
}

const base64url = (value) => Buffer.from(value).toString('base64url');

/// A JWT, valid or forged.
export function makeToken(claims, secret, { header = { alg: 'HS256', typ: 'JWT' }, hash = 'sha256' } = {}) {
  const head = base64url(typeof header === 'string' ? header : JSON.stringify(header));
  const body = base64url(typeof claims === 'string' ? claims : JSON.stringify(claims));
  const signature = createHmac(hash, secret).update(`${head}.${body}`).digest('base64url');
  return `${head}.${body}.${signature}`;
}

export function readToken(token) {
  return JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
}

/// Sends raw bytes and returns everything received until the server closes the connection.
export function rawExchange(base, bytes) {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const chunks = [];
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
    socket.on(
        'error',
        (error) => (chunks.length > 0 ? resolve(Buffer.concat(chunks).toString('latin1')) : reject(error)));
  });
}
