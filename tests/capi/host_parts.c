/* A host that brings every part itself, as tables of functions. */
#include <cariosan/cariosan_parts.h>
#include <pthread.h>
#include <time.h>

#include "support.h"

enum { most_questions = 16, most_released = 7 };

/* What the parts were told, by any thread. */
typedef struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int lines, slow_lines, released, started, stopped, subscriptions, published;
    int64_t began, ahead; /* of the clock: `ahead` is by how much the test has moved it */
    cariosan_bus* bus;
    struct {
        const char* part;
        uint64_t ticket;
        char* text;
    } questions[most_questions];
    size_t question_count;
} host;

static host the_host = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, {{NULL, 0, NULL}}, 0};

static void lock(host* self) { CHECK(pthread_mutex_lock(&self->mutex) == 0); }

static void unlock(host* self) {
    pthread_cond_broadcast(&self->changed);
    CHECK(pthread_mutex_unlock(&self->mutex) == 0);
}

static void release(void* context) {
    host* self = context;
    lock(self);
    ++self->released;
    unlock(self);
}

static void write_line(void* context, const char* line, size_t length) {
    host* self = context;
    CHECK(strlen(line) == length && contains(line, "{\"level\":\""));
    lock(self);
    ++self->lines;
    if (contains(line, "command.slow")) ++self->slow_lines;
    unlock(self);
}

