/* Many threads with one engine: all of them call, one polls, one closes. */
#include <pthread.h>

#include "support.h"

enum { kSenders = 4, kSends = 50, kRequests = 20 };

typedef struct {
    cariosan_engine* engine;
    const world* made;
    int index;
} sender;

/* Half of the sends are waited for; another thread polls for the others. */
static void* send_many(void* argument) {
    const sender* self = argument;
    int i;
    for (i = 0; i < kSends; ++i) {
        text_value json;
        const char* caller = self->index % 2 == 0 ? self->made->alice.text : self->made->bob.text;
        TEXT(json, "{\"channel\":\"room\",\"content\":\"%d of %d\"}", i, self->index);
        if (i % 2 == 0) {
            run_and_forget(self->engine, caller, "message.send", json.text);
        } else {
            cariosan_error* error = NULL;
            OK(cariosan_call(self->engine, caller, "message.send", json.text,
                             (uint64_t)(self->index * kSends + i), &error),
               error);
        }
    }
    return NULL;
}

typedef struct {
    cariosan_engine* engine;
    int results;
    int events;
    int responses;
    char answered[kSenders * kSends];
} poller;

static void count(poller* self, cariosan_item* item) {
    switch (cariosan_item_kind(item)) {
        case CARIOSAN_ITEM_RESULT:
            ++self->results;
            CHECK(cariosan_item_code(item) == CARIOSAN_OK);
            CHECK(self->answered[cariosan_item_ticket(item)] == 0);
            self->answered[cariosan_item_ticket(item)] = 1;
            break;
        case CARIOSAN_ITEM_EVENT: ++self->events; break;
        case CARIOSAN_ITEM_RESPONSE: ++self->responses; break;
        default: CHECK(0);
    }
    cariosan_item_free(item);
}

/* Polls until the engine is closed and nothing is left. */
static void* poll_all(void* argument) {
    poller* self = argument;
    for (;;) {
        cariosan_item* item = NULL;
        const cariosan_code code = cariosan_poll(self->engine, -1, &item, NULL);
        if (code == CARIOSAN_UNAVAILABLE) return NULL;
        if (code == CARIOSAN_MISUSE) continue; /* another thread is polling */
        CHECK(code == CARIOSAN_OK);
        if (item != NULL) count(self, item); /* none: the engine is closing */
    }
}

/* One thread polls forever, so another one that tries must meet it sooner or later. */
static void meet(poller* self) {
    for (;;) {
        cariosan_item* item = NULL;
        cariosan_error* error = NULL;
        const cariosan_code code = cariosan_poll(self->engine, 0, &item, &error);
        if (code == CARIOSAN_MISUSE) {
            CHECK(item == NULL);
            cariosan_error_free(error);
            return;
        }
        OK(code, error);
        if (item != NULL) count(self, item);
    }
}

int main(void) {
    static poller polling, here;
    cariosan_engine* engine = open_engine("{\"storage\":\"sqlite::memory:\",\"rates\":false}");
    const world made = make_world(engine);
    sender senders[kSenders];
    pthread_t threads[kSenders], polling_thread;
    cariosan_error* error = NULL;
    uint64_t subscription = 0;
    int i;

    OK(cariosan_subscribe(engine, made.id.text, &subscription, &error), error);
    here.engine = polling.engine = engine;
    CHECK(pthread_create(&polling_thread, NULL, poll_all, &polling) == 0);
    for (i = 0; i < kSenders; ++i) {
        senders[i].engine = engine;
        senders[i].made = &made;
        senders[i].index = i;
        CHECK(pthread_create(&threads[i], NULL, send_many, &senders[i]) == 0);
    }
    for (i = 0; i < kRequests; ++i) {
        OK(cariosan_http(engine, "GET", "/healthz", NULL, 0, NULL, 0, NULL, 0, 1, &error), error);
    }
    for (i = 0; i < kSenders; ++i) CHECK(pthread_join(threads[i], NULL) == 0);
    meet(&here);

    OK(cariosan_close(engine, 30000, &error), error);
    CHECK(pthread_join(polling_thread, NULL) == 0);
    CHECK(polling.results + here.results == kSenders * kSends / 2);
    CHECK(polling.events + here.events == kSenders * kSends);
    CHECK(polling.responses + here.responses == kRequests);
    cariosan_engine_free(engine);
    puts("every ticket was answered once");
    return 0;
}
