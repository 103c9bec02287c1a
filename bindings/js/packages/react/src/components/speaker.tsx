// Speaks what comes, for those who listen: each message, but not more than one a second.

import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { Channel, Message } from '@cariosan/client';
import { useEvent } from '../hooks/event.ts';
import { useMe } from '../hooks/client.ts';
import { useNewest } from '../cells.ts';
import { useStrings } from '../provider.tsx';
import { summaryOf } from './message_parts.tsx';
import { nameOf } from './parts.tsx';

const EVERY_MS = 1_000;

export function Speaker({ handle }: { readonly handle: Channel }): ReactNode {
  const strings = useStrings();
  const me = useMe();
  const [words, setWords] = useState('');
  const waiting = useRef<Message[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  const speak = useNewest(() => {
    const [first, ...more] = waiting.current.splice(0);
    timer.current = undefined;
    if (first === undefined) return;
    setWords(more.length > 0 ? strings.newMessages(more.length + 1) : strings.arrived(nameOf(first.user, strings), summaryOf(first, strings)));
    timer.current = setTimeout(speak, EVERY_MS);
  });
  useEvent(handle, 'message', (message) => {
    if (message.user.id === me?.id) return;
    waiting.current.push(message);
    if (timer.current === undefined) speak();
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  return <div data-car-part="spoken" data-car-speaker="" aria-live="polite" role="status">{words}</div>;
}
