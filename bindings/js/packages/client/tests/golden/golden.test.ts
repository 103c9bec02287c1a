// The project's golden files: every object in them fits the types of this package, and every conversation played at the client leaves
// it with what another implementation of the same rules holds.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { presentMembers } from '../../src/state/channel.ts';
import { inspect } from '../../src/testing.ts';
import { AT, fakeServer, greet, settle } from '../support/fakes.ts';

interface Frame { readonly type: string; readonly data: Record<string, unknown> }
interface Step {
  readonly as?: string; readonly request?: string; readonly status?: number; readonly answer?: Record<string, unknown>;
  readonly connect?: string; readonly client?: string; readonly receive?: readonly Frame[];
}
interface Golden { readonly world: string; readonly steps: readonly Step[] }

const client = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const repository = join(client, '..', '..', '..', '..');
const folder = join(repository, 'tests', 'golden');
const files = new Map(readdirSync(folder).filter((name) => name.endsWith('.json'))
  .map((name) => [name, JSON.parse(readFileSync(join(folder, name), 'utf8')) as Golden]));

const durable = new Set(['message.created', 'message.updated', 'message.deleted', 'reaction.added', 'reaction.removed', 'channel.created',
  'channel.updated', 'channel.deleted', 'member.joined', 'member.left', 'member.updated', 'channel.rev']);
const loose = new Set(['connection.ready', 'channel.sync', 'sync.done', 'receipt.read', 'receipt.delivered', 'unread', 'mention',
  'typing.start', 'typing.stop', 'server.draining', 'channel.preferences', 'settings.updated', 'block.updated', 'presence.update']);

const answers: readonly (readonly [RegExp, string])[] = [
  [/^GET \/v1\/channels\/[^/?]+\/messages(\?|$)/, 'MessagePage'],
  [/^GET \/v1\/channels\/[^/?]+\/members(\?|$)/, 'MemberPage'],
  [/^GET \/v1\/channels\/[^/?]+\/receipts(\?|$)/, 'ReceiptPage'],
  [/^GET \/v1\/channels\/[^/?]+\/changes(\?|$)/, 'Changes'],
  [/^GET \/v1\/me\/channels(\?|$)/, 'ChannelPage'],
  [/^(GET|PATCH) \/v1\/me\/channels\/[^/?]+$/, 'ChannelItem'],
  [/^GET \/v1\/me\/blocks/, 'BlockPage'],
  [/^GET \/v1\/search/, 'SearchAnswer'],
  [/^POST \/v1\/attachments\/presign/, 'Presigned'],
  [/^(POST|PATCH|DELETE) \/v1\/channels\/[^/?]+\/members/, 'MembersAnswer'],
  [/^GET \/v1\/me\/preferences/, 'PreferencesAnswer'],
  [/^POST \/v1\/channels\/[^/?]+\/(read|delivered)$/, 'CursorMoved'],
  [/^(POST|PATCH|GET) \/v1\/channels\/[^/?]+\/messages(\/[^/?]+)?$/, 'Message'],
];

const byBackend = (step: Step): boolean => step.as === 'backend' || step.as === 'nobody';

/** The type that a step's objects must have, each with the text of the object. */
function claims(step: Step): (readonly [string, unknown])[] {
  const frames = (step.receive ?? []).flatMap((frame) => (frame.type === 'channel.events' ? (frame.data['events'] as Frame[]) : [frame]));
  const told = frames.flatMap(({ type, data }): (readonly [string, unknown])[] =>
    durable.has(type) ? [[`DurableData['${type}']`, data]] : loose.has(type) ? [[`LooseData['${type}']`, data]] : []);
  if (step.answer === undefined || byBackend(step) || (step.status ?? 500) >= 300) return told;
  const type = answers.find(([pattern]) => pattern.test(step.request ?? ''))?.[1];
  return type === undefined ? told : [...told, [type, step.answer]];
}

