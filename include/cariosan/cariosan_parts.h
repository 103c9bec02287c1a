/* Parts that a host gives an engine instead of those that come with the library: log, clock, moderator, store of
 * attachments, senders of push notifications and webhooks, and the bus between engines. C99 and C++.
 *
 * Each is a table of functions, handed in with cariosan_open_with. The rules, for every one:
 *
 * Tables. `size` is the size of the table as the host was compiled, `version` is CARIOSAN_PART_VERSION; a newer library
 * takes an older, shorter table. Functions must not be null unless that is said. The table is copied; `context` is given to
 * each of its functions, and is the host's.
 *
 * Lifetime. From the beginning of cariosan_open_with functions may be called. Once cariosan_engine_free has returned, or
 * cariosan_open_with with a failure, none is running and none is called again. `release`, which may be null, is the last call
 * of cariosan_engine_free, once for each table; after a failed cariosan_open_with it is not called: the context is still the
 * host's alone.
 *
 * Threads. Unless a function says otherwise, it is called on any thread of the library, several at once, and must return
 * soon: the engine stands still meanwhile. It may call what only queues (cariosan_call, cariosan_answer, the functions of
 * a bus), and nothing of the same engine that waits. It must not throw or longjmp, and must not end its thread.
 *
 * Arguments live until the function returns. Text is UTF-8, and ends with NUL where it comes without a length.
 *
 * Answers. A function with a `ticket` starts some work and returns; the host answers with cariosan_answer, on any thread,
 * before the function returns or later, exactly once. Tickets are never 0 and never used twice by one engine. One that was
 * never answered holds its place among those that are asked at the same time until the engine is closed.
 *
 * Storage is not among them: its interface is some ninety functions over rows, too large and too close to the inside to be
 * kept the same for years. A host's own storage is written in C++ (cariosan/storage.hpp).
 */
#ifndef CARIOSAN_CARIOSAN_PARTS_H
#define CARIOSAN_CARIOSAN_PARTS_H

#include <cariosan/cariosan.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of every table here. */
#define CARIOSAN_PART_VERSION 1

/* Where a function puts the JSON it answers at once. */
typedef struct cariosan_reply cariosan_reply;
/* Copies the text; a second call replaces the first. Only while the function that got `reply` is running. */
CARIOSAN_API void cariosan_reply_set(cariosan_reply* reply, const char* json, size_t length);

/* Answers a ticket that a part was given. `json` is an object, which each part describes. CARIOSAN_VALIDATION_ERROR, with
 * the member in "field", if it is not that: the ticket can be answered again. CARIOSAN_NOT_FOUND if the ticket was answered,
 * is too late, or the engine has given up on it. Works after cariosan_close too, and then changes nothing. */
CARIOSAN_API cariosan_code cariosan_answer(cariosan_engine* engine, uint64_t ticket, const char* json, cariosan_error** error);

/* Gets the lines of the log, {"level","event","fields":{}}, instead of items of kind CARIOSAN_ITEM_LOG, from the level that
 * the option "log" names ("info" if it is absent). */
typedef struct {
    size_t size;
    int32_t version;
    void* context;
    void (*release)(void* context);
    void (*write)(void* context, const char* line, size_t length);
} cariosan_log_part;

/* The time as the engine sees it. Called often. */
typedef struct {
    size_t size;
    int32_t version;
    void* context;
    void (*release)(void* context);
    /* Milliseconds since 1970 in UTC: what people see. May step back. */
    int64_t (*now_ms)(void* context);
    /* Milliseconds since some fixed start, for deadlines and rates. Never goes back. */
    int64_t (*elapsed_ms)(void* context);
} cariosan_clock_part;

/* Judges each text that a user sends or edits, after the rules of the workspace and before anything is stored. */
typedef struct {
    size_t size;
    int32_t version;
    void* context;
    void (*release)(void* context);
    /* Called on the thread inside cariosan_poll or cariosan_close, for several drafts in a row. `draft` is
     * {"workspace","channel","user","edited"?,"text"}, ids all but the text; "edited" is the message whose new text it is.
     *
     * To be answered {"verdict":"allow"}; {"verdict":"change","text"}: that is stored instead; {"verdict":"flag","reason"}:
     * delivered and recorded; or {"verdict":"refuse","reason"}: recorded, and the author gets MESSAGE_REJECTED. What is not
     * answered within the option "moderator_deadline_ms" (2000, at most a minute) is delivered, or, if "moderator_late" is
     * "refuse" and not "deliver", refused as UNAVAILABLE. "max_moderator_drafts" (1000) wait at once. */
    void (*judge)(void* context, uint64_t ticket, const char* draft, size_t length);
} cariosan_moderator_part;

