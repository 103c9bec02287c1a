import { Kind } from './library.js';

export async function* exportLines(chat, workspace, user = null) {
  const exporter = chat.number('export_open', workspace, user);
  try {
    for (;;) {
      const piece = await chat.textAside('export_next', exporter);
      if (piece === null) return;
      yield* piece.match(/[^\n]*\n/g);
    }
  } finally {
    chat.tell('export_close', exporter);
  }
}

export async function importLines(chat, options, { lines = [], onProgress, signal } = {}) {
  signal?.throwIfAborted();
  const importer = chat.number('import_open', JSON.stringify(options));
  const stop = () => chat.tell('import_close', importer);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for await (const piece of lines) {
      const bytes = Buffer.from(piece);
      await chat.aside('import_push', importer, bytes, bytes.length);
    }
    return await run(chat, importer, onProgress);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
    stop();
  }
}

function run(chat, importer, onProgress) {
  return new Promise((resolve, reject) => {
    let failure = null;
    chat.beginWith('import_run', [importer], ({ kind, data, error }) => {
      if (kind !== Kind.PROGRESS) {
        if (failure) reject(failure.thrown);
        else if (error) reject(error);
        else resolve(JSON.parse(data.toString()));
        return true;
      }
      try {
        if (!failure) onProgress?.(JSON.parse(data.toString()));
      } catch (thrown) {
        failure = { thrown };
        chat.tell('import_close', importer);
      }
      return false;
    }, reject);
  });
}
