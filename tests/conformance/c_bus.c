#include "conformance/c_bus.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { topic_size = 64 };

typedef struct c_node {
    c_exchange* exchange;
    cariosan_bus* bus; /* null: not started, or stopped */
    char (*topics)[topic_size];
    size_t topic_count;
    struct c_node* next;
} c_node;

struct c_exchange {
    pthread_mutex_t mutex; /* held while engines are told: they return soon, and stop waits for it */
    c_node* nodes;
};

c_exchange* c_exchange_make(void) {
    c_exchange* exchange = calloc(1, sizeof(*exchange));
    if (exchange != NULL && pthread_mutex_init(&exchange->mutex, NULL) != 0) {
        free(exchange);
        return NULL;
    }
    return exchange;
}

void c_exchange_free(c_exchange* exchange) {
    if (exchange == NULL) return;
    while (exchange->nodes != NULL) {
        c_node* node = exchange->nodes;
        exchange->nodes = node->next;
        free(node->topics);
        free(node);
    }
    pthread_mutex_destroy(&exchange->mutex);
    free(exchange);
}

static size_t find_topic(const c_node* node, const char* topic) {
    size_t i;
    for (i = 0; i < node->topic_count; ++i) {
        if (strcmp(node->topics[i], topic) == 0) break;
    }
    return i;
}

static void start(void* context, cariosan_bus* bus) {
    c_node* node = context;
    pthread_mutex_lock(&node->exchange->mutex);
    node->bus = bus;
    pthread_mutex_unlock(&node->exchange->mutex);
}

static void stop(void* context) {
    c_node* node = context;
    pthread_mutex_lock(&node->exchange->mutex);
    node->bus = NULL;
    node->topic_count = 0;
    pthread_mutex_unlock(&node->exchange->mutex);
}

static void subscribe(void* context, const char* const* topics, size_t count) {
    c_node* node = context;
    size_t i;
    pthread_mutex_lock(&node->exchange->mutex);
    for (i = 0; i < count; ++i) {
        char(*grown)[topic_size];
        if (find_topic(node, topics[i]) < node->topic_count || strlen(topics[i]) >= topic_size) continue;
        grown = realloc(node->topics, (node->topic_count + 1) * sizeof(*grown));
        if (grown == NULL) continue;
        node->topics = grown;
        strcpy(node->topics[node->topic_count++], topics[i]);
    }
    if (node->bus != NULL) cariosan_bus_subscribed(node->bus, topics, count);
    pthread_mutex_unlock(&node->exchange->mutex);
}

static void unsubscribe(void* context, const char* const* topics, size_t count) {
    c_node* node = context;
    size_t i;
    pthread_mutex_lock(&node->exchange->mutex);
    for (i = 0; i < count; ++i) {
        const size_t found = find_topic(node, topics[i]);
        if (found == node->topic_count) continue;
        --node->topic_count;
        memmove(node->topics[found], node->topics[node->topic_count], topic_size);
    }
    pthread_mutex_unlock(&node->exchange->mutex);
}

static void publish(void* context, const cariosan_bus_message* messages, size_t count) {
    c_node* node = context;
    c_node* each;
    size_t i, t;
    pthread_mutex_lock(&node->exchange->mutex);
    for (i = 0; i < count; ++i) {
        for (each = node->exchange->nodes; each != NULL; each = each->next) {
            if (each->bus == NULL) continue;
            for (t = 0; t < messages[i].topic_count; ++t) {
                if (find_topic(each, messages[i].topics[t]) == each->topic_count) continue;
                cariosan_bus_received(each->bus, messages[i].bytes, messages[i].length);
                break;
            }
        }
    }
    pthread_mutex_unlock(&node->exchange->mutex);
}

cariosan_event_bus_part c_exchange_node(c_exchange* exchange) {
    cariosan_event_bus_part part;
    c_node* node = calloc(1, sizeof(*node));
    memset(&part, 0, sizeof(part));
    if (node == NULL) return part;
    node->exchange = exchange;
    pthread_mutex_lock(&exchange->mutex);
    node->next = exchange->nodes;
    exchange->nodes = node;
    pthread_mutex_unlock(&exchange->mutex);
    part.size = sizeof(part);
    part.version = CARIOSAN_PART_VERSION;
    part.context = node;
    part.start = start;
    part.stop = stop;
    part.subscribe = subscribe;
    part.unsubscribe = unsubscribe;
    part.publish = publish;
    return part;
}
