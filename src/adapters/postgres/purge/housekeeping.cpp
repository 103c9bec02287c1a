#include "adapters/postgres/purge/housekeeping.hpp"

#include "adapters/postgres/purge/pg_purge.hpp"
#include "adapters/postgres/search/missing_words.hpp"
#include "adapters/sql/kept.hpp"

namespace cariosan::postgres {
namespace {

/// How soon a node finds what another one has deleted. What it deleted itself, it finds at once.
constexpr std::chrono::milliseconds kDeletedInterval{1000};

}  // namespace

std::vector<Housekeeping::Job> Housekeeping::all_jobs() {
    return {{[](Connection& connection, Timestamp) { return purge_deleted(connection); }, kDeletedInterval},
            {purge_ended_silences, sql::kExpiryInterval},
            {purge_old_records, sql::kExpiryInterval},
            {purge_old_deliveries, sql::kExpiryInterval},
            {purge_old_moves, sql::kExpiryInterval},
            {write_missing_words, sql::kExpiryInterval}};
}

Result<bool> Housekeeping::run(Writer& writer, Job& job) {
    bool more = false;
    const auto done = writer.transaction([&](Connection& connection) {
        if (!take_housekeeping(connection)) return;
        const Timestamp now = now_ ? now_() : writer.database_now();
        more = !connection.failed() && job.step(connection, now);
    });
    if (!done) return done.error();
    job.due = more ? std::chrono::milliseconds{0} : clock_->elapsed() + job.interval;
    return more;
}

Result<bool> Housekeeping::step(Writer& writer) {
    if (writer.take_deleted()) jobs_.front().due = {};
    bool more = false;
    for (Job& job : jobs_) {
        if (clock_->elapsed() < job.due) continue;
        auto ran = run(writer, job);
        if (!ran) return ran;
        more = more || *ran;
    }
    return more;
}

}  // namespace cariosan::postgres
