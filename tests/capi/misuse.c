/* Calls that must fail: each with a clear error, and none with a crash. */
#include "support.h"

static void refuse_options(const char* options, const char* field) {
    cariosan_engine* engine = (cariosan_engine*)&engine;
    cariosan_error* error = NULL;
    const cariosan_code code = cariosan_open(CARIOSAN_ABI_VERSION, options, &engine, &error);
    if (code != CARIOSAN_VALIDATION_ERROR || engine != NULL ||
        (field != NULL && strcmp(json_text(cariosan_error_details(error), "field").text, field) != 0)) {
        fprintf(stderr, "options %s: %d %s %s\n", options, (int)code, cariosan_error_message(error),
                cariosan_error_details(error));
        exit(1);
    }
    CHECK(!contains(cariosan_error_message(error), "swordfish"));
    cariosan_error_free(error);
}

/* A library that was built without an adapter says so; one with it reads the option. */
static void test_other_adapters(void) {
    cariosan_engine* engine = NULL;
    cariosan_error* error = NULL;
#ifdef CARIOSAN_TESTS_POSTGRES
    FAILS(cariosan_open(CARIOSAN_ABI_VERSION, "{\"storage\":\"postgres://nobody:swordfish@127.0.0.1:1/nothing\"}", &engine, &error),
          CARIOSAN_UNAVAILABLE, error);
#else
    SAYS(cariosan_open(CARIOSAN_ABI_VERSION, "{\"storage\":\"postgres://localhost/chat\"}", &engine, &error),
         CARIOSAN_VALIDATION_ERROR, error, "this library was built without PostgreSQL");
#endif
#ifdef CARIOSAN_TESTS_REDIS
    refuse_options("{\"storage\":\"postgres://localhost/chat\",\"redis\":\"swordfish\"}", "redis");
#else
    SAYS(cariosan_open(CARIOSAN_ABI_VERSION, "{\"redis\":\"redis://localhost\"}", &engine, &error),
         CARIOSAN_VALIDATION_ERROR, error, "this library was built without Redis");
#endif
    CHECK(engine == NULL);
}

