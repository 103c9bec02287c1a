/// The locks of a batch: what it may change, in the one order that all batches keep to.
#pragma once

#include <cariosan/commit_footprint.hpp>
#include <cstdint>
#include <vector>

#include "adapters/postgres/pg_statement.hpp"

namespace cariosan::postgres {

class BatchLocks {
  public:
    explicit BatchLocks(Connection& connection) : connection_(connection) {}

    // Queue the locks without waiting for them. They end with the transaction. The channels are locked in between, by the
    // query that finds them (`SendStatements::lock_channels`).
    void take_before_channels(const commit::Footprint& footprint);
    void take_after_channels(const commit::Footprint& footprint);

  private:
    /// Which kind of thing a name stands for.
    enum class Kind : std::int64_t { user_name = 1, channel_name, pair, webhook_key, device_token };

    void lock_names(Kind kind, std::vector<std::int64_t> hashes);
    void lock_names(Kind kind, const std::vector<commit::Footprint::Name>& names);

    Connection& connection_;
    Statement workspaces_{connection_, "SELECT 1 FROM workspaces WHERE uuid = ANY ($1) ORDER BY uuid FOR UPDATE"};
    Statement users_{connection_, "SELECT 1 FROM users WHERE uuid = ANY ($1) ORDER BY uuid FOR UPDATE"};
    Statement webhooks_{connection_, "SELECT 1 FROM webhooks WHERE uuid = ANY ($1) ORDER BY uuid FOR UPDATE"};
    /// A name may not be there yet, so its hash is locked. Two names with one hash only wait for each other.
    Statement names_{connection_, "SELECT pg_advisory_xact_lock($1::integer, n::integer) FROM unnest($2::bigint[]) n"};
};

}  // namespace cariosan::postgres
