/* Embeds a chat in a C program: one database file, two users, a message and its event. Usage: cariosan-chat FILE */
#include <cariosan/cariosan.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(cariosan_code code, cariosan_error** error) {
    if (code == CARIOSAN_OK) return;
    fprintf(stderr, "%s: %s %s\n", cariosan_error_name(*error), cariosan_error_message(*error),
            cariosan_error_details(*error));
    exit(1);
}

/* Runs a command and returns its JSON, which the caller frees. */
static char* run(cariosan_engine* engine, const char* caller, const char* name, const char* json) {
    char* answer;
    cariosan_error* error;
    check(cariosan_call_wait(engine, caller, name, json, &answer, NULL, &error), &error);
    return answer;
}

int main(int argc, char** argv) {
    char options[512], id[37] = "", backend[128], alice[128];
    cariosan_engine* engine;
    cariosan_error* error;
    cariosan_item* item;
    uint64_t subscription;
    int waiting = 2; /* for the answer and the event */

    snprintf(options, sizeof options, "{\"storage\":\"sqlite:%s\"}", argc > 1 ? argv[1] : ":memory:");
    check(cariosan_open(CARIOSAN_ABI_VERSION, options, &engine, &error), &error);

    /* The host creates a workspace; the answer also holds its API key pair. A real program would use a JSON parser. */
    char* workspace = run(engine, "{}", "workspace.create", "{\"name\":\"Shop\"}");
    const char* found = strstr(workspace, "\"id\":\"");
    if (found != NULL) snprintf(id, sizeof id, "%.36s", found + strlen("\"id\":\""));
    cariosan_free(workspace);

    /* The workspace's backend creates users and a channel. */
    snprintf(backend, sizeof backend, "{\"workspace\":\"%s\"}", id);
    snprintf(alice, sizeof alice, "{\"workspace\":\"%s\",\"user\":\"alice\"}", id);
    cariosan_free(run(engine, backend, "user.upsert", "{\"external_id\":\"alice\",\"name\":\"Alice\"}"));
    cariosan_free(run(engine, backend, "user.upsert", "{\"external_id\":\"budi\",\"name\":\"Budi\"}"));
    cariosan_free(run(
        engine, backend, "channel.create",
        "{\"type\":\"direct\",\"external_id\":\"order_1\",\"member_external_ids\":[\"alice\",\"budi\"]}"));

    /* A user sends a message; poll returns the answer and the event. */
    check(cariosan_subscribe(engine, id, &subscription, &error), &error);
    check(cariosan_call(engine, alice, "message.send", "{\"channel\":\"order_1\",\"content\":\"Halo!\"}", 1,
                        &error),
          &error);
    while (waiting > 0) {
        check(cariosan_poll(engine, 5000, &item, &error), &error);
        if (item == NULL) break;
        if (cariosan_item_code(item) != CARIOSAN_OK) {
            fprintf(stderr, "refused: %s\n", cariosan_error_message(cariosan_item_error(item)));
            return 1;
        }
        printf("item %" PRId32 ": %s\n", cariosan_item_kind(item), cariosan_item_data(item));
        cariosan_item_free(item);
        --waiting;
    }

    check(cariosan_close(engine, 5000, &error), &error);
    cariosan_engine_free(engine);
    return waiting == 0 ? 0 : 1;
}
