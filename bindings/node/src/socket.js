import { Kind } from './library.js';

const BACKLOG_STEP = 16 * 1024; // the engine is told of a backlog in steps of so many bytes, and when there is none any more
const CLOSE_TIMEOUT = 10_000; // ms
const TOO_SLOW = 4008;
const RETRY = 5; // ms

/// One WebSocket: texts in both directions.
export class Socket {
  #chat;
  #session;
  #connection;
  #unsent = 0;
  #reported = 0;
  #received = []; // and not handed in
  #retry = null;

  constructor(chat, session, connection) {
    this.#chat = chat;
    this.#session = session;
    this.#connection = connection;
    connection.on('message', (data, isBinary) => {
      if (isBinary) connection.close(1003, 'binary messages are not accepted');
      else this.#receive(data);
    });
    for (const sign of ['ping', 'pong']) connection.on(sign, () => chat.tell('session_alive', session));
    connection.on('error', () => {}); // 'close' follows
    connection.on('close', () => {
      clearTimeout(this.#retry);
      chat.endSession(session);
    });
  }

  take({ kind, status, data }) {
    const connection = this.#connection;
    if (kind === Kind.TEXT) {
      this.#unsent += data.length;
      connection.send(data, { binary: false }, () => {
        this.#unsent -= data.length;
        this.#report();
      });
      this.#report();
    } else if (kind === Kind.PING) {
      connection.ping();
    } else {
      connection.close(status, data);
      // A slow one does not read what waits, nor would it read why.
      setTimeout(() => connection.terminate(), status === TOO_SLOW ? CLOSE_TIMEOUT / 10 : CLOSE_TIMEOUT).unref();
    }
  }

  /// Tells the engine how much the client has not taken, which decides whether it is too slow.
  #report() {
    const isStep = Math.abs(this.#unsent - this.#reported) >= BACKLOG_STEP || (this.#reported > 0 && this.#unsent === 0);
    if (!isStep) return;
    this.#reported = this.#unsent;
    this.#chat.tell('session_backlog', this.#session, this.#unsent);
  }

  /// Reads no more while the engine has no room.
  #receive(text) {
    this.#received.push(text);
    if (this.#retry === null) this.#handIn();
  }

  #handIn() {
    this.#retry = null;
    while (this.#received.length > 0) {
      const [text] = this.#received;
      if (!this.#chat.handIn('session_receive', this.#session, text, text.length)) {
        this.#connection.pause();
        this.#retry = setTimeout(() => this.#handIn(), RETRY);
        return;
      }
      this.#received.shift();
    }
    this.#connection.resume();
  }
}
