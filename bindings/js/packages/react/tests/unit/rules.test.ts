// Pure rules: the rows of a timeline, what is a link, what is a mention.

import { expect, test } from 'vitest';
import type { ChatMessage } from '@cariosan/client';
import { mentionAt, suggestionsFor, withMention } from '../../src/composing.ts';
import { mentionDraft, mentionsIn } from '../../src/mentions.ts';
import { piecesOf } from '../../src/pieces.ts';
import { place } from '../../src/list/place.ts';
import { rowMaker, rowsOf } from '../../src/list/rows.ts';

const at = (minutes: number): string => new Date(2026, 0, 1, 23, minutes).toISOString();
const message = (seq: number, user: string, minutes: number): ChatMessage => ({
  id: `m${seq}`, key: `m${seq}`, seq, rev: seq, user: { id: user, external_id: user, name: user }, own: user === 'alice', type: 'text', content: 'x', created_at: at(minutes),
  channel_id: 'c', channel_external_id: null, attachment_url: null, metadata: {}, reactions: [], edited_at: null, deleted_at: null, status: 'sent', error: null, saving: null, progress: null,
});
const rules = { groupWithinMs: 300_000, dayLines: true, unreadAfter: null, reachedStart: false };
const shape = (rows: ReturnType<typeof rowsOf>): string[] =>
  rows.map((row) => (row.kind === 'message' ? `${row.key}${row.first ? ' first' : ''}${row.last ? ' last' : ''}` : row.kind));

test('messages of one author within five minutes are a group, and days are parted', () => {
  const all = [message(1, 'bob', 50), message(2, 'bob', 54), message(3, 'alice', 55), message(4, 'alice', 61)];
  expect(shape(rowsOf(all, rules))).toEqual(['day', 'm1 first', 'm2 last', 'm3 first last', 'day', 'm4 first last']);
  expect(shape(rowsOf(all, { ...rules, dayLines: false, groupWithinMs: 60_000 }))).toEqual(['m1 first last', 'm2 first last', 'm3 first last', 'm4 first last']);
});

test('the line of the unread stands above the first new message of somebody else', () => {
  const all = [message(1, 'bob', 1), message(2, 'alice', 2), message(3, 'bob', 3)];
  expect(shape(rowsOf(all, { ...rules, unreadAfter: 1 }))).toEqual(['day', 'm1 first last', 'm2 first last', 'unread', 'm3 first last']);
  expect(shape(rowsOf(all, { ...rules, unreadAfter: 3, reachedStart: true }))).toEqual(['start', 'day', 'm1 first last', 'm2 first last', 'm3 first last']);
});

test('rows that are made anew are those that changed, and all of them are what they would be otherwise', () => {
  let state = 7;
  const below = (limit: number): number => (state = (state * 48_271) % 2_147_483_647) % limit;
  const make = rowMaker();
  let list = Array.from({ length: 40 }, (_, index) => message(index + 100, ['alice', 'bob', 'budi'][below(3)] ?? '', index * 7));
  let own = rules as Parameters<typeof rowsOf>[1];
  for (let turn = 0; turn < 400; turn += 1) {
    const what = below(6);
    const place = below(list.length || 1);
    if (what < 2) list = [...list, message(1000 + turn, ['alice', 'bob'][below(2)] ?? '', 300 + turn * 2)];
    else if (what === 2 && list[place] !== undefined) list = list.map((one, index) => (index === place ? { ...one, content: `edit ${turn}` } : one));
    else if (what === 3) list = list.filter((_, index) => index !== place);
    else if (what === 4) list = [message(99 - turn, 'bob', -turn), ...list.slice(0, 60)];
    else own = { ...own, unreadAfter: below(2) === 0 ? null : 100 + below(40), reachedStart: below(2) === 0, dayLines: below(4) > 0 };
    expect(make(list, own)).toEqual(rowsOf(list, own));
  }
  const before = make(list, own);
  const after = make([...list, message(9_000, 'bob', 9_000)], own);
  // The last one may end its group now.
  expect(before.slice(0, -1).filter((row, index) => row !== after[index])).toEqual([]);
});

