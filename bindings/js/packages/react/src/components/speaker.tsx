// What is spoken of messages that come, for those who listen: each of them, but not more than one a second.

import { useEffect, useState, type ReactNode } from 'react';
import type { Channel, Message } from '@cariosan/client';
import { useEvent } from '../hooks/event.ts';
import { useMe } from '../hooks/client.ts';
import { useNewest } from '../cells.ts';
import { useStrings } from '../provider.tsx';
import { summaryOf } from './message_parts.tsx';
import { nameOf } from './parts.tsx';

const EVERY_MS = 1_000;

/** Hands on what is added: at once, but what comes within a second after that together, at its end. */
function paced(handOn: (waiting: readonly Message[]) => void) {
  let waiting: Message[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  function next(): void {
    timer = undefined;
    if (waiting.length === 0) return;
    const due = waiting;
    waiting = [];
    handOn(due);
    timer = setTimeout(next, EVERY_MS);
  }
  return {
    add(message: Message): void {
      waiting.push(message);
      if (timer === undefined) next();
    },
    stop(): void {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}

/** Stands in a part that is spoken whenever it changes. */
export function Spoken({ handle }: { readonly handle: Channel }): ReactNode {
  const strings = useStrings();
  const me = useMe();
  const [words, setWords] = useState('');
  const speak = useNewest(([first, ...more]: readonly Message[]) => {
    if (first !== undefined) setWords(more.length > 0 ? strings.newMessages(more.length + 1) : strings.arrived(nameOf(first.user, strings), summaryOf(first, strings)));
  });
  const [pace] = useState(() => paced(speak));
  useEvent(handle, 'message', (message) => {
    if (message.user.id !== me?.id) pace.add(message);
  });
  useEffect(() => pace.stop, [pace]);
  return words;
}
