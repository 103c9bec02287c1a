/* REST and WebSocket behind a server, played by this test: requests and texts in, responses and texts out. */
#include "support.h"

#define SECRET "0123456789abcdef0123456789abcdef"

static text_value bearer(const char* token) {
    text_value value;
    TEXT(value, "Bearer %s", token);
    return value;
}

static const char* header_of(const cariosan_item* item, const char* name) {
    size_t i;
    for (i = 0; i < cariosan_item_header_count(item); ++i) {
        if (strcmp(cariosan_item_header_name(item, i), name) == 0) return cariosan_item_header_value(item, i);
    }
    return NULL;
}

static cariosan_item* exchange(cariosan_engine* engine, const char* method, const char* target,
                               const char* token, const char* body) {
    static uint64_t last_ticket = 0;
    const uint64_t ticket = ++last_ticket;
    const text_value authorization = bearer(token);
    const char* const headers[] = {"Host",         "chat.example",    "authorization", authorization.text,
                                   "Content-Type", "application/json"};
    cariosan_error* error = NULL;
    cariosan_item* item;
    OK(cariosan_http(engine, method, target, headers, 3, body, strlen(body), "192.0.2.1", CARIOSAN_SECURE,
                     ticket, &error),
       error);
    item = expect_item(engine, CARIOSAN_ITEM_RESPONSE);
    CHECK(cariosan_item_ticket(item) == ticket);
    CHECK(header_of(item, "X-Request-Id") != NULL && *header_of(item, "X-Request-Id") != '\0');
    CHECK(strcmp(cariosan_item_header_name(item, cariosan_item_header_count(item)), "") == 0);
    return item;
}

static void test_http(cariosan_engine* engine, const char* token) {
    cariosan_item* item = exchange(engine, "GET", "/v1/me", token, "");
    CHECK(cariosan_item_status(item) == 200);
    CHECK(strcmp(json_text(cariosan_item_data(item), "external_id").text, "alice") == 0);
    cariosan_item_free(item);

    item = exchange(engine, "POST", "/v1/channels/room/messages", token, "{\"content\":\"over REST\"}");
    CHECK(cariosan_item_status(item) == 201);
    CHECK(strcmp(json_text(cariosan_item_data(item), "content").text, "over REST") == 0);
    cariosan_item_free(item);

    item = exchange(engine, "GET", "/v1/me", "forged", "");
    CHECK(cariosan_item_status(item) == 401);
    CHECK(strcmp(json_text(cariosan_item_data(item), "code").text, "UNAUTHORIZED") == 0);
    cariosan_item_free(item);
}

static void test_http_limits(cariosan_engine* engine, const char* token) {
    const size_t too_many = 1100 * 1024;
    char* large = malloc(too_many + 1);
    cariosan_item* item;
    CHECK(large != NULL);
    memset(large, ' ', too_many);
    large[too_many] = '\0';
    {
        cariosan_error* error = NULL;
        const char* headers[2];
        OK(cariosan_http(engine, "POST", "/v1/channels", NULL, 0, large, too_many, NULL, 0, 99, &error),
           error);
        item = expect_item(engine, CARIOSAN_ITEM_RESPONSE);
        CHECK(cariosan_item_ticket(item) == 99 && cariosan_item_status(item) == 413);
        CHECK(strcmp(json_text(cariosan_item_data(item), "code").text, "PAYLOAD_TOO_LARGE") == 0);
        cariosan_item_free(item);

        headers[0] = "X-Long";
        headers[1] = large;
        OK(cariosan_http(engine, "GET", "/v1/me", headers, 1, NULL, 0, NULL, 0, 100, &error), error);
        item = expect_item(engine, CARIOSAN_ITEM_RESPONSE);
        CHECK(cariosan_item_ticket(item) == 100 && cariosan_item_status(item) == 431);
        cariosan_item_free(item);
    }
    free(large);
    (void)token;
}

/* The next text of a session: a frame of this type. */
static cariosan_item* expect_frame(cariosan_engine* engine, uint64_t session, const char* type) {
    cariosan_item* item = expect_item(engine, CARIOSAN_ITEM_TEXT);
    CHECK(cariosan_item_handle(item) == session);
    if (strcmp(json_text(cariosan_item_data(item), "type").text, type) != 0) {
        fprintf(stderr, "not a frame of type %s: %s\n", type, cariosan_item_data(item));
        exit(1);
    }
    return item;
}

