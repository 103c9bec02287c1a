/* Shared by the tests of the C library. C99 and POSIX; from cariosan only cariosan.h. */
#ifndef CARIOSAN_TESTS_CAPI_SUPPORT_H
#define CARIOSAN_TESTS_CAPI_SUPPORT_H

#include <cariosan/cariosan.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Ends the test. Unlike assert, works in every kind of build. */
#define CHECK(condition)                                                            \
    do {                                                                            \
        if (!(condition)) {                                                         \
            fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                                \
        }                                                                           \
    } while (0)

/* A call that must succeed; `error` is the variable that was passed to it. */
#define OK(call, error)                                                                                     \
    do {                                                                                                    \
        const cariosan_code ok_code = (call);                                                               \
        if (ok_code != CARIOSAN_OK) {                                                                       \
            fprintf(stderr, "%s:%d: %s: %s %s %s\n", __FILE__, __LINE__, #call, cariosan_error_name(error), \
                    cariosan_error_message(error), cariosan_error_details(error));                          \
            exit(1);                                                                                        \
        }                                                                                                   \
        CHECK((error) == NULL);                                                                             \
    } while (0)

/* A call that must fail, with this code and a matching error object. */
#define FAILS(call, expected, error)                                                          \
    do {                                                                                      \
        const cariosan_code failed_code = (call);                                             \
        if (failed_code != (expected)) {                                                      \
            fprintf(stderr, "%s:%d: %s: code %d, not %d (%s)\n", __FILE__, __LINE__, #call,   \
                    (int)failed_code, (int)(expected), cariosan_error_message(error));        \
            exit(1);                                                                          \
        }                                                                                     \
        CHECK((error) != NULL && cariosan_error_code(error) == failed_code);                  \
        CHECK(*cariosan_error_name(error) != '\0' && *cariosan_error_message(error) != '\0'); \
        cariosan_error_free(error);                                                           \
        (error) = NULL;                                                                       \
    } while (0)

/* Like FAILS, but also checks the words. */
#define SAYS(call, expected, error, words)                                                     \
    do {                                                                                       \
        const cariosan_code said_code = (call);                                                \
        CHECK(said_code == (expected) && strcmp(cariosan_error_message(error), (words)) == 0); \
        cariosan_error_free(error);                                                            \
        (error) = NULL;                                                                        \
    } while (0)

/* Passed by value; larger than any test needs. */
typedef struct {
    char text[1024];
} text_value;

/* Formats a value like printf. */
#define TEXT(value, ...) \
    CHECK(snprintf((value).text, sizeof((value).text), __VA_ARGS__) < (int)sizeof((value).text))

/* The first string member with this name anywhere in the JSON. */
static text_value json_text(const char* json, const char* name) {
    text_value pattern, found;
    const char *begin, *end;
    TEXT(pattern, "\"%s\":\"", name);
    begin = strstr(json, pattern.text);
    if (begin == NULL) {
        fprintf(stderr, "no string \"%s\" in %s\n", name, json);
        exit(1);
    }
    begin += strlen(pattern.text);
    end = strchr(begin, '"');
    CHECK(end != NULL && (size_t)(end - begin) < sizeof(found.text));
    memcpy(found.text, begin, (size_t)(end - begin));
    found.text[end - begin] = '\0';
    return found;
}

static int contains(const char* text, const char* part) { return strstr(text, part) != NULL; }

/* A folder that is deleted with what an engine leaves in it. */
typedef struct {
    char folder[64];
    text_value options; /* for an engine with a database in it */
} workplace;

static workplace make_workplace(const char* more_options) {
    workplace place;
    strcpy(place.folder, "/tmp/cariosan-capi-XXXXXX");
    CHECK(mkdtemp(place.folder) != NULL);
    TEXT(place.options, "{\"storage\":\"sqlite:%s/chat.db\"%s}", place.folder, more_options);
    return place;
}

static void remove_workplace(const workplace* place) {
    static const char* const suffixes[] = {"",        "-wal",        "-shm", ".lock", ".mark",
                                           "-search", "-search-wal", "-search-shm"};
    text_value path;
    size_t i;
    for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); ++i) {
        TEXT(path, "%s/chat.db%s", place->folder, suffixes[i]);
        unlink(path.text);
    }
    CHECK(rmdir(place->folder) == 0);
}

static cariosan_engine* open_engine(const char* options) {
    cariosan_engine* engine = NULL;
    cariosan_error* error = NULL;
    OK(cariosan_open(CARIOSAN_ABI_VERSION, options, &engine, &error), error);
    CHECK(engine != NULL);
    return engine;
}

static void close_engine(cariosan_engine* engine) {
    cariosan_error* error = NULL;
    OK(cariosan_close(engine, 10000, &error), error);
    cariosan_engine_free(engine);
}

