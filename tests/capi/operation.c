/* Backup, restore, epochs, metrics and exports: what an operator does, through the library. */
#include "support.h"

static const char* const room = "{\"channel\":\"room\"}";

static void say(cariosan_engine* engine, const world* made, const char* content) {
    text_value json;
    TEXT(json, "{\"channel\":\"room\",\"content\":\"%s\"}", content);
    run_and_forget(engine, made->alice.text, "message.send", json.text);
}

/* The epoch that clients see. */
static text_value epoch_of(cariosan_engine* engine, const world* made) {
    char* answer = run(engine, made->alice.text, "channel.get", room);
    const text_value epoch = json_text(answer, "epoch");
    cariosan_free(answer);
    return epoch;
}

static void refuse_nothing(const char* storage) {
    cariosan_engine* nothing = NULL;
    cariosan_error* error = NULL;
    char* text = (char*)&nothing;
    size_t length = 1;
    FAILS(cariosan_backup(NULL, "/tmp/x", &error), CARIOSAN_MISUSE, error);
    FAILS(cariosan_rotate_epoch(NULL, &text, &error), CARIOSAN_MISUSE, error);
    CHECK(text == NULL);
    FAILS(cariosan_metrics(NULL, &text, &length, &error), CARIOSAN_MISUSE, error);
    CHECK(text == NULL && length == 0);
    FAILS(cariosan_restore(NULL, storage, &error), CARIOSAN_MISUSE, error);
    FAILS(cariosan_restore("/tmp/x", NULL, &error), CARIOSAN_MISUSE, error);
    FAILS(cariosan_restore("/tmp/x", "chat.db", &error), CARIOSAN_VALIDATION_ERROR, error);
    FAILS(cariosan_restore("/tmp/x", "sqlite::memory:", &error), CARIOSAN_MISUSE, error);
    FAILS(cariosan_restore("/nowhere/at/all.db", storage, &error), CARIOSAN_NOT_FOUND, error);
    CHECK(cariosan_restore(NULL, NULL, NULL) == CARIOSAN_MISUSE);
}

static void check_metrics(cariosan_engine* engine) {
    char *text = NULL, *again = NULL;
    size_t length = 0;
    cariosan_error* error = NULL;
    OK(cariosan_metrics(engine, &text, &length, &error), error);
    CHECK(strlen(text) == length && contains(text, "# TYPE cariosan_commands_total counter\n"));
    OK(cariosan_metrics(engine, &again, NULL, &error), error);
    FAILS(cariosan_metrics(engine, NULL, &length, &error), CARIOSAN_MISUSE, error);
    CHECK(length == 0);
    cariosan_free(text);
    cariosan_free(again);
}

/* Backs up between two messages, and returns the epoch that the engine closed with. */
static text_value back_up(const workplace* place, const char* storage, const char* backup, world* made) {
    cariosan_engine* engine = open_engine(place->options.text);
    cariosan_error* error = NULL;
    text_value before, after;
    char* text = NULL;
    *made = make_world(engine);
    say(engine, made, "before");
    FAILS(cariosan_backup(engine, NULL, &error), CARIOSAN_MISUSE, error);
    FAILS(cariosan_backup(engine, "/nowhere/at/all.db", &error), CARIOSAN_UNAVAILABLE, error);
    OK(cariosan_backup(engine, backup, &error), error);
    FAILS(cariosan_backup(engine, backup, &error), CARIOSAN_CONFLICT, error);
    say(engine, made, "after");
    check_metrics(engine);

    before = epoch_of(engine, made);
    OK(cariosan_rotate_epoch(engine, &text, &error), error);
    after = epoch_of(engine, made);
    CHECK(strcmp(text, after.text) == 0 && strcmp(text, before.text) != 0);
    cariosan_free(text);
    OK(cariosan_rotate_epoch(engine, NULL, &error), error);
    after = epoch_of(engine, made);

    FAILS(cariosan_restore(backup, storage, &error), CARIOSAN_CONFLICT, error);
    OK(cariosan_close(engine, 10000, &error), error);
    FAILS(cariosan_backup(engine, "/tmp/x", &error), CARIOSAN_UNAVAILABLE, error);
    FAILS(cariosan_rotate_epoch(engine, &text, &error), CARIOSAN_UNAVAILABLE, error);
    FAILS(cariosan_metrics(engine, &text, NULL, &error), CARIOSAN_UNAVAILABLE, error);
    cariosan_engine_free(engine);
    return after;
}

/* Pulls an export to its end and counts its lines of a kind. */
static int count_exported(cariosan_engine* engine, const world* made, const char* user, const char* kind) {
    uint64_t exporter = 0;
    cariosan_error* error = NULL;
    text_value start;
    int lines = 0, found = 0;
    TEXT(start, "{\"kind\":\"%s\",", kind);
    OK(cariosan_export_open(engine, made->id.text, user, &exporter, &error), error);
    CHECK(exporter != 0);
    for (;;) {
        char* piece = NULL;
        size_t length = 0;
        const char* line;
        OK(cariosan_export_next(engine, exporter, &piece, &length, &error), error);
        if (piece == NULL) break;
        CHECK(length > 0 && strlen(piece) == length && piece[length - 1] == '\n');
        for (line = piece; *line != '\0'; line = strchr(line, '\n') + 1) {
            ++lines;
            if (strncmp(line, start.text, strlen(start.text)) == 0) ++found;
        }
        CHECK(lines <= 10000);
        cariosan_free(piece);
    }
    /* The end stays the end. */
    {
        char* piece = (char*)&found;
        OK(cariosan_export_next(engine, exporter, &piece, NULL, &error), error);
        CHECK(piece == NULL);
    }
    OK(cariosan_export_close(engine, exporter, &error), error);
    FAILS(cariosan_export_close(engine, exporter, &error), CARIOSAN_NOT_FOUND, error);
    return found;
}

