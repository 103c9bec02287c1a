/// The library as this server embeds it: storage, engine and protocol, opened in this order and closed in the other.
#pragma once

#include <cariosan/attachments.hpp>
#include <cariosan/engine.hpp>
#include <cariosan/http.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "configuration.hpp"
#include "log.hpp"

namespace cariosan::server {

/// The database of this process.
struct Host {
    std::shared_ptr<AttachmentStore> attachments;  ///< nothing: not configured
    std::unique_ptr<Engine> engine;
    std::unique_ptr<Gateway> gateway;
    /// Held from the look for a name to what is then made of it: two who ask at once must not both find it free.
    std::unique_ptr<std::mutex> naming = std::make_unique<std::mutex>();
};

/// What a process opens the database for.
struct HostUse {
    bool makes_database = false;  ///< else one that is not there is `not_found`
    bool signs_tokens = false;    ///< needs the JWT secret; without it in production: `misuse`
    bool delivers = false;        ///< tells webhooks and devices; the others leave it for one that does
};

using Fallback = std::function<std::optional<HttpResponse>(const HttpRequest&)>;

/// Opens the database. `conflict` if another process has it. Where tokens are signed the configuration gets the JWT secret kept
/// beside the database if it has none. `log` must outlive the host.
Result<Host> open_host(Configuration& configuration, const HostUse& use, Log& log, Fallback fallback = nullptr);

}  // namespace cariosan::server
