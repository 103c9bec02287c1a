// What the keys do in a row of the list.

import type { KeyboardEvent } from 'react';
import type { ChatMessage } from '@cariosan/client';
import type { ComposerField, Draft } from '../drafts.tsx';
import type { Row } from '../list/rows.ts';
import type { Strings } from '../strings.ts';
import type { ListContext } from './message_parts.tsx';
import { messagesOf } from './quotes.ts';

const PAGE = 8;

export interface KeyTools {
  readonly rows: readonly Row[];
  /** Puts the focus on the row of this key. */
  readonly go: (key: string) => void;
  readonly onNotice: (words: string) => void;
  readonly list: ListContext;
  readonly strings: Strings;
  readonly reply: Draft;
  readonly edit: Draft;
  readonly field: ComposerField;
  /** The row in which Delete was pressed last. */
  readonly doomed: { current: string | null };
}

function actionOf(event: KeyboardEvent, { onNotice, list, strings, reply, edit, field, doomed }: KeyTools): ((message: ChatMessage) => void) | undefined {
  const { actions, openMenu } = list;
  const answer = (message: ChatMessage): unknown => actions.can(message, 'reply') && reply.start(message);
  const press: Readonly<Record<string, (message: ChatMessage) => void>> = {
    r: answer, Enter: answer,
    e: (message) => actions.can(message, 'edit') && edit.start(message),
    m: openMenu, ContextMenu: openMenu,
    Delete(message) {
      if (!actions.can(message, 'delete')) return;
      if (doomed.current === message.key) return void actions.deleteMessage(message.id);
      doomed.current = message.key;
      onNotice(strings.unsendSure);
    },
    Escape: () => field.current?.focus(),
  };
  return event.key === 'F10' && event.shiftKey ? openMenu : press[event.key.length === 1 ? event.key.toLowerCase() : event.key];
}

export function pressed(event: KeyboardEvent, message: ChatMessage, tools: KeyTools): void {
  const messages = messagesOf(tools.rows);
  const at = messages.findIndex(({ key }) => key === message.key);
  const moves: Readonly<Record<string, number>> = { ArrowUp: at - 1, ArrowDown: at + 1, PageUp: at - PAGE, PageDown: at + PAGE, Home: 0, End: messages.length - 1 };
  const to = moves[event.key];
  const run = actionOf(event, tools);
  if (event.key !== 'Delete') tools.doomed.current = null;
  if (to !== undefined) tools.go(messages[Math.max(0, Math.min(messages.length - 1, to))]?.key ?? '');
  else if (run !== undefined) run(message);
  else return;
  event.preventDefault();
}