static void say(cariosan_engine* engine, uint64_t session, const char* text) {
    cariosan_error* error = NULL;
    OK(cariosan_session_receive(engine, session, text, strlen(text), &error), error);
}

static void test_session(cariosan_engine* engine, const char* token) {
    cariosan_error* error = NULL;
    cariosan_item* item;
    int acks = 0, events = 0;
    const uint64_t session = open_session(engine, token);
    cariosan_item_free(expect_frame(engine, session, "connection.ready"));

    say(engine, session, "{\"type\":\"ping\",\"id\":\"1\",\"data\":{}}");
    cariosan_item_free(expect_frame(engine, session, "pong"));
    OK(cariosan_session_alive(engine, session, &error), error);

    say(engine, session,
        "{\"type\":\"message.send\",\"id\":\"2\",\"data\":{\"channel\":\"room\",\"content\":\"over "
        "WebSocket\"}}");
    while (acks + events < 2) {
        item = expect_item(engine, CARIOSAN_ITEM_TEXT);
        CHECK(cariosan_item_handle(item) == session);
        CHECK(contains(cariosan_item_data(item), "\"content\":\"over WebSocket\""));
        if (strcmp(json_text(cariosan_item_data(item), "type").text, "ack") == 0) {
            ++acks;
            CHECK(strcmp(json_text(cariosan_item_data(item), "id").text, "2") == 0 ||
                  contains(cariosan_item_data(item), "\"id\":\"2\""));
        } else {
            ++events;
            CHECK(strcmp(json_text(cariosan_item_data(item), "type").text, "message.created") == 0);
        }
        cariosan_item_free(item);
    }
    CHECK(acks == 1 && events == 1);

    OK(cariosan_session_closed(engine, session, &error), error);
    OK(cariosan_session_closed(engine, session, &error), error);
    FAILS(cariosan_session_receive(engine, session, "x", 1, &error), CARIOSAN_NOT_FOUND, error);
}

static void expect_close(cariosan_engine* engine, uint64_t session, int code) {
    cariosan_item* item = expect_item(engine, CARIOSAN_ITEM_CLOSE);
    CHECK(cariosan_item_handle(item) == session && cariosan_item_status(item) == code);
    cariosan_item_free(item);
}

static void test_refused_session(cariosan_engine* engine) {
    cariosan_item* item;
    uint64_t session;
    ask_for_session(engine, "", "forged", 501);
    item = expect_item(engine, CARIOSAN_ITEM_REFUSED);
    CHECK(cariosan_item_ticket(item) == 501 && cariosan_item_handle(item) == 0);
    CHECK(cariosan_item_status(item) == 401);
    CHECK(strcmp(json_text(cariosan_item_data(item), "code").text, "UNAUTHORIZED") == 0);
    cariosan_item_free(item);

    /* A client that offers cariosan.v1 is connected to learn why it is refused. */
    ask_for_session(engine, "cariosan.v1, ", "forged", 502);
    item = expect_item(engine, CARIOSAN_ITEM_ADMITTED);
    CHECK(cariosan_item_ticket(item) == 502);
    CHECK(strcmp(cariosan_item_data(item), "cariosan.v1") == 0);
    session = cariosan_item_handle(item);
    cariosan_item_free(item);
    item = expect_frame(engine, session, "error");
    CHECK(strcmp(json_text(cariosan_item_data(item), "code").text, "UNAUTHORIZED") == 0);
    cariosan_item_free(item);
    expect_close(engine, session, 4401);
}

/* Elsewhere there are no sockets: such a request is answered like any other. */
static void test_other_paths(cariosan_engine* engine, const char* token) {
    text_value protocol;
    const char* const headers[] = {"Sec-WebSocket-Protocol", protocol.text};
    static const char* const targets[] = {"/v1/nowhere", "/healthz"};
    static const int statuses[] = {404, 200};
    size_t i;
    TEXT(protocol, "cariosan.jwt.%s", token);
    for (i = 0; i < 2; ++i) {
        cariosan_error* error = NULL;
        cariosan_item* item;
        OK(cariosan_session_open(engine, targets[i], headers, 1, NULL, 0, 510, &error), error);
        item = expect_item(engine, CARIOSAN_ITEM_REFUSED);
        CHECK(cariosan_item_ticket(item) == 510 && cariosan_item_status(item) == statuses[i]);
        cariosan_item_free(item);
    }
}

