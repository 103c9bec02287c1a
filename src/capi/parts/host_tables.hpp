/// The tables of functions that a host hands in, copied and checked.
#pragma once

#include <cariosan/cariosan_parts.h>

#include <cariosan/error.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "capi/options.hpp"

namespace cariosan::capi {

struct HostTables {
    std::optional<cariosan_log_part> log;
    std::optional<cariosan_clock_part> clock;
    std::optional<cariosan_moderator_part> moderator;
    std::optional<cariosan_attachments_part> attachments;
    std::optional<cariosan_push_part> push;
    std::optional<cariosan_webhooks_part> webhooks;
    std::optional<cariosan_event_bus_part> event_bus;

    /// Calls `release` of each table that has one.
    void release() const;
};

/// `parts` may be null. `misuse` if a table is too small, of another version, or lacks a function.
Result<HostTables> copy_tables(const cariosan_parts* parts);

/// `misuse` if an option names what a table stands for.
Result<Done> check_options(const HostTables& tables, const Options& options);

}  // namespace cariosan::capi
