// Renews the token of a connection before it expires, and hands it over. Loaded while the first connection is made.

import { CariosanError } from '../core/error.ts';
import { LONGEST_TIMER_MS } from '../core/wait.ts';
import type { Environment } from '../environment/environment.ts';
import type { Connection } from './connection.ts';
import { meansSignedOut, type Tokens } from './token.ts';

export interface RenewingHost {
  readonly environment: Environment;
  readonly tokens: Tokens;
  readonly line: Pick<Connection, 'isOpen' | 'request' | 'restart' | 'stop'>;
  /** How long to wait after a failure. */
  delay(): number;
}

export interface Renewing {
  /** A connection has begun. */
  start(): void;
  /** It has ended. */
  stop(): void;
}

const RENEW_BEFORE_MS = 60_000;

export function renewing({ environment, tokens, line, delay }: RenewingHost): Renewing {
  /** Counts connections. */
  let turn = 0;
  let cancel = (): void => {};

  /** How long until the token should be renewed; null: not known, or it cannot be. */
  function left(): number | null {
    const { issued, expires } = tokens.claims();
    if (tokens.isFixed || expires === null) return null;
    return Math.max(0, expires - Math.max(RENEW_BEFORE_MS, issued === null ? 0 : (expires - issued) / 10) - tokens.now());
  }

  /** Uses timers of a minute at most: longer ones are unreliable on phones. */
  function wait(ms: number, run: () => void): void {
    cancel = environment.setTimer(run, Math.min(LONGEST_TIMER_MS, ms));
  }

  function watch(own: number): void {
    const ms = left();
    if (ms !== null) wait(ms, () => ((left() ?? 1) > 0 ? watch(own) : void renew(own)));
  }

  async function renew(own: number): Promise<void> {
    let again = LONGEST_TIMER_MS;
    try {
      const token = await tokens.renew('expiring');
      // If the connection ended meanwhile, the token is kept and nothing else happens.
      if (turn !== own) return;
      if (token === null) throw new CariosanError({ code: 'SIGNED_OUT' });
      await line.request('auth.refresh', { token }, 'auth').answer.catch((fault: CariosanError) => {
        // It may be another user's: a new connection begins with it.
        if (!fault.retryable) line.restart(fault);
        throw fault;
      });
      if (turn === own && (left() ?? 0) > 0) return watch(own);
    } catch (fault) {
      again = delay();
      if (turn === own && meansSignedOut(fault)) return line.stop({ name: 'signed_out' });
    }
    if (turn === own) wait(again, () => void renew(own));
    return undefined;
  }

  function stop(): void {
    turn += 1;
    cancel();
  }

  return {
    stop,
    start() {
      stop();
      if (line.isOpen) watch(turn);
    },
  };
}
