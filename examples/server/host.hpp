/// The library as this server embeds it: opens storage, engine and protocol in this order and closes them in reverse.
#pragma once

#include <cariosan/engine.hpp>
#include <cariosan/http.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "attachments.hpp"
#include "configuration.hpp"
#include "log.hpp"

namespace cariosan::server {

/// The open database of this process.
struct Host {
    Attachments attachments;
    std::unique_ptr<Engine> engine;
    std::unique_ptr<Gateway> gateway;
    /// Held while a command checks that a name is free and then uses it, so that two commands cannot both find it free.
    std::unique_ptr<std::mutex> naming = std::make_unique<std::mutex>();
};

/// What a process needs the database for.
struct HostUse {
    bool makes_database = false;  ///< false: a missing database is `not_found`
    bool signs_tokens = false;    ///< needs the JWT secret: `misuse` if it is missing in production
    bool makes_push_key = false;  ///< notifies browsers even if no key for them is configured
    bool delivers = false;        ///< sends webhooks and push; if false, they stay in the database for a process that does
};

using Fallback = std::function<std::optional<HttpResponse>(const HttpRequest&)>;

/// Opens the database. `conflict` if another process has it. If tokens are signed and no JWT secret is configured, the
/// secret stored beside the database is put into the configuration. `log` must outlive the host.
Result<Host> open_host(Configuration& configuration, const HostUse& use, Log& log, Fallback fallback = nullptr);

}  // namespace cariosan::server
