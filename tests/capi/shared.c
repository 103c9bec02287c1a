/* Two engines over one PostgreSQL, joined by Redis: what is written through one reaches the sessions of the other. Says that it
 * is skipped where there are no such servers. */
#include <libpq-fe.h>

#include "support.h"

#define SECRET "0123456789abcdef0123456789abcdef"

/* The URL of a database on the server that the environment names. */
static text_value database_url(const char* server, const char* name) {
    static const char scheme[] = "postgres:///";
    text_value url;
    CHECK(strncmp(server, scheme, strlen(scheme)) == 0);
    TEXT(url, "%s%s%s", scheme, name, server + strlen(scheme));
    return url;
}

static void run_sql(const char* server, const char* format, const char* name) {
    const text_value url = database_url(server, "postgres");
    PGconn* connection = PQconnectdb(url.text);
    text_value sql;
    PGresult* result;
    TEXT(sql, format, name);
    result = PQexec(connection, sql.text);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) {
        fprintf(stderr, "%s: %s", sql.text, PQerrorMessage(connection));
        exit(1);
    }
    PQclear(result);
    PQfinish(connection);
}

static void talk(const char* options, const char* folder) {
    cariosan_engine *one = open_engine(options), *other = open_engine(options);
    const world made = make_world(one);
    const text_value token = token_for(other, &made, "bob");
    const uint64_t session = open_session(other, token.text);
    text_value path;
    cariosan_error* error = NULL;
    char* history;
    expect_text(other, session, "\"connection.ready\"");
    run_and_forget(one, made.alice.text, "message.send", "{\"channel\":\"room\",\"content\":\"from the other engine\"}");
    expect_text(other, session, "from the other engine");
    history = run(other, made.bob.text, "message.list", "{\"channel\":\"room\"}");
    CHECK(contains(history, "from the other engine"));
    cariosan_free(history);
    TEXT(path, "%s/backup.db", folder);
    FAILS(cariosan_backup(one, path.text, &error), CARIOSAN_UNAVAILABLE, error);
    OK(cariosan_rotate_epoch(one, NULL, &error), error);
    close_engine(one);
    close_engine(other);
}

int main(void) {
    const char* server = getenv("CARIOSAN_TEST_POSTGRES");
    const char* redis = getenv("CARIOSAN_TEST_REDIS");
    text_value name, url, options;
    char folder[] = "/tmp/cariosan-capi-XXXXXX";
    if (server == NULL || *server == '\0' || redis == NULL || *redis == '\0') {
        puts("skipped: CARIOSAN_TEST_POSTGRES or CARIOSAN_TEST_REDIS is not set");
        return 0;
    }
    CHECK(mkdtemp(folder) != NULL);
    TEXT(name, "cariosan_test_capi_%ld", (long)getpid());
    url = database_url(server, name.text);
    run_sql(server, "CREATE DATABASE %s TEMPLATE template0 ENCODING 'UTF8'", name.text);
    TEXT(options, "{\"storage\":\"%s\",\"redis\":\"%s\",\"jwt_secret\":\"" SECRET "\",\"prepared_statements\":false}", url.text, redis);
    talk(options.text, folder);
    run_sql(server, "DROP DATABASE %s WITH (FORCE)", name.text);
    CHECK(rmdir(folder) == 0);
    puts("two engines served one conversation");
    return 0;
}
