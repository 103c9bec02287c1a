// What can be done with one message.

import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import type { ChatMessage } from '@cariosan/client';
import { useEditDraft, useHasDrafts, useReplyDraft } from '../drafts.tsx';
import { asError } from '../errors.ts';
import { useStrings } from '../provider.tsx';
import { reasonOf } from '../strings.ts';
import { summaryOf, useList } from './message_parts.tsx';
import { usePart } from './parts.tsx';
import { reasonsOf } from './reporting.ts';

export interface MenuAt {
  readonly key: string;
  readonly top: number;
  readonly above: boolean;
}

/** Where the menu of a row opens: below it, or above if there is more room. */
export function placeOf(root: HTMLElement | null, key: string): MenuAt | null {
  const row = [...(root?.querySelectorAll<HTMLElement>('[data-key]') ?? [])].find((one) => one.dataset['key'] === key);
  if (root === null || row === undefined) return null;
  const [list, box] = [root.getBoundingClientRect(), row.getBoundingClientRect()];
  const above = box.bottom - list.top > list.height / 2;
  return { key, above, top: Math.max(8, Math.min(list.height - 8, (above ? box.top : box.bottom) - list.top)) };
}

interface Item {
  readonly name: string;
  readonly label: string;
  /** True: the menu stays. */
  readonly run: () => boolean | void;
  readonly emoji?: string;
}

export interface MessageMenuProps {
  readonly message: ChatMessage;
  /** In pixels from the list's upper edge. */
  readonly top: number;
  readonly above: boolean;
  readonly onClose: (how: 'done' | 'escape' | 'draft') => void;
  /** How what was chosen has ended, where that is not seen. */
  readonly onNotice: (words: string) => void;
}

/** What the menu asks for before it does something. */
type Question = 'unsend' | 'report' | null;

function useItems(message: ChatMessage, question: Question, ask: (question: Question) => true, onNotice: MessageMenuProps['onNotice']): readonly Item[] {
  const strings = useStrings();
  const { actions, reactions } = useList();
  const reply = useReplyDraft();
  const edit = useEditDraft();
  const hasDrafts = useHasDrafts();
  const { can, pin, unpin, report } = actions;
  const told = (request: Promise<unknown>, words = ''): void => {
    request.then(() => onNotice(words), (fault: unknown) => onNotice(strings.actionFailed(reasonOf(strings, asError(fault).code))));
  };
  if (question === 'report') return reasonsOf(strings).map(([reason, label]) => ({ name: reason, label, run: () => told(report(message.id, reason), strings.reported) }));

  const items: Item[] = [];
  if (can(message, 'react')) {
    for (const emoji of reactions) items.push({ name: 'react', emoji, label: strings.reactWith(emoji), run: () => void actions.toggleReaction(message, emoji) });
  }
  if (hasDrafts && can(message, 'reply')) items.push({ name: 'reply', label: strings.reply, run: () => reply.start(message) });
  if (hasDrafts && can(message, 'edit')) items.push({ name: 'edit', label: strings.edit, run: () => edit.start(message) });
  if (message.content !== '') items.push({ name: 'copy', label: strings.copy, run: () => void navigator.clipboard?.writeText(message.content).catch(() => {}) });
  if (can(message, 'pin')) {
    const isPinned = message.pinned_at !== undefined;
    items.push({ name: 'pin', label: isPinned ? strings.unpin : strings.pin, run: () => told((isPinned ? unpin : pin)(message.id)) });
  }
  if (can(message, 'report')) items.push({ name: 'report', label: strings.report, run: () => ask('report') });
  if (can(message, 'delete')) {
    const sure = question === 'unsend';
    items.push({ name: 'unsend', label: sure ? strings.unsendSure : strings.unsend, run: () => (sure ? void actions.deleteMessage(message.id) : ask('unsend')) });
  }
  return items;
}

export function MessageMenu({ message, top, above, onClose, onNotice }: MessageMenuProps): ReactNode {
  const part = usePart();
  const strings = useStrings();
  const [question, setQuestion] = useState<Question>(null);
  const box = useRef<HTMLDivElement>(null);
  const items = useItems(message, question, (next) => (setQuestion(next), true), onNotice);
  const reports = question === 'report';

  useEffect(() => box.current?.querySelector<HTMLElement>('[role=menuitem]')?.focus(), [reports]);
  useEffect(() => {
    const menu = box.current;
    const outside = (event: Event): void => {
      if (event.target instanceof Node && menu?.contains(event.target) === false) onClose('done');
    };
    const page = menu?.ownerDocument;
    page?.addEventListener('pointerdown', outside, true);
    return () => page?.removeEventListener('pointerdown', outside, true);
  }, [onClose]);

  function onKeyDown(event: KeyboardEvent<HTMLDivElement>): void {
    const all = [...(box.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
    const at = all.indexOf(event.target as HTMLElement);
    const steps: Readonly<Record<string, number>> = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 };
    const next = steps[event.key];
    if (next !== undefined) all[(next + all.length) % all.length]?.focus();
    else if (event.key === 'Escape' || event.key === 'Tab') onClose('escape');
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  const item = ({ name, label, run, emoji }: Item): ReactNode => (
    <button key={emoji ?? name} type="button" role="menuitem" tabIndex={-1} {...part(emoji === undefined ? 'menu-item' : 'menu-emoji')} data-action={name}
      aria-label={label} onClick={() => void (run() === true || onClose(name === 'reply' || name === 'edit' ? 'draft' : 'done'))}>
      {emoji ?? label}
    </button>
  );
  return (
    <div ref={box} {...part('menu')} role="menu" aria-label={reports ? strings.report : strings.moreFor(summaryOf(message, strings).slice(0, 60))} data-own={message.own || undefined}
      data-above={above || undefined} style={{ top }} onKeyDown={onKeyDown}>
      <div data-car-part="menu-emojis" role="presentation">{items.filter(({ emoji }) => emoji !== undefined).map(item)}</div>
      {items.filter(({ emoji }) => emoji === undefined).map(item)}
    </div>
  );
}
