// Requests over HTTP: authorised, bounded in time, repeated where that is safe (protocol, section 3).

import { backoff, type BackoffLimits } from '../core/backoff.ts';
import { asError, CariosanError, errorFrom } from '../core/error.ts';
import type { Environment } from '../environment/environment.ts';
import type { Tokens } from './token.ts';

export interface RequestOptions {
  /** Undefined values are left out. */
  readonly query?: Readonly<Record<string, string | number | undefined>> | undefined;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

export interface Rest {
  /** Resolves with the decoded answer. Rejects only with a `CariosanError`. */
  request<Answer>(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  stop(): void;
}

export interface RestHost {
  readonly apiUrl: string;
  readonly fetch: typeof globalThis.fetch;
  readonly tokens: Tokens;
  readonly environment: Environment;
  readonly reconnect: BackoffLimits;
}

const ANSWER_WITHIN_MS = 30_000;
const REPEATS = 3;
const REPEATABLE_GETS = new Set([502, 503, 504]);
/** With these statuses nothing was done, whatever the request was. */
const NOTHING_DONE = new Set([429, 503]);

function withQuery(url: string, query: RequestOptions['query']): string {
  const pairs = Object.entries(query ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  return pairs.length === 0 ? url : `${url}?${pairs.join('&')}`;
}

function retryAfter(response: Response): number | null {
  const given = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(given) ? given * 1000 : null;
}

async function decoded(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    throw new CariosanError({ code: 'PROTOCOL', message: 'the answer is no JSON', status: response.status, retryable: response.status >= 500 });
  }
}

function bodyOfError(value: unknown): Parameters<typeof errorFrom>[0] {
  const error = typeof value === 'object' && value !== null && 'error' in value ? value.error : null;
  return typeof error === 'object' && error !== null ? error : {};
}

export function rest(host: RestHost): Rest {
  const { environment, tokens } = host;
  /** What is under way, each ended by its function. Not listeners of one signal: Node.js takes more than ten of those for a leak. */
  const underWay = new Set<() => void>();
  let stopped = false;

  function wait(ms: number): Promise<void> {
    return new Promise((resolve, reject) => {
      if (stopped) return reject(new CariosanError({ code: 'CLOSED' }));
      const cancel = environment.setTimer(() => {
        underWay.delete(end);
        resolve();
      }, ms);
      const end = (): void => {
        cancel();
        reject(new CariosanError({ code: 'CLOSED' }));
      };
      underWay.add(end);
      return undefined;
    });
  }

  async function once(method: string, path: string, options: RequestOptions, token: string): Promise<unknown> {
    const abort = new AbortController();
    let late = false;
    const cancelTimer = environment.setTimer(() => {
      late = true;
      abort.abort();
    }, ANSWER_WITHIN_MS);
    const forward = (): void => abort.abort();
    underWay.add(forward);
    options.signal?.addEventListener('abort', forward);
    if (stopped || options.signal?.aborted) forward();
    try {
      const response = await host.fetch(withQuery(`${host.apiUrl}${path}`, options.query), {
        method, signal: abort.signal,
        headers: { authorization: `Bearer ${token}`, ...(options.body === undefined ? {} : { 'content-type': 'application/json' }) },
        body: options.body === undefined ? null : JSON.stringify(options.body),
      });
      const value = await decoded(response);
      if (!response.ok) throw errorFrom(bodyOfError(value), response.status, retryAfter(response));
      return value;
    } catch (fault) {
      if (late) throw new CariosanError({ code: 'TIMEOUT', retryable: true });
      if (stopped) throw new CariosanError({ code: 'CLOSED' });
      if (options.signal?.aborted) throw new CariosanError({ code: 'ABORTED' });
      throw asError(fault);
    } finally {
      cancelTimer();
      underWay.delete(forward);
      options.signal?.removeEventListener('abort', forward);
    }
  }

  async function tokenOr401(get: () => Promise<string | null>): Promise<string> {
    const token = await get();
    if (token === null) throw new CariosanError({ code: 'SIGNED_OUT' });
    return token;
  }

  async function request<Answer>(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    let token = await tokenOr401(() => tokens.get());
    let renewed = false;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return (await once(method, path, options, token)) as Answer;
      } catch (fault) {
        const error = asError(fault);
        if (error.status === 401 && !renewed) {
          renewed = true;
          token = await tokenOr401(() => tokens.renew('refused'));
          continue;
        }
        const lostGet = method === 'GET' && (error.code === 'NETWORK' || error.code === 'TIMEOUT' || REPEATABLE_GETS.has(error.status ?? 0));
        const undone = error.retryable && NOTHING_DONE.has(error.status ?? 0);
        if (attempt >= REPEATS || !(lostGet || undone)) throw error;
        await wait((error.retryAfterMs ?? 0) + backoff(attempt, environment.random, host.reconnect));
      }
    }
  }

  return {
    request,
    stop() {
      stopped = true;
      for (const end of [...underWay]) end();
      underWay.clear();
    },
  };
}
