/// The rules of writing: what each mutation does, decided once for all storages. Only the implementer of a `Storage` needs
/// this; its `commit` is little more than a `CommitBatch` inside a transaction.
#pragma once

#include <cariosan/commit_footprint.hpp>
#include <cariosan/commit_tables.hpp>
#include <cariosan/committed.hpp>
#include <cariosan/error.hpp>
#include <memory>
#include <span>

namespace cariosan::commit {

class Batch;

/// What a batch did, for housekeeping.
struct BatchEffects {
    bool wrote = false;    ///< there is something to commit
    bool deleted = false;  ///< a channel, workspace or webhook was deleted: its rows wait to be purged
    bool blanked = false;  ///< text was blanked and must also disappear from the files
};

/// The mutations of one transaction. Channels and memberships are read once, changed in memory and written by `flush`, so a
/// hundred messages to a channel cost one update of its row. A mutation checks everything that can make it fail before it
/// writes: a refused one leaves no trace. Used by one thread; the tables must outlive it.
class CommitBatch {
  public:
    /// `mutations` are those that will be applied, each at most as often as it occurs there. They are passed to
    /// `Tables::prepare` and not kept.
    CommitBatch(Tables& tables, std::span<const Mutation> mutations);
    ~CommitBatch();
    CommitBatch(const CommitBatch&) = delete;
    CommitBatch& operator=(const CommitBatch&) = delete;

    /// Applies a mutation after the previous ones. If the tables failed in the meantime, its result is meaningless.
    Result<Committed> apply(const Mutation& mutation);
    /// Writes the changes held in memory. Call it before committing the transaction.
    void flush();
    BatchEffects effects() const noexcept;

    /// The state of the batch at `save`, to restore when a mutation is rolled back in the tables (`ROLLBACK TO`).
    class Savepoint {
      public:
        Savepoint(Savepoint&&) noexcept;
        Savepoint& operator=(Savepoint&&) noexcept;
        ~Savepoint();

      private:
        friend class CommitBatch;
        struct State;
        explicit Savepoint(std::unique_ptr<State> state);
        std::unique_ptr<State> state_;
    };
    Savepoint save() const;
    void restore(Savepoint savepoint);

  private:
    std::unique_ptr<Batch> batch_;
};

}  // namespace cariosan::commit
