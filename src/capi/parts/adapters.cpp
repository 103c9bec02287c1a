#include "capi/parts/adapters.hpp"

#include <cariosan/adapters/fcm.hpp>
#include <cariosan/adapters/s3.hpp>
#include <cariosan/adapters/sqlite.hpp>
#include <cariosan/adapters/webhook.hpp>
#include <cariosan/clock.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#ifdef CARIOSAN_C_POSTGRES
#include <cariosan/adapters/postgres.hpp>
#endif
#ifdef CARIOSAN_C_REDIS
#include <cariosan/adapters/redis.hpp>
#endif

#include "core/propagate.hpp"

namespace cariosan::capi {
namespace {

/// Prefixes the error's field with the option's name, as in the host's JSON.
Error within(std::string_view option, Error error) {
    for (ErrorDetail& detail : error.details) {
        auto* name = std::get_if<std::string>(&detail.value);
        if (detail.name == "field" && name != nullptr) name->insert(0, std::string(option) + ".");
    }
    return error;
}

Result<std::shared_ptr<AttachmentStore>> open_attachments(S3Options options, const EngineOptions& engine) {
    options.crypto = engine.crypto;
    auto store = open_s3(std::move(options));
    if (!store) return within("s3", std::move(store).error());
    return store;
}

Result<Done> open_files(Options& options) {
    FolderOptions& files = *options.files;
    files.crypto = options.engine.crypto;
    auto store = open_folder(std::move(files));
    if (!store) return within("files", std::move(store).error());
    options.engine.attachments = *store;
    options.gateway.files = *std::move(store);
    return Done{};
}

Result<std::shared_ptr<PushSender>> open_push(FcmOptions options, const EngineOptions& engine) {
    options.crypto = engine.crypto;
    options.clock = engine.clock ? engine.clock : system_clock();
    auto sender = open_fcm(std::move(options));
    if (!sender) return within("fcm", std::move(sender).error());
    return sender;
}

Result<std::unique_ptr<Storage>> open_storage(const Options& options) {
#ifdef CARIOSAN_C_POSTGRES
    if (!options.postgres_url.empty()) {
        return open_postgres({.connection = options.postgres_url, .prepared_statements = options.prepared_statements,
                              .clock = options.engine.clock});
    }
#endif
    return open_sqlite({.path = options.sqlite_path, .clock = options.engine.clock});
}

#ifdef CARIOSAN_C_REDIS
Result<Done> join_engines(Options& options) {
    if (options.redis_url.empty()) return Done{};
    auto redis = open_redis({.url = options.redis_url, .log = options.engine.log});
    if (!redis) return invalid_field("redis", "redis: " + redis.error().message);
    options.engine.event_bus = (*redis)->event_bus();
    options.engine.coordination = (*redis)->coordination();
    return Done{};
}
#else
Result<Done> join_engines(Options&) { return Done{}; }
#endif

std::size_t usual_readers(const Options& options) {
#ifdef CARIOSAN_C_POSTGRES
    if (!options.postgres_url.empty()) return kPostgresReaders;
#endif
    return options.engine.reader_threads;
}

}  // namespace

Result<Done> add_adapters(Options& options) {
    EngineOptions& engine = options.engine;
    if (options.s3) {
        CARIOSAN_TRY(engine.attachments, open_attachments(*std::move(options.s3), engine));
    }
    if (options.files) CARIOSAN_TRY_DONE(open_files(options));
    if (options.fcm) {
        CARIOSAN_TRY(engine.push, open_push(*std::move(options.fcm), engine));
    }
    CARIOSAN_TRY_DONE(join_engines(options));
    CARIOSAN_TRY(engine.storage, open_storage(options));
    if (!options.reader_threads_given) engine.reader_threads = usual_readers(options);
    if (options.delivers_webhooks && !engine.webhooks) {
        CARIOSAN_TRY(engine.webhooks, open_webhook_sender({.crypto = engine.crypto, .allow_private = options.webhook_allow_private}));
    }
    return Done{};
}

}  // namespace cariosan::capi