static void export_all(const workplace* place) {
    enum { messages = 250 };
    cariosan_engine* engine = open_engine(place->options.text);
    const world made = make_world(engine);
    uint64_t exporter = 7, one_more = 7;
    char* piece = NULL;
    cariosan_error* error = NULL;
    int i;
    for (i = 0; i < messages; ++i) say(engine, &made, "once more");
    CHECK(count_exported(engine, &made, NULL, "workspace") == 1);
    CHECK(count_exported(engine, &made, NULL, "user") == 2);
    CHECK(count_exported(engine, &made, NULL, "channel") == 1);
    CHECK(count_exported(engine, &made, NULL, "member") == 2);
    CHECK(count_exported(engine, &made, NULL, "message") == messages);
    CHECK(count_exported(engine, &made, "alice", "message") == messages);
    CHECK(count_exported(engine, &made, "bob", "message") == 0);

    FAILS(cariosan_export_open(engine, NULL, NULL, &exporter, &error), CARIOSAN_MISUSE, error);
    CHECK(exporter == 0);
    FAILS(cariosan_export_open(engine, made.id.text, NULL, NULL, &error), CARIOSAN_MISUSE, error);
    FAILS(cariosan_export_open(engine, "shop", NULL, &exporter, &error), CARIOSAN_VALIDATION_ERROR, error);
    FAILS(cariosan_export_next(engine, 9999, &piece, NULL, &error), CARIOSAN_NOT_FOUND, error);
    OK(cariosan_export_open(engine, made.id.text, "nobody", &exporter, &error), error);
    FAILS(cariosan_export_next(engine, exporter, NULL, NULL, &error), CARIOSAN_MISUSE, error);
    FAILS(cariosan_export_next(engine, exporter, &piece, NULL, &error), CARIOSAN_NOT_FOUND, error);
    for (i = 1; i < 64; ++i) OK(cariosan_export_open(engine, made.id.text, NULL, &exporter, &error), error);
    FAILS(cariosan_export_open(engine, made.id.text, NULL, &one_more, &error), CARIOSAN_UNAVAILABLE, error);
    CHECK(one_more == 0);
    OK(cariosan_close(engine, 10000, &error), error);
    FAILS(cariosan_export_open(engine, made.id.text, NULL, &one_more, &error), CARIOSAN_UNAVAILABLE, error);
    FAILS(cariosan_export_next(engine, exporter, &piece, NULL, &error), CARIOSAN_UNAVAILABLE, error);
    OK(cariosan_export_close(engine, exporter, &error), error);
    cariosan_engine_free(engine);
}

static void check_content(const workplace* place, const world* made, int has_after, const text_value* other_epoch) {
    cariosan_engine* engine = open_engine(place->options.text);
    char* history = run(engine, made->alice.text, "message.list", room);
    CHECK(contains(history, "\"content\":\"before\"") && contains(history, "\"content\":\"after\"") == has_after);
    CHECK((strcmp(epoch_of(engine, made).text, other_epoch->text) != 0) != has_after);
    cariosan_free(history);
    close_engine(engine);
}

static void write_garbage(const char* path) {
    FILE* file = fopen(path, "wb");
    CHECK(file != NULL && fputs("This is no database, and it is long enough to be looked at closely.", file) >= 0);
    CHECK(fclose(file) == 0);
}

int main(void) {
    const workplace place = make_workplace(",\"rates\":false");
    text_value storage, backup, garbage, epoch;
    cariosan_error* error = NULL;
    cariosan_code code;
    world made;
    TEXT(storage, "sqlite:%s/chat.db", place.folder);
    TEXT(backup, "%s/backup.db", place.folder);
    TEXT(garbage, "%s/garbage.db", place.folder);
    refuse_nothing(storage.text);
    epoch = back_up(&place, storage.text, backup.text, &made);

    /* What cannot be restored leaves everything as it was. */
    write_garbage(garbage.text);
    code = cariosan_restore(garbage.text, storage.text, &error);
    CHECK(code == CARIOSAN_MISUSE || code == CARIOSAN_UNAVAILABLE);
    cariosan_error_free(error);
    check_content(&place, &made, 1, &epoch);

    OK(cariosan_restore(backup.text, storage.text, &error), error);
    check_content(&place, &made, 0, &epoch);
    export_all(&place);
    CHECK(unlink(backup.text) == 0 && unlink(garbage.text) == 0);
    remove_workplace(&place);
    puts("a copy was made while the engine worked, and took its place");
    return 0;
}