static void test_text_too_big(cariosan_engine* engine, const char* token) {
    const size_t size = 65 * 1024;
    char* large = malloc(size);
    cariosan_error* error = NULL;
    const uint64_t session = open_session(engine, token);
    CHECK(large != NULL);
    memset(large, ' ', size);
    cariosan_item_free(expect_frame(engine, session, "connection.ready"));
    OK(cariosan_session_receive(engine, session, large, size, &error), error);
    free(large);
    expect_close(engine, session, 1009);
    FAILS(cariosan_session_alive(engine, session, &error), CARIOSAN_NOT_FOUND, error);
    OK(cariosan_session_closed(engine, session, &error), error);
}

/* If nobody polls for texts, further ones are refused, and accepted again after polling. */
static void test_full_session(cariosan_engine* engine, const char* token) {
    static const char ping[] = "{\"type\":\"ping\",\"data\":{}}";
    cariosan_error* error = NULL;
    int i, answered = 0;
    const uint64_t session = open_session(engine, token);
    cariosan_item_free(expect_frame(engine, session, "connection.ready"));
    for (i = 0; i < 256; ++i) say(engine, session, ping);
    SAYS(cariosan_session_receive(engine, session, ping, strlen(ping), &error), CARIOSAN_UNAVAILABLE, error,
         "too much of this session waits to be polled: at most 256 texts");
    while (answered < 256) {
        cariosan_item_free(expect_frame(engine, session, "pong"));
        ++answered;
    }
    say(engine, session, ping);
    cariosan_item_free(expect_frame(engine, session, "pong"));
    OK(cariosan_session_closed(engine, session, &error), error);
}

/* A host that cannot send its bytes. */
static void test_slow_session(cariosan_engine* engine, const world* made, const char* token) {
    cariosan_error* error = NULL;
    cariosan_item* item;
    const uint64_t session = open_session(engine, token);
    cariosan_item_free(expect_frame(engine, session, "connection.ready"));
    OK(cariosan_session_backlog(engine, session, (size_t)2 << 20, &error), error);
    run_and_forget(engine, made->bob.text, "message.send", "{\"channel\":\"room\",\"content\":\"too much\"}");
    while (item = next_item(engine), cariosan_item_kind(item) == CARIOSAN_ITEM_TEXT) cariosan_item_free(item);
    CHECK(cariosan_item_kind(item) == CARIOSAN_ITEM_CLOSE);
    CHECK(cariosan_item_handle(item) == session && cariosan_item_status(item) == 4008);
    cariosan_item_free(item);
}

static void test_end(cariosan_engine* engine, const char* token) {
    cariosan_error* error = NULL;
    cariosan_item* item = NULL;
    const uint64_t session = open_session(engine, token);
    cariosan_item_free(expect_frame(engine, session, "connection.ready"));

    OK(cariosan_drain(engine, 1500, &error), error);
    item = expect_frame(engine, session, "server.draining");
    CHECK(contains(cariosan_item_data(item), "\"reconnect_after_ms\":1500"));
    cariosan_item_free(item);
    ask_for_session(engine, "", token, 503);
    item = expect_item(engine, CARIOSAN_ITEM_REFUSED);
    CHECK(cariosan_item_status(item) == 503);
    cariosan_item_free(item);

    /* Closing answers open requests, and closes the sessions. */
    OK(cariosan_http(engine, "GET", "/healthz", NULL, 0, NULL, 0, NULL, 0, 600, &error), error);
    OK(cariosan_close(engine, 10000, &error), error);
    item = expect_item(engine, CARIOSAN_ITEM_RESPONSE);
    CHECK(cariosan_item_ticket(item) == 600 && cariosan_item_status(item) == 200);
    cariosan_item_free(item);
    expect_close(engine, session, 1001);
    FAILS(cariosan_poll(engine, 0, &item, &error), CARIOSAN_UNAVAILABLE, error);
    CHECK(item == NULL);
}

int main(void) {
    const workplace place = make_workplace(",\"jwt_secret\":\"" SECRET "\",\"rates\":false");
    cariosan_engine* engine = open_engine(place.options.text);
    const world made = make_world(engine);
    const text_value token = token_for(engine, &made, "alice");
    test_http(engine, token.text);
    test_http_limits(engine, token.text);
    test_refused_session(engine);
    test_other_paths(engine, token.text);
    test_session(engine, token.text);
    test_text_too_big(engine, token.text);
    test_full_session(engine, token.text);
    test_slow_session(engine, &made, token.text);
    test_end(engine, token.text);
    cariosan_engine_free(engine);
    remove_workplace(&place);
    puts("REST and WebSocket were served without a socket");
    return 0;
}
