/// What the SQL of all readers shares, and the SQL that finds the rows of ids.
#pragma once

#include <cstdint>

#include "adapters/postgres/read/pg_rows.hpp"
#include "adapters/sql/read/snapshot.hpp"

namespace cariosan::postgres {

struct SnapshotQueries {
    using Connection = postgres::Connection;
    explicit SnapshotQueries(Connection& connected) : connection(connected) {}

    Connection& connection;
    Statement find_workspace{connection, "SELECT id FROM workspaces WHERE uuid = $1 AND deleted_at IS NULL"};
    Statement find_channel{connection,
                           "SELECT c.id, c.external_id FROM channels c JOIN workspaces w ON w.id = c.workspace_id"
                           " WHERE c.uuid = $1 AND c.deleted_at IS NULL AND w.deleted_at IS NULL"};
    Statement find_user{
        connection,
        "SELECT u.id, u.block_count, w.id FROM users u JOIN workspaces w ON w.id = u.workspace_id"
        " WHERE u.uuid = $1 AND w.uuid = $2 AND u.deleted_at IS NULL AND w.deleted_at IS NULL"};
    Statement find_user_row{connection, "SELECT id FROM users WHERE uuid = $1"};
    Statement find_viewer{connection, "SELECT id, block_count FROM users WHERE uuid = $1"};
    Statement blocked{connection, "SELECT blocked_uuid FROM blocks WHERE user_id = $1 ORDER BY blocked_uuid"};
};

using Snapshot = sql::Snapshot<SnapshotQueries>;

/// What the templates of `adapters/sql/read` need of each struct of queries.
struct ReadQueries {
    using Snapshot = postgres::Snapshot;
    using Rows = postgres::Rows;
    static constexpr bool kFetchesRowByRow = false;
    /// A row that a query returned, or the query itself, takes about as long as a step of a budget.
    static constexpr std::int64_t kStepsOfBudget = 1;

    explicit ReadQueries(Connection& connected) : connection(connected) {}
    Connection& connection;
};

}  // namespace cariosan::postgres
