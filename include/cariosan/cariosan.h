/* The C interface of cariosan: a chat engine to embed, as libcariosan.so. C99 and C++.
 *
 * A host opens an engine over one database, runs commands by name with JSON, and collects everything that comes back
 * (answers, events, HTTP responses, WebSocket output) with one call: cariosan_poll. Names and JSON of commands, frames
 * and errors are those of the wire protocol.
 *
 * The rules, for every function here:
 *
 * Threads. Every function may be called from any thread, at any time, with two exceptions: one thread at a time is
 * inside cariosan_poll for an engine (a second one gets CARIOSAN_MISUSE), and nothing else may be using an engine
 * while cariosan_engine_free runs. The library never calls back into the host, unless the host hands it parts of its own
 * (cariosan_parts.h): everything is returned by cariosan_poll, on the thread that calls it. An item belongs to the thread
 * that polled it until the host hands it on.
 *
 * Waiting. Only cariosan_open, cariosan_close, cariosan_engine_free, cariosan_call_wait, cariosan_poll and those under
 * "Operation" wait. The others queue, and return CARIOSAN_UNAVAILABLE beyond a bound.
 *
 * Bounds. Tickets that were given and not yet answered by an item: the option "max_tickets". Bytes handed in by
 * cariosan_http, its parts and the session functions that poll has not yet taken: 64 MiB together, and for each session
 * 256 texts or 1 MiB. Bodies that are not complete yet: 64 MiB together; beyond, the largest is answered 503. Events:
 * 10,000 or 16 MiB per subscription; beyond, they are dropped and one "events.lost" reports it.
 * Session output: the backlog of section 5 of the protocol (1 MiB per session, 256 MiB together); beyond, the session is
 * closed with 4008. Log lines: 1,000; beyond, lines are dropped, and counted.
 *
 * Ownership. What a function returns through a pointer argument belongs to the caller: an engine is freed
 * by cariosan_engine_free, an item by cariosan_item_free, an error by cariosan_error_free, text by cariosan_free.
 * What an accessor returns lives as long as its object. Arguments are copied before the function returns. Subscriptions,
 * sessions, requests, exports and imports are numbers: never 0, never used twice by one engine, nothing to free; an unknown
 * number is an error, not a crash.
 *
 * Strings are UTF-8 and end with NUL. Strings with arbitrary content also come with their length. A null pointer where
 * it is not allowed is CARIOSAN_MISUSE. Functions that free accept null, and accessors return 0, or an empty string,
 * for it.
 *
 * Errors. A function that can fail returns CARIOSAN_OK or the code of the failure. If the last argument `error` is not
 * null, it is set to an object with the details, or to null on success; it is also null if there was no memory for it
 * (the code is then CARIOSAN_INTERNAL). On failure all other output arguments are null or 0. errno is not used.
 *
 * Versions. cariosan_open takes CARIOSAN_ABI_VERSION, the interface the host was compiled for, and refuses one that the
 * library does not support. Options, commands and answers are JSON and grow by new members; no structure is ever shared
 * but the tables of cariosan_parts.h, which say their size. A host must ignore unknown kinds of items and unknown members
 * of answers.
 *
 * Processes. After fork, every function returns CARIOSAN_FORKED in the child and changes nothing. The child must not
 * use the wake-up descriptor; cariosan_engine_free does nothing there. Nor must it open an engine of its own unless
 * it starts another program first: locks that the engine's threads held at the fork, SQLite's too, stay held in it. A
 * host may have its own SQLite, OpenSSL, libcurl or Boost, of other versions: the library exports nothing but
 * cariosan_*, so that they stay as they are. If the host puts their names before all others (its executable exports
 * them, or it loads them with RTLD_GLOBAL), then it must load libcariosan.so with dlopen and RTLD_DEEPBIND, or the
 * library would find the host's instead of those it was built with.
 */
#ifndef CARIOSAN_CARIOSAN_H
#define CARIOSAN_CARIOSAN_H

#include <stddef.h>
#include <stdint.h>

#define CARIOSAN_VERSION_MAJOR 0
#define CARIOSAN_VERSION_MINOR 1
#define CARIOSAN_VERSION_PATCH 0
#define CARIOSAN_VERSION "0.1.0"

