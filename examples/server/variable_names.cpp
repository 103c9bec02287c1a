#include "variable_names.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>

namespace cariosan::server {

namespace {

constexpr std::array kSupported = {
    "CARIOS_ENV",
    "CARIOS_HTTP_HOST",
    "CARIOS_HTTP_PORT",
    "CARIOS_TLS_CERT_FILE",
    "CARIOS_TLS_KEY_FILE",
    "CARIOS_LOG_LEVEL",
    "CARIOS_SLOW_COMMAND_MS",
    "CARIOS_CORS_ALLOWED_ORIGINS",
    "CARIOS_TRUSTED_PROXIES",
    "CARIOS_DATABASE_URL",
    "CARIOS_DATABASE_PREPARED_STATEMENTS",
#ifdef CARIOSAN_SERVER_REDIS
    "CARIOS_REDIS_URL",
#endif
    "CARIOS_JWT_SECRET",
    "CARIOS_JWT_SECRET_PREVIOUS",
    "CARIOS_JWT_ISSUER",
    "CARIOS_JWT_TTL_HOURS",
    "CARIOS_MAX_MESSAGE_SIZE_BYTES",
    "CARIOS_RATE_LIMIT_MESSAGES_PER_MINUTE",
    "CARIOS_RATE_LIMIT_REQUESTS_PER_SECOND",
    "CARIOS_RATE_LIMITS",
    "CARIOS_WS_MAX_CONNECTIONS_PER_USER",
    "CARIOS_WS_MAX_BACKLOG_BYTES",
    "CARIOS_WS_MAX_TOTAL_BACKLOG_BYTES",
    "CARIOS_WS_COMPRESSION",
    "CARIOS_METRICS_TOKEN",
    "CARIOS_CONSOLE",
    "CARIOS_S3_ENDPOINT",
    "CARIOS_S3_REGION",
    "CARIOS_S3_BUCKET",
    "CARIOS_S3_ACCESS_KEY",
    "CARIOS_S3_SECRET_KEY",
    "CARIOS_S3_PUBLIC_URL",
    "CARIOS_S3_ADDRESSING",
    "CARIOS_ATTACHMENTS_DIR",
    "CARIOS_ATTACHMENTS_PUBLIC_URL",
    "CARIOS_ATTACHMENTS_QUOTA_BYTES",
    "CARIOS_ATTACHMENT_TYPES",
    "CARIOS_MAX_ATTACHMENT_SIZE_BYTES",
    "CARIOS_THREADS",
    "CARIOS_HTTP_KEEPALIVE_SECONDS",
    "CARIOS_WEBHOOK_ALLOW_PRIVATE",
    "CARIOS_FCM_SERVICE_ACCOUNT_FILE",
    "CARIOS_FCM_PROJECT_ID",
    "CARIOS_FCM_BASE_URL",
    "CARIOS_VAPID_PRIVATE_KEY",
    "CARIOS_VAPID_SUBJECT",
    "CARIOS_WEB_PUSH_ALLOW_PRIVATE",
};

constexpr std::string_view kPrefix = "CARIOS_";
constexpr std::string_view kMistakenPrefix = "CARIOSAN_";

/// The edit distance of two names (Levenshtein).
std::size_t distance(std::string_view one, std::string_view other) {
    std::vector<std::size_t> row(other.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < one.size(); ++i) {
        std::size_t diagonal = row[0]++;
        for (std::size_t j = 0; j < other.size(); ++j) {
            const std::size_t changed = diagonal + (one[i] == other[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

std::string nearest(const std::string& name) {
    // In a short name, changing a few letters makes another word.
    std::size_t best = 2 + (name.size() - kPrefix.size()) / 3;
    std::string found;
    for (const char* known : kSupported) {
        const std::size_t apart = distance(name, known);
        if (apart >= best) continue;
        best = apart;
        found = known;
    }
    return found;
}

}  // namespace

std::string UnknownVariable::words() const {
    std::string text = name + " is no variable of this server";
    return suggestion.empty() ? text : text + "; did you mean " + suggestion + "?";
}

std::vector<UnknownVariable> unknown_variables(const std::vector<std::string>& names) {
    const auto is_in = [](const auto& known, const std::string& name) {
        return std::find(known.begin(), known.end(), name) != known.end();
    };
    const std::vector<std::string> unsupported = unsupported_variables();
    std::vector<UnknownVariable> unknown;
    for (const std::string& name : names) {
        if (name.starts_with(kMistakenPrefix)) {
            unknown.push_back({name, nearest(std::string(kPrefix) + name.substr(kMistakenPrefix.size()))});
        } else if (name.starts_with(kPrefix) && !is_in(kSupported, name) && !is_in(unsupported, name)) {
            unknown.push_back({name, nearest(name)});
        }
    }
    return unknown;
}

std::vector<std::string> supported_variables() { return {kSupported.begin(), kSupported.end()}; }

std::vector<std::string> unsupported_variables() {
#ifdef CARIOSAN_SERVER_REDIS
    return {};
#else
    return {"CARIOS_REDIS_URL"};
#endif
}

std::vector<std::string> process_variable_names() {
    std::vector<std::string> names;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        names.emplace_back(text.substr(0, text.find('=')));
    }
    return names;
}

}  // namespace cariosan::server
