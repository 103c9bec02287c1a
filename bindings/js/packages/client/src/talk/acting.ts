// Edits, unsends and reactions that the server has not answered yet (protocol, section 5). Each is shown at once, over the confirmed
// message, and is gone with the answer: a refusal leaves no trace. All of them can be repeated, so a lost connection repeats them.

import { asError, CariosanError } from '../core/error.ts';
import { applyAck } from '../state/answers.ts';
import { mentionsOf } from '../state/mentions.ts';
import { withoutContent, withReaction, withText } from '../state/overlay.ts';
import type { Id, Mention, Message, NamedMention } from '../wire/types.ts';
import type { Core } from './core.ts';
import type { Drawn, Saving } from './rows.ts';

/** The command of each, and what a message looks like once the server has done it. */
const actions = {
  'message.edit': {
    kind: 'edit', data: (content: string, mentions: Action['mentions']) => ({ content, mentions }),
    draw: (message: Message, content: string, mentions?: readonly Mention[]) => withText(message, content, mentions),
  },
  'message.delete': {
    kind: 'delete', data: () => ({}),
    draw: (message: Message, at: string) => withoutContent(message, at),
  },
  'reaction.add': {
    kind: 'reaction', data: (emoji: string) => ({ emoji }),
    draw: (message: Message, emoji: string) => withReaction(message, emoji),
  },
  'reaction.remove': {
    kind: 'reaction', data: (emoji: string) => ({ emoji }),
    draw: (message: Message) => withReaction(message, null),
  },
} as const;

export interface Action {
  readonly type: keyof typeof actions;
  /** By id or external id. */
  readonly channel: string;
  readonly messageId: Id;
  /** The text, the emoji, or when it was. */
  readonly value: string;
  /** Of an edit. Absent: they stay. */
  readonly mentions?: readonly (string | NamedMention)[] | undefined;
}

export interface Acting {
  /** There is a connection. Rejects with `LOST` a minute after one was lost. */
  run(action: Action): Promise<Message>;
  /** The same object until something changed. */
  draw(message: Message): Drawn;
  /** Another one after each change of what is drawn. */
  readonly version: number;
  /** There is a connection again. */
  resume(): void;
  close(): void;
}

interface Overlay {
  readonly action: Action;
  readonly done: Promise<Message>;
  resolve(message: Message | Promise<Message>): void;
  reject(fault: CariosanError): void;
  /** A later action of the same kind, which is shown instead. */
  successor: Overlay | null;
  lost: boolean;
  cancelTimer: () => void;
}

const REPEATED_FOR_MS = 60_000;

const kindOf = ({ action }: Overlay): Saving => actions[action.type].kind;

function newOverlay(action: Action): Overlay {
  let resolve: Overlay['resolve'] = () => {};
  let reject: Overlay['reject'] = () => {};
  const done = new Promise<Message>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { action, done, resolve, reject, successor: null, lost: false, cancelTimer: () => {} };
}

/** `changed`: shown in the same task. */
export function acting({ environment, ask, known, withChannel }: Core, changed: (channel: string) => void): Acting {
  const open = new Map<Id, readonly Overlay[]>();
  const drawn = new Map<Id, { readonly from: Message; readonly over: readonly Overlay[]; readonly result: Drawn }>();

  let version = 0;

  function put(id: Id, list: readonly Overlay[]): void {
    if (list.length > 0) open.set(id, list);
    else open.delete(id);
    drawn.delete(id);
    version += 1;
  }

  function end(overlay: Overlay): void {
    const { messageId } = overlay.action;
    overlay.cancelTimer();
    put(messageId, (open.get(messageId) ?? []).filter((other) => other !== overlay));
    changed(overlay.action.channel);
  }

  function lost(overlay: Overlay, error: CariosanError): void {
    if (overlay.successor !== null) return overlay.resolve(overlay.successor.done);
    if (overlay.lost) return undefined;
    overlay.lost = true;
    overlay.cancelTimer();
    overlay.cancelTimer = environment.setTimer(() => {
      end(overlay);
      overlay.reject(error);
    }, REPEATED_FOR_MS);
    return undefined;
  }

  async function send({ type, channel, messageId, value, mentions }: Action): Promise<Message> {
    const answer = await ask(type, { channel, message_id: messageId, ...actions[type].data(value, mentions) }, 'edit');
    const { message } = answer as { readonly message: Message };
    withChannel(message.channel_id, (held) => applyAck(held, message));
    return message;
  }

  function attempt(overlay: Overlay): void {
    send(overlay.action).then((message) => {
      end(overlay);
      overlay.resolve(message);
    }, (fault: unknown) => {
      const error = asError(fault);
      if (error.code === 'LOST') return lost(overlay, error);
      end(overlay);
      return overlay.reject(error);
    });
  }

  function run(action: Action): Promise<Message> {
    const overlay = newOverlay(action);
    const before = open.get(action.messageId) ?? [];
    for (const other of before) if (kindOf(other) === kindOf(overlay)) other.successor = overlay;
    put(action.messageId, [...before.filter(({ successor }) => successor !== overlay), overlay]);
    attempt(overlay);
    changed(action.channel);
    return overlay.done;
  }

  function draw(message: Message): Drawn {
    const over = open.get(message.id);
    if (over === undefined) return { message, saving: null };
    const held = drawn.get(message.id);
    if (held !== undefined && held.from === message && held.over === over) return held.result;
    const last = over[over.length - 1];
    const result: Drawn = {
      message: over.reduce((shown, { action: { type, value, mentions } }) => actions[type].draw(shown, value, mentions && mentionsOf(mentions, known, shown.mentions)), message),
      saving: last === undefined ? null : kindOf(last),
    };
    drawn.set(message.id, { from: message, over, result });
    return result;
  }

  function* all(): Iterable<Overlay> {
    for (const list of [...open.values()]) yield* list;
  }

  return {
    run, draw,
    get version() { return version; },
    resume() {
      for (const overlay of all()) {
        if (!overlay.lost) continue;
        overlay.lost = false;
        attempt(overlay);
      }
    },
    close() {
      for (const overlay of all()) {
        // Its answer may come to be lost still: nothing waits for another connection.
        overlay.lost = true;
        overlay.cancelTimer();
        overlay.reject(new CariosanError({ code: 'CLOSED' }));
      }
      open.clear();
      version += 1;
    },
  };
}