/* Grows with every change of this header that a compiled host would notice. */
#define CARIOSAN_ABI_VERSION 1

#if defined(__GNUC__)
#define CARIOSAN_API __attribute__((visibility("default")))
#else
#define CARIOSAN_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cariosan_engine cariosan_engine;
typedef struct cariosan_item cariosan_item;
typedef struct cariosan_error cariosan_error;

/* The result of a call. Those below 100 are the codes of section 3 of the protocol; the others never leave
 * the process. Numbers keep their meaning. */
typedef int32_t cariosan_code;
enum {
    CARIOSAN_OK = 0,
    CARIOSAN_VALIDATION_ERROR = 1,
    CARIOSAN_UNAUTHORIZED = 2,
    CARIOSAN_FORBIDDEN = 3,
    CARIOSAN_NOT_A_MEMBER = 4,
    CARIOSAN_NOT_AUTHOR = 5,
    CARIOSAN_NOT_ADMIN = 6,
    CARIOSAN_MUTED = 7,
    CARIOSAN_NOT_FOUND = 8,
    CARIOSAN_METHOD_NOT_ALLOWED = 9,
    CARIOSAN_CONFLICT = 10,
    CARIOSAN_PAYLOAD_TOO_LARGE = 11,
    CARIOSAN_UNSUPPORTED_MEDIA_TYPE = 12,
    CARIOSAN_HEADERS_TOO_LARGE = 13,
    CARIOSAN_MESSAGE_REJECTED = 14,
    CARIOSAN_EDIT_WINDOW_EXPIRED = 15,
    CARIOSAN_RATE_LIMITED = 16,
    CARIOSAN_INTERNAL = 17,
    CARIOSAN_UNAVAILABLE = 18,
    CARIOSAN_SUSPENDED = 19,
    CARIOSAN_FROZEN = 20,
    CARIOSAN_SLOW_MODE = 21,
    CARIOSAN_WOULD_BLOCK = 100,
    CARIOSAN_FORKED = 101,
    CARIOSAN_MISUSE = 102
};

/* The library's version, as CARIOSAN_VERSION, and the newest interface it speaks. */
CARIOSAN_API const char* cariosan_version(void);
CARIOSAN_API int32_t cariosan_abi_version(void);

/* Frees text. */
CARIOSAN_API void cariosan_free(char* text);

/* Describes what an engine can do, as one JSON object. Needs no engine and never waits; the same text in every call.
 *
 *   "commands"    an array of {"name","summary","callers","changes","fields","answer","errors"}, one for each name that
 *                 cariosan_call takes: who may call it ("host", "backend", "user"), whether it does more than read, a
 *                 JSON Schema of the object `json`, one of the answer (null: an empty text), and the codes it can fail with
 *   "events"      an array of {"type","summary","frame"}: what an item of kind CARIOSAN_ITEM_EVENT can hold, "frame"
 *                 being its JSON Schema
 *   "errors"      an array of {"code","meaning"}
 *   "components"  {"schemas":{}}: what the schemas refer to
 *
 * The limits in the schemas are those of an engine with default options. `length` may be null. */
CARIOSAN_API cariosan_code cariosan_describe(char** description, size_t* length, cariosan_error** error);

/* ---- Errors ---- */

CARIOSAN_API cariosan_code cariosan_error_code(const cariosan_error* error);
/* The code as text, such as "VALIDATION_ERROR". */
CARIOSAN_API const char* cariosan_error_name(const cariosan_error* error);
/* One sentence for a developer. Never holds secrets or message text. */
CARIOSAN_API const char* cariosan_error_message(const cariosan_error* error);
/* A JSON object of facts, such as {"field":"name","limit":255}; "{}" if there are none. */
CARIOSAN_API const char* cariosan_error_details(const cariosan_error* error);
/* 1 if the same call may succeed later, unchanged; else 0. */
CARIOSAN_API int32_t cariosan_error_retryable(const cariosan_error* error);
CARIOSAN_API void cariosan_error_free(cariosan_error* error);

/* ---- Engine ---- */

