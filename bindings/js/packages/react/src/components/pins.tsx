// The bar of pinned messages: the one pinned last, then those before it, one with each press.

import { useState, type ReactNode } from 'react';
import type { Id } from '@cariosan/client';
import { usePins } from '../hooks/channel.ts';
import { useStrings } from '../provider.tsx';
import type { PinnedMessagesProps } from './conversation.tsx';
import { summaryOf } from './message_parts.tsx';
import { Icon, nameOf } from './parts.tsx';

export function Pins({ channelId, onOpen, slots }: PinnedMessagesProps): ReactNode {
  const strings = useStrings();
  const { messages } = usePins(channelId);
  // Which one is shown, of those that began with this one: another pin begins anew.
  const [place, setPlace] = useState<{ readonly newest: Id | undefined; readonly at: number }>({ newest: undefined, at: 0 });
  const newest = messages[0]?.id;
  const at = place.newest === newest && place.at < messages.length ? place.at : 0;
  const message = messages[at];
  if (message === undefined) return null;
  const Inside = slots?.Pin;
  const text = summaryOf(message, strings);
  const next = (): void => {
    setPlace({ newest, at: (at + 1) % messages.length });
    onOpen(message);
  };
  return (
    <button type="button" data-car-part="pin" onClick={next}>
      <span data-car-part="spoken">{strings.pinnedMessage(at + 1, messages.length)}, </span>
      {Inside === undefined ? (
        <>
          <Icon name="pinned" />
          <span data-car-part="pin-words">
            <span data-car-part="pin-title">{nameOf(message.user, strings)}<span data-car-part="spoken">: </span></span>
            <span data-car-part="pin-text" dir="auto">{text}</span>
          </span>
          {messages.length > 1 && <span data-car-part="pin-count" aria-hidden="true">{at + 1}/{messages.length}</span>}
        </>
      ) : <Inside message={message} at={at} count={messages.length} />}
    </button>
  );
}
