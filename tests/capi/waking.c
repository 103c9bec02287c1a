/* The wake-up descriptor, the log, and fork. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>

#include "support.h"

/* Only ends a test that would hang. */
enum { kPatience = 60000 };

static int readable(int descriptor, int timeout_ms) {
    struct pollfd watched;
    int count;
    watched.fd = descriptor;
    watched.events = POLLIN;
    watched.revents = 0;
    do count = poll(&watched, 1, timeout_ms);
    while (count < 0 && errno == EINTR);
    return count == 1;
}

/* Polls until nothing is left, and returns how many items of this kind there were. */
static int drain(cariosan_engine* engine, int32_t kind) {
    int count = 0;
    for (;;) {
        cariosan_item* item = NULL;
        cariosan_error* error = NULL;
        OK(cariosan_poll(engine, 0, &item, &error), error);
        if (item == NULL) return count;
        if (cariosan_item_kind(item) == kind) ++count;
        cariosan_item_free(item);
    }
}

/* Polls until the descriptor says that there is nothing left to do. */
static void settle(cariosan_engine* engine) {
    do drain(engine, 0);
    while (readable(cariosan_wake_fd(engine), 0));
}

static void test_descriptor(cariosan_engine* engine) {
    const int descriptor = cariosan_wake_fd(engine);
    cariosan_error* error = NULL;
    cariosan_item* item = NULL;
    int results = 0;
    CHECK(descriptor >= 0);
    settle(engine);

    OK(cariosan_call(engine, "{}", "workspace.list", "{}", 1, &error), error);
    OK(cariosan_call(engine, "{}", "workspace.list", "{}", 2, &error), error);
    while (results < 2) {
        CHECK(readable(descriptor, kPatience));
        OK(cariosan_poll(engine, 0, &item, &error), error);
        if (item != NULL) ++results;
        cariosan_item_free(item);
    }
    settle(engine);

    /* Without a poll it stays readable, and so it does after one of two items was taken. */
    OK(cariosan_http(engine, "GET", "/healthz", NULL, 0, NULL, 0, NULL, 0, 3, &error), error);
    OK(cariosan_http(engine, "GET", "/healthz", NULL, 0, NULL, 0, NULL, 0, 4, &error), error);
    CHECK(readable(descriptor, kPatience) && readable(descriptor, kPatience));
    cariosan_item_free(expect_item(engine, CARIOSAN_ITEM_RESPONSE));
    CHECK(readable(descriptor, kPatience));
    CHECK(drain(engine, CARIOSAN_ITEM_RESPONSE) == 1);
    settle(engine);

    OK(cariosan_close(engine, 10000, &error), error);
    CHECK(readable(descriptor, kPatience));
}

/* Sessions have deadlines: a host that only waits on the descriptor is woken to handle them. */
static void test_deadlines(cariosan_engine* engine) {
    const int descriptor = cariosan_wake_fd(engine);
    const world made = make_world(engine);
    const text_value token = token_for(engine, &made, "alice");
    text_value protocol;
    cariosan_error* error = NULL;
    cariosan_item* item;
    uint64_t session;
    TEXT(protocol, "cariosan.jwt.%s", token.text);
    ask_for_session(engine, "", token.text, 1);
    item = expect_item(engine, CARIOSAN_ITEM_ADMITTED);
    CHECK(strcmp(cariosan_item_data(item), protocol.text) == 0);
    session = cariosan_item_handle(item);
    cariosan_item_free(item);
    cariosan_item_free(expect_item(engine, CARIOSAN_ITEM_TEXT));
    settle(engine);
    CHECK(readable(descriptor, kPatience));
    OK(cariosan_session_closed(engine, session, &error), error);
    settle(engine);
}

