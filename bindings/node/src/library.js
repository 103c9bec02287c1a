// libcariosan.so, whose functions cariosan.h and cariosan_parts.h describe.

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import koffi from 'koffi';
import { ChatError } from './error.js';

export const ABI_VERSION = 1;
const PART_VERSION = 1;
export const SECURE = 1;
export const Kind = { RESULT: 1, EVENT: 2, RESPONSE: 3, ADMITTED: 4, REFUSED: 5, TEXT: 6, CLOSE: 7, LOG: 8, PING: 9, BODY: 10, PROGRESS: 11 };

function find() {
  if (process.env.CARIOSAN_LIBRARY) return process.env.CARIOSAN_LIBRARY;
  const packed = join(dirname(fileURLToPath(import.meta.url)), '../lib/libcariosan.so');
  return existsSync(packed) ? packed : 'libcariosan.so.0';
}

const library = koffi.load(find());
for (const name of ['cariosan_engine', 'cariosan_item', 'cariosan_error']) koffi.opaque(name);

koffi.proto('void Judge(void* context, uint64_t ticket, const void* draft, size_t length)');
const moderatorPart = koffi.struct('cariosan_moderator_part', { size: 'size_t', version: 'int32_t', context: 'void*', release: 'void*', judge: 'Judge*' });
const parts = koffi.struct('cariosan_parts', {
  size: 'size_t', log: 'void*', clock: 'void*', moderator: 'cariosan_moderator_part*', attachments: 'void*', push: 'void*', webhooks: 'void*', event_bus: 'void*',
});

const FAILS = '_Out_ cariosan_error** error';
const TEXT = '_Out_ void** text, _Out_ size_t* length';
const HEAD = 'const char* target, const char** headers, size_t count, const char* address, uint32_t flags, uint64_t ticket';
const declared = Object.fromEntries(Object.entries({
  open_with: `int32_t cariosan_open_with(int32_t abi, const char* options, const cariosan_parts* parts, _Out_ cariosan_engine** engine, ${FAILS})`,
  answer: `int32_t cariosan_answer(cariosan_engine* engine, uint64_t ticket, const char* json, ${FAILS})`,
  close: `int32_t cariosan_close(cariosan_engine* engine, uint32_t deadline, ${FAILS})`,
  engine_free: 'void cariosan_engine_free(cariosan_engine* engine)',
  call: `int32_t cariosan_call(cariosan_engine* engine, const char* caller, const char* name, const char* json, uint64_t ticket, ${FAILS})`,
  subscribe: `int32_t cariosan_subscribe(cariosan_engine* engine, const char* workspace, _Out_ uint64_t* subscription, ${FAILS})`,
  unsubscribe: `int32_t cariosan_unsubscribe(cariosan_engine* engine, uint64_t subscription, ${FAILS})`,
  describe: `int32_t cariosan_describe(${TEXT}, ${FAILS})`,
  backup: `int32_t cariosan_backup(cariosan_engine* engine, const char* path, ${FAILS})`,
  restore: `int32_t cariosan_restore(const char* backup, const char* storage, ${FAILS})`,
  rotate_epoch: `int32_t cariosan_rotate_epoch(cariosan_engine* engine, _Out_ void** epoch, ${FAILS})`,
  metrics: `int32_t cariosan_metrics(cariosan_engine* engine, ${TEXT}, ${FAILS})`,
  export_open: `int32_t cariosan_export_open(cariosan_engine* engine, const char* workspace, const char* user, _Out_ uint64_t* exporter, ${FAILS})`,
  export_next: `int32_t cariosan_export_next(cariosan_engine* engine, uint64_t exporter, ${TEXT}, ${FAILS})`,
  export_close: `int32_t cariosan_export_close(cariosan_engine* engine, uint64_t exporter, ${FAILS})`,
  import_open: `int32_t cariosan_import_open(cariosan_engine* engine, const char* options, _Out_ uint64_t* importer, ${FAILS})`,
  import_push: `int32_t cariosan_import_push(cariosan_engine* engine, uint64_t importer, const void* bytes, size_t length, ${FAILS})`,
  import_run: `int32_t cariosan_import_run(cariosan_engine* engine, uint64_t importer, uint64_t ticket, ${FAILS})`,
  import_close: `int32_t cariosan_import_close(cariosan_engine* engine, uint64_t importer, ${FAILS})`,
  free: 'void cariosan_free(void* text)',
  poll: `int32_t cariosan_poll(cariosan_engine* engine, int32_t timeout, _Out_ cariosan_item** item, ${FAILS})`,
  http_begin: `int32_t cariosan_http_begin(cariosan_engine* engine, const char* method, ${HEAD}, ${FAILS})`,
  http_body: `int32_t cariosan_http_body(cariosan_engine* engine, uint64_t request, const void* data, size_t length, int32_t last, ${FAILS})`,
  http_give_up: `int32_t cariosan_http_give_up(cariosan_engine* engine, uint64_t request, ${FAILS})`,
  session_open: `int32_t cariosan_session_open(cariosan_engine* engine, ${HEAD}, ${FAILS})`,
  session_receive: `int32_t cariosan_session_receive(cariosan_engine* engine, uint64_t session, const void* text, size_t length, ${FAILS})`,
  session_alive: `int32_t cariosan_session_alive(cariosan_engine* engine, uint64_t session, ${FAILS})`,
  session_backlog: `int32_t cariosan_session_backlog(cariosan_engine* engine, uint64_t session, size_t bytes, ${FAILS})`,
  session_closed: `int32_t cariosan_session_closed(cariosan_engine* engine, uint64_t session, ${FAILS})`,
  drain: `int32_t cariosan_drain(cariosan_engine* engine, uint32_t after, ${FAILS})`,
  item_kind: 'int32_t cariosan_item_kind(cariosan_item* item)',
  item_ticket: 'uint64_t cariosan_item_ticket(cariosan_item* item)',
  item_handle: 'uint64_t cariosan_item_handle(cariosan_item* item)',
  item_code: 'int32_t cariosan_item_code(cariosan_item* item)',
  item_error: 'cariosan_error* cariosan_item_error(cariosan_item* item)',
  item_status: 'int32_t cariosan_item_status(cariosan_item* item)',
  item_data: 'void* cariosan_item_data(cariosan_item* item)',
  item_length: 'size_t cariosan_item_length(cariosan_item* item)',
  item_header_count: 'size_t cariosan_item_header_count(cariosan_item* item)',
  item_header_name: 'const char* cariosan_item_header_name(cariosan_item* item, size_t index)',
  item_header_value: 'const char* cariosan_item_header_value(cariosan_item* item, size_t index)',
  item_free: 'void cariosan_item_free(cariosan_item* item)',
  error_name: 'const char* cariosan_error_name(cariosan_error* error)',
  error_message: 'const char* cariosan_error_message(cariosan_error* error)',
  error_details: 'const char* cariosan_error_details(cariosan_error* error)',
  error_retryable: 'int32_t cariosan_error_retryable(cariosan_error* error)',
  error_free: 'void cariosan_error_free(cariosan_error* error)',
}).map(([name, prototype]) => [name, library.func(prototype)]));

