/// The options of `cariosan_open`; cariosan.h documents them.
#pragma once

#include <cariosan/adapters/fcm.hpp>
#include <cariosan/adapters/folder.hpp>
#include <cariosan/adapters/s3.hpp>
#include <cariosan/engine.hpp>
#include <cariosan/http.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cariosan::capi {

struct Options {
    std::string sqlite_path;   ///< empty: the storage is PostgreSQL
    std::string postgres_url;  ///< may contain a password: never shown
    bool prepared_statements = true;
    std::string redis_url;     ///< empty: no other engines share the storage
    bool reader_threads_given = false;
    EngineOptions engine;           ///< without storage, crypto and wake
    std::optional<S3Options> s3;    ///< without crypto; absent: no bucket
    std::optional<FolderOptions> files;  ///< without crypto; absent: attachments are in a bucket, or there are none
    std::optional<FcmOptions> fcm;  ///< without crypto and clock; absent: messages are not pushed
    GatewayOptions gateway;         ///< `jwt_secret` may be empty
    bool webhooks_given = false;
    bool delivers_webhooks = true;
    bool webhook_allow_private = false;
    std::size_t max_tickets = 10'000;
    std::optional<LogLevel> log;  ///< the lowest level to log; absent: no log
};

/// The path in an option `storage`: "sqlite:" and a path.
Result<std::string> sqlite_path(std::string_view storage);

/// `VALIDATION_ERROR` with the invalid member in `details.field`. Errors never contain secrets.
Result<Options> parse_options(std::string_view text);

}  // namespace cariosan::capi
