#include <doctest/doctest.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "configuration.hpp"
#include "variable_names.hpp"

using namespace cariosan;
using server::ConsoleAccess;
using server::Environment;

namespace {

using Values = std::map<std::string, std::string>;

Result<server::Configuration> read(const Values& values) {
    return server::read_configuration([&values](const std::string& name) -> std::optional<std::string> {
        const auto found = values.find(name);
        if (found == values.end() || found->second.empty()) return std::nullopt;
        return found->second;
    });
}

/// The line with which the start fails; empty if it does not.
std::string fault(const Values& values) {
    const auto read_values = read(values);
    if (read_values) return "";
    CHECK(read_values.error().message.find('\n') == std::string::npos);
    return read_values.error().message;
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

const std::string kSecret(32, 's');

}  // namespace

TEST_CASE("without variables the server is configured for development") {
    const auto configuration = read({});
    REQUIRE(configuration);
    CHECK(configuration->environment == Environment::dev);
    CHECK(configuration->http_host == "127.0.0.1");
    CHECK(configuration->http_port == 8080);
    CHECK(configuration->database.path == "cariosan.db");
    CHECK(configuration->jwt_secret.empty());
    CHECK(configuration->jwt_issuer == "cariosan");
    CHECK(configuration->jwt_ttl == std::chrono::hours(24));
    CHECK(configuration->limits.message_bytes == 8192);
    CHECK(configuration->rates.enabled);
    CHECK(configuration->rates.sends_per_minute == 60);
    CHECK(configuration->rates.backend_requests_per_second == 100);
    CHECK(configuration->limits.connections_per_user == 5);
    CHECK(configuration->max_backlog_bytes == 1 << 20);
    CHECK(configuration->server_options().compression);
    CHECK(configuration->console == ConsoleAccess::on);
    CHECK(configuration->max_total_backlog_bytes == 256 << 20);
    CHECK(configuration->database.admin_socket_path() == "cariosan.db.sock");
    CHECK(configuration->database.jwt_secret_path() == "cariosan.db.jwt-secret");
}

TEST_CASE("every variable has its effect") {
    const auto configuration =
        read({{"CARIOS_ENV", "test"},
              {"CARIOS_HTTP_HOST", "::"},
              {"CARIOS_HTTP_PORT", "0"},
              {"CARIOS_TLS_CERT_FILE", "/etc/chat/chain.pem"},
              {"CARIOS_TLS_KEY_FILE", "/etc/chat/key.pem"},
              {"CARIOS_LOG_LEVEL", "error"},
              {"CARIOS_SLOW_COMMAND_MS", "20"},
              {"CARIOS_CORS_ALLOWED_ORIGINS", "https://shop.example, http://localhost:3000"},
              {"CARIOS_TRUSTED_PROXIES", "10.0.0.0/8,::1"},
              {"CARIOS_DATABASE_URL", "sqlite:/data/chat.db"},
              {"CARIOS_JWT_SECRET", kSecret},
              {"CARIOS_JWT_SECRET_PREVIOUS", kSecret + "old"},
              {"CARIOS_JWT_ISSUER", "shop"},
              {"CARIOS_JWT_TTL_HOURS", "1"},
              {"CARIOS_MAX_MESSAGE_SIZE_BYTES", "100"},
              {"CARIOS_RATE_LIMIT_MESSAGES_PER_MINUTE", "0"},
              {"CARIOS_RATE_LIMIT_REQUESTS_PER_SECOND", "7"},
              {"CARIOS_RATE_LIMITS", "off"},
              {"CARIOS_WS_MAX_CONNECTIONS_PER_USER", "2"},
              {"CARIOS_WS_MAX_BACKLOG_BYTES", "65536"},
              {"CARIOS_WS_MAX_TOTAL_BACKLOG_BYTES", "1048576"},
              {"CARIOS_WS_COMPRESSION", "off"},
              {"CARIOS_METRICS_TOKEN", "scrape"},
              {"CARIOS_CONSOLE", "off"},
              {"CARIOS_THREADS", "3"},
              {"CARIOS_HTTP_KEEPALIVE_SECONDS", "20"}});
    REQUIRE(configuration);
    CHECK(configuration->environment == Environment::test);
    CHECK(configuration->log_level == LogLevel::error);
    CHECK(configuration->slow_command == std::chrono::milliseconds(20));
    CHECK(configuration->database.path == "/data/chat.db");
    CHECK(configuration->limits.message_bytes == 100);
    CHECK(configuration->limits.connections_per_user == 2);
    CHECK(configuration->rates.sends_per_minute == 0);
    CHECK(configuration->rates.backend_requests_per_second == 7);
    CHECK_FALSE(configuration->rates.enabled);
    CHECK(configuration->console == ConsoleAccess::off);

    const ServerOptions server = configuration->server_options();
    CHECK(server.host == "::");
    CHECK(server.port == 0);
    CHECK(server.threads == 3);
    CHECK_FALSE(server.compression);
    CHECK(server.tls_certificate_file == "/etc/chat/chain.pem");
    CHECK(server.tls_key_file == "/etc/chat/key.pem");
    CHECK(server.keep_alive_timeout == std::chrono::seconds(20));
    CHECK(server.trusted_proxies == std::vector<std::string>{"10.0.0.0/8", "::1"});

    const GatewayOptions gateway = configuration->gateway_options();
    CHECK(gateway.jwt_secret == kSecret);
    CHECK(gateway.jwt_secret_previous == kSecret + "old");
    CHECK(gateway.jwt_issuer == "shop");
    CHECK(gateway.jwt_ttl == std::chrono::hours(1));
    CHECK(gateway.allowed_origins ==
          std::vector<std::string>{"https://shop.example", "http://localhost:3000"});
    CHECK(gateway.trusted_proxies == std::vector<std::string>{"10.0.0.0/8", "::1"});
    CHECK(gateway.metrics_token == "scrape");
    CHECK(gateway.max_backlog_bytes == 65536);
    CHECK(gateway.max_total_backlog_bytes == 1048576);
}

TEST_CASE("production listens everywhere, and shows its console to its own machine only") {
    const auto configuration = read({{"CARIOS_ENV", "prod"}, {"CARIOS_JWT_SECRET", kSecret}});
    REQUIRE(configuration);
    CHECK(configuration->http_host == "0.0.0.0");
    CHECK(configuration->console == ConsoleAccess::local);
    CHECK(read({{"CARIOS_ENV", "prod"}, {"CARIOS_JWT_SECRET", kSecret}, {"CARIOS_CONSOLE", "on"}})->console == ConsoleAccess::on);
    CHECK(read({{"CARIOS_ENV", "prod"}, {"CARIOS_JWT_SECRET", kSecret}, {"CARIOS_HTTP_HOST", "127.0.0.1"}})
              ->http_host == "127.0.0.1");
}

TEST_CASE("an invalid value fails the start with the variable, the fault and what is accepted") {
    CHECK(fault({{"CARIOS_HTTP_PORT", "80x"}}) ==
          "CARIOS_HTTP_PORT: \"80x\" is no such number; accepted: a whole number from 0 to 65535");
    CHECK(fault({{"CARIOS_ENV", "production"}}) ==
          "CARIOS_ENV: \"production\" is none of the choices; accepted: dev, prod, test");

    const std::vector<std::pair<std::string, std::vector<std::string>>> bad = {
        {"CARIOS_HTTP_HOST", {"example.com", "127.0.0.1:80", "[::1]"}},
        {"CARIOS_HTTP_PORT", {"65536", "-1", " 80", "1e3", "99999999999999999999"}},
        {"CARIOS_LOG_LEVEL", {"INFO", "trace"}},
        {"CARIOS_SLOW_COMMAND_MS", {"-1", "1s", "3600001"}},
        {"CARIOS_CORS_ALLOWED_ORIGINS",
         {"shop.example", "https://shop.example/", "https://Shop.example", "https://"}},
        {"CARIOS_TRUSTED_PROXIES", {"10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/"}},
        {"CARIOS_DATABASE_URL", {"chat.db", "sqlite:", "sqlite:data/", "sqlite://host/chat.db", "mysql://x"}},
        {"CARIOS_JWT_ISSUER", {"my issuer", std::string(256, 'i')}},
        {"CARIOS_JWT_TTL_HOURS", {"0", "24h"}},
        {"CARIOS_MAX_MESSAGE_SIZE_BYTES", {"0", "65537"}},
        {"CARIOS_RATE_LIMIT_MESSAGES_PER_MINUTE", {"-1", "many"}},
        {"CARIOS_RATE_LIMIT_REQUESTS_PER_SECOND", {"-1"}},
        {"CARIOS_RATE_LIMITS", {"no", "0"}},
        {"CARIOS_WS_MAX_CONNECTIONS_PER_USER", {"0"}},
        {"CARIOS_WS_MAX_BACKLOG_BYTES", {"1"}},
        {"CARIOS_WS_MAX_TOTAL_BACKLOG_BYTES", {"1"}},
        {"CARIOS_METRICS_TOKEN", {"two words"}},
        {"CARIOS_ATTACHMENT_TYPES", {"image", "image/", "*/*", "image/png;q=1", "image/png image/gif", ","}},
        {"CARIOS_MAX_ATTACHMENT_SIZE_BYTES", {"0", "5368709121", "25MB"}},
        {"CARIOS_THREADS", {"0", "65"}},
        {"CARIOS_HTTP_KEEPALIVE_SECONDS", {"0", "3601", "x"}},
    };
    for (const auto& each : bad) {
        const std::string& name = each.first;
        for (const std::string& value : each.second) {
            CAPTURE(name);
            CAPTURE(value);
            const std::string line = fault({{name, value}});
            CHECK(line.starts_with(name + ": "));
            CHECK(contains(line, "; accepted: "));
        }
    }
}

TEST_CASE("the line about an invalid value shows no secret and nothing that controls a terminal") {
    for (const char* name : {"CARIOS_JWT_SECRET", "CARIOS_JWT_SECRET_PREVIOUS"}) {
        const std::string line = fault({{name, "hunter2"}});
        CHECK(contains(line, "has only 7 bytes"));
        CHECK_FALSE(contains(line, "hunter2"));
    }
    CHECK_FALSE(contains(fault({{"CARIOS_METRICS_TOKEN", "hunter 2"}}), "hunter"));
    CHECK_FALSE(contains(fault({{"CARIOS_DATABASE_URL", "postgres://me:hunter2@db/chat"}}), "hunter2"));
    CHECK_FALSE(contains(fault({{"CARIOS_LOG_LEVEL", "\x1b[31m\n"}}), "\x1b"));
    CHECK(fault({{"CARIOS_LOG_LEVEL", std::string(10'000, 'x')}}).size() < 200);
}

TEST_CASE("features that this server lacks are refused, not ignored") {
    if (!server::is_supported(server::Database::Kind::postgres)) {
        CHECK(contains(fault({{"CARIOS_DATABASE_URL", "postgres://db/chat"}}),
                       "PostgreSQL is not supported by this build"));
    }
    std::vector<const char*> names;
    if (!server::is_redis_supported()) names.push_back("CARIOS_REDIS_URL");
    for (const char* name : names) {
        CAPTURE(name);
        CHECK(fault({{name, "secret"}}) ==
              std::string(name) + ": is not supported by this build; accepted: nothing: leave it unset");
        CHECK(fault({{name, ""}}).empty());
    }
}

TEST_CASE("TLS needs a certificate and its key") {
    CHECK(fault({{"CARIOS_TLS_CERT_FILE", "a"}}) ==
          "CARIOS_TLS_KEY_FILE: is not set, but its counterpart is; accepted: both, for HTTPS, or neither, for HTTP");
    CHECK(contains(fault({{"CARIOS_TLS_KEY_FILE", "a"}}), "CARIOS_TLS_CERT_FILE: is not set"));
    CHECK(fault({{"CARIOS_TLS_CERT_FILE", ""}, {"CARIOS_TLS_KEY_FILE", ""}}).empty());
}

TEST_CASE("a shared database is PostgreSQL, and only that may have Redis") {
    const std::string postgres = "postgres://me:hunter2@db/chat";
    if (!server::is_supported(server::Database::Kind::postgres)) return;
    const auto configuration = read({{"CARIOS_DATABASE_URL", postgres}});
    REQUIRE(configuration);
    CHECK(configuration->database.is_shared());
    CHECK(configuration->database.url == postgres);
    CHECK_FALSE(contains(configuration->database.name(), "hunter2"));
    CHECK_FALSE(configuration->database.has_admin_socket());
    CHECK(configuration->database.prepared_statements);
    CHECK_FALSE(read({{"CARIOS_DATABASE_URL", postgres}, {"CARIOS_DATABASE_PREPARED_STATEMENTS", "off"}})->database.prepared_statements);
    CHECK(contains(fault({{"CARIOS_DATABASE_URL", postgres}, {"CARIOS_DATABASE_PREPARED_STATEMENTS", "no"}}), "accepted: "));
    CHECK(contains(fault({{"CARIOS_DATABASE_URL", "postgres:chat"}}), "accepted: "));
    if (!server::is_redis_supported()) return;
    CHECK(read({{"CARIOS_DATABASE_URL", postgres}, {"CARIOS_REDIS_URL", "redis://cache"}})->redis_url == "redis://cache");
    CHECK(contains(fault({{"CARIOS_REDIS_URL", "redis://me:hunter2@cache"}}), "belongs to one server"));
    CHECK_FALSE(contains(fault({{"CARIOS_REDIS_URL", "redis://me:hunter2@cache"}}), "hunter2"));
}

TEST_CASE("misspelt variables are found") {
    const std::vector<std::string> names = {"PATH", "CARIOS_HTTP_PORT", "CARIOS_HTTPPORT",
                                            "CARIOS_TLS_KEY_FILE", "CARIOSAN_X"};
    CHECK(server::unknown_variables(names) ==
          std::vector<server::UnknownVariable>{{"CARIOS_HTTPPORT", "CARIOS_HTTP_PORT"}, {"CARIOSAN_X", ""}});
    const auto suggested = [](const std::string& name) { return server::unknown_variables({name}).at(0).suggestion; };
    CHECK(suggested("CARIOS_HTTP_PROT") == "CARIOS_HTTP_PORT");
    CHECK(suggested("CARIOS_JWT_SECERT") == "CARIOS_JWT_SECRET");
    CHECK(suggested("CARIOSAN_DATABASE_URL") == "CARIOS_DATABASE_URL");
    CHECK(suggested("CARIOSAN_LOGLEVEL") == "CARIOS_LOG_LEVEL");
    CHECK(suggested("CARIOS_NOTHING_LIKE_IT") == "");
    CHECK(server::unknown_variables({"CARIOS_HTTP_PROT"}).at(0).words() ==
          "CARIOS_HTTP_PROT is no variable of this server; did you mean CARIOS_HTTP_PORT?");
    CHECK(server::unknown_variables(server::supported_variables()).empty());
}