static void test_open(void) {
    cariosan_engine* engine = NULL;
    cariosan_error* error = NULL;
    FAILS(cariosan_open(CARIOSAN_ABI_VERSION + 1, "{\"storage\":\"sqlite::memory:\"}", &engine, &error),
          CARIOSAN_MISUSE, error);
    FAILS(cariosan_open(0, "{\"storage\":\"sqlite::memory:\"}", &engine, &error), CARIOSAN_MISUSE, error);
    FAILS(cariosan_open(CARIOSAN_ABI_VERSION, NULL, &engine, &error), CARIOSAN_MISUSE, error);
    FAILS(cariosan_open(CARIOSAN_ABI_VERSION, "{}", NULL, &error), CARIOSAN_MISUSE, error);
    FAILS(cariosan_open(CARIOSAN_ABI_VERSION, "{\"storage\":\"sqlite:/nowhere/at/all/chat.db\"}", &engine,
                        &error),
          CARIOSAN_UNAVAILABLE, error);
    CHECK(engine == NULL);
    /* The error pointer is optional. */
    CHECK(cariosan_open(CARIOSAN_ABI_VERSION, "{}", &engine, NULL) == CARIOSAN_VALIDATION_ERROR);

    refuse_options("", NULL);
    refuse_options("{\"storage\":", NULL);
    refuse_options("[]", "options");
    refuse_options("{}", "storage");
    refuse_options("{\"storage\":\"chat.db\"}", "storage");
    refuse_options("{\"storage\":\"sqlite:\"}", "storage");
    refuse_options("{\"storage\":\"mysql://localhost/chat\"}", "storage");
    refuse_options("{\"storage\":\"sqlite::memory:\",\"redis\":7}", "redis");
    refuse_options("{\"storage\":\"sqlite::memory:\",\"redis\":\"redis://localhost\"}", "redis");
    refuse_options("{\"storage\":\"sqlite::memory:\",\"prepared_statements\":1}", "prepared_statements");
    test_other_adapters();
    refuse_options("{\"storage\":\"sqlite::memory:\",\"sorage\":1}", "sorage");
    refuse_options("{\"storage\":\"sqlite::memory:\",\"jwt_secret\":\"swordfish\"}", "jwt_secret");
    refuse_options("{\"storage\":\"sqlite::memory:\",\"limits\":{\"pages\":1}}", "limits.pages");
    refuse_options("{\"storage\":\"sqlite::memory:\",\"limits\":{\"page\":0}}", "limits.page");
    refuse_options("{\"storage\":\"sqlite::memory:\",\"limits\":{\"page\":\"1\"}}", "limits.page");
    refuse_options("{\"storage\":\"sqlite::memory:\",\"rates\":{\"reads_per_second\":-1}}",
                   "rates.reads_per_second");
    refuse_options("{\"storage\":\"sqlite::memory:\",\"rates\":0}", "rates");
    refuse_options("{\"storage\":\"sqlite::memory:\",\"allowed_origins\":[1]}", "allowed_origins");
    refuse_options("{\"storage\":\"sqlite::memory:\",\"log\":\"loud\"}", "log");
    refuse_options("{\"storage\":\"sqlite::memory:\",\"slow_command_ms\":-1}", "slow_command_ms");
    refuse_options("{\"storage\":\"sqlite::memory:\",\"moderator_deadline_ms\":60001}", "moderator_deadline_ms");
    refuse_options("{\"storage\":\"sqlite::memory:\",\"moderator_late\":\"drop\"}", "moderator_late");
    refuse_options("{\"storage\":\"sqlite::memory:\",\"max_moderator_drafts\":0}", "max_moderator_drafts");
    refuse_options("{\"storage\":\"sqlite::memory:\",\"webhooks\":true}", "webhooks");
    refuse_options("{\"storage\":\"sqlite::memory:\",\"webhooks\":{\"allow_private\":1}}", "webhooks.allow_private");
    refuse_options("{\"storage\":\"sqlite::memory:\",\"webhooks\":{\"proxy\":1}}", "webhooks.proxy");
    refuse_options("{\"storage\":\"sqlite::memory:\",\"fcm\":true}", "fcm");
    refuse_options("{\"storage\":\"sqlite::memory:\",\"fcm\":{\"key_file\":\"key.json\"}}", "fcm.key_file");
    refuse_options("{\"storage\":\"sqlite::memory:\",\"fcm\":{}}", "fcm.service_account");
    refuse_options("{\"storage\":\"sqlite::memory:\",\"fcm\":{\"service_account\":\"{}\"}}", "fcm.type");
    refuse_options("{\"storage\":\"sqlite::memory:\",\"attachment_types\":\"image/png\"}", "attachment_types");
    refuse_options("{\"storage\":\"sqlite::memory:\",\"s3\":\"chat-files\"}", "s3");
    refuse_options("{\"storage\":\"sqlite::memory:\",\"files\":\"chat-files\"}", "files");
    refuse_options("{\"storage\":\"sqlite::memory:\",\"files\":{\"folder\":\"chat-files\"}}", "files.folder");
    refuse_options("{\"storage\":\"sqlite::memory:\",\"files\":{\"quota_bytes\":-1}}", "files.quota_bytes");
    refuse_options("{\"storage\":\"sqlite::memory:\",\"files\":{}}", "files.path");
    refuse_options("{\"storage\":\"sqlite::memory:\",\"files\":{\"path\":\"/tmp\"},\"s3\":{}}", "files");
    refuse_options("{\"storage\":\"sqlite::memory:\",\"s3\":{\"buckets\":\"chat-files\"}}", "s3.buckets");
    refuse_options("{\"storage\":\"sqlite::memory:\",\"s3\":{\"bucket\":7}}", "s3.bucket");
    refuse_options("{\"storage\":\"sqlite::memory:\",\"s3\":{\"addressing\":\"dns\"}}", "s3.addressing");
    refuse_options("{\"storage\":\"sqlite::memory:\",\"s3\":{\"secret_key\":\"swordfish\"}}", "s3.bucket");
    refuse_options("{\"storage\":\"sqlite::memory:\",\"s3\":{\"bucket\":\"chat-files\",\"access_key\":\"a\","
                   "\"secret_key\":\"sword fish\"}}",
                   "s3.secret_key");
}