test('a list keeps its place by a message that stays, never by a line', () => {
  const all = [1, 2, 3, 4].map((seq) => message(seq, 'bob', 40 + seq));
  const before = rowsOf(all.slice(1), { ...rules, unreadAfter: 2 });
  const keys = (after: ReturnType<typeof rowsOf>): (string | undefined)[] => {
    const list = place(before);
    list.change(after);
    return before.map((_, from) => before[list.anchor(from)]?.key);
  };
  expect(shape(before)).toEqual(['day', 'm2 first', 'unread', 'm3 first', 'm4 last']);
  // An older message takes the line of the day along.
  expect(keys(rowsOf(all, { ...rules, unreadAfter: 2 }))).toEqual(['m2', 'm2', 'm3', 'm3', 'm4']);
  // Whoever wrote the others was blocked.
  expect(keys(rowsOf(all.slice(3), rules))).toEqual(['m4', 'm4', 'm4', 'm4', 'm4']);
  expect(keys([])).toEqual(before.map(({ key }) => key));
});

test('a list moves along with what changes above the line that is read', () => {
  const all = [1, 2, 3, 4].map((seq) => message(seq, 'bob', 40 + seq));
  const rows = rowsOf(all, rules);
  const list = place(rowsOf(all.slice(2), rules));
  const view = { offset: 100, height: 500, startOf: (index: number): number => index * 80 };
  const moves = (index: number, isMeasured = true): boolean =>
    list.movesWith({ index, key: rows[index]?.key ?? '', start: index * 80, end: (index + 1) * 80, isMeasured }, view);
  expect(shape(rows)).toEqual(['day', 'm1 first', 'm2', 'm3', 'm4 last']);
  // A row above, one that reaches into sight, which may grow at its end, the same when its height was guessed, and one below.
  expect([moves(0), moves(1), moves(1, false), moves(2, false)]).toEqual([true, false, true, false]);
  list.change(rows);
  list.anchor(0);
  // Two came above the third message, which begins no group any more; the second of them stands where the line of the day was.
  expect([moves(2, false), moves(2), moves(3), moves(3), moves(4, false)]).toEqual([true, false, true, false, false]);
  expect(list.movesWith({ index: 2, key: 'm2', start: 160, end: 240, isMeasured: false }, { ...view, height: 60 })).toBe(false);
});

test('what comes into sight above a row that was painted does not push it away', () => {
  const rows = rowsOf([1, 2, 3, 4, 5].map((seq) => message(seq, 'bob', 40 + seq)), rules);
  const list = place(rows);
  const moves = (index: number, isMeasured = false, offset = 50): boolean =>
    list.movesWith({ index, key: rows[index]?.key ?? '', start: index * 80, end: (index + 1) * 80, isMeasured }, { offset, height: 300, startOf: (at) => at * 80 });
  expect([1, 2, 3, 4].map((at) => moves(at))).toEqual([false, false, false, false]);
  list.scrolled(new Set(['m3', 'm4']));
  // One whose height was known may grow at its end; what is below the rows that were painted gives way.
  expect([moves(1), moves(2), moves(1, true), moves(4)]).toEqual([true, true, false, false]);
  // None of them is in sight any more.
  expect(moves(1, false, -200)).toBe(false);
  list.scrolled(new Set());
  expect(moves(1)).toBe(false);
});

test('links are those of safe kinds, without what ends the sentence', () => {
  const links = (text: string): string[] => piecesOf(text).filter(({ kind }) => kind === 'link').map(({ text: link }) => link);
  expect(links('see https://a.test/x?y=1, or (http://b.test). mailto:a@b.test tel:+62811')).toEqual(['https://a.test/x?y=1', 'http://b.test', 'mailto:a@b.test', 'tel:+62811']);
  expect(links('javascript:alert(1) data:text/html,x ftp://x vbscript:x https://')).toEqual([]);
  expect(piecesOf('<b>hi</b>')).toEqual([{ kind: 'text', text: '<b>hi</b>' }]);
});

