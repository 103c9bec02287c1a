// Deliveries of webhooks: those of the server's own signer, and those that nobody has signed, or long ago.

import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { isCariosanError } from '../../src/index.ts';
import { verifyWebhook } from '../../src/webhook.ts';

const AT = 1_790_000_000;
const body = '{"event_id":"evt_1","event":"message.created","workspace_id":"w","created_at":"x","data":{"message":{"content":"写真 🎉"}}}';
const secrets = ['one', 'two'].map((name) => `whsec_${Buffer.from(name.repeat(11)).toString('base64')}`);
const [first = '', second = ''] = secrets;

function sign(secret: string, at = AT, text = body): Record<string, string> {
  const signature = createHmac('sha256', Buffer.from(secret.slice(6), 'base64')).update(`evt_1.${at}.${text}`).digest('base64');
  return { 'webhook-id': 'evt_1', 'webhook-timestamp': String(at), 'webhook-signature': `v1,${signature}` };
}

const verify = (headers: Headers | Record<string, string>, text: string | Uint8Array = body, secret: string | string[] = first) =>
  verifyWebhook({ headers, body: text }, secret, { now: () => AT * 1000 });

test('a signed delivery is its event, whatever form headers and body have', () => {
  const headers = sign(first);
  const capital = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]));
  for (const form of [headers, capital, new Headers(headers)]) {
    expect(verify(form)).toMatchObject({ event_id: 'evt_1', data: { message: { content: '写真 🎉' } } });
    expect(verify(form, new TextEncoder().encode(body)).event).toBe('message.created');
  }
});

test('while a secret is replaced, either of the two signatures and secrets will do', () => {
  const both = { ...sign(second), 'webhook-signature': `${sign(first)['webhook-signature']} ${sign(second)['webhook-signature']}` };
  expect(verify(both, body, second).event_id).toBe('evt_1');
  expect(verify(sign(second), body, [first, second]).event_id).toBe('evt_1');
});

describe('refused', () => {
  const good = sign(first);
  test.each<[string, Record<string, string>, string?]>([
    ['another body', good, `${body} `],
    ['another id', { ...good, 'webhook-id': 'evt_2' }],
    ['another secret', sign(second)],
    ['no signature', { 'webhook-id': 'evt_1', 'webhook-timestamp': String(AT) }],
    ['an empty signature', { ...good, 'webhook-signature': 'v1,' }],
    ['another version', { ...good, 'webhook-signature': (good['webhook-signature'] ?? '').replace('v1', 'v2') }],
    ['no headers', {}],
    ['no time', { ...good, 'webhook-timestamp': 'NaN' }],
    ['an old one', sign(first, AT - 301)],
    ['one of the future', sign(first, AT + 301)],
    // It covers no time: a delivery that was overheard could be played again.
    ['the other signature alone', { 'X-Cariosan-Signature': `sha256=${createHmac('sha256', first).update(body).digest('hex')}` }],
  ])('%s', (_name, headers, text = body) => {
    expect(() => verify(headers, text)).toThrow();
    try {
      verify(headers, text);
    } catch (fault) {
      expect(isCariosanError(fault, 'UNAUTHORIZED')).toBe(true);
    }
  });

  test('a secret that is none', () => expect(() => verify(good, body, 'secret')).toThrow(/whsec_/));
});

const signer = process.env['CARIOSAN_SIGN_WEBHOOK'];
test.skipIf(signer === undefined)('what the server signs', () => {
  const [secret = '', ...lines] = execFileSync(signer ?? '', ['message.created', 'evt_1', String(AT * 1000)], { input: body, encoding: 'utf8' }).trimEnd().split('\n');
  const headers = Object.fromEntries(lines.map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]));
  expect(verify(headers, body, secret).event).toBe('message.created');
});

test.skipIf(signer === undefined)('what the server signs with two secrets, while one replaces the other', () => {
  const lines = execFileSync(signer ?? '', ['message.created', 'evt_1', String(AT * 1000), '2'], { input: body, encoding: 'utf8' }).trimEnd().split('\n');
  const both = lines.splice(0, 2);
  const headers = Object.fromEntries(lines.map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]));
  for (const secret of both) expect(verify(headers, body, secret).event).toBe('message.created');
  expect(verify(headers, body, [first, ...both.slice(1)]).event).toBe('message.created');
  expect(() => verify(headers, body, [first, second])).toThrow(/signature/);
});