/* Runs a command, which must succeed, and returns its JSON, which the caller frees. */
static char* run(cariosan_engine* engine, const char* caller, const char* name, const char* json) {
    char* answer = NULL;
    size_t length = 0;
    cariosan_error* error = NULL;
    OK(cariosan_call_wait(engine, caller, name, json, &answer, &length, &error), error);
    CHECK(answer != NULL && strlen(answer) == length);
    return answer;
}

static void run_and_forget(cariosan_engine* engine, const char* caller, const char* name, const char* json) {
    cariosan_free(run(engine, caller, name, json));
}

/* The next item, which must arrive. The limit only ends a test that would hang. */
static cariosan_item* next_item(cariosan_engine* engine) {
    cariosan_item* item = NULL;
    cariosan_error* error = NULL;
    OK(cariosan_poll(engine, 60000, &item, &error), error);
    CHECK(item != NULL);
    return item;
}

/* The next item of this kind. */
static cariosan_item* expect_item(cariosan_engine* engine, int32_t kind) {
    cariosan_item* item = next_item(engine);
    if (cariosan_item_kind(item) != kind) {
        fprintf(stderr, "an item of kind %d, not %d: %s\n", (int)cariosan_item_kind(item), (int)kind,
                cariosan_item_data(item));
        exit(1);
    }
    CHECK(strlen(cariosan_item_data(item)) == cariosan_item_length(item));
    return item;
}

/* A workspace with alice and bob in the group "room". */
typedef struct {
    text_value id;
    text_value backend; /* callers */
    text_value alice;
    text_value bob;
} world;

static world make_world(cariosan_engine* engine) {
    world made;
    char* answer = run(engine, "{}", "workspace.create", "{\"name\":\"Shop\"}");
    made.id = json_text(answer, "id");
    cariosan_free(answer);
    TEXT(made.backend, "{\"workspace\":\"%s\"}", made.id.text);
    TEXT(made.alice, "{\"workspace\":\"%s\",\"user\":\"alice\"}", made.id.text);
    TEXT(made.bob, "{\"workspace\":\"%s\",\"user\":\"bob\"}", made.id.text);
    run_and_forget(engine, made.backend.text, "user.upsert",
                   "{\"external_id\":\"alice\",\"name\":\"Alice\"}");
    run_and_forget(engine, made.backend.text, "user.upsert", "{\"external_id\":\"bob\",\"name\":\"Bob\"}");
    run_and_forget(engine, made.backend.text, "channel.create",
                   "{\"type\":\"group\",\"external_id\":\"room\",\"name\":\"Room\","
                   "\"member_external_ids\":[\"alice\",\"bob\"]}");
    return made;
}

static text_value token_for(cariosan_engine* engine, const world* made, const char* user) {
    text_value json, token;
    char* answer;
    TEXT(json, "{\"user_id\":\"%s\"}", user);
    answer = run(engine, made->backend.text, "auth.token", json.text);
    token = json_text(answer, "token");
    cariosan_free(answer);
    return token;
}

/* `offer` comes before the token in Sec-WebSocket-Protocol. */
static void ask_for_session(cariosan_engine* engine, const char* offer, const char* token, uint64_t ticket) {
    text_value protocol;
    const char* headers[] = {"Host",
                             "chat.example",
                             "Upgrade",
                             "websocket",
                             "Connection",
                             "Upgrade",
                             "Sec-WebSocket-Version",
                             "13",
                             "Sec-WebSocket-Key",
                             "dGhlIHNhbXBsZSBub25jZQ==",
                             "Sec-WebSocket-Protocol",
                             NULL};
    cariosan_error* error = NULL;
    TEXT(protocol, "%scariosan.jwt.%s", offer, token);
    headers[11] = protocol.text;
    OK(cariosan_session_open(engine, "/v1/ws", headers, 6, "192.0.2.1", CARIOSAN_SECURE, ticket, &error),
       error);
}

static uint64_t open_session(cariosan_engine* engine, const char* token) {
    cariosan_item* item;
    uint64_t session;
    ask_for_session(engine, "cariosan.v1, ", token, 500);
    item = expect_item(engine, CARIOSAN_ITEM_ADMITTED);
    CHECK(cariosan_item_ticket(item) == 500);
    CHECK(strcmp(cariosan_item_data(item), "cariosan.v1") == 0);
    session = cariosan_item_handle(item);
    CHECK(session != 0);
    cariosan_item_free(item);
    return session;
}

/* Polls until the session gets a text with this part; the limit of next_item ends a test that would hang. */
static void expect_text(cariosan_engine* engine, uint64_t session, const char* part) {
    for (;;) {
        cariosan_item* item = next_item(engine);
        const int found = cariosan_item_kind(item) == CARIOSAN_ITEM_TEXT && contains(cariosan_item_data(item), part);
        CHECK(cariosan_item_kind(item) != CARIOSAN_ITEM_CLOSE);
        CHECK(cariosan_item_handle(item) == session);
        cariosan_item_free(item);
        if (found) return;
    }
}

#endif