test('mentions are found by their places, in code points, else by their names', () => {
  const budi = { user_id: 'u', external_id: 'budi', name: 'Budi' };
  const found = (text: string, spans?: readonly (readonly [number, number])[]): string[] =>
    piecesOf(text, [spans === undefined ? budi : { ...budi, spans }]).filter(({ kind }) => kind === 'mention').map(({ text: one }) => one);
  expect(found('🙏 hi @Budi!', [[5, 5]])).toEqual(['@Budi']);
  expect(found('hi @Budi!')).toEqual(['@Budi']);
  expect(found('hi Budi')).toEqual([]);
});

test('an @ word offers people without regard to case and accents', () => {
  expect(mentionAt('hi @re', 6)).toEqual({ at: 3, query: 're' });
  expect(mentionAt('a@b.test', 8)).toBeNull();
  const users = [{ external_id: 'r', name: 'René Adi' }, { external_id: null, name: 'Rex' }, { external_id: 'b', name: 'Budi' }];
  expect(suggestionsFor(users, 're').map(({ name }) => name)).toEqual(['René Adi']);
  expect(suggestionsFor(users, 'ADI').map(({ name }) => name)).toEqual(['René Adi']);
  expect(withMention('hi @re there', { at: 3, query: 're' }, 'René Adi')).toEqual({ text: 'hi @René Adi there', caret: 13 });
});

test('the chosen who are still named are mentioned, with their places in code points', () => {
  const chosen = new Map([['Budi', 'b'], ['Budi (2)', 'b2'], ['René Adi', 'r']]);
  expect(mentionsIn('hi @Budi', chosen)).toEqual([{ user: 'b', spans: [[3, 5]] }]);
  // Of two names that fit, the longer one is meant: no two places overlap.
  expect(mentionsIn('🎉 @Budi (2), @Budi and @Budi', chosen)).toEqual([{ user: 'b2', spans: [[2, 9]] }, { user: 'b', spans: [[13, 5], [23, 5]] }]);
  expect(mentionsIn('Budi', chosen)).toEqual([]);
  expect(mentionsIn('@Budi', new Map())).toEqual([]);
  const [many] = mentionsIn('@Budi '.repeat(101), chosen);
  expect(many?.spans).toHaveLength(100);
});

test('whoever is mentioned stays so while the edited text names them, and if it never did', () => {
  const mention = (user_id: string, name: string, spans?: [number, number][]) => ({ user_id, external_id: null, name, ...(spans === undefined ? {} : { spans }) });
  const edited = { content: '🎉 @Budi and @Rene', mentions: [mention('b', 'Budi'), mention('r', 'René Adi', [[12, 5]]), mention('q', 'Quiet')] };
  const draft = mentionDraft(edited);
  expect(draft.of('@Rene, @Budi')).toEqual([{ user: 'r', spans: [[0, 5]] }, { user: 'b', spans: [[7, 5]] }, 'q']);
  expect(draft.of('neither')).toEqual(['q']);
  draft.choose('Cici', 'cici');
  expect(draft.of('@Cici')).toEqual([{ user: 'cici', spans: [[0, 5]] }, 'q']);
  expect(mentionDraft({ content: '@Budi @Budi', mentions: [mention('b', 'Budi', [[0, 5]]), mention('b2', 'Budi', [[6, 5]])] }).of('@Budi')).toEqual([{ user: 'b', spans: [[0, 5]] }, 'b2']);
  expect(mentionDraft({ content: '@Budi', mentions: [mention('b', 'Budi')] }).of('')).toEqual([]);
  expect([mentionDraft({ content: 'x' }).of('y'), mentionDraft(null).of('@Budi')]).toEqual([undefined, undefined]);
});
