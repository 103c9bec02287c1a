/// What a request that failed says.

/// The error of a request: the fields of the error envelope over both REST and WebSocket, or one of the client's own codes
/// `LOST` (the connection ended before the answer), `NETWORK` and `OFFLINE`.
export class RequestError extends Error {
    constructor({ code, message, retryable = false, details = {}, retry_after_ms: retryAfter = 0 }) {
        super(message ?? code);
        this.code = code;
        this.retryable = retryable;
        this.details = details ?? {};
        this.retryAfter = this.details.retry_after_ms ?? retryAfter;
    }
}
