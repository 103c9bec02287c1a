/* Messages of another system: handed in, read from a file, watched, refused, cancelled. */
#include "support.h"

static uint64_t open_import(cariosan_engine* engine, const world* made, const char* source, const char* more) {
    text_value options;
    uint64_t importer = 0;
    cariosan_error* error = NULL;
    TEXT(options, "{\"workspace\":\"%s\",\"source\":\"%s\"%s}", made->id.text, source, more);
    OK(cariosan_import_open(engine, options.text, &importer, &error), error);
    CHECK(importer != 0);
    return importer;
}

static void push(cariosan_engine* engine, uint64_t importer, const char* bytes) {
    cariosan_error* error = NULL;
    OK(cariosan_import_push(engine, importer, bytes, strlen(bytes), &error), error);
}

/* Runs an import to its end, and returns the item of the end. Each item of progress must be about it. */
static cariosan_item* run_to_end(cariosan_engine* engine, uint64_t importer, int* progressed) {
    cariosan_error* error = NULL;
    OK(cariosan_import_run(engine, importer, 77, &error), error);
    for (*progressed = 0;; ++*progressed) {
        cariosan_item* item = next_item(engine);
        CHECK(cariosan_item_ticket(item) == 77 && cariosan_item_handle(item) == importer);
        if (cariosan_item_kind(item) == CARIOSAN_ITEM_RESULT) return item;
        CHECK(cariosan_item_kind(item) == CARIOSAN_ITEM_PROGRESS);
        CHECK(contains(cariosan_item_data(item), "{\"stage\":\"") && contains(cariosan_item_data(item), "\"imported\":"));
        cariosan_item_free(item);
    }
}

static void expect_end(cariosan_engine* engine, uint64_t importer, const char* expected) {
    int progressed = 0;
    cariosan_error* error = NULL;
    cariosan_item* item = run_to_end(engine, importer, &progressed);
    CHECK(cariosan_item_code(item) == CARIOSAN_OK && progressed > 0);
    if (strcmp(cariosan_item_data(item), expected) != 0) {
        fprintf(stderr, "an import ended with %s\nand not with      %s\n", cariosan_item_data(item), expected);
        exit(1);
    }
    cariosan_item_free(item);
    FAILS(cariosan_import_run(engine, importer, 77, &error), CARIOSAN_NOT_FOUND, error);
}

/* Handed in in pieces that end anywhere, with a reply before its parent and a line that is wrong. */
static void hand_in(cariosan_engine* engine, const world* made) {
    uint64_t importer = open_import(engine, made, "old", "");
    cariosan_error* error = NULL;
    char* history;
    push(engine, importer, "{\"channel\":\"past\",\"ts\":\"2024-05-01T10:00:00Z\",\"user\":\"alice\",\"te");
    push(engine, importer, "xt\":\"first\",\"id\":1,\"reply_to\":2}\n{\"channel\":\"past\"}\n");
    OK(cariosan_import_push(engine, importer, NULL, 0, &error), error);
    push(engine, importer, "{\"channel\":\"past\",\"ts\":\"2024-05-01T10:00:01Z\",\"user\":\"dewi\",\"text\":\"second\",\"id\":2}");
    expect_end(engine, importer,
               "{\"complete\":false,\"imported\":2,\"replies\":1,\"already_there\":0,\"bad_lines\":1,"
               "\"problems\":[{\"line\":2,\"reason\":\"\\\"ts\\\" is missing\"}],\"troubles\":[]}");
    history = run(engine, made->backend.text, "message.list", "{\"channel\":\"past\"}");
    CHECK(contains(history, "\"content\":\"first\"") && contains(history, "\"content\":\"second\""));
    CHECK(contains(history, "\"parent_id\":\""));
    cariosan_free(history);
}

/* The same lines again, from a file: they are there already. */
static void read_file(cariosan_engine* engine, const world* made, const char* path) {
    FILE* file = fopen(path, "wb");
    text_value more;
    uint64_t importer;
    cariosan_error* error = NULL;
    CHECK(file != NULL);
    CHECK(fputs("{\"channel\":\"past\",\"ts\":\"2024-05-01T10:00:00Z\",\"user\":\"alice\",\"text\":\"first\",\"id\":1,\"reply_to\":2}\n"
                "{\"channel\":\"past\",\"ts\":\"2024-05-01T10:00:01Z\",\"user\":\"dewi\",\"text\":\"second\",\"id\":2}\n",
                file) >= 0);
    CHECK(fclose(file) == 0);
    TEXT(more, ",\"file\":\"%s\",\"problems\":0", path);
    importer = open_import(engine, made, "old", more.text);
    FAILS(cariosan_import_push(engine, importer, "{}", 2, &error), CARIOSAN_MISUSE, error);
    expect_end(engine, importer,
               "{\"complete\":true,\"imported\":0,\"replies\":0,\"already_there\":2,\"bad_lines\":0,\"problems\":[],\"troubles\":[]}");
    importer = open_import(engine, made, "old", ",\"file\":\"/nowhere/at/all.jsonl\"");
    {
        int progressed;
        cariosan_item* item = run_to_end(engine, importer, &progressed);
        CHECK(cariosan_item_code(item) == CARIOSAN_UNAVAILABLE);
        CHECK(contains(cariosan_error_message(cariosan_item_error(item)), "/nowhere/at/all.jsonl"));
        CHECK(contains(cariosan_error_details(cariosan_item_error(item)), "\"imported\":0"));
        cariosan_item_free(item);
    }
}