/* Opens the database, making it if need be, and starts the engine. `options` is a JSON object; a member that is not
 * known, has a bad value, or needs what the library was built without, is CARIOSAN_VALIDATION_ERROR with its name in the
 * detail "field":
 *
 *   "storage"               required: "sqlite:" and a path; "sqlite::memory:"; or "postgres://user:password@host/database",
 *                           which several engines may share, in a library that was built with PostgreSQL
 *   "prepared_statements"   true: of PostgreSQL; false behind a pooler that moves sessions between transactions
 *   "redis"                 "redis://user:password@host:port/number" or "unix:/path/to/socket": joins the engines that share a
 *                           PostgreSQL, in a library that was built with Redis. They need the same "jwt_secret".
 *   "jwt_secret"            signs the tokens of clients, at least 32 bytes; absent: a random one, so that tokens end with
 *                           the engine. "jwt_secret_previous" also verifies.
 *   "jwt_issuer"            "cariosan"
 *   "jwt_ttl_seconds"       86400
 *   "allowed_origins"       [] of strings: origins for CORS and WebSockets beside same-origin; "*" allows all,
 *                           "https://" followed by "*.example.com" allows all subdomains
 *   "trusted_proxies"       [] of addresses and CIDR ranges whose X-Forwarded-For counts
 *   "metrics_token"         guards GET /metrics; absent: open
 *   "webhooks"              an object with "allow_private" (false): whether webhooks may be on addresses that are not
 *                           public; or false: they are kept and not delivered
 *   "limits"                an object with members of section 3.4 of the protocol, named as in cariosan/limits.hpp;
 *                           "incomplete_message" is not among them, that is the host's to watch
 *   "rates"                 an object of the same form, in which 0 turns a rate off; or false: no rates at all
 *   "max_backlog_bytes"     1048576: of one session
 *   "max_total_backlog_bytes"  268435456: of all sessions; beyond it the one with most is closed
 *   "max_waiting_requests"  10000: POST /v1/me/sync that wait for news at the same time; one more is refused with 503
 *   "s3"                    an object of strings, the bucket of attachments, named as in cariosan/adapters/s3.hpp:
 *                           "bucket", "access_key", "secret_key" required; "endpoint", "region", "session_token",
 *                           "public_url", "addressing" ("automatic", "path" or "virtual_host"). A bad one is "s3.bucket"
 *                           in "field". Absent: no bucket
 *   "files"                 an object: attachments in a folder of this host instead, without a bucket. "path" required; "public_url",
 *                           required too: where clients reach this engine's paths, such as "https://chat.example.com/talk";
 *                           "quota_bytes" (0): how many bytes of files a workspace may have, 0 for any number. Uploads are best passed
 *                           on with cariosan_http_begin, in parts, which go to the disk as they come; a file that is read is one
 *                           response. Absent: no folder; without either there are no attachments
 *   "fcm"                   an object of strings: messages are pushed over Firebase Cloud Messaging, named as in
 *                           cariosan/adapters/fcm.hpp: "service_account" required, the text of the key file; "project_id",
 *                           "base_url". A bad one, or a bad member of the key file, is "fcm." and its name in "field".
 *                           Absent: messages are not pushed
 *   "attachment_types"      [] of strings: content types that may be uploaded, "image/png" or "audio/" and a star; absent: those of
 *                           EngineOptions. Their size is in "limits".
 *   "reader_threads"        2, of PostgreSQL 8: 1 to 64
 *   "max_queued_commands"   10000
 *   "max_batch"             256: commands per commit, 1 to 10,000
 *   "max_tickets"           10000
 *   "moderator_deadline_ms", "moderator_late", "max_moderator_drafts"  how a host's moderator is asked: cariosan_parts.h
 *   "log"                   "off"; or "debug", "info", "warning", "error": lines of this level and above become items
 *   "slow_command_ms"       500: a command that takes as long is logged as "command.slow"; 0: none is
 *
 * CARIOSAN_MISUSE if `abi_version` is not one this library speaks; CARIOSAN_CONFLICT if another process has the database;
 * CARIOSAN_UNAVAILABLE, with the reason, if it cannot be opened. */
CARIOSAN_API cariosan_code cariosan_open(int32_t abi_version, const char* options, cariosan_engine** engine,
                                         cariosan_error** error);