static void test_nothing_at_all(void) {
    cariosan_item* item = NULL;
    cariosan_error* error = NULL;
    size_t length = 1;
    FAILS(cariosan_describe(NULL, &length, &error), CARIOSAN_MISUSE, error);
    CHECK(length == 0 && cariosan_describe(NULL, NULL, NULL) == CARIOSAN_MISUSE);
    FAILS(cariosan_close(NULL, 0, &error), CARIOSAN_MISUSE, error);
    FAILS(cariosan_call(NULL, "{}", "workspace.list", "{}", 1, &error), CARIOSAN_MISUSE, error);
    FAILS(cariosan_poll(NULL, 0, &item, &error), CARIOSAN_MISUSE, error);
    FAILS(cariosan_session_closed(NULL, 1, &error), CARIOSAN_MISUSE, error);
    CHECK(cariosan_wake_fd(NULL) == -1);
    cariosan_engine_free(NULL);
    cariosan_item_free(NULL);
    cariosan_error_free(NULL);
    cariosan_free(NULL);
    CHECK(cariosan_item_kind(NULL) == 0 && cariosan_item_ticket(NULL) == 0 &&
          cariosan_item_handle(NULL) == 0);
    CHECK(cariosan_item_status(NULL) == 0 && cariosan_item_code(NULL) == CARIOSAN_OK);
    CHECK(cariosan_item_length(NULL) == 0 && strcmp(cariosan_item_data(NULL), "") == 0);
    CHECK(cariosan_item_error(NULL) == NULL && cariosan_item_header_count(NULL) == 0);
    CHECK(strcmp(cariosan_item_header_name(NULL, 0), "") == 0);
    CHECK(strcmp(cariosan_item_header_value(NULL, 0), "") == 0);
    CHECK(cariosan_error_code(NULL) == CARIOSAN_OK && cariosan_error_retryable(NULL) == 0);
    CHECK(strcmp(cariosan_error_message(NULL), "") == 0 && strcmp(cariosan_error_details(NULL), "") == 0);
}

static void test_null_arguments(cariosan_engine* engine) {
    static const char* const half_a_header[] = {"Host", NULL};
    char* answer = NULL;
    cariosan_error* error = NULL;
    FAILS(cariosan_call(engine, NULL, "workspace.list", "{}", 1, &error), CARIOSAN_MISUSE, error);
    FAILS(cariosan_call(engine, "{}", NULL, "{}", 1, &error), CARIOSAN_MISUSE, error);
    FAILS(cariosan_call(engine, "{}", "workspace.list", NULL, 1, &error), CARIOSAN_MISUSE, error);
    FAILS(cariosan_call_wait(engine, "{}", "workspace.list", "{}", NULL, NULL, &error), CARIOSAN_MISUSE,
          error);
    FAILS(cariosan_call_wait(engine, "{}", NULL, "{}", &answer, NULL, &error), CARIOSAN_MISUSE, error);
    FAILS(cariosan_subscribe(engine, NULL, NULL, &error), CARIOSAN_MISUSE, error);
    FAILS(cariosan_poll(engine, 0, NULL, &error), CARIOSAN_MISUSE, error);
    FAILS(cariosan_http(engine, NULL, "/", NULL, 0, NULL, 0, NULL, 0, 1, &error), CARIOSAN_MISUSE, error);
    FAILS(cariosan_http(engine, "GET", "/", NULL, 1, NULL, 0, NULL, 0, 1, &error), CARIOSAN_MISUSE, error);
    FAILS(cariosan_http(engine, "GET", "/", half_a_header, 1, NULL, 0, NULL, 0, 1, &error), CARIOSAN_MISUSE,
          error);
    FAILS(cariosan_http(engine, "GET", "/", NULL, 0, NULL, 5, NULL, 0, 1, &error), CARIOSAN_MISUSE, error);
    FAILS(cariosan_http(engine, "GET", "/", NULL, 0, NULL, 0, NULL, 2, 1, &error), CARIOSAN_MISUSE, error);
    FAILS(cariosan_http_begin(engine, "GET", NULL, NULL, 0, NULL, 0, 1, &error), CARIOSAN_MISUSE, error);
    FAILS(cariosan_http_begin(engine, "GET", "/", half_a_header, 1, NULL, 0, 1, &error), CARIOSAN_MISUSE, error);
    FAILS(cariosan_http_body(engine, 1, NULL, 5, 1, &error), CARIOSAN_MISUSE, error);
    FAILS(cariosan_http_body(engine, 1, "x", 1, 2, &error), CARIOSAN_MISUSE, error);
    FAILS(cariosan_session_open(engine, NULL, NULL, 0, NULL, 0, 1, &error), CARIOSAN_MISUSE, error);
    FAILS(cariosan_session_receive(engine, 1, NULL, 0, &error), CARIOSAN_MISUSE, error);
    /* Accessors accept a null item, and error pointers may be null. */
    CHECK(cariosan_call(engine, NULL, "workspace.list", "{}", 1, NULL) == CARIOSAN_MISUSE);
}

