/* Attachments in a folder of the host: uploaded in parts through cariosan_http_begin, read back, and a quota. */
#include "support.h"

enum { kSize = 3000000, kPart = 100000, kQuota = 3 * kSize, kTooMuch = kQuota + 1 };

/* "http://chat.example" and what follows. */
static const char* target_of(const text_value* url) { return url->text + strlen("http://chat.example"); }

static char* permission(cariosan_engine* engine, const world* made, int size) {
    text_value json;
    TEXT(json, "{\"filename\":\"a.png\",\"content_type\":\"image/png\",\"size_bytes\":%d}", size);
    return run(engine, made->alice.text, "attachment.presign", json.text);
}

/* Begins an upload, and returns the request whose body is wanted; 0 if it was refused with this status. */
static uint64_t begin_upload(cariosan_engine* engine, const text_value* url, int size, int refused) {
    text_value length;
    const char* const headers[] = {"Host", "chat.example", "Content-Type", "image/png", "Content-Length", length.text};
    cariosan_error* error = NULL;
    cariosan_item* item;
    uint64_t request = 0;
    TEXT(length, "%d", size);
    OK(cariosan_http_begin(engine, "PUT", target_of(url), headers, 3, NULL, 0, 7, &error), error);
    item = next_item(engine);
    if (refused == 0) {
        CHECK(cariosan_item_kind(item) == CARIOSAN_ITEM_BODY);
        request = cariosan_item_handle(item);
    } else {
        CHECK(cariosan_item_kind(item) == CARIOSAN_ITEM_RESPONSE && cariosan_item_status(item) == refused);
    }
    cariosan_item_free(item);
    return request;
}

static void expect_status(cariosan_engine* engine, int status) {
    cariosan_item* item = next_item(engine);
    if (cariosan_item_kind(item) != CARIOSAN_ITEM_RESPONSE || cariosan_item_status(item) != status) {
        fprintf(stderr, "not %d: %d %s\n", status, (int)cariosan_item_status(item), cariosan_item_data(item));
        exit(1);
    }
    cariosan_item_free(item);
}

static void test_upload(cariosan_engine* engine, const world* made, const char* content) {
    char* answer = permission(engine, made, kSize);
    const text_value url = json_text(answer, "upload_url");
    const text_value public_url = json_text(answer, "public_url");
    cariosan_error* error = NULL;
    cariosan_item* item;
    uint64_t request;
    size_t sent;
    cariosan_free(answer);

    /* One that breaks off leaves nothing. */
    request = begin_upload(engine, &url, kSize, 0);
    OK(cariosan_http_body(engine, request, content, kPart, 0, &error), error);
    OK(cariosan_http_give_up(engine, request, &error), error);
    expect_status(engine, 408);

    /* More than was permitted is refused at once. */
    request = begin_upload(engine, &url, kSize, 0);
    OK(cariosan_http_body(engine, request, content, kSize, 0, &error), error);
    OK(cariosan_http_body(engine, request, content, 1, 0, &error), error);
    FAILS(cariosan_http_body(engine, request, content, 1, 0, &error), CARIOSAN_NOT_FOUND, error);
    expect_status(engine, 413);

    request = begin_upload(engine, &url, kSize, 0);
    for (sent = 0; sent < kSize; sent += kPart) {
        OK(cariosan_http_body(engine, request, content + sent, kPart, sent + kPart == kSize, &error), error);
    }
    expect_status(engine, 200);
    OK(cariosan_http(engine, "GET", target_of(&public_url), NULL, 0, NULL, 0, NULL, 0, 8, &error), error);
    item = next_item(engine);
    CHECK(cariosan_item_kind(item) == CARIOSAN_ITEM_RESPONSE && cariosan_item_status(item) == 200);
    CHECK(cariosan_item_length(item) == kSize && memcmp(cariosan_item_data(item), content, kSize) == 0);
    cariosan_item_free(item);
}

int main(void) {
    const workplace place = make_workplace("");
    text_value options, remove;
    cariosan_engine* engine;
    cariosan_error* error = NULL;
    world made;
    char* content = malloc(kSize);
    char* early;
    text_value url;
    size_t i;
    CHECK(content != NULL);
    for (i = 0; i < kSize; ++i) content[i] = (char)(i * 7 + i / 1000);
    TEXT(options,
         "{\"storage\":\"sqlite:%s/chat.db\",\"files\":{\"path\":\"%s/files\",\"public_url\":\"http://chat.example\","
         "\"quota_bytes\":%d}}",
         place.folder, place.folder, (int)kQuota);
    engine = open_engine(options.text);
    made = make_world(engine);
    early = permission(engine, &made, kTooMuch);
    url = json_text(early, "upload_url");
    cariosan_free(early);
    test_upload(engine, &made, content);
    CHECK(begin_upload(engine, &url, kTooMuch, 400) == 0);
    TEXT(options, "{\"filename\":\"a.png\",\"content_type\":\"image/png\",\"size_bytes\":%d}", (int)kTooMuch);
    FAILS(cariosan_call_wait(engine, made.alice.text, "attachment.presign", options.text, &early, NULL, &error),
          CARIOSAN_VALIDATION_ERROR, error);
    close_engine(engine);
    free(content);
    TEXT(remove, "rm -r %s/files", place.folder);
    CHECK(system(remove.text) == 0);
    remove_workplace(&place);
    return 0;
}
