// Handlers by event. One that throws does not keep the others from being called.

export interface Emitter<Events> {
  on<E extends keyof Events>(event: E, handler: (data: Events[E]) => void): () => void;
  off<E extends keyof Events>(event: E, handler: (data: Events[E]) => void): void;
  emit<E extends keyof Events>(event: E, data: Events[E]): void;
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
    emit(event, data) {
      for (const handler of [...(handlers[event] ?? [])]) {
        try {
          handler(data);
        } catch (fault) {
          onFault(fault);
        }
      }
    },
  };
}
