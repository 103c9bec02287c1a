#include "host.hpp"

#include <cariosan/adapters/openssl.hpp>
#include <cariosan/adapters/sqlite.hpp>
#include <cariosan/adapters/webhook.hpp>

#include <unistd.h>

#include <utility>

#include "attachments.hpp"
#include "push.hpp"
#include "secret_file.hpp"

namespace cariosan::server {

namespace {

/// Runs before anything is created on disk.
Result<Done> check_secret(const Configuration& configuration, const HostUse& use) {
    if (!use.signs_tokens || !configuration.jwt_secret.empty() || configuration.environment != Environment::prod) return Done{};
    return Error(ErrorCode::misuse, "CARIOS_JWT_SECRET: is not set, and CARIOS_ENV is prod; accepted: at least 32 bytes");
}

Result<Done> provide_secret(Configuration& configuration, const HostUse& use, Crypto& crypto) {
    if (!configuration.jwt_secret.empty()) return Done{};
    if (!use.signs_tokens || configuration.in_memory()) {
        configuration.jwt_secret = make_secret(crypto);
        return Done{};
    }
    auto secret = load_or_make_secret(configuration.jwt_secret_path(), crypto);
    if (!secret) return secret.error();
    configuration.jwt_secret = *std::move(secret);
    return Done{};
}

}  // namespace

Result<Host> open_host(Configuration& configuration, const HostUse& use, Log& log, Fallback fallback) {
    const auto crypto = openssl_crypto();
    if (!crypto)
        return Error(ErrorCode::unavailable, "OpenSSL offers no SHA-256: its configuration is broken");
    auto attachments = open_attachments(configuration, crypto);
    if (!attachments) return attachments.error();
    const std::string& path = configuration.database_path;
    if (!use.makes_database && !configuration.in_memory() && ::access(path.c_str(), F_OK) != 0) {
        return Error(ErrorCode::not_found,
                     "there is no database " + path +
                         "; start the server or run \"cariosan-server workspace create\" first");
    }
    if (auto checked = check_secret(configuration, use); !checked) return checked.error();
    auto storage = open_sqlite({.path = path});
    if (!storage) return storage.error();
    if (auto provided = provide_secret(configuration, use, *crypto); !provided) return provided.error();

    std::shared_ptr<WebhookSender> webhooks;
    if (use.delivers) {
        auto sender =
            open_webhook_sender({.crypto = crypto, .allow_private = configuration.webhook_allow_private});
        if (!sender) return sender.error();
        webhooks = *std::move(sender);
    }
    auto push = use.delivers ? open_push(configuration, crypto) : std::shared_ptr<PushSender>();
    if (!push) return push.error();
    auto engine = Engine::open({.storage = *std::move(storage),
                                .crypto = crypto,
                                .webhooks = std::move(webhooks),
                                .push = *std::move(push),
                                .attachments = *attachments,
                                .attachment_types = configuration.attachment_types,
                                .limits = configuration.limits,
                                .rates = configuration.rates,
                                .log = log.sink(),
                                .log_level = configuration.log_level});
    if (!engine) return engine.error();
    GatewayOptions options = configuration.gateway_options();
    options.fallback = std::move(fallback);
    auto gateway = Gateway::create(**engine, std::move(options));
    if (!gateway) return gateway.error();
    return Host{*std::move(attachments), *std::move(engine), *std::move(gateway)};
}

}  // namespace cariosan::server
