// Handlers by event. One that throws does not keep the others from being called.

export interface Emitter<Events> {
  on<E extends keyof Events>(event: E, handler: (data: Events[E]) => void): () => void;
  off<E extends keyof Events>(event: E, handler: (data: Events[E]) => void): void;
  emit<E extends keyof Events>(event: E, data: Events[E]): void;
}

/** Calls each of them as they are now. */
export function tellAll<T>(listeners: Iterable<(data: T) => void>, data: T, onFault: (fault: unknown) => void): void {
  for (const listener of [...listeners]) {
    try {
      listener(data);
    } catch (fault) {
      onFault(fault);
    }
  }
}

export function emitter<Events>(onFault: (fault: unknown) => void): Emitter<Events> {
  const handlers: { [E in keyof Events]?: Set<(data: Events[E]) => void> } = {};
  function off<E extends keyof Events>(event: E, handler: (data: Events[E]) => void): void {
    handlers[event]?.delete(handler);
  }
  return {
    on(event, handler) {
      const known = handlers[event] ?? (handlers[event] = new Set());
      known.add(handler);
      return () => off(event, handler);
    },
    off,
    emit: (event, data) => tellAll(handlers[event] ?? [], data, onFault),
  };
}