/* Ends the work: refuses what is new (CARIOSAN_UNAVAILABLE), commits what is queued, answers every ticket exactly once, and
 * closes every session with 1001. What is not done after `deadline_ms` is answered CARIOSAN_UNAVAILABLE. A thread inside
 * cariosan_poll leaves it first. What was not polled yet still can be. A second call does nothing. */
CARIOSAN_API cariosan_code cariosan_close(cariosan_engine* engine, uint32_t deadline_ms,
                                          cariosan_error** error);

/* Frees the engine and lets go of the database. Closes first, with a deadline of 10 seconds, if that was not done. */
CARIOSAN_API void cariosan_engine_free(cariosan_engine* engine);

/* ---- Commands ---- */

/* Runs a command and queues its answer as an item of kind CARIOSAN_ITEM_RESULT with this `ticket`, a number of the host's
 * choice. A command that is not known, or is refused, fails there; only what never became a command fails here.
 *
 * `caller` is JSON: {} the host itself, {"workspace":<id>} that workspace's backend, {"workspace":<id>,"user":<id or
 * external_id>} a user, for whom all rules are enforced. `name` is a command's, such as "message.send"; `json` is an
 * object of its fields, at most as large as the limit "request_body_bytes". */
CARIOSAN_API cariosan_code cariosan_call(cariosan_engine* engine, const char* caller, const char* name,
                                         const char* json, uint64_t ticket, cariosan_error** error);

/* Like cariosan_call, but waits, and hands out the answer's JSON. A command without an answer gives an empty
 * text. `length` may be null. Needs no one to poll. */
CARIOSAN_API cariosan_code cariosan_call_wait(cariosan_engine* engine, const char* caller, const char* name,
                                              const char* json, char** answer, size_t* length,
                                              cariosan_error** error);

/* Every event of a workspace committed from now on becomes an item of kind CARIOSAN_ITEM_EVENT, per channel in the order
 * of "rev". */
CARIOSAN_API cariosan_code cariosan_subscribe(cariosan_engine* engine, const char* workspace,
                                              uint64_t* subscription, cariosan_error** error);
/* Ends it; what was not polled yet is dropped. CARIOSAN_NOT_FOUND if there is none of this number. */
CARIOSAN_API cariosan_code cariosan_unsubscribe(cariosan_engine* engine, uint64_t subscription,
                                                cariosan_error** error);

/* ---- Operation ---- */

/* Copies the database to a new file at `path` while the engine keeps working, and waits until the copy is complete. It is
 * what `cariosan-server backup` makes: it starts with a new epoch when it is restored or opened. CARIOSAN_CONFLICT if there
 * is a file already or another backup runs; CARIOSAN_UNAVAILABLE if it cannot be written, or if the database has tools of
 * its own for this, as PostgreSQL has. */
CARIOSAN_API cariosan_code cariosan_backup(cariosan_engine* engine, const char* path, cariosan_error** error);

/* Replaces the database `storage` names, as the option of this name, by the backup at `backup`, checks it, and gives it a
 * new epoch. Needs no engine, and none may have the database open: CARIOSAN_CONFLICT. CARIOSAN_NOT_FOUND if there is no
 * backup, CARIOSAN_MISUSE or CARIOSAN_UNAVAILABLE, with the reason, if it is damaged, none of ours, or of a database in
 * memory: the database then is as it was. */
CARIOSAN_API cariosan_code cariosan_restore(const char* backup, const char* storage, cariosan_error** error);

/* Starts a new epoch, and waits for it: every client discards the revisions it holds and reads again. For a database that
 * was set back by other means than cariosan_restore. `epoch`, the new one, may be null. */
CARIOSAN_API cariosan_code cariosan_rotate_epoch(cariosan_engine* engine, char** epoch, cariosan_error** error);

/* What GET /metrics answers, in the text format of Prometheus, whatever "metrics_token" is. `length` may be null. */
CARIOSAN_API cariosan_code cariosan_metrics(cariosan_engine* engine, char** text, size_t* length, cariosan_error** error);

/* Opens an export of a workspace, or, if `user` (an internal id or external_id) is not null, of everything stored about that
 * user; `exporter` is its number. What there is comes from cariosan_export_next, piece by piece, as lines of JSON, one
 * object each, with a "kind": of a workspace itself, its users, then each channel with its members and messages, oldest
 * first; of a user what GET /v1/users/{user}/export answers. What changes meanwhile may or may not be in it. At most 64
 * exports are open at a time: CARIOSAN_UNAVAILABLE. */