static void refuse_caller(cariosan_engine* engine, const char* caller) {
    char* answer = NULL;
    cariosan_error* error = NULL;
    FAILS(cariosan_call(engine, caller, "workspace.list", "{}", 1, &error), CARIOSAN_VALIDATION_ERROR, error);
    FAILS(cariosan_call_wait(engine, caller, "workspace.list", "{}", &answer, NULL, &error),
          CARIOSAN_VALIDATION_ERROR, error);
    CHECK(answer == NULL);
}

/* The same failure of a command, once by waiting and once by polling. */
static void refuse_command(cariosan_engine* engine, const char* caller, const char* name, const char* json,
                           cariosan_code expected) {
    char* answer = NULL;
    cariosan_error* error = NULL;
    cariosan_item* item;
    FAILS(cariosan_call_wait(engine, caller, name, json, &answer, NULL, &error), expected, error);
    CHECK(answer == NULL);
    OK(cariosan_call(engine, caller, name, json, 17, &error), error);
    item = expect_item(engine, CARIOSAN_ITEM_RESULT);
    CHECK(cariosan_item_ticket(item) == 17);
    CHECK(cariosan_item_code(item) == expected);
    CHECK(cariosan_error_code(cariosan_item_error(item)) == expected);
    CHECK(cariosan_item_length(item) == 0);
    cariosan_item_free(item);
}

static void test_commands(cariosan_engine* engine, const world* made) {
    refuse_caller(engine, "");
    refuse_caller(engine, "null");
    refuse_caller(engine, "{\"workspace\":1}");
    refuse_caller(engine, "{\"workspace\":\"shop\"}");
    refuse_caller(engine, "{\"user\":\"alice\"}");
    refuse_caller(engine, "{\"workspce\":\"shop\"}");

    refuse_command(engine, "{}", "workspace.destroy", "{}", CARIOSAN_NOT_FOUND);
    refuse_command(engine, "{}", "workspace.create", "{\"name\":", CARIOSAN_VALIDATION_ERROR);
    refuse_command(engine, "{}", "workspace.create", "[]", CARIOSAN_VALIDATION_ERROR);
    refuse_command(engine, "{}", "workspace.create", "{}", CARIOSAN_VALIDATION_ERROR);
    refuse_command(engine, "{}", "workspace.create", "{\"name\":7}", CARIOSAN_VALIDATION_ERROR);
    refuse_command(engine, made->backend.text, "workspace.create", "{\"name\":\"x\"}", CARIOSAN_FORBIDDEN);
    refuse_command(engine, made->alice.text, "message.send", "{\"channel\":\"nowhere\",\"content\":\"x\"}",
                   CARIOSAN_NOT_FOUND);
    refuse_command(engine, "{\"workspace\":\"01890a5d-ac96-774b-bcce-b302099a8057\",\"user\":\"alice\"}",
                   "me.get", "{}", CARIOSAN_UNAUTHORIZED);
}

static void test_sizes(cariosan_engine* engine) {
    const size_t size = 1100 * 1024;
    char* large = malloc(size + 1);
    cariosan_error* error = NULL;
    CHECK(large != NULL);
    memset(large, ' ', size);
    large[size] = '\0';
    FAILS(cariosan_call(engine, "{}", "workspace.list", large, 1, &error), CARIOSAN_PAYLOAD_TOO_LARGE, error);
    free(large);
}

