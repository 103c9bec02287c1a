/// What joins this server with others that share its database: Redis, if `CARIOS_REDIS_URL` is set.
#pragma once

#include <cariosan/coordination.hpp>
#include <cariosan/error.hpp>
#include <cariosan/event_bus.hpp>

#include <memory>
#include <string>

#include "log.hpp"

namespace cariosan::server {

struct Nodes {
    std::shared_ptr<EventBus> event_bus;          ///< null: this is the only server
    std::shared_ptr<Coordination> coordination;  ///< null: counts for itself
};

/// Nothing is joined if the URL is empty. Does not connect yet: Redis may come later, and go again. `misuse` if the URL is
/// wrong; the message names the variable and never shows its value. `log` must outlive what is returned.
Result<Nodes> join_nodes(const std::string& redis_url, Log& log);

}  // namespace cariosan::server
