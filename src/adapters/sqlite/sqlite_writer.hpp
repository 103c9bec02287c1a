/// The only connection that writes, and its transactions.
#pragma once

#include <cariosan/commit.hpp>
#include <cariosan/storage.hpp>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "adapters/sqlite/write/write_statements.hpp"

namespace cariosan::sqlite {

struct WriterOptions {
    std::string path;
    bool durable = true;  ///< false: nothing is synced to disk (a temporary database)
    std::string first_epoch;
    std::shared_ptr<StepFaults> faults;
    /// Called before a failed connection is closed, so that nothing else uses it any more.
    std::function<void()> before_reopen;
};

/// Used by one thread at a time.
class Writer {
  public:
    /// Opens or creates the database and migrates its tables.
    static Result<std::unique_ptr<Writer>> open(WriterOptions options);

    /// `Storage::commit`.
    std::vector<Result<Committed>> commit(std::span<const Mutation> batch);

    /// Runs `body` as one transaction that counts as a commit. `body` reports errors through the connection; if there was
    /// one, everything is rolled back.
    Result<Done> transaction(const std::function<void(WriteStatements&)>& body);

    /// To read outside a transaction on this connection, call `ready()` first.
    Result<Done> ready();
    Connection& connection() noexcept { return *connection_; }

    /// Transactions committed since the database was created.
    std::int64_t commits() const noexcept { return commits_; }
    /// Length of the log after the last commit or checkpoint.
    std::int64_t log_pages() const noexcept { return log_pages_; }
    void set_log_pages(std::int64_t pages) noexcept { log_pages_ = pages; }
    /// Whether there may be something to purge.
    bool purge_wanted() const noexcept { return purge_wanted_; }
    void purge_done() noexcept { purge_wanted_ = false; }
    /// Whether unsent text may still be in the log.
    bool text_blanked() const noexcept { return text_blanked_; }
    void set_text_blanked(bool blanked) noexcept { text_blanked_ = blanked; }

  private:
    explicit Writer(WriterOptions options) : options_(std::move(options)) {}

    using Answers = std::vector<Result<Committed>>;
    enum class Attempt : std::uint8_t { committed, mutation_failed, failed };

    Result<Done> connect();
    Attempt attempt(std::span<const Mutation> batch, bool isolated, Answers& answers);
    Result<Committed> apply_isolated(commit::CommitBatch& batch, const Mutation& mutation);
    bool finish_transaction(bool wrote);
    void roll_back();

    WriterOptions options_;
    std::unique_ptr<Connection> connection_;
    std::unique_ptr<WriteStatements> sql_;  // declared after the connection, so destroyed before it
    std::int64_t commits_ = 0;
    std::int64_t log_pages_ = 0;
    bool purge_wanted_ = true;
    bool text_blanked_ = true;  ///< nobody knows what the last process left in the log
};

}  // namespace cariosan::sqlite
