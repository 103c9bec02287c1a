#include <cariosan/cariosan.h>
#include <stdio.h>
#include <string.h>

static int failed(const char* step, cariosan_error* error) {
    fprintf(stderr, "%s: %s\n", step, cariosan_error_message(error));
    cariosan_error_free(error);
    return 1;
}

/* The installed header and library fit together, and the library brings all it needs. */
int main(void) {
    cariosan_engine* engine = NULL;
    cariosan_error* error = NULL;
    char* answer = NULL;

    if (strcmp(cariosan_version(), CARIOSAN_VERSION) != 0) {
        fprintf(stderr, "header %s, library %s\n", CARIOSAN_VERSION, cariosan_version());
        return 1;
    }
    if (cariosan_open(CARIOSAN_ABI_VERSION, "{\"storage\":\"sqlite::memory:\"}", &engine, &error) != CARIOSAN_OK) {
        return failed("cariosan_open", error);
    }
    if (cariosan_call_wait(engine, "{}", "workspace.create", "{\"name\":\"Shop\"}", &answer, NULL, &error) !=
        CARIOSAN_OK) {
        cariosan_engine_free(engine);
        return failed("workspace.create", error);
    }
    puts(answer[0] == '{' ? "a workspace was made" : "no JSON");
    cariosan_free(answer);
    cariosan_engine_free(engine);
    return 0;
}