CARIOSAN_API cariosan_code cariosan_export_open(cariosan_engine* engine, const char* workspace, const char* user,
                                                uint64_t* exporter, cariosan_error** error);

/* Reads the next lines, at most 100, each with its line end; `lines` is null at the end. `length` may be null. Waits, and
 * for another thread that is reading the same export. After a failure it may be called again, and goes on where it was:
 * CARIOSAN_NOT_FOUND if there is no such export, workspace or user. */
CARIOSAN_API cariosan_code cariosan_export_next(cariosan_engine* engine, uint64_t exporter, char** lines, size_t* length,
                                                cariosan_error** error);

/* Ends an export, whether or not it was read to its end. What was not ended ends with the engine. */
CARIOSAN_API cariosan_code cariosan_export_close(cariosan_engine* engine, uint64_t exporter, cariosan_error** error);

/* Opens an import of messages from another system: a file of lines as section 13 of the protocol has them. `options` is a
 * JSON object:
 *
 *   "workspace"  required: its id
 *   "source"     required: the other system, 1 to 128 bytes, as the keys of its messages name it: a second import with the
 *                same source adds nothing that the first one stored
 *   "file"       the path of a regular file with the lines; absent: they are handed in by cariosan_import_push
 *   "folder"     for what is handed in, which is read more than once, and kept in a temporary file until the import ends;
 *                absent: the system's for temporary files
 *   "problems"   20: how many bad lines the end reports, at most 10,000
 *
 * At most 8 imports are open at a time: CARIOSAN_UNAVAILABLE. */
CARIOSAN_API cariosan_code cariosan_import_open(cariosan_engine* engine, const char* options, uint64_t* importer,
                                                cariosan_error** error);

/* Hands in the next bytes of the lines, in pieces of any size. Waits for the disk: CARIOSAN_UNAVAILABLE, with the reason,
 * if it is full: nothing of the piece is kept then, and it may be handed in again. CARIOSAN_MISUSE if a file is
 * imported, CARIOSAN_CONFLICT once the import runs. */
CARIOSAN_API cariosan_code cariosan_import_push(cariosan_engine* engine, uint64_t importer, const void* bytes, size_t length,
                                                cariosan_error** error);

/* Runs the import, on a thread of its own that ends with it, while the host polls: an import without anyone to poll stands
 * still. Comes to items of kind CARIOSAN_ITEM_PROGRESS with this `ticket`, of which at most one waits, and at last to one
 * of kind CARIOSAN_ITEM_RESULT, after which its number is no more. If every line was read, its data is
 * {"complete","imported","replies","already_there","bad_lines","problems","troubles"}: "complete" if everything is in the
 * database; "problems" are the first bad lines, {"line","reason"}; "troubles" what else did not work. If the import had to
 * stop, the error says near which line, and its details have "imported"; what was imported stays. */
CARIOSAN_API cariosan_code cariosan_import_run(cariosan_engine* engine, uint64_t importer, uint64_t ticket,
                                               cariosan_error** error);

/* Forgets an import that does not run; makes a running one end soon, with CARIOSAN_UNAVAILABLE. */
CARIOSAN_API cariosan_code cariosan_import_close(cariosan_engine* engine, uint64_t importer, cariosan_error** error);

/* ---- Poll ---- */

/* Does what waits and hands out the next item, or null if there is none within `timeout_ms` (0: do not wait; -1: wait as
 * long as it takes). After cariosan_close, once all items are out: CARIOSAN_UNAVAILABLE. */
CARIOSAN_API cariosan_code cariosan_poll(cariosan_engine* engine, int32_t timeout_ms, cariosan_item** item,
                                         cariosan_error** error);

/* A descriptor that is readable while cariosan_poll has something to do, deadlines of sessions included; only polling
 * makes it unreadable. For poll(2), epoll and event loops; the host does not read or close it. -1 on failure. */
CARIOSAN_API int cariosan_wake_fd(const cariosan_engine* engine);

