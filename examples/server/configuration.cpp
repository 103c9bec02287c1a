#include "configuration.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "configuration_values.hpp"
#include "variable_names.hpp"

namespace cariosan::server {

namespace {

/// A value for an error line: quoted, cut, and without control characters that a terminal would act on.
std::string shown(std::string_view value) {
    constexpr std::size_t kMost = 60;
    std::string text = "\"";
    for (const char c : value.substr(0, kMost)) text += c >= ' ' && c != '\x7f' ? c : '?';
    text += value.size() > kMost ? "…\"" : "\"";
    return text;
}

/// Reads one variable after the other. Keeps the first error and ignores the rest after it.
class Reading {
  public:
    explicit Reading(const Variables& variables) : variables_(variables) {}

    std::optional<std::string> text(const char* name) const { return variables_(name); }

    void fault(const char* name, const std::string& what, const std::string& accepted) {
        if (!fault_)
            fault_ = Error(ErrorCode::misuse, std::string(name) + ": " + what + "; accepted: " + accepted);
    }

    template <class T>
    void number(const char* name, T& target, std::int64_t low, std::int64_t high) {
        const auto value = text(name);
        if (!value) return;
        if (const auto parsed = parse_number(*value, low, high)) {
            target = static_cast<T>(*parsed);
        } else {
            fault(name, shown(*value) + " is no such number",
                  "a whole number from " + std::to_string(low) + " to " + std::to_string(high));
        }
    }

    template <class T>
    void choice(const char* name, T& target, const std::vector<std::pair<std::string_view, T>>& choices) {
        const auto value = text(name);
        if (!value) return;
        std::string accepted;
        for (const auto& [word, meaning] : choices) {
            if (*value == word) {
                target = meaning;
                return;
            }
            accepted += (accepted.empty() ? "" : ", ") + std::string(word);
        }
        fault(name, shown(*value) + " is none of the choices", accepted);
    }

    template <class Check>
    void list(const char* name, std::vector<std::string>& target, Check check, const char* accepted) {
        const auto value = text(name);
        if (!value) return;
        target = split_list(*value);
        for (const std::string& item : target) {
            if (!check(item)) fault(name, shown(item) + " is not understood", accepted);
        }
    }

    void secret(const char* name, std::string& target) {
        constexpr std::size_t kLeast = 32;
        const auto value = text(name);
        if (!value) return;
        if (value->size() < kLeast) {
            fault(name, "has only " + std::to_string(value->size()) + " bytes", "at least 32 bytes");
        }
        target = *value;
    }

    const std::optional<Error>& result() const { return fault_; }

