/// The one connection that writes, and its transactions.
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

/// What the writer starts from.
struct WriterOptions {
    std::string path;
    bool durable = true;  ///< false: nothing is synced to the disk (a database that is thrown away)
    std::string first_epoch;
    std::shared_ptr<StepFaults> faults;
    /// Called before a connection that failed is closed, so that nothing else holds on to it.
    std::function<void()> before_reopen;
};

/// Used by one thread at a time.
class Writer {
  public:
    /// Opens or makes the database and brings its tables up to date.
    static Result<std::unique_ptr<Writer>> open(WriterOptions options);

    /// `Storage::commit`.
    std::vector<Result<Committed>> commit(std::span<const Mutation> batch);

    /// Runs `body` as one counted transaction. It reports errors through the connection; nothing of it stays if there
    /// was one.
    Result<Done> transaction(const std::function<void(WriteStatements&)>& body);

    /// Reads outside of a transaction, on this connection. The connection is there after `ready()`.
    Result<Done> ready();
    Connection& connection() noexcept { return *connection_; }

    /// Transactions committed in the life of the database.
    std::int64_t commits() const noexcept { return commits_; }
    /// How long the log was after the last commit or checkpoint.
    std::int64_t log_pages() const noexcept { return log_pages_; }
    void set_log_pages(std::int64_t pages) noexcept { log_pages_ = pages; }
    /// Whether something may be waiting to be purged.
    bool purge_wanted() const noexcept { return purge_wanted_; }
    void purge_done() noexcept { purge_wanted_ = false; }
    /// Whether text that was taken away may still be in the log.
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
    std::unique_ptr<WriteStatements> sql_;  // after the connection: destroyed before it
    std::int64_t commits_ = 0;
    std::int64_t log_pages_ = 0;
    bool purge_wanted_ = true;
    bool text_blanked_ = true;  ///< nobody knows what the last process left in the log
};

}  // namespace cariosan::sqlite