/* Kinds of items. */
enum {
    /* The answer of cariosan_call: ticket; code; if that is CARIOSAN_OK data is the answer's JSON, else see error. */
    CARIOSAN_ITEM_RESULT = 1,
    /* An event: handle is the subscription; data is the frame of section 5 of the protocol as others than its author get
     * it, {"type","data"}; or {"type":"events.lost","data":{"channels":[<id>],"all":false}}. */
    CARIOSAN_ITEM_EVENT = 2,
    /* The response to cariosan_http: ticket; status, headers; data is the body. */
    CARIOSAN_ITEM_RESPONSE = 3,
    /* cariosan_session_open was admitted: ticket; handle is the session; data is the subprotocol to answer in
     * Sec-WebSocket-Protocol. The host upgrades the connection before it sends what follows. */
    CARIOSAN_ITEM_ADMITTED = 4,
    /* cariosan_session_open was refused: as CARIOSAN_ITEM_RESPONSE. A client that offers cariosan.v1 is refused only for its
     * origin; otherwise it is admitted, and an `error` frame and the closing of the session say why it is not let in. */
    CARIOSAN_ITEM_REFUSED = 5,
    /* handle is the session: data is one text message to send. */
    CARIOSAN_ITEM_TEXT = 6,
    /* handle is the session: to be closed, with status as close code and data as reason, after what was sent before. The
     * session has ended. */
    CARIOSAN_ITEM_CLOSE = 7,
    /* A line of the log: {"level","event","fields":{},"dropped"?}; "dropped" lines are missing before it. */
    CARIOSAN_ITEM_LOG = 8,
    /* handle is the session: to be sent a protocol ping, after what was sent before; when the pong comes, the host calls
     * cariosan_session_alive. A client that was silent for 45 seconds gets one, and is closed after 90. */
    CARIOSAN_ITEM_PING = 9,
    /* The head of cariosan_http_begin was accepted: ticket; handle is the request. The host passes its body on. */
    CARIOSAN_ITEM_BODY = 10,
    /* How far an import is: ticket; handle is the import; data is {"stage","imported","replies","already_there",
     * "bad_lines","position","size"}, where "stage" is "reading", "places", "replies" or "messages", and position and size
     * are bytes of the lines. */
    CARIOSAN_ITEM_PROGRESS = 11
};

/* 0 where an item has no such thing. */
CARIOSAN_API int32_t cariosan_item_kind(const cariosan_item* item);
CARIOSAN_API uint64_t cariosan_item_ticket(const cariosan_item* item);
CARIOSAN_API uint64_t cariosan_item_handle(const cariosan_item* item);
CARIOSAN_API cariosan_code cariosan_item_code(const cariosan_item* item);
/* Null, or why the call failed; part of the item. */
CARIOSAN_API const cariosan_error* cariosan_item_error(const cariosan_item* item);
CARIOSAN_API int32_t cariosan_item_status(const cariosan_item* item);
CARIOSAN_API const char* cariosan_item_data(const cariosan_item* item);
CARIOSAN_API size_t cariosan_item_length(const cariosan_item* item);
CARIOSAN_API size_t cariosan_item_header_count(const cariosan_item* item);
/* `index` from 0; an empty string beyond the last. */
CARIOSAN_API const char* cariosan_item_header_name(const cariosan_item* item, size_t index);
CARIOSAN_API const char* cariosan_item_header_value(const cariosan_item* item, size_t index);
CARIOSAN_API void cariosan_item_free(cariosan_item* item);

/* ---- Mounting: the REST and WebSocket protocol behind a host's own server ---- */

/* The request came over TLS. */
#define CARIOSAN_SECURE UINT32_C(1)

/* Answers a complete request with one item of kind CARIOSAN_ITEM_RESPONSE and this `ticket`; the host adds Content-Length,
 * Date and Connection, and sends no body to a HEAD.
 *
 * `method` is upper case; `target` is path and query as sent. `headers` is 2 * header_count strings: name, value, name,
 * value …; null if header_count is 0. `body` may be null if body_length is 0. `remote_address` is the peer's, without port;
 * null if there is none. `flags`: CARIOSAN_SECURE or 0. What is over a limit of the engine is answered 413 or 431. */
