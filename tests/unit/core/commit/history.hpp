/// One random history of mutations on the memory tables, compared with the model after each one.
#pragma once

#include <cariosan/commit.hpp>

#include "unit/core/commit/other_mutations.hpp"
#include "support/memory_tables/memory_tables.hpp"
#include "support/model/random_mutations.hpp"

namespace cariosan::test {

/// The enabled webhooks before a mutation, and the deliveries that it must cause.
class Listeners {
  public:
    explicit Listeners(const MemoryRows& rows);
    void check(const Mutation& mutation, const Result<Committed>& answer, const MemoryRows& after);

  private:
    struct Listener {
        RowId row = 0;
        WebhookEvents events{};
        std::int64_t pending = 0;
        bool disabled = false;
    };
    void deliver(WebhookEvent event);

    std::vector<Listener> webhooks_;
    std::size_t deliveries_ = 0;
};

class History {
  public:
    /// With `forget`, which removes something from each footprint, a read that was not named is a `fault` and does not
    /// fail the test.
    explicit History(unsigned seed, std::function<void(commit::Footprint&)> forget = {});

    /// Applies and checks this many mutations, in batches of random sizes, and finally checks everything stored.
    void run(std::size_t mutations);
    /// Commits the same mutations again in different batches: answers and tables must be the same.
    void replay();

    std::size_t mutations() const { return done_.size(); }
    const std::string& fault() const { return tables_.names.fault; }
    std::size_t refused() const { return refused_; }
    std::size_t undone() const { return undone_; }
    /// Marks the kinds that were committed, by their index in `Mutation`.
    void mark_kinds(std::vector<bool>& kinds) const;

  private:
    Mutation any_import();
    Mutation any_refusal();
    Trial next();
    void step(commit::CommitBatch& batch);
    void check_refused(commit::CommitBatch& batch, const Mutation& mutation);
    void undo_one(commit::CommitBatch& batch);
    void check_names() const;
    Result<Committed> apply(commit::CommitBatch& batch, const Mutation& mutation);

    MutationMaker make_;
    Model model_;
    RandomMutations random_;
    OtherMutations others_;
    MemoryTables tables_;
    std::vector<Mutation> done_;
    std::vector<std::string> answers_;
    std::size_t refused_ = 0;
    std::size_t undone_ = 0;
};

}  // namespace cariosan::test
