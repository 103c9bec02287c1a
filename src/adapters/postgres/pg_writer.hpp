/// A connection that writes, and its transactions.
#pragma once

#include <cariosan/commit.hpp>
#include <cariosan/storage.hpp>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "adapters/postgres/pg_connection.hpp"
#include "adapters/postgres/pg_statement.hpp"

namespace cariosan::postgres {

/// Makes the tables over the statements of a connection, which must outlive them. They serve all its transactions.
using MakeTables = std::function<std::unique_ptr<commit::Tables>(Connection&)>;

struct WriterOptions {
    ConnectionOptions connection;
    MakeTables make_tables;
    /// Leases are compared with the database's time, not with that of the node which asks for them.
    bool database_time = true;
};

/// Used by one thread at a time.
class Writer {
  public:
    explicit Writer(WriterOptions options);

    /// `Storage::commit`.
    std::vector<Result<Committed>> commit(std::span<const Mutation> batch);

    /// Runs `body` as one transaction, whose plans are the server's choice. `body` reports errors through the connection; if there was one,
    /// everything is rolled back.
    Result<Done> transaction(const std::function<void(Connection&)>& body);

    /// Connects if need be. To read outside a transaction, call it first.
    Result<Done> ready() { return connection_.ready(); }
    Connection& connection() noexcept { return connection_; }

    /// The database's time, inside a transaction or outside.
    Timestamp database_now();

    /// Whether something was deleted since this was asked last, so that there is something to purge.
    bool take_deleted() noexcept { return std::exchange(deleted_, false); }

  private:
    using Answers = std::vector<Result<Committed>>;

    Ending attempt(std::span<const Mutation> batch, Answers& answers);
    void commit_alone(std::span<const Mutation> batch, Answers& answers);
    Result<std::vector<Mutation>> in_database_time(std::span<const Mutation> batch);

    WriterOptions options_;
    Connection connection_;
    std::unique_ptr<commit::Tables> tables_;  // declared after the connection, so destroyed before it
    Statement now_{connection_, "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint"};
    bool deleted_ = false;
};

}  // namespace cariosan::postgres
