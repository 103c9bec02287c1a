// Edits, unsends and reactions that the server has not answered yet (protocol, section 5). Each is shown at once, over the confirmed
// message, and is gone with the answer: a refusal leaves no trace. All of them can be repeated, so a lost connection repeats them.

import { asError, CariosanError } from '../core/error.ts';
import type { Environment } from '../environment/environment.ts';
import type { Id, Message } from '../wire/types.ts';

export type Saving = 'edit' | 'delete' | 'reaction';

export interface Action {
  readonly kind: Saving;
  /** By id or external id. */
  readonly channel: string;
  readonly messageId: Id;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  draw(message: Message): Message;
}

export interface Drawn {
  readonly message: Message;
  /** What is under way, the latest if there are several. */
  readonly saving: Saving | null;
}

export interface OverlayHost {
  readonly environment: Environment;
  isOpen(): boolean;
  /** Resolves with the message of the answer, which is merged already. */
  send(action: Action): Promise<Message>;
  /** Shown in the same task. */
  changed(channel: string): void;
}

export interface Overlays {
  /** Rejects with `OFFLINE` at once if there is no connection, and with `LOST` a minute after one was lost. */
  run(action: Action): Promise<Message>;
  /** The same object until something changed. */
  draw(message: Message): Drawn;
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

function newOverlay(action: Action): Overlay {
  let resolve: Overlay['resolve'] = () => {};
  let reject: Overlay['reject'] = () => {};
  const done = new Promise<Message>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { action, done, resolve, reject, successor: null, lost: false, cancelTimer: () => {} };
}

export function overlays(host: OverlayHost): Overlays {
  const open = new Map<Id, readonly Overlay[]>();
  const drawn = new Map<Id, { readonly from: Message; readonly over: readonly Overlay[]; readonly result: Drawn }>();

  function put(id: Id, list: readonly Overlay[]): void {
    if (list.length > 0) open.set(id, list);
    else open.delete(id);
    drawn.delete(id);
  }

  function end(overlay: Overlay): void {
    const { messageId } = overlay.action;
    overlay.cancelTimer();
    put(messageId, (open.get(messageId) ?? []).filter((other) => other !== overlay));
    host.changed(overlay.action.channel);
  }

  function lost(overlay: Overlay, error: CariosanError): void {
    if (overlay.successor !== null) return overlay.resolve(overlay.successor.done);
    if (overlay.lost) return undefined;
    overlay.lost = true;
    overlay.cancelTimer();
    overlay.cancelTimer = host.environment.setTimer(() => {
      end(overlay);
      overlay.reject(error);
    }, REPEATED_FOR_MS);
    return undefined;
  }

  function attempt(overlay: Overlay): void {
    host.send(overlay.action).then((message) => {
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
    if (!host.isOpen()) return Promise.reject(new CariosanError({ code: 'OFFLINE', message: 'there is no connection', retryable: true }));
    const overlay = newOverlay(action);
    const before = open.get(action.messageId) ?? [];
    for (const other of before) if (other.action.kind === action.kind) other.successor = overlay;
    put(action.messageId, [...before.filter(({ successor }) => successor !== overlay), overlay]);
    attempt(overlay);
    host.changed(action.channel);
    return overlay.done;
  }

  function draw(message: Message): Drawn {
    const over = open.get(message.id);
    if (over === undefined) return { message, saving: null };
    const held = drawn.get(message.id);
    if (held !== undefined && held.from === message && held.over === over) return held.result;
    const result: Drawn = {
      message: over.reduce((shown, { action }) => action.draw(shown), message),
      saving: over[over.length - 1]?.action.kind ?? null,
    };
    drawn.set(message.id, { from: message, over, result });
    return result;
  }

  function* all(): Iterable<Overlay> {
    for (const list of [...open.values()]) yield* list;
  }

  return {
    run, draw,
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
    },
  };
}
