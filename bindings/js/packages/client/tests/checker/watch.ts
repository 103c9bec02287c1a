// What must be true of the screen at each moment, and of what is announced. Looked at with every publish.

import type { Cariosan, Channel } from '../../src/index.ts';

/** A row that waited to be sent is gone from a timeline: in order if its message lies before the oldest one that is shown. */
export interface Vanished {
  readonly key: string;
  readonly channel: string;
  readonly oldest: number;
}

export function watch(client: Cariosan, found: (what: string) => void, vanished: (row: Vanished) => void) {
  const announced = new Map<string, number>();
  /** Rows that wait to be sent, by channel: each must stay on the screen until it is gone for a reason. */
  const waiting = new Map<Channel, Set<string>>();
  const released = new Set<string>();

  client.on('message', ({ message }) => {
    const before = announced.get(message.channel_id) ?? 0;
    const seq = message.seq ?? 0;
    if (seq <= before) found(`message ${seq} of ${message.channel_id} was announced after ${before}`);
    announced.set(message.channel_id, seq);
  });

  function look(channel: Channel): void {
    const { messages, window, status } = channel.timeline.get();
    const name = channel.ref;
    const keys = new Set(messages.map(({ key }) => key));
    if (keys.size !== messages.length) found(`${name} shows a row twice`);
    let last = 0;
    let pending = false;
    for (const { seq, status: state } of messages) {
      if (state === 'sent' && pending) found(`${name} shows a message that was sent below one that was not`);
      if (state !== 'sent') pending = true;
      if (seq !== null && seq <= last) found(`${name} shows message ${seq} after ${last}`);
      last = seq ?? last;
    }
    const before = waiting.get(channel) ?? new Set();
    waiting.set(channel, new Set(messages.filter(({ status: state }) => state === 'pending').map(({ key }) => key)));
    if (window !== 'live' || status !== 'ready') return;
    const oldest = messages.find(({ seq }) => seq !== null)?.seq ?? Infinity;
    for (const key of before) if (!keys.has(key) && !released.has(key)) vanished({ key, channel: name, oldest });
  }

  return {
    channel(channel: Channel): () => void {
      look(channel);
      return channel.timeline.subscribe(() => look(channel));
    },
    /** The user has given it up. */
    released: (key: string) => void released.add(key),
  };
}
