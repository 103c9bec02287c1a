/* Requests in parts: judged by their head, before there is a body. */
#include "support.h"

#define SECRET "0123456789abcdef0123456789abcdef"

static void begin(cariosan_engine* engine, const char* method, const char* target, const char* token, uint64_t ticket) {
    text_value authorization;
    const char* const headers[] = {"Host", "chat.example", "Authorization", authorization.text,
                                   "Content-Type", "application/json"};
    cariosan_error* error = NULL;
    TEXT(authorization, "Bearer %s", token);
    OK(cariosan_http_begin(engine, method, target, headers, 3, "192.0.2.1", 0, ticket, &error), error);
}

static void part(cariosan_engine* engine, uint64_t request, const char* data, int32_t last) {
    cariosan_error* error = NULL;
    OK(cariosan_http_body(engine, request, data, strlen(data), last, &error), error);
}

/* The number of the request whose body is wanted. */
static uint64_t expect_body_wanted(cariosan_engine* engine, uint64_t ticket) {
    cariosan_item* item = expect_item(engine, CARIOSAN_ITEM_BODY);
    const uint64_t request = cariosan_item_handle(item);
    CHECK(cariosan_item_ticket(item) == ticket && request != 0);
    CHECK(cariosan_item_status(item) == 0 && cariosan_item_length(item) == 0);
    cariosan_item_free(item);
    return request;
}

/* The response has this status, and these words in its body. */
static void expect_response(cariosan_engine* engine, uint64_t ticket, int status, const char* words) {
    cariosan_item* item = expect_item(engine, CARIOSAN_ITEM_RESPONSE);
    if (cariosan_item_ticket(item) != ticket || cariosan_item_status(item) != status ||
        !contains(cariosan_item_data(item), words)) {
        fprintf(stderr, "not %d with %s: %d %s\n", status, words, (int)cariosan_item_status(item),
                cariosan_item_data(item));
        exit(1);
    }
    cariosan_item_free(item);
}

static void expect_unknown(cariosan_engine* engine, uint64_t request) {
    cariosan_error* error = NULL;
    FAILS(cariosan_http_body(engine, request, "x", 1, 1, &error), CARIOSAN_NOT_FOUND, error);
    FAILS(cariosan_http_give_up(engine, request, &error), CARIOSAN_NOT_FOUND, error);
}

static void test_without_body(cariosan_engine* engine, const char* token) {
    cariosan_error* error = NULL;
    begin(engine, "GET", "/v1/me", token, 1);
    expect_response(engine, 1, 200, "\"alice\"");
    /* The head decides: nobody reads the body of these. */
    begin(engine, "POST", "/v1/channels/room/messages", "forged", 2);
    expect_response(engine, 2, 401, "UNAUTHORIZED");
    begin(engine, "POST", "/v1/nowhere", token, 3);
    expect_response(engine, 3, 404, "NOT_FOUND");
    OK(cariosan_http_begin(engine, "GET", "/healthz", NULL, 0, NULL, 0, 4, &error), error);
    expect_response(engine, 4, 200, "");
}

static void test_with_body(cariosan_engine* engine, const char* token) {
    uint64_t first, second;
    begin(engine, "POST", "/v1/channels/room/messages", token, 10);
    first = expect_body_wanted(engine, 10);
    begin(engine, "POST", "/v1/channels/room/messages", token, 11);
    second = expect_body_wanted(engine, 11);
    CHECK(second != first);
    part(engine, first, "{\"content\":", 0);
    part(engine, second, "{\"content\":\"at once\"}", 1);
    expect_response(engine, 11, 201, "\"content\":\"at once\"");
    part(engine, first, "\"in parts\"}", 0);
    part(engine, first, "", 1);
    expect_response(engine, 10, 201, "\"content\":\"in parts\"");
    expect_unknown(engine, first);
    expect_unknown(engine, second);
    expect_unknown(engine, 0);
}

static void test_too_large(cariosan_engine* engine, const char* token) {
    const size_t size = 300 * 1024;
    char* large = malloc(size);
    cariosan_error* error = NULL;
    uint64_t request;
    int i;
    CHECK(large != NULL);
    memset(large, ' ', size);
    begin(engine, "POST", "/v1/channels/room/messages", token, 20);
    request = expect_body_wanted(engine, 20);
    /* What is over the limit is known without polling. */
    for (i = 0; i < 4; ++i) OK(cariosan_http_body(engine, request, large, size, 0, &error), error);
    FAILS(cariosan_http_body(engine, request, large, size, 0, &error), CARIOSAN_NOT_FOUND, error);
    expect_response(engine, 20, 413, "PAYLOAD_TOO_LARGE");
    expect_unknown(engine, request);
    free(large);
}