function errorOf(error) {
  if (error === null) return new ChatError({ code: 'INTERNAL', message: 'there was no memory to say more' });
  return new ChatError({
    code: declared.error_name(error), message: declared.error_message(error),
    details: JSON.parse(declared.error_details(error)), retryable: declared.error_retryable(error) !== 0,
  });
}

function check(code, [error]) {
  if (code === 0) return;
  const failure = errorOf(error);
  declared.error_free(error);
  throw failure;
}

/// Calls a function that can fail; `args` without the last one.
export function call(name, ...args) {
  const error = [null];
  check(declared[name](...args, error), error);
}

/// The same on a thread of libuv's pool, for functions that wait.
export function callAside(name, ...args) {
  const error = [null];
  return new Promise((resolve, reject) => {
    declared[name].async(...args, error, (failure, code) => {
      try {
        if (failure) throw failure;
        check(code, error);
        resolve();
      } catch (thrown) {
        reject(thrown);
      }
    });
  });
}

/// Opens an engine. `judge`, which may be null, gets a ticket and the text of a draft; `judging` is to be released once the engine is freed.
export function open(options, judge) {
  const engine = [null];
  const judging = judge && koffi.register((_, ticket, draft, length) => judge(Number(ticket), textAt(draft, Number(length))), 'Judge*');
  const moderator = judge && { size: koffi.sizeof(moderatorPart), version: PART_VERSION, judge: judging };
  try {
    call('open_with', ABI_VERSION, options, judge && { size: koffi.sizeof(parts), moderator }, engine);
  } catch (error) {
    release(judging);
    throw error;
  }
  return { engine: engine[0], judging };
}

export const release = (judging) => judging && koffi.unregister(judging);

const textAt = (pointer, length) => (length === 0 ? '' : Buffer.from(new Uint8Array(koffi.view(pointer, length))).toString());

/// Copies a text that the library handed out, and frees it; null if there is none.
export function takeText([pointer], length) {
  if (pointer === null) return null;
  try {
    return length ? textAt(pointer, Number(length[0])) : koffi.decode(pointer, 'char', -1);
  } finally {
    declared.free(pointer);
  }
}

export const free = (engine) => new Promise((resolve) => declared.engine_free.async(engine, resolve));

/// Copies what an item holds, and frees it.
export function takeItem(item) {
  try {
    const length = Number(declared.item_length(item));
    const taken = {
      kind: declared.item_kind(item), ticket: Number(declared.item_ticket(item)), handle: Number(declared.item_handle(item)),
      status: declared.item_status(item), headers: [],
      data: length === 0 ? Buffer.alloc(0) : Buffer.from(new Uint8Array(koffi.view(declared.item_data(item), length))),
      error: declared.item_code(item) === 0 ? null : errorOf(declared.item_error(item)),
    };
    const count = Number(declared.item_header_count(item));
    for (let i = 0; i < count; ++i) taken.headers.push([declared.item_header_name(item, i), declared.item_header_value(item, i)]);
    return taken;
  } finally {
    declared.item_free(item);
  }
}
