#include "host.hpp"

#include <cariosan/adapters/openssl.hpp>
#include <cariosan/adapters/webhook.hpp>

#include <utility>

#include "nodes.hpp"
#include "push.hpp"
#include "secret_file.hpp"

namespace cariosan::server {

namespace {

/// Runs before anything is created on disk.
Result<Done> check_secret(const Configuration& configuration, const HostUse& use) {
    if (!use.signs_tokens || !configuration.jwt_secret.empty()) return Done{};
    const bool prod = configuration.environment == Environment::prod;
    if (!prod && !configuration.database.is_shared()) return Done{};
    const std::string reason = prod ? "and CARIOS_ENV is prod" : "and servers that share a database need the same secret";
    return Error(ErrorCode::misuse, "CARIOS_JWT_SECRET: is not set, " + reason + "; accepted: at least 32 bytes");
}

Result<Done> provide_secret(Configuration& configuration, const HostUse& use, Crypto& crypto) {
    if (!configuration.jwt_secret.empty()) return Done{};
    if (!use.signs_tokens || configuration.database.in_memory()) {
        configuration.jwt_secret = make_secret(crypto);
        return Done{};
    }
    auto secret = load_or_make_secret(configuration.database.jwt_secret_path(), crypto);
    if (!secret) return secret.error();
    configuration.jwt_secret = *std::move(secret);
    return Done{};
}

}  // namespace

Result<Host> open_host(Configuration& configuration, const HostUse& use, Log& log, Fallback fallback) {
    const auto crypto = openssl_crypto();
    if (!crypto)
        return Error(ErrorCode::unavailable, "OpenSSL offers no SHA-256: its configuration is broken");
    if (auto checked = check_secret(configuration, use); !checked) return checked.error();
    // Only a server that runs takes files; it makes the folder.
    auto attachments = use.delivers || configuration.s3 ? open_attachments(configuration, crypto) : Attachments();
    if (!attachments) return attachments.error();
    const Database& database = configuration.database;
    if (!use.makes_database && !database.in_memory() && !database.exists()) {
        return Error(ErrorCode::not_found,
                     "there is no database " + database.name() +
                         "; start the server or run \"cariosan-server workspace create\" first");
    }
    auto storage = open_storage(database);
    if (!storage) return storage.error();
    if (auto provided = provide_secret(configuration, use, *crypto); !provided) return provided.error();

    if (use.makes_push_key) {
        if (auto provided = provide_vapid_key(configuration, *crypto); !provided) return provided.error();
    }

    std::shared_ptr<WebhookSender> webhooks;
    if (use.delivers) {
        auto sender =
            open_webhook_sender({.crypto = crypto, .allow_private = configuration.webhook_allow_private});
        if (!sender) return sender.error();
        webhooks = *std::move(sender);
    }
    auto push = use.delivers ? open_push(configuration, crypto) : std::shared_ptr<PushSender>();
    if (!push) return push.error();
    auto nodes = join_nodes(configuration.redis_url, log);
    if (!nodes) return nodes.error();
    auto engine = Engine::open({.storage = *std::move(storage),
                                .crypto = crypto,
                                .event_bus = std::move(nodes->event_bus),
                                .coordination = std::move(nodes->coordination),
                                .webhooks = std::move(webhooks),
                                .push = *std::move(push),
                                .attachments = attachments->store,
                                .attachment_types = configuration.attachment_types,
                                .limits = configuration.limits,
                                .rates = configuration.rates,
                                .reader_threads = reader_threads(database),
                                .log = log.sink(),
                                .log_level = configuration.log_level,
                                .slow_command = configuration.slow_command});
    if (!engine) return engine.error();
    GatewayOptions options = configuration.gateway_options();
    options.files = attachments->folder;
    options.fallback = std::move(fallback);
    auto gateway = Gateway::create(**engine, std::move(options));
    if (!gateway) return gateway.error();
    return Host{*std::move(attachments), *std::move(engine), *std::move(gateway)};
}

}  // namespace cariosan::server