CARIOSAN_API cariosan_code cariosan_http(cariosan_engine* engine, const char* method, const char* target,
                                         const char* const* headers, size_t header_count, const void* body,
                                         size_t body_length, const char* remote_address, uint32_t flags,
                                         uint64_t ticket, cariosan_error** error);

/* The same in parts, for a host that judges a request before it reads the body, which may be large, of someone unknown. The head
 * alone comes to one item with this `ticket`: CARIOSAN_ITEM_RESPONSE, which is all, because the request is refused or needs no
 * body; or CARIOSAN_ITEM_BODY, and once the body is complete CARIOSAN_ITEM_RESPONSE with the same ticket, which stays taken until
 * then. A request whose body never comes stays open: how long one may take is the host's to watch. */
CARIOSAN_API cariosan_code cariosan_http_begin(cariosan_engine* engine, const char* method, const char* target,
                                               const char* const* headers, size_t header_count,
                                               const char* remote_address, uint32_t flags, uint64_t ticket,
                                               cariosan_error** error);

/* The next part of the body; `last`: 1 if none follows, else 0; `data` may be null if `length` is 0. A body over the limit
 * "request_body_bytes", or that of a file over the size that was permitted, is answered 413 at once. CARIOSAN_UNAVAILABLE if too
 * much waits: the host stops reading, polls, and tries again. CARIOSAN_NOT_FOUND if there is no such request, or no longer: it is
 * answered, or will be without the rest of the body, which is of no use. */
CARIOSAN_API cariosan_code cariosan_http_body(cariosan_engine* engine, uint64_t request, const void* data, size_t length,
                                              int32_t last, cariosan_error** error);

/* The rest of the body will not come: the client is gone, or too slow. The request is answered 408, for a client that may still
 * be there. After the last part: nobody waits for the answer any more; a request that waits for news (POST /v1/me/sync) is
 * answered with what is known. CARIOSAN_NOT_FOUND as above. */
CARIOSAN_API cariosan_code cariosan_http_give_up(cariosan_engine* engine, uint64_t request, cariosan_error** error);

/* Judges an upgrade request, GET /v1/ws, whose WebSocket headers the host has checked. Comes to one item with this `ticket`:
 * CARIOSAN_ITEM_ADMITTED, and the session is open and its output follows; or CARIOSAN_ITEM_REFUSED. Any other target is refused
 * with what a GET without the upgrade is answered. */
CARIOSAN_API cariosan_code cariosan_session_open(cariosan_engine* engine, const char* target,
                                                 const char* const* headers, size_t header_count,
                                                 const char* remote_address, uint32_t flags, uint64_t ticket,
                                                 cariosan_error** error);

/* The functions below take effect in the order of their calls, in cariosan_poll. CARIOSAN_NOT_FOUND if there is no such
 * session, or no longer. */

/* One complete text message from the client. One over the limit "client_frame_bytes" closes the session with 1009.
 * CARIOSAN_UNAVAILABLE if more waits than the session may have waiting: the host stops reading, polls, and tries again. */
CARIOSAN_API cariosan_code cariosan_session_receive(cariosan_engine* engine, uint64_t session,
                                                    const char* text, size_t length, cariosan_error** error);

/* A ping or pong arrived: a sign of life. Answering it is the host's work. */
CARIOSAN_API cariosan_code cariosan_session_alive(cariosan_engine* engine, uint64_t session,
                                                  cariosan_error** error);

/* How many bytes of what it polled for this session the host has not yet handed to the socket. Decides when a slow client
 * is closed and when more history is sent to it; a host that never calls this has no protection against slow clients. */
CARIOSAN_API cariosan_code cariosan_session_backlog(cariosan_engine* engine, uint64_t session, size_t bytes,
                                                    cariosan_error** error);

/* The connection is gone. Output that was not polled yet is dropped. Also allowed after CARIOSAN_ITEM_CLOSE, where it does
 * nothing. */
CARIOSAN_API cariosan_code cariosan_session_closed(cariosan_engine* engine, uint64_t session,
                                                   cariosan_error** error);

/* Tells every session "server.draining", with the time after which to come back, and refuses new ones with 503. */
CARIOSAN_API cariosan_code cariosan_drain(cariosan_engine* engine, uint32_t reconnect_after_ms,
                                          cariosan_error** error);

#ifdef __cplusplus
}
#endif

#endif