static int64_t elapsed_ms(void* context) {
    struct timespec now;
    (void)context;
    CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t host_elapsed_ms(void* context) {
    host* self = context;
    int64_t ahead;
    lock(self);
    ahead = self->ahead;
    unlock(self);
    return elapsed_ms(context) + ahead;
}

/* In the year 2033. */
static int64_t now_ms(void* context) {
    host* self = context;
    return INT64_C(2000000000000) + elapsed_ms(context) - self->began;
}

static void ask(host* self, const char* part, uint64_t ticket, const char* text, size_t length) {
    char* copy = malloc(length + 1);
    CHECK(copy != NULL && ticket != 0 && strlen(text) == length);
    memcpy(copy, text, length + 1);
    lock(self);
    CHECK(self->question_count < most_questions);
    self->questions[self->question_count].part = part;
    self->questions[self->question_count].ticket = ticket;
    self->questions[self->question_count].text = copy;
    ++self->question_count;
    unlock(self);
}

static void judge(void* context, uint64_t ticket, const char* draft, size_t length) {
    ask(context, "moderator", ticket, draft, length);
}

static void push(void* context, uint64_t ticket, const char* notification, size_t length) {
    ask(context, "push", ticket, notification, length);
}

static void deliver(void* context, uint64_t ticket, const char* call, size_t length) {
    ask(context, "webhooks", ticket, call, length);
}

static cariosan_code presign(void* context, const char* request, size_t length, cariosan_reply* reply) {
    static const char permission[] =
        "{\"upload_url\":\"https://files.example/up/1\",\"headers\":{\"X-Permission\":\"yes\"},"
        "\"public_url\":\"https://files.example/1\",\"expires_at\":\"2033-05-18T04:00:00Z\"}";
    static const char refusal[] = "{\"message\":\"no files of this name\",\"field\":\"filename\"}";
    static const char nonsense[] = "{\"upload_url\":7}";
    (void)context;
    CHECK(strlen(request) == length && contains(request, "\"size_bytes\":3"));
    if (contains(request, "\"file_name\":\"bad.png\"")) {
        cariosan_reply_set(reply, "replaced", 8);
        cariosan_reply_set(reply, refusal, strlen(refusal));
        return CARIOSAN_VALIDATION_ERROR;
    }
    if (contains(request, "\"file_name\":\"odd.png\"")) {
        cariosan_reply_set(reply, nonsense, strlen(nonsense));
        return CARIOSAN_OK;
    }
    if (contains(request, "\"file_name\":\"none.png\"")) return CARIOSAN_UNAVAILABLE;
    cariosan_reply_set(reply, permission, strlen(permission));
    return CARIOSAN_OK;
}

static int32_t accepts(void* context, const char* url, size_t length, const char* workspace) {
    (void)context;
    CHECK(strlen(url) == length && strlen(workspace) == 36);
    return strcmp(url, "https://files.example/1") == 0;
}

static void bus_start(void* context, cariosan_bus* bus) {
    host* self = context;
    lock(self);
    ++self->started;
    self->bus = bus;
    unlock(self);
}

static void bus_stop(void* context) {
    host* self = context;
    lock(self);
    ++self->stopped;
    self->bus = NULL;
    unlock(self);
}

static void bus_subscribe(void* context, const char* const* topics, size_t count) {
    static const char* const odd[] = {"channel:not an id", NULL, "planet:01980d2a-7c11-7d9e-a7a0-4f1c3d0c5b11"};
    host* self = context;
    cariosan_bus* bus;
    size_t i;
    for (i = 0; i < count; ++i) CHECK(strchr(topics[i], ':') != NULL && strlen(topics[i]) < 64);
    lock(self);
    self->subscriptions += (int)count;
    bus = self->bus;
    unlock(self);
    cariosan_bus_subscribed(bus, topics, count);
    /* What is not understood is ignored. */
    cariosan_bus_subscribed(bus, odd, 3);
    cariosan_bus_received(bus, NULL, 5);
    cariosan_bus_received(bus, "nonsense", 8);
    cariosan_bus_lost(bus, odd, 3);
    cariosan_bus_lost_all(bus);
    cariosan_bus_lost(bus, NULL, 0);
}

static void bus_unsubscribe(void* context, const char* const* topics, size_t count) {
    (void)context;
    CHECK(topics != NULL || count == 0);
}

/* Every engine may hear what it said itself. */
static void bus_publish(void* context, const cariosan_bus_message* messages, size_t count) {
    host* self = context;
    cariosan_bus* bus;
    size_t i;
    lock(self);
    self->published += (int)count;
    bus = self->bus;
    unlock(self);
    for (i = 0; i < count; ++i) {
        CHECK(messages[i].topic_count >= 1 && messages[i].length > 0);
        cariosan_bus_received(bus, messages[i].bytes, messages[i].length);
    }
}

/* All tables, each complete. */
typedef struct {
    cariosan_log_part log;
    cariosan_clock_part clock;
    cariosan_moderator_part moderator;
    cariosan_attachments_part attachments;
    cariosan_push_part push;
    cariosan_webhooks_part webhooks;
    cariosan_event_bus_part event_bus;
    cariosan_parts parts;
} tables;

#define FILL(set, name)                            \
    do {                                           \
        (set)->name.size = sizeof((set)->name);    \
        (set)->name.version = CARIOSAN_PART_VERSION; \
        (set)->name.context = &the_host;           \
        (set)->name.release = release;             \
        (set)->parts.name = &(set)->name;          \
    } while (0)

static void fill(tables* set) {
    memset(set, 0, sizeof(*set));
    set->parts.size = sizeof(set->parts);
    FILL(set, log);
    FILL(set, clock);
    FILL(set, moderator);
    FILL(set, attachments);
    FILL(set, push);
    FILL(set, webhooks);
    FILL(set, event_bus);
    set->log.write = write_line;
    set->clock.now_ms = now_ms;
    set->clock.elapsed_ms = host_elapsed_ms;
    set->moderator.judge = judge;
    set->attachments.presign = presign;
    set->attachments.accepts = accepts;
    set->push.send = push;
    set->webhooks.send = deliver;
    set->event_bus.start = bus_start;
    set->event_bus.stop = bus_stop;
    set->event_bus.subscribe = bus_subscribe;
    set->event_bus.unsubscribe = bus_unsubscribe;
    set->event_bus.publish = bus_publish;
}

static void refuse(const tables* set, const char* more_options, const char* words) {
    cariosan_engine* engine = (cariosan_engine*)&engine;
    cariosan_error* error = NULL;
    text_value options;
    TEXT(options, "{\"storage\":\"sqlite::memory:\"%s}", more_options);
    SAYS(cariosan_open_with(CARIOSAN_ABI_VERSION, options.text, &set->parts, &engine, &error), CARIOSAN_MISUSE, error, words);
    CHECK(engine == NULL);
}

static void test_refusals(void) {
    cariosan_engine* engine = NULL;
    cariosan_error* error = NULL;
    tables set;
    fill(&set);
    set.parts.size = 3;
    refuse(&set, "", "the parts are too small: their size is that of the structure");
    fill(&set);
    set.log.size = 0;
    refuse(&set, "", "the table of the part \"log\" is too small: its size is that of the structure");
    fill(&set);
    set.event_bus.version = 2;
    refuse(&set, "", "the table of the part \"event_bus\" has a version that this library does not know");
    fill(&set);
    set.attachments.accepts = NULL;
    refuse(&set, "", "the table of the part \"attachments\" lacks a function");
    fill(&set);
    refuse(&set, ",\"webhooks\":{}", "the option \"webhooks\" names what a part of the host stands for");
    refuse(&set, ",\"s3\":{\"bucket\":\"b\"}", "the option \"s3\" names what a part of the host stands for");
    refuse(&set, ",\"fcm\":{}", "the option \"fcm\" names what a part of the host stands for");
    FAILS(cariosan_open_with(CARIOSAN_ABI_VERSION, "{}", &set.parts, &engine, &error), CARIOSAN_VALIDATION_ERROR, error);
    FAILS(cariosan_open_with(0, "{}", &set.parts, &engine, &error), CARIOSAN_MISUSE, error);
    FAILS(cariosan_open_with(CARIOSAN_ABI_VERSION, NULL, &set.parts, &engine, &error), CARIOSAN_MISUSE, error);
    FAILS(cariosan_open_with(CARIOSAN_ABI_VERSION, "{\"storage\":\"sqlite:/nowhere/at/all.db\"}", &set.parts, &engine, &error),
          CARIOSAN_UNAVAILABLE, error);
    CHECK(the_host.released == 0);
    cariosan_reply_set(NULL, "{}", 2);
    cariosan_bus_received(NULL, "x", 1);
    cariosan_bus_subscribed(NULL, NULL, 0);
    cariosan_bus_lost(NULL, NULL, 1);
    cariosan_bus_lost_all(NULL);
}

/* The next question, which must come, of this part; the caller frees its text. The engine is polled meanwhile. */
static uint64_t next_question(cariosan_engine* engine, const char* part, char** text) {
    host* self = &the_host;
    const int64_t began = elapsed_ms(self);
    for (;;) {
        size_t i;
        uint64_t ticket = 0;
        cariosan_item* item = NULL;
        cariosan_error* error = NULL;
        lock(self);
        for (i = 0; i < self->question_count && ticket == 0; ++i) {
            if (strcmp(self->questions[i].part, part) != 0) continue;
            ticket = self->questions[i].ticket;
            *text = self->questions[i].text;
            --self->question_count;
            memmove(&self->questions[i], &self->questions[i + 1], (self->question_count - i) * sizeof(self->questions[0]));
        }
        unlock(self);
        if (ticket != 0) return ticket;
        CHECK(elapsed_ms(self) - began < 120000);
        OK(cariosan_poll(engine, 50, &item, &error), error);
        CHECK(item == NULL);
    }
}

static void answer(cariosan_engine* engine, uint64_t ticket, const char* json) {
    cariosan_error* error = NULL;
    OK(cariosan_answer(engine, ticket, json, &error), error);
    FAILS(cariosan_answer(engine, ticket, json, &error), CARIOSAN_NOT_FOUND, error);
}

static void refuse_answer(cariosan_engine* engine, uint64_t ticket, const char* json) {
    cariosan_error* error = NULL;
    FAILS(cariosan_answer(engine, ticket, json, &error), CARIOSAN_VALIDATION_ERROR, error);
}

/* Sends a text, which the moderator judges like this after so long, and returns the item of the result. */
static cariosan_item* send_judged(cariosan_engine* engine, const world* made, const char* content, int64_t takes_ms,
                                  const char* verdict) {
    static uint64_t last_ticket = 100;
    text_value json;
    char* draft = NULL;
    uint64_t ticket;
    cariosan_item* item;
    cariosan_error* error = NULL;
    TEXT(json, "{\"channel\":\"room\",\"content\":\"%s\"}", content);
    OK(cariosan_call(engine, made->alice.text, "message.send", json.text, ++last_ticket, &error), error);
    ticket = next_question(engine, "moderator", &draft);
    CHECK(strcmp(json_text(draft, "text").text, content) == 0 && contains(draft, "\"workspace\":\"") && !contains(draft, "\"edited\""));
    free(draft);
    refuse_answer(engine, ticket, "");
    refuse_answer(engine, ticket, "[]");
    refuse_answer(engine, ticket, "{}");
    refuse_answer(engine, ticket, "{\"verdict\":\"perhaps\"}");
    refuse_answer(engine, ticket, "{\"verdict\":\"flag\",\"reason\":7}");
    lock(&the_host);
    the_host.ahead += takes_ms;
    unlock(&the_host);
    answer(engine, ticket, verdict);
    item = expect_item(engine, CARIOSAN_ITEM_RESULT);
    CHECK(cariosan_item_ticket(item) == last_ticket);
    return item;
}

static void test_moderator(cariosan_engine* engine, const world* made) {
    cariosan_error* error = NULL;
    cariosan_item* item = send_judged(engine, made, "good", 5000, "{\"verdict\":\"allow\"}");
    CHECK(strcmp(json_text(cariosan_item_data(item), "content").text, "good") == 0);
    CHECK(contains(json_text(cariosan_item_data(item), "created_at").text, "2033-05-18T"));
    cariosan_item_free(item);
    item = send_judged(engine, made, "rude", 30000, "{\"verdict\":\"change\",\"text\":\"polite\"}");
    CHECK(strcmp(json_text(cariosan_item_data(item), "content").text, "polite") == 0);
    cariosan_item_free(item);
    item = send_judged(engine, made, "odd", 30000, "{\"verdict\":\"flag\",\"reason\":\"odd\"}");
    CHECK(cariosan_item_code(item) == CARIOSAN_OK);
    cariosan_item_free(item);
    item = send_judged(engine, made, "bad", 30000, "{\"verdict\":\"refuse\",\"reason\":\"not here\"}");
    CHECK(cariosan_item_code(item) == CARIOSAN_MESSAGE_REJECTED);
    CHECK(contains(cariosan_error_details(cariosan_item_error(item)), "not here"));
    cariosan_item_free(item);
    FAILS(cariosan_answer(engine, 999999, "{}", &error), CARIOSAN_NOT_FOUND, error);
    FAILS(cariosan_answer(engine, 1, NULL, &error), CARIOSAN_MISUSE, error);
    FAILS(cariosan_answer(NULL, 1, "{}", &error), CARIOSAN_MISUSE, error);
}

static void refuse_upload(cariosan_engine* engine, const world* made, const char* name, cariosan_code expected) {
    text_value json;
    char* text = NULL;
    cariosan_error* error = NULL;
    TEXT(json, "{\"filename\":\"%s\",\"content_type\":\"image/png\",\"size_bytes\":3}", name);
    FAILS(cariosan_call_wait(engine, made->alice.text, "attachment.presign", json.text, &text, NULL, &error), expected, error);
}

static void test_attachments(cariosan_engine* engine, const world* made) {
    char* text = run(engine, made->alice.text, "attachment.presign",
                     "{\"filename\":\"a.png\",\"content_type\":\"image/png\",\"size_bytes\":3}");
    CHECK(strcmp(json_text(text, "upload_url").text, "https://files.example/up/1") == 0);
    CHECK(strcmp(json_text(text, "method").text, "PUT") == 0 && contains(text, "X-Permission"));
    cariosan_free(text);
    refuse_upload(engine, made, "bad.png", CARIOSAN_VALIDATION_ERROR);
    refuse_upload(engine, made, "odd.png", CARIOSAN_INTERNAL);
    refuse_upload(engine, made, "none.png", CARIOSAN_UNAVAILABLE);
    run_and_forget(engine, made->backend.text, "message.send",
                   "{\"user\":\"alice\",\"channel\":\"room\",\"content\":\"\",\"type\":\"image\",\"attachment_url\":\"https://files.example/1\"}");
    {
        cariosan_error* error = NULL;
        FAILS(cariosan_call_wait(engine, made->backend.text, "message.send",
                                 "{\"user\":\"alice\",\"channel\":\"room\",\"content\":\"\",\"type\":\"image\","
                                 "\"attachment_url\":\"https://elsewhere.example/1\"}",
                                 &text, NULL, &error),
              CARIOSAN_VALIDATION_ERROR, error);
    }
}

/* One message comes to a push and a webhook. */
static void test_senders(cariosan_engine* engine, const world* made) {
    char *text = NULL, *webhook;
    text_value json;
    uint64_t ticket;
    run_and_forget(engine, made->bob.text, "me.device.register", "{\"token\":\"bobs-phone\",\"platform\":\"web\"}");
    webhook = run(engine, made->backend.text, "webhook.create",
                  "{\"url\":\"https://hooks.example/chat\",\"events\":[\"message.created\"]}");
    run_and_forget(engine, made->backend.text, "message.send", "{\"user\":\"alice\",\"channel\":\"room\",\"content\":\"ring\"}");

    ticket = next_question(engine, "push", &text);
    CHECK(strcmp(json_text(text, "device_token").text, "bobs-phone") == 0 && strcmp(json_text(text, "sender_name").text, "Alice") == 0);
    CHECK(!contains(text, "ring"));
    free(text);
    refuse_answer(engine, ticket, "{\"outcome\":\"sent\"}");
    refuse_answer(engine, ticket, "{\"outcome\":\"retry\",\"retry_after_ms\":-1}");
    answer(engine, ticket, "{\"outcome\":\"drop_token\",\"reason\":\"gone\"}");

    ticket = next_question(engine, "webhooks", &text);
    CHECK(strcmp(json_text(text, "url").text, "https://hooks.example/chat") == 0);
    CHECK(strcmp(json_text(text, "event").text, "message.created") == 0 && contains(text, "\"secrets\":[\"whsec_"));
    CHECK(contains(json_text(text, "at").text, "2033-05-18T") && contains(text, "ring"));
    free(text);
    refuse_answer(engine, ticket, "{}");
    refuse_answer(engine, ticket, "{\"status\":7}");
    refuse_answer(engine, ticket, "{\"status\":200,\"error\":\"both\"}");
    answer(engine, ticket, "{\"status\":500}");
    /* Without it, nothing is asked any more, which closing would wait for. */
    TEXT(json, "{\"webhook\":\"%s\"}", json_text(webhook, "id").text);
    run_and_forget(engine, made->backend.text, "webhook.delete", json.text);
    cariosan_free(webhook);
}

/* A session makes the engine subscribe; what it then commits is published. */
static void test_bus(cariosan_engine* engine, const world* made) {
    const text_value token = token_for(engine, made, "bob");
    const uint64_t session = open_session(engine, token.text);
    cariosan_error* error = NULL;
    expect_text(engine, session, "\"connection.ready\"");
    run_and_forget(engine, made->backend.text, "message.send", "{\"user\":\"alice\",\"channel\":\"room\",\"content\":\"on the bus\"}");
    expect_text(engine, session, "on the bus");
    OK(cariosan_session_closed(engine, session, &error), error);
    lock(&the_host);
    CHECK(the_host.started == 1 && the_host.stopped == 0 && the_host.subscriptions > 0 && the_host.published > 0);
    unlock(&the_host);
}

int main(void) {
    cariosan_engine* engine = NULL;
    cariosan_error* error = NULL;
    tables set;
    world made;
    size_t i;
    the_host.began = elapsed_ms(NULL);
    test_refusals();
    fill(&set);
    OK(cariosan_open_with(CARIOSAN_ABI_VERSION,
                          "{\"storage\":\"sqlite::memory:\",\"rates\":false,\"log\":\"debug\",\"slow_command_ms\":20000,\"moderator_deadline_ms\":60000,"
                          "\"moderator_late\":\"refuse\",\"max_moderator_drafts\":10}",
                          &set.parts, &engine, &error),
       error);
    memset(&set, 0, sizeof(set)); /* it was copied */
    made = make_world(engine);
    test_moderator(engine, &made);
    test_attachments(engine, &made);
    test_senders(engine, &made);
    test_bus(engine, &made);
    OK(cariosan_close(engine, 10000, &error), error);
    /* A late answer is not known, or does nothing. */
    lock(&the_host);
    for (i = 0; i < the_host.question_count; ++i) {
        const cariosan_code code = cariosan_answer(engine, the_host.questions[i].ticket, "{\"verdict\":\"allow\"}", NULL);
        CHECK(code == CARIOSAN_OK || code == CARIOSAN_NOT_FOUND || code == CARIOSAN_VALIDATION_ERROR);
        free(the_host.questions[i].text);
    }
    CHECK(the_host.lines > 0 && the_host.slow_lines == 3 && the_host.released == 0);
    unlock(&the_host);
    cariosan_engine_free(engine);
    CHECK(the_host.stopped == 1 && the_host.released == most_released);
    puts("every part was the host's own");
    return 0;
}
