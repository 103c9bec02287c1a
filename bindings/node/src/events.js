/// Events that wait for the program; beyond, they are dropped, and one "events.lost" reports it.
const MOST = 10_000;
const LOST = { type: 'events.lost', data: { channels: [], all: true } };

/// An async iterator over the events of a workspace.
export class Events {
  #events = [];
  #lost = false;
  #ended = false;
  #waiting = null;
  #onEnd;

  constructor(onEnd) {
    this.#onEnd = onEnd;
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  async next() {
    for (;;) {
      if (this.#events.length > 0) return { value: this.#events.shift(), done: false };
      if (this.#lost) {
        this.#lost = false;
        return { value: LOST, done: false };
      }
      if (this.#ended) return { value: undefined, done: true };
      await new Promise((resolve) => (this.#waiting = resolve));
    }
  }

  async return() {
    this.#onEnd();
    this.#events = [];
    this.end();
    return { value: undefined, done: true };
  }

  put(event) {
    // What comes after a loss is dropped until that was told, so that the order holds.
    if (this.#lost || this.#events.length === MOST) this.#lost = true;
    else this.#events.push(event);
    this.#waiting?.();
  }

  end() {
    this.#ended = true;
    this.#waiting?.();
  }
}
