/* Many threads, each with an engine of its own in one process: opened, used, polled and freed at the same time. */
#include <pthread.h>

#include "support.h"

enum { kEngines = 16, kCalls = 10 };

/* Every call is answered once, and comes with one event, in whatever order. */
static void poll_all(cariosan_engine* engine) {
    int results = 0, events = 0;
    while (results < kCalls || events < kCalls) {
        cariosan_item* item = next_item(engine);
        if (cariosan_item_kind(item) == CARIOSAN_ITEM_RESULT) {
            CHECK(cariosan_item_code(item) == CARIOSAN_OK && cariosan_item_ticket(item) != 0);
            ++results;
        } else {
            CHECK(cariosan_item_kind(item) == CARIOSAN_ITEM_EVENT);
            ++events;
        }
        cariosan_item_free(item);
    }
    CHECK(results == kCalls && events == kCalls);
}

static void* live(void* argument) {
    cariosan_engine* engine = open_engine("{\"storage\":\"sqlite::memory:\",\"rates\":false}");
    const world made = make_world(engine);
    cariosan_error* error = NULL;
    uint64_t subscription = 0, i;
    const int closes = *(const int*)argument;
    OK(cariosan_subscribe(engine, made.id.text, &subscription, &error), error);
    for (i = 1; i <= kCalls; ++i) {
        OK(cariosan_call(engine, made.alice.text, "message.send", "{\"channel\":\"room\",\"content\":\"Halo!\"}", i, &error), error);
    }
    poll_all(engine);
    if (closes) OK(cariosan_close(engine, 10000, &error), error);
    cariosan_engine_free(engine);
    return NULL;
}

int main(void) {
    pthread_t threads[kEngines];
    static int closes[] = {0, 1};
    int i;
    for (i = 0; i < kEngines; ++i) CHECK(pthread_create(&threads[i], NULL, live, &closes[i % 2]) == 0);
    for (i = 0; i < kEngines; ++i) CHECK(pthread_join(threads[i], NULL) == 0);
    puts("sixteen engines lived side by side");
    return 0;
}
