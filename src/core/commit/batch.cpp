// The entry point for storages: a batch, its savepoints, and the webhook events it writes.
#include <cariosan/commit.hpp>

#include "core/commit/decide.hpp"
#include "core/commit/outbox/outbox_rows.hpp"

namespace cariosan::commit {

class Batch {
  public:
    explicit Batch(Tables& tables) : rows(tables) {}
    BatchRows rows;
};

struct CommitBatch::Savepoint::State {
    BatchState batch;
};

CommitBatch::Savepoint::Savepoint(std::unique_ptr<State> state) : state_(std::move(state)) {}
CommitBatch::Savepoint::Savepoint(Savepoint&&) noexcept = default;
CommitBatch::Savepoint& CommitBatch::Savepoint::operator=(Savepoint&&) noexcept = default;
CommitBatch::Savepoint::~Savepoint() = default;

CommitBatch::CommitBatch(Tables& tables, std::span<const Mutation> mutations) : batch_(std::make_unique<Batch>(tables)) {
    tables.prepare(mutations);
}

CommitBatch::~CommitBatch() = default;

Result<Committed> CommitBatch::apply(const Mutation& mutation) {
    BatchRows& rows = batch_->rows;
    Result<Committed> done = std::visit([&rows](const auto& one) { return decide(rows, one); }, mutation);
    if (done && done->changed && !rows.tables.failed()) write_outbox(rows, mutation, *done);
    return done;
}

void CommitBatch::flush() { batch_->rows.flush(); }

BatchEffects CommitBatch::effects() const noexcept { return batch_->rows.state().effects; }

CommitBatch::Savepoint CommitBatch::save() const {
    return Savepoint(std::make_unique<Savepoint::State>(Savepoint::State{batch_->rows.state()}));
}

void CommitBatch::restore(Savepoint savepoint) { batch_->rows.restore(std::move(savepoint.state_->batch)); }

}  // namespace cariosan::commit