/* Gives permission to upload files, and knows its own addresses. */
typedef struct {
    size_t size;
    int32_t version;
    void* context;
    void (*release)(void* context);
    /* Must not wait. `request` is {"workspace","id","at","file_name","content_type","size_bytes"}: "id" is unique, "at" is
     * now. Returns CARIOSAN_OK and replies {"upload_url","method"?,"headers"?:{},"public_url","expires_at"}: "method" is PUT
     * if it is absent, the client sends the headers exactly so, and times are RFC 3339. Or returns another code, and may
     * reply {"message"?,"field"?}. */
    cariosan_code (*presign)(void* context, const char* request, size_t length, cariosan_reply* reply);
    /* 1 if `url` is, byte for byte, a "public_url" that presign could have given in this workspace, else 0. Any text. */
    int32_t (*accepts)(void* context, const char* url, size_t length, const char* workspace);
} cariosan_attachments_part;

/* Sends push notifications. */
typedef struct {
    size_t size;
    int32_t version;
    void* context;
    void (*release)(void* context);
    /* `notification` is {"device_token","sender_name","channel","message"}: who sent something and where, never what.
     *
     * To be answered {"outcome","retry_after_ms"?,"reason"?}, where "outcome" is "delivered"; "drop_token": the device is
     * gone; "retry": later, unchanged; or "refused": for good. "reason" is a line for the log. */
    void (*send)(void* context, uint64_t ticket, const char* notification, size_t length);
} cariosan_push_part;

/* Delivers webhooks. */
typedef struct {
    size_t size;
    int32_t version;
    void* context;
    void (*release)(void* context);
    /* `call` is {"url","secrets":[],"event","event_id","at","body","traceparent"?}: "body" is the text to POST, to be signed with
     * each of the secrets, at the time "at", as section 8 of the protocol has it; "traceparent" goes into that header, if present.
     * Holds secrets.
     *
     * To be answered within about 10 seconds {"status"}, that of HTTP, or {"error"}, why there was none, in one line
     * without secret or body. At most 256 are asked at a time. */
    void (*send)(void* context, uint64_t ticket, const char* call, size_t length);
} cariosan_webhooks_part;

/* The engine's end of a bus. */
typedef struct cariosan_bus cariosan_bus;

typedef struct {
    const char* const* topics;
    size_t topic_count; /* at least 1 */
    const void* bytes;  /* opaque */
    size_t length;
} cariosan_bus_message;

/* Carries messages between the engines that share a storage. It may lose, repeat and reorder them: what must not be lost is
 * in the storage, and engines look there. A topic is a kind, a colon and an id, such as "channel:01980d2a-…", of at most 63
 * bytes; to the bus it is only a name. Nothing here waits for a network: what must be sent is queued, and dropped if the
 * queue is full. */
typedef struct {
    size_t size;
    int32_t version;
    void* context;
    void (*release)(void* context);
    /* Before any other: from now on the functions below may be called with `bus`, on any thread, several at once, also
     * from within a call to the bus. */
    void (*start)(void* context, cariosan_bus* bus);
    /* When it returns, none of them is running and none is called again with this bus. Waits for that. */
    void (*stop)(void* context);
    /* cariosan_bus_subscribed follows once these topics are, at once for those that were. */
    void (*subscribe)(void* context, const char* const* topics, size_t count);
    void (*unsubscribe)(void* context, const char* const* topics, size_t count);
    /* Each message goes to everyone subscribed to any of its topics, the sender included or not. */
    void (*publish)(void* context, const cariosan_bus_message* messages, size_t count);
    /* 1 if what is behind the bus cannot be reached now. May be null: never. */
    int32_t (*is_away)(void* context);
} cariosan_event_bus_part;

/* What a bus tells its engine. Each returns soon and fails only for want of memory, which counts as a loss. Null pointers and
 * what is no topic are ignored. */

/* A message of a topic that was subscribed to arrived. */
CARIOSAN_API void cariosan_bus_received(cariosan_bus* bus, const void* bytes, size_t length);
/* From now on what is published to these topics arrives; after each subscribe, and again after the bus was away. */
CARIOSAN_API void cariosan_bus_subscribed(cariosan_bus* bus, const char* const* topics, size_t count);
/* Messages of these topics may have been lost; of all that were subscribed to. Called after the loss. */
CARIOSAN_API void cariosan_bus_lost(cariosan_bus* bus, const char* const* topics, size_t count);
CARIOSAN_API void cariosan_bus_lost_all(cariosan_bus* bus);

/* The parts of a host; null: that of the library. */
typedef struct {
    size_t size; /* of this structure */
    const cariosan_log_part* log;
    const cariosan_clock_part* clock;
    const cariosan_moderator_part* moderator;
    const cariosan_attachments_part* attachments; /* instead of the option "s3" */
    const cariosan_push_part* push;               /* instead of "fcm" */
    const cariosan_webhooks_part* webhooks;       /* instead of "webhooks" */
    const cariosan_event_bus_part* event_bus;     /* instead of "redis" */
} cariosan_parts;

/* As cariosan_open, with parts of the host; `parts` may be null. CARIOSAN_MISUSE if a table is too small, of another version,
 * or lacks a function, or if an option names what a part stands for. */
CARIOSAN_API cariosan_code cariosan_open_with(int32_t abi_version, const char* options, const cariosan_parts* parts,
                                              cariosan_engine** engine, cariosan_error** error);

#ifdef __cplusplus
}
#endif

#endif
