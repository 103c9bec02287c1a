export class ChatError extends Error {
  constructor({ code, message, details = {}, retryable = false }) {
    super(message);
    this.name = 'ChatError';
    this.code = code;
    this.details = details;
    this.retryable = retryable;
  }
}

/// Whether the library takes no more at the moment.
export const isFull = (error) => error instanceof ChatError && error.code === 'UNAVAILABLE' && error.retryable;

export const closed = () => new ChatError({ code: 'UNAVAILABLE', message: 'the engine is closed' });