static void test_unknown_numbers(cariosan_engine* engine) {
    uint64_t subscription = 1;
    cariosan_error* error = NULL;
    FAILS(cariosan_subscribe(engine, "shop", &subscription, &error), CARIOSAN_VALIDATION_ERROR, error);
    CHECK(subscription == 0);
    FAILS(cariosan_unsubscribe(engine, 1, &error), CARIOSAN_NOT_FOUND, error);
    FAILS(cariosan_session_receive(engine, 1, "x", 1, &error), CARIOSAN_NOT_FOUND, error);
    FAILS(cariosan_session_alive(engine, 0, &error), CARIOSAN_NOT_FOUND, error);
    FAILS(cariosan_session_backlog(engine, 1, 0, &error), CARIOSAN_NOT_FOUND, error);
    FAILS(cariosan_session_closed(engine, UINT64_MAX, &error), CARIOSAN_NOT_FOUND, error);
    FAILS(cariosan_http_body(engine, 1, "x", 1, 1, &error), CARIOSAN_NOT_FOUND, error);
    FAILS(cariosan_http_give_up(engine, 1, &error), CARIOSAN_NOT_FOUND, error);
}

static void test_tickets(void) {
    cariosan_engine* engine = open_engine("{\"storage\":\"sqlite::memory:\",\"max_tickets\":2}");
    cariosan_error* error = NULL;
    cariosan_item* item;
    OK(cariosan_call(engine, "{}", "workspace.list", "{}", 1, &error), error);
    OK(cariosan_http(engine, "GET", "/healthz", NULL, 0, NULL, 0, NULL, 0, 2, &error), error);
    {
        const cariosan_code code = cariosan_call(engine, "{}", "workspace.list", "{}", 3, &error);
        CHECK(code == CARIOSAN_UNAVAILABLE && cariosan_error_retryable(error) == 1);
        CHECK(contains(cariosan_error_details(error), "\"limit\":2"));
        cariosan_error_free(error);
        error = NULL;
    }
    item = next_item(engine);
    OK(cariosan_call(engine, "{}", "workspace.list", "{}", 3, &error), error);
    cariosan_item_free(item);
    close_engine(engine);
}

static void test_after_close(cariosan_engine* engine, const world* made) {
    uint64_t subscription = 0;
    char* answer = NULL;
    cariosan_item* item = NULL;
    cariosan_error* error = NULL;
    OK(cariosan_close(engine, 10000, &error), error);
    FAILS(cariosan_call(engine, "{}", "workspace.list", "{}", 1, &error), CARIOSAN_UNAVAILABLE, error);
    FAILS(cariosan_call_wait(engine, "{}", "workspace.list", "{}", &answer, NULL, &error),
          CARIOSAN_UNAVAILABLE, error);
    FAILS(cariosan_subscribe(engine, made->id.text, &subscription, &error), CARIOSAN_UNAVAILABLE, error);
    FAILS(cariosan_http(engine, "GET", "/healthz", NULL, 0, NULL, 0, NULL, 0, 1, &error),
          CARIOSAN_UNAVAILABLE, error);
    FAILS(cariosan_http_begin(engine, "GET", "/healthz", NULL, 0, NULL, 0, 1, &error), CARIOSAN_UNAVAILABLE, error);
    FAILS(cariosan_session_open(engine, "/v1/ws", NULL, 0, NULL, 0, 1, &error), CARIOSAN_UNAVAILABLE, error);
    FAILS(cariosan_drain(engine, 0, &error), CARIOSAN_UNAVAILABLE, error);
    FAILS(cariosan_poll(engine, -1, &item, &error), CARIOSAN_UNAVAILABLE, error);
    OK(cariosan_close(engine, 0, &error), error);
    cariosan_engine_free(engine);
}

int main(void) {
    cariosan_engine* engine;
    world made;
    CHECK(strcmp(cariosan_version(), CARIOSAN_VERSION) == 0);
    CHECK(cariosan_abi_version() == CARIOSAN_ABI_VERSION);
    test_open();
    test_nothing_at_all();
    engine = open_engine("{\"storage\":\"sqlite::memory:\",\"rates\":false}");
    made = make_world(engine);
    test_null_arguments(engine);
    test_commands(engine, &made);
    test_sizes(engine);
    test_unknown_numbers(engine);
    test_tickets();
    test_after_close(engine, &made);
    puts("misuse was refused");
    return 0;
}
