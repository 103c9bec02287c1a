/* A process that holds other versions of what the library is built on: foreign <global|local> <stand-in> <libcariosan.so>
 *
 * The stand-in exports the names that the library needs of SQLite, OpenSSL, libcurl, Boost and others. Whoever calls one of them
 * ends the process, but for sqlite3_libversion. "local" loads it as most runtimes load their modules, and the library in the
 * same way; "global" puts its names before all others, and loads the library with RTLD_DEEPBIND. */
#define _GNU_SOURCE /* RTLD_DEEPBIND, RTLD_DEFAULT */
#include <cariosan/cariosan.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                            \
    do {                                                                            \
        if (!(condition)) {                                                         \
            fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                                \
        }                                                                           \
    } while (0)

static void* load(const char* path, int flags) {
    void* library = dlopen(path, RTLD_NOW | flags);
    if (library == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
    return library;
}

/* C has no conversion from a pointer to an object to one to a function. */
static void find(void* library, const char* name, void* function, size_t size) {
    void* const found = dlsym(library, name);
    CHECK(found != NULL && size == sizeof(found));
    memcpy(function, &found, size);
}
#define FIND(library, name, function) find(library, name, &(function), sizeof(function))

/* The host's own still is what it was. */
static void check_host(void* stand_in) {
    const char* (*version)(void);
    FIND(stand_in, "sqlite3_libversion", version);
    CHECK(strcmp(version(), "the host's own") == 0);
}

/* Needs SQLite, OpenSSL for a secret, JSON, and libcurl for webhooks. */
static void use(void* library, void* stand_in) {
    cariosan_code (*open)(int32_t, const char*, cariosan_engine**, cariosan_error**);
    cariosan_code (*call)(cariosan_engine*, const char*, const char*, const char*, char**, size_t*, cariosan_error**);
    void (*free_text)(char*);
    void (*free_engine)(cariosan_engine*);
    cariosan_engine* engine = NULL;
    char* answer = NULL;
    FIND(library, "cariosan_open", open);
    FIND(library, "cariosan_call_wait", call);
    FIND(library, "cariosan_free", free_text);
    FIND(library, "cariosan_engine_free", free_engine);
    CHECK(open(CARIOSAN_ABI_VERSION, "{\"storage\":\"sqlite::memory:\",\"webhooks\":{\"allow_private\":true}}", &engine, NULL) == CARIOSAN_OK);
    check_host(stand_in);
    CHECK(call(engine, "{}", "workspace.create", "{\"name\":\"Shop\"}", &answer, NULL, NULL) == CARIOSAN_OK);
    CHECK(strstr(answer, "\"api_secret\"") != NULL);
    free_text(answer);
    check_host(stand_in);
    free_engine(engine);
    check_host(stand_in);
}

int main(int count, char** arguments) {
    int global;
    void *stand_in, *library, *seen;
    CHECK(count == 4);
    global = strcmp(arguments[1], "global") == 0;
    stand_in = load(arguments[2], global ? RTLD_GLOBAL : RTLD_LOCAL);
    check_host(stand_in);
    library = load(arguments[3], global ? RTLD_LOCAL | RTLD_DEEPBIND : RTLD_LOCAL);
    use(library, stand_in);
    /* The library has put nothing where the rest of the process would find it. */
    seen = dlsym(RTLD_DEFAULT, "sqlite3_libversion");
    CHECK(seen == (global ? dlsym(stand_in, "sqlite3_libversion") : NULL));
    CHECK(dlsym(RTLD_DEFAULT, "cariosan_open") == NULL);
    puts("both have their own");
    return 0;
}
