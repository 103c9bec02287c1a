// Uses a permission to upload a file, like a client.

import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { within } from './data.mjs';

/// Uploads as permitted; `headers` and `url` change what the client does. Returns the status and, if refused, the reason.
export async function upload(permission, body, { headers = {}, url = permission.upload_url } = {}) {
  const all = { ...permission.headers, ...headers };
  const sent = httpRequest(url, { method: permission.method, headers: all });
  sent.end(body);
  const [response] = await within(once(sent, 'response'), 'the answer of the store');
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return { status: response.statusCode, code: /<Code>(.*)<\/Code>/.exec(text)?.[1] };
}