static void test_bound(cariosan_engine* engine, const char* token) {
    enum { kRequests = 70 };
    const size_t size = 1024 * 1024;
    char* large = malloc(size);
    uint64_t requests[kRequests];
    int i, refused = 0;
    cariosan_error* error = NULL;
    CHECK(large != NULL);
    memset(large, ' ', size);
    /* 70 MiB of bodies that are never complete: the engine keeps 64 of them, and answers the others. */
    for (i = 0; i < kRequests; ++i) {
        cariosan_item* item = NULL;
        begin(engine, "POST", "/v1/channels/room/messages", token, (uint64_t)(100 + i));
        item = next_item(engine);
        while (cariosan_item_kind(item) == CARIOSAN_ITEM_RESPONSE) {
            CHECK(cariosan_item_status(item) == 503);
            ++refused;
            cariosan_item_free(item);
            item = next_item(engine);
        }
        CHECK(cariosan_item_kind(item) == CARIOSAN_ITEM_BODY);
        requests[i] = cariosan_item_handle(item);
        cariosan_item_free(item);
        OK(cariosan_http_body(engine, requests[i], large, size, 0, &error), error);
    }
    /* What is left answers 408. */
    for (i = 0; i < kRequests; ++i) (void)cariosan_http_give_up(engine, requests[i], NULL);
    for (i = refused; i < kRequests; ++i) {
        cariosan_item* item = expect_item(engine, CARIOSAN_ITEM_RESPONSE);
        if (cariosan_item_status(item) == 503) ++refused;
        else CHECK(cariosan_item_status(item) == 408);
        cariosan_item_free(item);
    }
    CHECK(refused == kRequests - 64);
    free(large);
}

static void test_given_up(cariosan_engine* engine, const char* token) {
    cariosan_error* error = NULL;
    uint64_t request;
    begin(engine, "POST", "/v1/channels/room/messages", token, 30);
    request = expect_body_wanted(engine, 30);
    part(engine, request, "{\"content\":\"half", 0);
    OK(cariosan_http_give_up(engine, request, &error), error);
    expect_response(engine, 30, 408, "did not arrive");
    expect_unknown(engine, request);
}

/* The first such member of the channel, which comes first in the list. */
static int json_number(const char* json, const char* name) {
    text_value pattern;
    const char* found;
    TEXT(pattern, "\"%s\":", name);
    found = strstr(json, pattern.text);
    CHECK(found != NULL);
    return (int)strtol(found + strlen(pattern.text), NULL, 10);
}

/* Whoever is gone does not wait for news: what happens afterwards is not in the answer. */
static void test_gone_while_waiting(cariosan_engine* engine, const world* made, const char* token) {
    cariosan_error* error = NULL;
    cariosan_item* item;
    text_value body;
    uint64_t request;
    int waits = 0;
    char* channels = run(engine, made->alice.text, "me.channel.list", "{}");
    TEXT(body, "{\"epoch\":\"%s\",\"channels\":{\"%s\":[%d,%d]},\"complete\":true,\"wait_seconds\":25}",
         json_text(channels, "epoch").text, json_text(channels, "id").text, json_number(channels, "rev"),
         json_number(channels, "receipt_rev"));
    cariosan_free(channels);
    begin(engine, "POST", "/v1/me/sync", token, 40);
    request = expect_body_wanted(engine, 40);
    part(engine, request, body.text, 1);
    while (!waits) {
        OK(cariosan_http(engine, "GET", "/metrics", NULL, 0, NULL, 0, NULL, 0, 41, &error), error);
        item = expect_item(engine, CARIOSAN_ITEM_RESPONSE);
        CHECK(cariosan_item_ticket(item) == 41);
        waits = contains(cariosan_item_data(item), "waiting_requests 1\n");
        cariosan_item_free(item);
    }
    OK(cariosan_http_give_up(engine, request, &error), error);
    run_and_forget(engine, made->bob.text, "message.send", "{\"channel\":\"room\",\"content\":\"news\"}");
    item = expect_item(engine, CARIOSAN_ITEM_RESPONSE);
    CHECK(cariosan_item_ticket(item) == 40 && cariosan_item_status(item) == 200);
    CHECK(!contains(cariosan_item_data(item), "news"));
    cariosan_item_free(item);
    expect_unknown(engine, request);
}

/* Closing answers what is not complete, too. */
static void test_end(cariosan_engine* engine, const char* token) {
    cariosan_error* error = NULL;
    cariosan_item* item = NULL;
    uint64_t request;
    begin(engine, "POST", "/v1/channels/room/messages", token, 50);
    request = expect_body_wanted(engine, 50);
    part(engine, request, "{\"content\":", 0);
    OK(cariosan_close(engine, 10000, &error), error);
    expect_unknown(engine, request);
    expect_response(engine, 50, 503, "UNAVAILABLE");
    FAILS(cariosan_poll(engine, 0, &item, &error), CARIOSAN_UNAVAILABLE, error);
}

int main(void) {
    const workplace place = make_workplace(",\"jwt_secret\":\"" SECRET "\",\"rates\":false");
    cariosan_engine* engine = open_engine(place.options.text);
    const world made = make_world(engine);
    const text_value token = token_for(engine, &made, "alice");
    test_without_body(engine, token.text);
    test_with_body(engine, token.text);
    test_too_large(engine, token.text);
    test_bound(engine, token.text);
    test_given_up(engine, token.text);
    test_gone_while_waiting(engine, &made, token.text);
    test_end(engine, token.text);
    cariosan_engine_free(engine);
    remove_workplace(&place);
    puts("requests were judged before their bodies");
    return 0;
}
