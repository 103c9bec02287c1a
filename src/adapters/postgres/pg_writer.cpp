#include "adapters/postgres/pg_writer.hpp"

#include <algorithm>
#include <variant>

namespace cariosan::postgres {
namespace {

using Answers = std::vector<Result<Committed>>;

Error not_committed(const Error& reason) {
    if (reason.code == ErrorCode::unavailable) return reason;
    return Error(ErrorCode::unavailable, "nothing was committed: " + reason.message)
        .with("reason", "storage_failing")
        .because(reason.cause);
}

Error unknown_outcome(const Error& reason) { return Error(reason).with("outcome", "unknown"); }

void refuse_all(Answers& answers, std::size_t count, const Error& reason) {
    answers.assign(count, Result<Committed>(reason));
}

bool is_lease(const Mutation& mutation) {
    return std::holds_alternative<mutation::LeaseWebhooks>(mutation) || std::holds_alternative<mutation::LeasePushJobs>(mutation);
}

/// The same lease, as if it had been asked for at `now`.
template <class Lease>
void move_lease(Mutation& mutation, Timestamp now) {
    if (auto* lease = std::get_if<Lease>(&mutation)) {
        lease->until.milliseconds += now.milliseconds - lease->now.milliseconds;
        lease->now = now;
    }
}

}  // namespace

Writer::Writer(WriterOptions options)
    : options_(std::move(options)), connection_(options_.connection), tables_(options_.make_tables(connection_)) {}

Timestamp Writer::database_now() {
    Rows rows = now_.query();
    return rows.next() ? rows.timestamp() : Timestamp{};
}

Result<std::vector<Mutation>> Writer::in_database_time(std::span<const Mutation> batch) {
    const Timestamp now = database_now();
    if (connection_.failed()) return connection_.failure();
    std::vector<Mutation> moved(batch.begin(), batch.end());
    for (Mutation& mutation : moved) {
        move_lease<mutation::LeaseWebhooks>(mutation, now);
        move_lease<mutation::LeasePushJobs>(mutation, now);
    }
    return moved;
}

/// Leaves the transaction open unless it was committed.
Ending Writer::attempt(std::span<const Mutation> mutations, Answers& answers) {
    answers.clear();
    if (!connection_.begin()) return Ending::failed;
    commit::CommitBatch batch(*tables_, mutations);
    for (const Mutation& mutation : mutations) {
        answers.push_back(batch.apply(mutation));
        if (connection_.failed()) return Ending::failed;
    }
    batch.flush();
    const commit::BatchEffects effects = batch.effects();
    if (!effects.wrote) {
        // Nothing to make durable. What was read counts if nothing failed.
        if (!connection_.settle()) return Ending::failed;
        connection_.roll_back();
        return Ending::committed;
    }
    const Ending ending = connection_.commit();
    deleted_ = deleted_ || (effects.deleted && ending == Ending::committed);
    return ending;
}

void Writer::commit_alone(std::span<const Mutation> batch, Answers& answers) {
    answers.clear();
    Answers one;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        const auto state = connection_.ready();
        if (!state) {
            answers.resize(batch.size(), Result<Committed>(state.error()));
            return;
        }
        const Ending ending = attempt(batch.subspan(i, 1), one);
        if (ending == Ending::committed) {
            answers.push_back(std::move(one.front()));
            continue;
        }
        const Error reason = connection_.failure();
        connection_.roll_back();
        answers.emplace_back(ending == Ending::unknown ? unknown_outcome(not_committed(reason)) : reason);
    }
}

std::vector<Result<Committed>> Writer::commit(std::span<const Mutation> batch) {
    Answers answers;
    if (batch.empty()) return answers;
    answers.reserve(batch.size());
    std::vector<Mutation> moved;
    auto state = connection_.ready();
    if (state && options_.database_time && std::ranges::any_of(batch, is_lease)) {
        auto leases = in_database_time(batch);
        if (leases) {
            moved = *std::move(leases);
            batch = moved;
        } else {
            state = leases.error();
        }
    }
    if (!state) {
        refuse_all(answers, batch.size(), not_committed(state.error()));
        return answers;
    }
    const Ending ending = attempt(batch, answers);
    if (ending == Ending::committed) return answers;
    const Error reason = not_committed(connection_.failure());
    connection_.roll_back();
    if (ending == Ending::unknown) {
        refuse_all(answers, batch.size(), unknown_outcome(reason));
        return answers;
    }
    // Nothing was committed. Once more, each mutation in a transaction of its own: to find out which of them fails, and because
    // the failure may have been of the moment, such as a deadlock or a server that was restarted.
    commit_alone(batch, answers);
    return answers;
}

Result<Done> Writer::transaction(const std::function<void(Connection&)>& body) {
    if (auto state = connection_.ready(); !state) return state;
    if (connection_.begin()) {
        connection_.let_server_plan();
        body(connection_);
    }
    const Ending ending = connection_.failed() ? Ending::failed : connection_.commit();
    if (ending == Ending::committed) return Done{};
    Error reason = connection_.failure();
    connection_.roll_back();
    return ending == Ending::unknown ? unknown_outcome(not_committed(reason)) : reason;
}

}  // namespace cariosan::postgres
