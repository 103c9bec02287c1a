/* Opens a file, creates a conversation, sends, receives the event, and finds everything again after a restart. */
#include "support.h"

static uint64_t subscribe(cariosan_engine* engine, const char* workspace) {
    uint64_t subscription = 0;
    cariosan_error* error = NULL;
    OK(cariosan_subscribe(engine, workspace, &subscription, &error), error);
    CHECK(subscription != 0);
    return subscription;
}

static void send(cariosan_engine* engine, const char* caller, const char* content, uint64_t ticket) {
    text_value json;
    cariosan_error* error = NULL;
    TEXT(json, "{\"channel\":\"room\",\"content\":\"%s\",\"idempotency_key\":\"key-%s\"}", content, content);
    OK(cariosan_call(engine, caller, "message.send", json.text, ticket, &error), error);
}

/* The answer and the event of one send, in either order. */
static void receive(cariosan_engine* engine, uint64_t ticket, uint64_t subscription, const char* content) {
    int results = 0, events = 0;
    text_value expected;
    TEXT(expected, "\"content\":\"%s\"", content);
    while (results + events < 2) {
        cariosan_item* item = next_item(engine);
        const char* data = cariosan_item_data(item);
        CHECK(cariosan_item_length(item) == strlen(data));
        CHECK(contains(data, expected.text));
        if (cariosan_item_kind(item) == CARIOSAN_ITEM_RESULT) {
            ++results;
            CHECK(cariosan_item_ticket(item) == ticket);
            CHECK(cariosan_item_code(item) == CARIOSAN_OK && cariosan_item_error(item) == NULL);
            /* Only the author sees the key. */
            CHECK(contains(data, "\"idempotency_key\""));
        } else {
            ++events;
            CHECK(cariosan_item_kind(item) == CARIOSAN_ITEM_EVENT);
            CHECK(cariosan_item_handle(item) == subscription && cariosan_item_ticket(item) == 0);
            CHECK(strcmp(json_text(data, "type").text, "message.created") == 0);
            CHECK(!contains(data, "\"idempotency_key\""));
        }
        cariosan_item_free(item);
    }
    CHECK(results == 1 && events == 1);
}

static void expect_nothing(cariosan_engine* engine) {
    cariosan_item* item = NULL;
    cariosan_error* error = NULL;
    OK(cariosan_poll(engine, 0, &item, &error), error);
    CHECK(item == NULL);
}

static void talk(const workplace* place, world* made) {
    cariosan_engine* engine = open_engine(place->options.text);
    uint64_t first, second;
    cariosan_error* error = NULL;
    char* answer;
    *made = make_world(engine);

    first = subscribe(engine, made->id.text);
    send(engine, made->alice.text, "one", UINT64_MAX);
    receive(engine, UINT64_MAX, first, "one");
    expect_nothing(engine);

    /* An ended subscription gets nothing; a new one has its own number. */
    OK(cariosan_unsubscribe(engine, first, &error), error);
    FAILS(cariosan_unsubscribe(engine, first, &error), CARIOSAN_NOT_FOUND, error);
    second = subscribe(engine, made->id.text);
    CHECK(second != first);
    send(engine, made->bob.text, "two", 7);
    receive(engine, 7, second, "two");

    /* A waiting call needs no poll; a command without an answer gives an empty text. */
    answer = run(engine, made->bob.text, "me.channel.leave", "{\"channel\":\"room\"}");
    CHECK(strcmp(answer, "") == 0);
    cariosan_free(answer);
    {
        cariosan_item* left = expect_item(engine, CARIOSAN_ITEM_EVENT);
        CHECK(strcmp(json_text(cariosan_item_data(left), "type").text, "member.left") == 0);
        cariosan_item_free(left);
    }

    /* Calls from before closing are answered, and can be polled after it. */
    send(engine, made->alice.text, "three", 8);
    OK(cariosan_close(engine, 10000, &error), error);
    OK(cariosan_close(engine, 10000, &error), error);
    receive(engine, 8, second, "three");
    cariosan_engine_free(engine);
}

static void remember(const workplace* place, const world* made) {
    cariosan_engine* engine = open_engine(place->options.text);
    char* history = run(engine, made->alice.text, "message.list", "{\"channel\":\"room\"}");
    const char *one = strstr(history, "\"content\":\"one\""), *two = strstr(history, "\"content\":\"two\""),
               *three = strstr(history, "\"content\":\"three\"");
    CHECK(one != NULL && two != NULL && three != NULL);
    CHECK(three < two && two < one); /* newest first */
    cariosan_free(history);
    close_engine(engine);
}

/* What there is to call is known without an engine, and names what this program calls. */
static void describe(void) {
    char *first = NULL, *second = NULL;
    size_t length = 0;
    cariosan_error* error = NULL;
    OK(cariosan_describe(&first, &length, &error), error);
    OK(cariosan_describe(&second, NULL, &error), error);
    CHECK(strlen(first) == length && strcmp(first, second) == 0);
    CHECK(contains(first, "{\"name\":\"message.send\"") && contains(first, "{\"type\":\"message.created\""));
    CHECK(contains(first, "{\"code\":\"NOT_FOUND\"") && contains(first, "\"components\":{\"schemas\":{"));
    cariosan_free(first);
    cariosan_free(second);
}

int main(void) {
    const workplace place = make_workplace("");
    world made;
    describe();
    talk(&place, &made);
    remember(&place, &made);
    remove_workplace(&place);
    puts("a conversation was held, kept, and found again");
    return 0;
}