static void refuse_import(cariosan_engine* engine, const char* options, const char* field) {
    uint64_t importer = 7;
    cariosan_error* error = NULL;
    CHECK(cariosan_import_open(engine, options, &importer, &error) == CARIOSAN_VALIDATION_ERROR && importer == 0);
    if (field != NULL) CHECK(strcmp(json_text(cariosan_error_details(error), "field").text, field) == 0);
    cariosan_error_free(error);
}

static void misuse(cariosan_engine* engine, const world* made) {
    uint64_t importer = 7, others[8];
    text_value options;
    cariosan_error* error = NULL;
    size_t i;
    refuse_import(engine, "", NULL);
    refuse_import(engine, "[]", "options");
    refuse_import(engine, "{}", "workspace");
    refuse_import(engine, "{\"workspace\":\"shop\",\"source\":\"old\"}", "workspace");
    refuse_import(engine, "{\"workspace\":7}", "workspace");
    TEXT(options, "{\"workspace\":\"%s\"}", made->id.text);
    refuse_import(engine, options.text, "source");
    refuse_import(engine, "{\"source\":\"\"}", "source");
    refuse_import(engine, "{\"file\":7}", "file");
    refuse_import(engine, "{\"problems\":-1}", "problems");
    refuse_import(engine, "{\"verbose\":true}", "verbose");
    FAILS(cariosan_import_open(NULL, "{}", &importer, &error), CARIOSAN_MISUSE, error);
    FAILS(cariosan_import_open(engine, NULL, &importer, &error), CARIOSAN_MISUSE, error);
    FAILS(cariosan_import_open(engine, options.text, NULL, &error), CARIOSAN_MISUSE, error);
    FAILS(cariosan_import_push(engine, 999, "x", 1, &error), CARIOSAN_NOT_FOUND, error);
    FAILS(cariosan_import_run(engine, 999, 1, &error), CARIOSAN_NOT_FOUND, error);
    FAILS(cariosan_import_close(engine, 999, &error), CARIOSAN_NOT_FOUND, error);
    TEXT(options, "{\"workspace\":\"%s\",\"source\":\"old\",\"folder\":\"/nowhere\"}", made->id.text);
    FAILS(cariosan_import_open(engine, options.text, &importer, &error), CARIOSAN_UNAVAILABLE, error);
    for (i = 0; i < 8; ++i) others[i] = open_import(engine, made, "old", "");
    TEXT(options, "{\"workspace\":\"%s\",\"source\":\"old\"}", made->id.text);
    FAILS(cariosan_import_open(engine, options.text, &importer, &error), CARIOSAN_UNAVAILABLE, error);
    FAILS(cariosan_import_push(engine, others[0], NULL, 1, &error), CARIOSAN_MISUSE, error);
    for (i = 0; i < 8; ++i) OK(cariosan_import_close(engine, others[i], &error), error);
    FAILS(cariosan_import_close(engine, others[0], &error), CARIOSAN_NOT_FOUND, error);
}

/* An import that nobody polls for stands still; closed, it ends with an error, and so it does with the engine. */
static void cancel(cariosan_engine* engine, const world* made, int with_engine) {
    const uint64_t importer = open_import(engine, made, "long", "");
    cariosan_error* error = NULL;
    cariosan_item* item;
    text_value line;
    int i;
    for (i = 0; i < 5000; ++i) {
        TEXT(line, "{\"channel\":\"long\",\"ts\":\"2024-05-01T10:00:00Z\",\"user\":\"alice\",\"text\":\"%d\"}\n", i);
        push(engine, importer, line.text);
    }
    OK(cariosan_import_run(engine, importer, 5, &error), error);
    FAILS(cariosan_import_run(engine, importer, 6, &error), CARIOSAN_CONFLICT, error);
    FAILS(cariosan_import_push(engine, importer, "x", 1, &error), CARIOSAN_CONFLICT, error);
    if (with_engine) {
        OK(cariosan_close(engine, 10000, &error), error);
    } else {
        OK(cariosan_import_close(engine, importer, &error), error);
    }
    for (;;) {
        item = next_item(engine);
        CHECK(cariosan_item_ticket(item) == 5);
        if (cariosan_item_kind(item) == CARIOSAN_ITEM_RESULT) break;
        cariosan_item_free(item);
    }
    CHECK(cariosan_item_code(item) == CARIOSAN_UNAVAILABLE);
    cariosan_item_free(item);
}

int main(void) {
    const workplace place = make_workplace(",\"rates\":false");
    cariosan_engine* engine = open_engine(place.options.text);
    const world made = make_world(engine);
    text_value path;
    uint64_t importer = 7;
    cariosan_error* error = NULL;
    TEXT(path, "%s/old.jsonl", place.folder);
    hand_in(engine, &made);
    read_file(engine, &made, path.text);
    misuse(engine, &made);
    cancel(engine, &made, 0);
    cancel(engine, &made, 1);
    FAILS(cariosan_import_open(engine, "{}", &importer, &error), CARIOSAN_UNAVAILABLE, error);
    cariosan_engine_free(engine);
    CHECK(unlink(path.text) == 0);
    remove_workplace(&place);
    puts("messages of another system were imported");
    return 0;
}
