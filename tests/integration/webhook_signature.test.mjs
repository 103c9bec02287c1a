// Our signatures, verified by the library that receivers use.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { Webhook } from 'standardwebhooks';

const signer = process.env.CARIOSAN_SIGN_WEBHOOK;

/// A delivery of `body` signed at `at`: the new secret, and the headers by name.
function sign(body, at = Date.now()) {
  const { secrets: [secret], headers } = signWith(1, body, at);
  return { secret, headers };
}

/// The same with several secrets, the newest first.
function signWith(count, body, at = Date.now()) {
  const output = execFileSync(signer, ['message.created', 'evt_0190a1b2', String(at), String(count)], { input: body, encoding: 'utf8' });
  const lines = output.trimEnd().split('\n');
  return { secrets: lines.splice(0, count), headers: Object.fromEntries(lines.map((line) => line.split(/: (.*)/s).slice(0, 2))) };
}

const bodies = ['{"event":"message.created","data":{"message":{"content":"Halo!"}}}', '{"text":"\\u00e9 写真 🎉\\n"}', '{}'];

test('the npm package standardwebhooks verifies a delivery', () => {
  for (const body of bodies) {
    const { secret, headers } = sign(body);
    assert.deepEqual(new Webhook(secret).verify(body, headers), JSON.parse(body));
  }
});

test('it refuses altered and old deliveries, and other secrets', () => {
  const [body] = bodies;
  const { secret, headers } = sign(body);
  const webhook = new Webhook(secret);
  assert.throws(() => webhook.verify(`${body} `, headers), /No matching signature/);
  assert.throws(() => webhook.verify(body, { ...headers, 'webhook-id': 'evt_other' }), /No matching signature/);
  assert.throws(() => new Webhook(sign(body).secret).verify(body, headers), /No matching signature/);
  const old = sign(body, Date.now() - 400_000);
  assert.throws(() => new Webhook(old.secret).verify(body, old.headers), /too old/);
});

test('while a secret is replaced the package verifies a delivery with either of them', async () => {
  const page = readFileSync(new URL('../../src/protocol/reference/webhooks.md', import.meta.url), 'utf8');
  const [, code] = page.match(/```js\n(.*?)```/s);
  const { verify } = await import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`);
  const [body] = bodies;
  const { secrets, headers } = signWith(2, body);
  assert.equal(headers['webhook-signature'].split(' ').length, 2);
  for (const secret of secrets) {
    assert.deepEqual(new Webhook(secret).verify(body, headers), JSON.parse(body));
    assert.equal(verify(secret, headers, body), true);
  }
  assert.throws(() => new Webhook(sign(body).secret).verify(body, headers), /No matching signature/);
});

test('the other signature is an HMAC of the body with the text of the secret', () => {
  for (const body of bodies) {
    const { secret, headers } = sign(body);
    assert.equal(headers['X-Cariosan-Signature'], `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`);
    assert.equal(headers['X-Cariosan-Event-Id'], headers['webhook-id']);
  }
});

test('the verification code in the protocol reference works', async () => {
  const page = readFileSync(new URL('../../src/protocol/reference/webhooks.md', import.meta.url), 'utf8');
  const [, code] = page.match(/```js\n(.*?)```/s);
  const { verify } = await import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`);
  for (const body of bodies) {
    const { secret, headers } = sign(body);
    assert.equal(verify(secret, headers, body), true);
    assert.equal(verify(secret, headers, Buffer.from(body)), true);
    const both = `v1,${Buffer.alloc(32).toString('base64')} ${headers['webhook-signature']}`;
    assert.equal(verify(secret, { ...headers, 'webhook-signature': both }, body), true);
    assert.equal(verify(secret, headers, `${body} `), false);
    assert.equal(verify(secret, { ...headers, 'webhook-id': 'evt_other' }, body), false);
    assert.equal(verify(secret, {}, body), false);
    const old = sign(body, Date.now() - 400_000);
    assert.equal(verify(old.secret, old.headers, body), false);
  }
});
