/// The library as this server embeds it: storage, engine and protocol, opened in this order and closed in the other.
#pragma once

#include <cariosan/attachments.hpp>
#include <cariosan/engine.hpp>
#include <cariosan/http.hpp>

#include <functional>
#include <memory>
#include <optional>

#include "configuration.hpp"
#include "log.hpp"

namespace cariosan::server {

/// The database of this process.
struct Host {
    std::shared_ptr<AttachmentStore> attachments;  ///< nothing: not configured
    std::unique_ptr<Engine> engine;
    std::unique_ptr<Gateway> gateway;
};

using Fallback = std::function<std::optional<HttpResponse>(const HttpRequest&)>;

/// Opens the database, making it if `make` says so. `conflict` if another process has it, `not_found` if it is not there.
/// The configuration gets the JWT secret kept beside the database if it has none. `log` must outlive the host.
/// One that `delivers` tells webhooks what they are to be told; the others leave it for one that does.
Result<Host> open_host(Configuration& configuration, bool make, Log& log, Fallback fallback = nullptr,
                       bool delivers = false);

}  // namespace cariosan::server
