/// The configuration from environment variables. Section 11 of the protocol lists them.
#pragma once

#include <cariosan/adapters/s3.hpp>
#include <cariosan/asio/server.hpp>
#include <cariosan/engine.hpp>
#include <cariosan/error.hpp>
#include <cariosan/http.hpp>
#include <cariosan/limits.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "database.hpp"

namespace cariosan::server {

enum class Environment : std::uint8_t { dev, prod, test };

/// Who may load the operator's console. It is no right: every request it makes needs an API key.
enum class ConsoleAccess : std::uint8_t {
    off,    ///< nobody
    local,  ///< browsers on the same machine, also through an SSH tunnel, but not through a proxy
    on,     ///< whoever reaches the server
};

/// Checked values; the defaults are those of `CARIOS_ENV=dev`.
struct Configuration {
    Environment environment = Environment::dev;
    std::string http_host = "127.0.0.1";
    std::uint16_t http_port = 8080;
    std::string tls_certificate_file;  ///< empty: plain HTTP
    std::string tls_key_file;          ///< set together with the certificate
    LogLevel log_level = LogLevel::info;
    std::chrono::milliseconds slow_command{500};
    std::vector<std::string> allowed_origins;
    std::vector<std::string> trusted_proxies;
    Database database;
    std::string redis_url;   ///< empty: this is the only node. May contain a password: never shown
    std::string jwt_secret;  ///< empty: the secret stored beside the database
    std::string jwt_secret_previous;
    std::string jwt_issuer = "cariosan";
    std::chrono::hours jwt_ttl{24};
    Limits limits;
    Rates rates;
    std::size_t max_backlog_bytes = 1 << 20;
    std::size_t max_total_backlog_bytes = 256 << 20;
    bool compression = true;  ///< of WebSocket messages
    std::string metrics_token;
    ConsoleAccess console = ConsoleAccess::on;  ///< in prod, unless it is set: local
    bool webhook_allow_private = false;
    std::string fcm_service_account_file;  ///< empty: no push
    std::string fcm_project_id;            ///< empty: the project in the file
    std::string fcm_base_url;              ///< empty: Google's
    std::string vapid_private_key;  ///< base64url, or the path of a PEM file; empty: browsers are not notified
    std::string vapid_subject;
    bool web_push_allow_private = false;
    std::optional<S3Options> s3;  ///< without crypto; absent: no bucket
    std::string attachments_dir;  ///< the folder for attachments without a bucket; empty: none
    std::string attachments_url;  ///< where clients reach this server; empty: where it listens
    /// Of each workspace in that folder; 0: any number.
    std::int64_t attachments_quota_bytes = std::int64_t{10} << 30;
    std::vector<std::string> attachment_types = EngineOptions().attachment_types;
    std::size_t threads = 0;  ///< 0: one per processor
    std::chrono::seconds keep_alive{75};  ///< how long a connection stays open between two requests

    ServerOptions server_options() const;
    GatewayOptions gateway_options() const;
};

/// The value of an environment variable. Absent if it is unset or empty.
using Variables = std::function<std::optional<std::string>(const std::string& name)>;

/// The variables of this process.
Variables process_variables();

/// Reads and checks all variables. The error's message is one line with the variable, what is wrong, and what is accepted;
/// it never shows the value of a secret.
Result<Configuration> read_configuration(const Variables& variables);

}  // namespace cariosan::server
