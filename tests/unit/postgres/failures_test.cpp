#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "adapters/postgres/connection_string.hpp"
#include "adapters/postgres/pg_failures.hpp"
#include "adapters/postgres/reconnecting.hpp"
#include "support/manual_clock.hpp"

namespace cariosan::postgres {
namespace {

std::string reason_of(const Error& error) {
    const ErrorDetail* reason = error.detail("reason");
    return reason == nullptr ? "" : std::get<std::string>(reason->value);
}

TEST_CASE("codes of the server become reasons") {
    struct Case {
        const char* sqlstate;
        const char* reason;
    };
    for (const Case& each : {Case{"53100", "storage_full"}, Case{"53300", "storage_busy"}, Case{"25006", "storage_read_only"},
                             Case{"55P03", "storage_busy"}, Case{"57014", "storage_busy"}, Case{"40P01", "storage_busy"},
                             Case{"57P01", "storage_unreachable"}, Case{"08006", "storage_unreachable"},
                             Case{"58030", "storage_failing"}, Case{"0A000", "storage_failing"}}) {
        const Error error = server_error(each.sqlstate, "the server's words");
        CHECK(error.code == ErrorCode::unavailable);
        CHECK(error.retryable);
        CHECK(reason_of(error) == each.reason);
        CHECK(error.cause.find("the server's words") != std::string::npos);
        CHECK(error.message.find("the server's words") == std::string::npos);
    }
    CHECK(server_error("23505", "").code == ErrorCode::conflict);
    CHECK(server_error("42601", "syntax error").code == ErrorCode::internal);
}

TEST_CASE("an error never quotes stored data") {
    const Error error = server_error("22P02", "invalid input syntax for type uuid: \"secret\"");
    CHECK(error.cause.find("secret") == std::string::npos);
    CHECK(error.cause.find("22P02") != std::string::npos);
}

TEST_CASE("opening tells what to do") {
    CHECK(opening_error(server_error("53100", "no space")).message.find("free space") != std::string::npos);
    CHECK(opening_error(server_error("26000", "no such statement")).message.find("PgBouncer") != std::string::npos);
}

TEST_CASE("a connection string that cannot be read is not shown") {
    for (const char* text : {"postgresql://u:pass/word@host/db", "postgresql://u:pass@word@host/db", "password=top secret",
                             "postgresql://host/db?unknown=secret", "host=a dbname=x@secret", "port=secret"}) {
        const auto checked = check_connection_string(text);
        REQUIRE_FALSE(checked.ok());
        CHECK(checked.error().code == ErrorCode::misuse);
        CHECK(checked.error().message.find("secret") == std::string::npos);
        CHECK(checked.error().message.find("word@") == std::string::npos);
    }
    for (const char* text : {"", "host=/tmp user=me", "postgresql://u:p%40ss@a:5432,b:5433/db?sslmode=require"}) {
        CHECK(check_connection_string(text).ok());
    }
}

TEST_CASE("a lost connection is tried at once and then ever more rarely") {
    const auto clock = std::make_shared<test::ManualClock>();
    double random = 0;
    Reconnecting reconnecting(clock, [&] { return random; });
    CHECK(reconnecting.may_try());
    std::vector<std::int64_t> pauses;
    for (int attempt = 0; attempt < 8; ++attempt) {
        reconnecting.failed();
        std::int64_t waited = 0;
        for (; !reconnecting.may_try(); ++waited) clock->advance(std::chrono::milliseconds(1));
        pauses.push_back(waited);
    }
    CHECK(pauses == std::vector<std::int64_t>{50, 100, 200, 400, 800, 1000, 1000, 1000});
    random = 0.5;
    reconnecting.failed();
    clock->advance(std::chrono::milliseconds(749));
    CHECK_FALSE(reconnecting.may_try());
    clock->advance(std::chrono::milliseconds(1));
    CHECK(reconnecting.may_try());
    reconnecting.succeeded();
    CHECK(reconnecting.may_try());
}

}  // namespace
}  // namespace cariosan::postgres
