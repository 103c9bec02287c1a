/* Calls through the C library, on a database that engine_bench has made: capi_bench DATABASE CALLS sends|reads. Prints a line of JSON,
 * {"name","rate","p50","p99"} in microseconds, for each kind of call. mounts_bench.mjs shows it beside the same calls in C++. */
#include <cariosan/cariosan.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct {
    cariosan_engine* engine;
    char workspace[64];
} place;

static void fail(const char* what, const cariosan_error* error) {
    fprintf(stderr, "%s: %s\n", what, cariosan_error_message(error));
    exit(1);
}

static double now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return 1e6 * (double)now.tv_sec + (double)now.tv_nsec / 1e3;
}

static int by_size(const void* left, const void* right) {
    const double a = *(const double*)left, b = *(const double*)right;
    return (a > b) - (a < b);
}

static void call(const place* at, const char* caller, const char* name, const char* fields) {
    char* answer = NULL;
    cariosan_error* error = NULL;
    if (cariosan_call_wait(at->engine, caller, name, fields, &answer, NULL, &error) != CARIOSAN_OK) fail(name, error);
    cariosan_free(answer);
}

/* The user and `fields_format` get a number of 0 to `most` - 1. */
static void time_calls(const place* at, const char* label, const char* name, const char* fields_format, int most, int count) {
    double* taken = malloc(sizeof(double) * (size_t)count);
    const double begun = now_us();
    int i;
    if (taken == NULL) exit(1);
    for (i = 0; i < count; ++i) {
        const int number = rand() % most;
        char caller[160], fields[256];
        const double before = now_us();
        snprintf(caller, sizeof caller, "{\"workspace\":\"%s\",\"user\":\"user_%d\"}", at->workspace, number);
        snprintf(fields, sizeof fields, fields_format, number);
        call(at, caller, name, fields);
        taken[i] = now_us() - before;
    }
    const double all = now_us() - begun;
    qsort(taken, (size_t)count, sizeof(double), by_size);
    printf("{\"name\":\"%s\",\"rate\":%.0f,\"p50\":%.0f,\"p99\":%.0f}\n", label, 1e6 * count / all, taken[(count - 1) / 2],
           taken[(size_t)(0.99 * (count - 1))]);
    free(taken);
}

static place open_place(const char* database) {
    place at;
    char options[512];
    char* list = NULL;
    cariosan_error* error = NULL;
    const char* id;
    snprintf(options, sizeof options, "{\"storage\":\"sqlite:%s\",\"rates\":false}", database);
    if (cariosan_open(CARIOSAN_ABI_VERSION, options, &at.engine, &error) != CARIOSAN_OK) fail(database, error);
    if (cariosan_call_wait(at.engine, "{}", "workspace.list", "{}", &list, NULL, &error) != CARIOSAN_OK) fail("workspace.list", error);
    id = strstr(list, "\"id\":\"");
    if (id == NULL || sscanf(id + 6, "%63[^\"]", at.workspace) != 1) exit(1);
    cariosan_free(list);
    return at;
}

int main(int argc, char** argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: capi_bench DATABASE CALLS sends|reads\n");
        return 2;
    }
    const place at = open_place(argv[1]);
    const int count = atoi(argv[2]) > 0 ? atoi(argv[2]) : 1;
    if (strcmp(argv[3], "sends") == 0) {
        time_calls(&at, "durable sends, 1 at once", "message.send",
                   "{\"channel\":\"channel_%d\",\"content\":\"Halo kak, pesanannya sudah saya kirim lewat kurir pagi ini ya. Mohon ditunggu!\"}",
                   1, count);
    } else {
        time_calls(&at, "history page (50 newest)", "message.list", "{\"channel\":\"channel_%d\"}", 1000, count);
        time_calls(&at, "my channels (50)", "me.channel.list", "{}", 1000, count);
    }
    cariosan_engine_free(at.engine);
    return 0;
}
