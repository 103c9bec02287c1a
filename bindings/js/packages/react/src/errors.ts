import { CariosanError, isCariosanError } from '@cariosan/client';

export function asError(fault: unknown): CariosanError {
  return isCariosanError(fault) ? fault : new CariosanError({ code: 'NETWORK', message: String(fault), retryable: true });
}