  private:
    const Variables& variables_;
    std::optional<Error> fault_;
};

void read_network(Reading& reading, Configuration& configuration) {
    if (configuration.environment == Environment::prod) configuration.http_host = "0.0.0.0";
    if (auto host = reading.text("CARIOS_HTTP_HOST")) {
        configuration.http_host = *host == "localhost" ? "127.0.0.1" : *host;
        if (!is_address(configuration.http_host)) {
            reading.fault("CARIOS_HTTP_HOST", shown(*host) + " is no address",
                          "an IPv4 or IPv6 address to listen on, such as 127.0.0.1, 0.0.0.0 or ::");
        }
    }
    reading.number("CARIOS_HTTP_PORT", configuration.http_port, 0, 65535);
    configuration.tls_certificate_file = reading.text("CARIOS_TLS_CERT_FILE").value_or("");
    configuration.tls_key_file = reading.text("CARIOS_TLS_KEY_FILE").value_or("");
    if (configuration.tls_certificate_file.empty() != configuration.tls_key_file.empty()) {
        const bool without_key = configuration.tls_key_file.empty();
        reading.fault(without_key ? "CARIOS_TLS_KEY_FILE" : "CARIOS_TLS_CERT_FILE", "is not set, but its counterpart is",
                      "both, for HTTPS, or neither, for HTTP");
    }
    reading.choice<LogLevel>("CARIOS_LOG_LEVEL", configuration.log_level,
                             {{"debug", LogLevel::debug},
                              {"info", LogLevel::info},
                              {"warning", LogLevel::warning},
                              {"error", LogLevel::error}});
    std::int64_t slow = configuration.slow_command.count();
    reading.number("CARIOS_SLOW_COMMAND_MS", slow, 0, 3'600'000);
    configuration.slow_command = std::chrono::milliseconds(slow);
    reading.list("CARIOS_CORS_ALLOWED_ORIGINS", configuration.allowed_origins, is_origin,
                 "origins in lower case, separated by commas, such as https://shop.example or https://*.shop.example, or *");
    reading.list("CARIOS_TRUSTED_PROXIES", configuration.trusted_proxies, is_address_range,
                 "addresses or ranges, separated by commas, such as 10.0.0.0/8");
    if (auto token = reading.text("CARIOS_METRICS_TOKEN")) {
        if (!is_token_text(*token)) {
            reading.fault("CARIOS_METRICS_TOKEN", "has spaces or special characters",
                          "visible ASCII characters");
        }
        configuration.metrics_token = *token;
    }
    if (configuration.environment == Environment::prod) configuration.console = ConsoleAccess::local;
    reading.choice<ConsoleAccess>(
        "CARIOS_CONSOLE", configuration.console,
        {{"on", ConsoleAccess::on}, {"local", ConsoleAccess::local}, {"off", ConsoleAccess::off}});
    reading.number("CARIOS_THREADS", configuration.threads, 1, 64);
    std::int64_t seconds = configuration.keep_alive.count();
    reading.number("CARIOS_HTTP_KEEPALIVE_SECONDS", seconds, 1, 3600);
    configuration.keep_alive = std::chrono::seconds(seconds);
}

void read_database(Reading& reading, Configuration& configuration) {
    const char* name = "CARIOS_DATABASE_URL";
    const bool postgres = is_supported(Database::Kind::postgres);
    const char* accepted = postgres ? "sqlite:PATH, such as sqlite:cariosan.db, or postgres://USER:PASSWORD@HOST/NAME"
                                    : "sqlite:PATH, such as sqlite:cariosan.db";
    const auto url = reading.text(name);
    if (!url) return;
    // The URL of a database server may contain a password, so it is not shown.
    if (url->starts_with("postgres://") || url->starts_with("postgresql://")) {
        if (!postgres) return reading.fault(name, "PostgreSQL is not supported by this build", accepted);
        configuration.database = {.kind = Database::Kind::postgres, .path = "cariosan", .url = *url};
        return reading.choice<bool>("CARIOS_DATABASE_PREPARED_STATEMENTS", configuration.database.prepared_statements,
                                    {{"on", true}, {"off", false}});
    }
    if (!url->starts_with("sqlite:")) return reading.fault(name, "names no database that this server knows", accepted);
    configuration.database.path = url->substr(7);
    if (const auto fault = path_fault(configuration.database.path))
        reading.fault(name, shown(*url) + " " + *fault, accepted);
}

void read_redis(Reading& reading, Configuration& configuration) {
    const char* name = "CARIOS_REDIS_URL";
    const auto url = reading.text(name);
    // Without Redis in this build, the variable is refused with the other unsupported ones.
    if (!url || !is_redis_supported()) return;
    if (!configuration.database.is_shared()) {
        return reading.fault(name, "is set, but a SQLite file belongs to one server", "nothing, or PostgreSQL in CARIOS_DATABASE_URL");
    }
    configuration.redis_url = *url;
}

void read_tokens(Reading& reading, Configuration& configuration) {
    reading.secret("CARIOS_JWT_SECRET", configuration.jwt_secret);
    reading.secret("CARIOS_JWT_SECRET_PREVIOUS", configuration.jwt_secret_previous);
    if (auto issuer = reading.text("CARIOS_JWT_ISSUER")) {
        if (!is_token_text(*issuer) || issuer->size() > 255) {
            reading.fault("CARIOS_JWT_ISSUER", shown(*issuer) + " is no issuer",
                          "1 to 255 visible ASCII characters");
        }
        configuration.jwt_issuer = *issuer;
    }
    std::int64_t hours = configuration.jwt_ttl.count();
    reading.number("CARIOS_JWT_TTL_HOURS", hours, 1, 87'600);
    configuration.jwt_ttl = std::chrono::hours(hours);
}

void read_limits(Reading& reading, Configuration& configuration) {
    reading.number("CARIOS_MAX_MESSAGE_SIZE_BYTES", configuration.limits.message_bytes, 1, 65'536);
    reading.number("CARIOS_RATE_LIMIT_MESSAGES_PER_MINUTE", configuration.rates.sends_per_minute, 0,
                   1'000'000);
    reading.number("CARIOS_RATE_LIMIT_REQUESTS_PER_SECOND", configuration.rates.backend_requests_per_second,
                   0, 1'000'000);
    reading.choice<bool>("CARIOS_RATE_LIMITS", configuration.rates.enabled, {{"on", true}, {"off", false}});
    reading.number("CARIOS_WS_MAX_CONNECTIONS_PER_USER", configuration.limits.connections_per_user, 1, 10'000);
    reading.number("CARIOS_WS_MAX_BACKLOG_BYTES", configuration.max_backlog_bytes, 65'536, 1 << 30);
    reading.number("CARIOS_WS_MAX_TOTAL_BACKLOG_BYTES", configuration.max_total_backlog_bytes, 1 << 20,
                   std::int64_t{1} << 40);
    reading.choice<bool>("CARIOS_WS_COMPRESSION", configuration.compression, {{"on", true}, {"off", false}});
}

void read_delivery(Reading& reading, Configuration& configuration) {
    reading.choice<bool>("CARIOS_WEBHOOK_ALLOW_PRIVATE", configuration.webhook_allow_private,
                         {{"true", true}, {"false", false}});
    configuration.fcm_service_account_file = reading.text("CARIOS_FCM_SERVICE_ACCOUNT_FILE").value_or("");
    configuration.fcm_project_id = reading.text("CARIOS_FCM_PROJECT_ID").value_or("");
    configuration.fcm_base_url = reading.text("CARIOS_FCM_BASE_URL").value_or("");
    configuration.vapid_private_key = reading.text("CARIOS_VAPID_PRIVATE_KEY").value_or("");
    configuration.vapid_subject = reading.text("CARIOS_VAPID_SUBJECT").value_or("");
    if (configuration.vapid_private_key.empty() != configuration.vapid_subject.empty()) {
        const bool has_key = configuration.vapid_subject.empty();
        reading.fault(has_key ? "CARIOS_VAPID_SUBJECT" : "CARIOS_VAPID_PRIVATE_KEY",
                      std::string("is not set, but ") + (has_key ? "CARIOS_VAPID_PRIVATE_KEY" : "CARIOS_VAPID_SUBJECT") + " is",
                      "both, or neither");
    }
    reading.choice<bool>("CARIOS_WEB_PUSH_ALLOW_PRIVATE", configuration.web_push_allow_private,
                         {{"true", true}, {"false", false}});
    if (!configuration.fcm_service_account_file.empty()) return;
    for (const char* name : {"CARIOS_FCM_PROJECT_ID", "CARIOS_FCM_BASE_URL"}) {
        if (reading.text(name)) {
            reading.fault(name, "is set without CARIOS_FCM_SERVICE_ACCOUNT_FILE", "both, or neither");
        }
    }
}

/// Checks whether the `CARIOS_S3_…` variables fit together. The adapter checks each value.
void read_bucket(Reading& reading, Configuration& configuration) {
    struct Part {
        const char* name;
        std::string S3Options::*member;
        bool needed;
    };
    constexpr std::array<Part, 6> kParts = {{{"CARIOS_S3_ENDPOINT", &S3Options::endpoint, false},
                                             {"CARIOS_S3_REGION", &S3Options::region, false},
                                             {"CARIOS_S3_BUCKET", &S3Options::bucket, true},
                                             {"CARIOS_S3_ACCESS_KEY", &S3Options::access_key, true},
                                             {"CARIOS_S3_SECRET_KEY", &S3Options::secret_key, true},
                                             {"CARIOS_S3_PUBLIC_URL", &S3Options::public_url, false}}};
    const char* given = nullptr;
    S3Options options;
    for (const Part& part : kParts) {
        auto value = reading.text(part.name);
        if (!value) continue;
        given = part.name;
        options.*part.member = *std::move(value);
    }
    const char* addressing = "CARIOS_S3_ADDRESSING";
    if (reading.text(addressing)) given = addressing;
    reading.choice<S3Addressing>(addressing, options.addressing,
                                 {{"automatic", S3Addressing::automatic},
                                  {"path", S3Addressing::path},
                                  {"virtual_host", S3Addressing::virtual_host}});
    if (given == nullptr) return;
    for (const Part& part : kParts) {
        if (part.needed && (options.*part.member).empty()) {
            reading.fault(part.name, std::string("is not set, but ") + given + " is",
                          "CARIOS_S3_BUCKET, _ACCESS_KEY and _SECRET_KEY together, or none of CARIOS_S3_…");
        }
    }
    configuration.s3 = std::move(options);
}

/// Checks whether the variables of the folder fit together. The adapter checks the address.
void read_folder(Reading& reading, Configuration& configuration) {
    const char* folder = "CARIOS_ATTACHMENTS_DIR";
    const char* address = "CARIOS_ATTACHMENTS_PUBLIC_URL";
    configuration.attachments_dir = reading.text(folder).value_or("");
    configuration.attachments_url = reading.text(address).value_or("");
    constexpr std::int64_t kMostQuota = std::int64_t{1} << 60;
    reading.number("CARIOS_ATTACHMENTS_QUOTA_BYTES", configuration.attachments_quota_bytes, 0, kMostQuota);
    if (configuration.attachments_dir.empty()) return;
    if (configuration.s3) reading.fault(folder, "is set, but CARIOS_S3_BUCKET is too", "one of the two");
    if (configuration.environment == Environment::prod && configuration.attachments_url.empty()) {
        reading.fault(address, std::string("is not set, but ") + folder + " is, and CARIOS_ENV is prod",
                      "where clients reach this server, such as https://chat.example.com");
    }
}

void read_attachments(Reading& reading, Configuration& configuration) {
    read_bucket(reading, configuration);
    read_folder(reading, configuration);
    const char* types = "CARIOS_ATTACHMENT_TYPES";
    const char* accepted = "content types separated by commas, such as image/png, audio/*";
    reading.list(types, configuration.attachment_types, is_media_range, accepted);
    if (configuration.attachment_types.empty()) reading.fault(types, "names no type", accepted);
    // The largest upload that S3 accepts.
    constexpr std::int64_t kLargest = std::int64_t{5} << 30;
    reading.number("CARIOS_MAX_ATTACHMENT_SIZE_BYTES", configuration.limits.attachment_bytes, 1, kLargest);
}

void refuse_unsupported(Reading& reading) {
    for (const std::string& name : unsupported_variables()) {
        if (reading.text(name.c_str()))
            reading.fault(name.c_str(), "is not supported by this build", "nothing: leave it unset");
    }
}

}  // namespace

ServerOptions Configuration::server_options() const {
    ServerOptions options;
    options.host = http_host;
    options.port = http_port;
    options.threads = threads;
    options.keep_alive_timeout = keep_alive;
    options.compression = compression;
    options.tls_certificate_file = tls_certificate_file;
    options.tls_key_file = tls_key_file;
    options.trusted_proxies = trusted_proxies;
    options.max_head_bytes = static_cast<std::size_t>(limits.request_head_bytes);
    options.max_head_fields = static_cast<std::size_t>(limits.request_head_fields);
    options.max_body_bytes = static_cast<std::size_t>(limits.request_body_bytes);
    options.max_message_bytes = static_cast<std::size_t>(limits.client_frame_bytes);
    options.message_timeout = limits.incomplete_message;
    return options;
}

GatewayOptions Configuration::gateway_options() const {
    GatewayOptions options;
    options.jwt_secret = jwt_secret;
    options.jwt_secret_previous = jwt_secret_previous;
    options.jwt_issuer = jwt_issuer;
    options.jwt_ttl = jwt_ttl;
    options.allowed_origins = allowed_origins;
    options.trusted_proxies = trusted_proxies;
    options.metrics_token = metrics_token;
    options.max_backlog_bytes = max_backlog_bytes;
    options.max_total_backlog_bytes = max_total_backlog_bytes;
    return options;
}

Variables process_variables() {
    return [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        if (value == nullptr || *value == '\0') return std::nullopt;
        return value;
    };
}

Result<Configuration> read_configuration(const Variables& variables) {
    Reading reading(variables);
    Configuration configuration;
    reading.choice<Environment>(
        "CARIOS_ENV", configuration.environment,
        {{"dev", Environment::dev}, {"prod", Environment::prod}, {"test", Environment::test}});
    read_network(reading, configuration);
    read_database(reading, configuration);
    read_redis(reading, configuration);
    read_tokens(reading, configuration);
    read_limits(reading, configuration);
    read_delivery(reading, configuration);
    read_attachments(reading, configuration);
    refuse_unsupported(reading);
    if (reading.result()) return *reading.result();
    return configuration;
}

}  // namespace cariosan::server