/* Whether this process may write files. */
static void allow_writing(int allowed) {
    static struct rlimit usual;
    struct rlimit limit;
    if (!allowed) {
        CHECK(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
        CHECK(getrlimit(RLIMIT_FSIZE, &usual) == 0);
        limit = usual;
        limit.rlim_cur = 1;
    } else {
        limit = usual;
    }
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

/* The next log line about this event; skips other items. */
static cariosan_item* next_line(cariosan_engine* engine, const char* event) {
    for (;;) {
        cariosan_item* item = next_item(engine);
        if (cariosan_item_kind(item) == CARIOSAN_ITEM_LOG &&
            strcmp(json_text(cariosan_item_data(item), "event").text, event) == 0) {
            return item;
        }
        cariosan_item_free(item);
    }
}

/* Each request logs a line, which has the request_id of its error; an option sets the lowest level. */
static void test_requests(const char* level) {
    const int all = strcmp(level, "debug") == 0;
    text_value options;
    cariosan_engine* engine;
    cariosan_error* error = NULL;
    cariosan_item* item;
    text_value id;
    TEXT(options, "{\"storage\":\"sqlite::memory:\",\"log\":\"%s\"}", level);
    engine = open_engine(options.text);
    OK(cariosan_http(engine, "GET", "/healthz", NULL, 0, NULL, 0, NULL, 0, 1, &error), error);
    OK(cariosan_http(engine, "GET", "/v1/nowhere", NULL, 0, NULL, 0, NULL, 0, 2, &error), error);
    if (all) {
        item = next_line(engine, "request.done");
        CHECK(contains(cariosan_item_data(item), "\"route\":\"/healthz\""));
        CHECK(contains(cariosan_item_data(item), "\"status\":200"));
        CHECK(strcmp(json_text(cariosan_item_data(item), "level").text, "debug") == 0);
        cariosan_item_free(item);
    }
    item = next_line(engine, "request.done");
    CHECK(contains(cariosan_item_data(item), "\"status\":404") && !contains(cariosan_item_data(item), "nowhere"));
    CHECK(strcmp(json_text(cariosan_item_data(item), "level").text, "info") == 0);
    id = json_text(cariosan_item_data(item), "request_id");
    cariosan_item_free(item);
    do item = expect_item(engine, CARIOSAN_ITEM_RESPONSE);
    while (cariosan_item_ticket(item) != 2 && (cariosan_item_free(item), 1));
    CHECK(strcmp(json_text(cariosan_item_data(item), "request_id").text, id.text) == 0);
    cariosan_item_free(item);
    close_engine(engine);
}

/* A disk that accepts no writes: the command fails, a log item says so, and afterwards everything works again. */
static void test_log(void) {
    const workplace place = make_workplace(",\"log\":\"error\"");
    cariosan_engine* engine = open_engine(place.options.text);
    const world made = make_world(engine);
    cariosan_error* error = NULL;
    cariosan_item* item;
    char* answer = NULL;

    allow_writing(0);
    CHECK(cariosan_call_wait(engine, made.alice.text, "message.send",
                             "{\"channel\":\"room\",\"content\":\"lost\"}", &answer, NULL,
                             &error) == CARIOSAN_UNAVAILABLE);
    allow_writing(1);
    CHECK(answer == NULL && cariosan_error_retryable(error) == 1);
    cariosan_error_free(error);

    item = next_line(engine, "request.done");
    CHECK(contains(cariosan_item_data(item), "\"cause\":\""));
    CHECK(strcmp(json_text(cariosan_item_data(item), "level").text, "error") == 0);
    CHECK(*json_text(cariosan_item_data(item), "event").text != '\0');
    CHECK(contains(cariosan_item_data(item), "\"fields\":{"));
    cariosan_item_free(item);

    run_and_forget(engine, made.alice.text, "message.send", "{\"channel\":\"room\",\"content\":\"kept\"}");
    answer = run(engine, made.alice.text, "message.list", "{\"channel\":\"room\"}");
    CHECK(contains(answer, "\"kept\"") && !contains(answer, "\"lost\""));
    cariosan_free(answer);
    close_engine(engine);
    remove_workplace(&place);
}

static void check_child(cariosan_engine* engine) {
    char* answer = NULL;
    uint64_t number = 0;
    cariosan_item* item = NULL;
    cariosan_error* error = NULL;
    FAILS(cariosan_call(engine, "{}", "workspace.list", "{}", 1, &error), CARIOSAN_FORKED, error);
    FAILS(cariosan_call_wait(engine, "{}", "workspace.list", "{}", &answer, NULL, &error), CARIOSAN_FORKED,
          error);
    FAILS(cariosan_subscribe(engine, "x", &number, &error), CARIOSAN_FORKED, error);
    FAILS(cariosan_unsubscribe(engine, 1, &error), CARIOSAN_FORKED, error);
    FAILS(cariosan_poll(engine, -1, &item, &error), CARIOSAN_FORKED, error);
    FAILS(cariosan_http(engine, "GET", "/", NULL, 0, NULL, 0, NULL, 0, 1, &error), CARIOSAN_FORKED, error);
    FAILS(cariosan_session_open(engine, "/v1/ws", NULL, 0, NULL, 0, 1, &error), CARIOSAN_FORKED, error);
    FAILS(cariosan_session_receive(engine, 1, "{}", 2, &error), CARIOSAN_FORKED, error);
    FAILS(cariosan_session_alive(engine, 1, &error), CARIOSAN_FORKED, error);
    FAILS(cariosan_session_backlog(engine, 1, 0, &error), CARIOSAN_FORKED, error);
    FAILS(cariosan_session_closed(engine, 1, &error), CARIOSAN_FORKED, error);
    FAILS(cariosan_drain(engine, 0, &error), CARIOSAN_FORKED, error);
    FAILS(cariosan_close(engine, 0, &error), CARIOSAN_FORKED, error);
    CHECK(cariosan_wake_fd(engine) == -1);
    cariosan_engine_free(engine);
}

static void test_fork(cariosan_engine* engine) {
    int status = 0;
    pid_t child;
    fflush(NULL);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        check_child(engine);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    /* The parent is unaffected. */
    run_and_forget(engine, "{}", "workspace.list", "{}");
}

int main(void) {
    cariosan_engine* engine = open_engine("{\"storage\":\"sqlite::memory:\"}");
    test_deadlines(engine);
    test_fork(engine);
    test_descriptor(engine);
    cariosan_engine_free(engine);
    test_log();
    test_requests("info");
    test_requests("debug");
    puts("the descriptor woke whoever waited");
    return 0;
}
