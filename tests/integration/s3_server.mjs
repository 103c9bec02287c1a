// An attachment store inside the test process. It is not S3 and only supports presigned PUT and plain GET. But like S3 it
// trusts no signature: it signs each request again with the secret, using an independent implementation of Signature V4
// (aws4), and compares.

import aws4 from 'aws4';
import { once } from 'node:events';
import { createServer } from 'node:http';

export const ACCESS_KEY = 'AKIDOFTHETESTS';
export const SECRET_KEY = 'the+secret/of=the-bucket';
export const REGION = 'ap-southeast-3';
export const BUCKET = 'chat-files';

/// What must be signed, so that a client cannot send anything but what it requested.
const NEEDED = ['content-length', 'content-type', 'host'];

/// Parses "20261126T133000Z" to milliseconds.
function momentOf(text) {
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  return Date.UTC(parts[0], parts[1] - 1, ...parts.slice(2));
}

export class S3Server {
  /// `now` is the store's clock, which a test may set.
  static async start(t, { now = Date.now } = {}) {
    const store = new S3Server(now);
    store.#http.listen(0, '127.0.0.1');
    await once(store.#http, 'listening');
    t.after(() => {
      store.#http.close();
      store.#http.closeAllConnections();
    });
    return store;
  }

  #http = createServer((request, response) => this.#answer(request, response));

  constructor(now) {
    this.now = now;
    this.objects = new Map(); ///< by path: {type, bytes}
  }

  get origin() {
    return `http://127.0.0.1:${this.#http.address().port}`;
  }

  /// Environment variables for the server under test.
  get variables() {
    return {
      CARIOS_S3_ENDPOINT: this.origin,
      CARIOS_S3_REGION: REGION,
      CARIOS_S3_BUCKET: BUCKET,
      CARIOS_S3_ACCESS_KEY: ACCESS_KEY,
      CARIOS_S3_SECRET_KEY: SECRET_KEY,
    };
  }

  async #answer(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const url = new URL(request.url, this.origin);
    if (request.method === 'GET') {
      const object = this.objects.get(url.pathname);
      if (object === undefined) return this.#refuse(response, 404, 'NoSuchKey');
      return response.writeHead(200, { 'Content-Type': object.type }).end(object.bytes);
    }
    if (request.method !== 'PUT') return this.#refuse(response, 405, 'MethodNotAllowed');
    const fault = this.#faultOf(request, url);
    if (fault !== null) return this.#refuse(response, 403, fault);
    this.objects.set(url.pathname, { type: request.headers['content-type'], bytes: Buffer.concat(chunks) });
    response.writeHead(200).end();
  }

  #refuse(response, status, code) {
    response.writeHead(status, { 'Content-Type': 'application/xml' });
    response.end(`<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code></Error>`);
  }

  /// Why an upload is refused, as an S3 error code; null if it is not.
  #faultOf(request, url) {
    const given = (name) => url.searchParams.get(`X-Amz-${name}`) ?? '';
    const names = given('SignedHeaders').split(';');
    if (given('Algorithm') !== 'AWS4-HMAC-SHA256' || !NEEDED.every((name) => names.includes(name))) {
      return 'AuthorizationQueryParametersError';
    }
    const signed = momentOf(given('Date'));
    const age = (this.now() - signed) / 1000;
    if (!(age >= -900 && age <= Number(given('Expires')))) return 'AccessDenied';
    const signature = given('Signature');
    const path = request.url.replace(/&X-Amz-Signature=[^&]*/, '');
    const headers = Object.fromEntries(names.map((name) => [name, request.headers[name] ?? '']));
    const resigned = aws4.sign(
      { service: 's3', region: REGION, method: request.method, path, headers, signQuery: true },
      { accessKeyId: ACCESS_KEY, secretAccessKey: SECRET_KEY },
    );
    const expected = new URL(resigned.path, this.origin).searchParams.get('X-Amz-Signature');
    return signature === expected ? null : 'SignatureDoesNotMatch';
  }
}
