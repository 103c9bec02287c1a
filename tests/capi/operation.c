/* Backup, restore, epochs and metrics: what an operator does, through the library. */
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
    const workplace place = make_workplace("");
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
    CHECK(unlink(backup.text) == 0 && unlink(garbage.text) == 0);
    remove_workplace(&place);
    puts("a copy was made while the engine worked, and took its place");
    return 0;
}