test('every object in them fits the types', () => {
  const all = [...files].flatMap(([name, { steps }]) => steps.flatMap((step, at) => claims(step).map((claim) => [`${name}, step ${at}`, ...claim] as const)));
  expect(all.length).toBeGreaterThan(150);
  const names = ['CursorMoved', ...new Set(answers.map(([, name]) => name))].filter((name, at, all) => all.indexOf(name) === at).join(', ');
  const lines = [`import type { ${names} } from './src/wire/types.ts'; import type { DurableData, LooseData } from './src/wire/frames.ts';`,
    ...all.map(([, type, value], at) => `export const x${at} = ${JSON.stringify(value)} satisfies ${type};`)];
  const path = join(client, 'golden.check.ts');
  const options: ts.CompilerOptions = {
    strict: true, noEmit: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, allowImportingTsExtensions: true, types: [],
    target: ts.ScriptTarget.ES2020, lib: ['lib.es2022.d.ts'], module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler,
  };
  const host = ts.createCompilerHost(options);
  const readSource = host.getSourceFile.bind(host);
  host.getSourceFile = (name, version) => (name === path ? ts.createSourceFile(name, lines.join('\n'), version) : readSource(name, version));
  const program = ts.createProgram([path], options, host);
  const source = program.getSourceFile(path);
  const found = program.getSemanticDiagnostics(source).map(({ start = 0, messageText }) => {
    const line = source?.getLineAndCharacterOfPosition(start).line ?? 0;
    return `${all[line - 1]?.[0]}, ${all[line - 1]?.[1]}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
  expect(found).toEqual([]);
}, 60_000);

/** The rules as `tests/integration` keeps them. */
interface Reference {
  readonly rev: number;
  applySummary(item: unknown): void;
  applyEvent(type: string, data: unknown): void;
  applyChanges(body: unknown): void;
  list(): { readonly id: string; readonly rev: number; readonly content: string; readonly reactions: unknown[]; readonly deleted_at: string | null; readonly user: { readonly id: string } }[];
  present(): { readonly user: { readonly id: string }; readonly role: string; readonly rev: number }[];
}
type ReferenceType = new (id: string, viewer: string) => Reference;

const comparable = (list: readonly { id: string; rev: number; content: string; reactions: readonly unknown[]; deleted_at: string | null }[]) =>
  list.map(({ id, rev, content, reactions, deleted_at }) => ({ id, rev, content, reactions, deleted_at }));

/** The group of the world `shop` as it is at the beginning; its id in this file is that of the first frame about `order_1`. */
function beginning(id: string): Record<string, unknown> {
  return {
    summary: true, channel_id: id, role: 'member', member_count: 2, members: [], last_message: null, unread_count: 0, mention_count: 0,
    last_read_seq: 0, rev: 1, receipt_rev: 0, muted: false, last_activity: AT,
    channel: {
      id, external_id: 'order_1', type: 'group', name: 'A group', avatar_url: null, metadata: {}, member_count: 2, rev: 1, settings_rev: 1,
      receipt_rev: 0, last_seq: 0, created_at: AT,
    },
  };
}

const channelOf = ({ data }: Frame): string | undefined =>
  (data['channel_id'] ?? (data['channel'] as { id?: string } | undefined)?.id) as string | undefined;

async function play(golden: Golden, name: string, Reference: ReferenceType): Promise<number> {
  const frames = golden.steps.filter(({ client: to }) => to === name).flatMap(({ receive }) => receive ?? []);
  const hello = frames.find(({ type }) => type === 'connection.ready');
  const first = frames.find((frame) => durable.has(frame.type) && frame.data['rev'] === 2);
  const id = first === undefined ? undefined : channelOf(first);
  if (hello === undefined || id === undefined) return 0;
  const viewer = (hello.data['user'] as { id: string }).id;
  const reference = new Reference(id, viewer);
  const blocked = new Set<string>();
  /** The reference knows no blocks: it keeps what a blocked author wrote before. */
  const seen = () => reference.list().filter(({ user }) => !blocked.has(user.id));
  const server = fakeServer({}, ({ path }) => ({ status: 200, body: {
    rev: reference.rev, receipt_rev: 0, epoch: '<epoch>', has_more: false, members: [], receipts: [], channels: [],
    messages: path.includes('/messages') ? [...seen()].reverse() : undefined,
  } }));
  reference.applySummary(beginning(id));
  server.client.channel(id).retain();
  void server.client.connect().catch(() => {});
  await greet(server, [beginning(id)], hello.data);
  let played = 0;
  for (const { type, data } of frames) {
    if (['ack', 'error', 'pong', 'connection.ready', 'sync.done'].includes(type)) continue;
    if (type === 'block.updated') blocked[data['blocked'] === true ? 'add' : 'delete'](String(data['user_id']));
    server.socket.receive(type, data);
    await settle();
    if (channelOf({ type, data }) !== id || data['rev'] === undefined) continue;
    played += 1;
    if (type === 'channel.deleted') break;
    if (type === 'channel.sync') reference.applyChanges(data);
    else reference.applyEvent(type, data);
    const held = inspect(server.client).channels.get(id);
    // The viewer was removed, or the channel deleted.
    if (held === undefined) break;
    expect(held.rev, `${name}: ${type}`).toBe(reference.rev);
    expect(comparable(held.windows.live()), `${name}: ${type}`).toEqual(comparable(seen()));
    expect(presentMembers(held).map(({ rev }) => rev).sort()).toEqual(reference.present().map(({ rev }) => rev).sort());
  }
  server.client.close();
  return played;
}

describe('every conversation leaves the client with what the rules say', async () => {
  const path = pathToFileURL(join(repository, 'tests', 'integration', 'channel_state.mjs')).href;
  const { ChannelState } = (await import(/* @vite-ignore */ path)) as { ChannelState: ReferenceType };
  const sockets = [...files].filter(([name, { world }]) => name.startsWith('socket_') && world === 'shop');
  test.each(sockets)('%s', async (_name, golden) => {
    const clients = new Set(golden.steps.flatMap(({ client: to }) => to ?? []));
    let played = 0;
    for (const one of clients) played += await play(golden, one, ChannelState);
    console.log(`${played} durable frames for ${clients.size} clients`);
  });
});
