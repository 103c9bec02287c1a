// The messages that are still to be pushed.
#include <iterator>

#include "adapters/sqlite/write/batch.hpp"

namespace cariosan::sqlite {
namespace {

std::string json_array(const std::vector<DeviceRow>& devices) {
    std::string text = "[";
    for (const DeviceRow device : devices) {
        if (text.size() > 1) text += ',';
        text += std::to_string(static_cast<std::int64_t>(device));
    }
    return text + "]";
}

}  // namespace

bool Batch::has_room_for_push_job() {
    if (!state_.push_pending) {
        Rows rows = sql_.push_pending.query();
        state_.push_pending = rows.next() ? rows.integer() : 0;
    }
    return *state_.push_pending < kPushMaxPending;
}

void Batch::count_push_jobs(std::int64_t change) {
    if (state_.push_pending) *state_.push_pending += change;
    state_.push_change += change;
    state_.wrote = true;
}

void Batch::insert_push_job(std::int64_t message, Timestamp at) {
    if (!has_room_for_push_job()) return;
    sql_.insert_push_job.run(message, at);
    count_push_jobs(1);
}

Result<Committed> Batch::apply(const mutation::LeasePushJobs& lease) {
    LeasedPushJobs leased;
    const auto take = [&](Statement& jobs, Timestamp at) {
        Rows rows = jobs.query(at, lease.limit - std::ssize(leased.jobs));
        while (rows.next()) {
            PushJob job;
            job.row = rows.integer();
            job.created_at = rows.timestamp();
            job.attempts = rows.integer();
            leased.jobs.push_back(job);
        }
    };
    take(sql_.due_push_jobs, lease.now);
    if (std::ssize(leased.jobs) < lease.limit) {
        take(sql_.push_jobs_far_ahead, latest_due(lease.now, kPushLongestDelay));
    }
    for (const PushJob& job : leased.jobs) sql_.lease_push_job.run(job.row, lease.owner, lease.until);
    Committed done;
    done.changed = !leased.jobs.empty();
    state_.wrote = state_.wrote || done.changed;
    done.object = std::move(leased);
    return done;
}

Result<Committed> Batch::apply(const mutation::FinishPushPart& finish) {
    Committed done;
    done.changed = false;
    for (const DeviceRow device : finish.gone) {
        sql_.drop_device.run(device);
        done.changed = done.changed || sqlite3_changes64(sql_.connection.handle()) > 0;
    }
    bool leased = false;
    {
        Rows rows = sql_.find_push_job.query(finish.row, finish.owner);
        leased = rows.next();
    }
    if (leased) {
        if (!finish.retry.empty()) {
            sql_.insert_push_retry.run(finish.row, finish.retry_at, finish.attempts, json_array(finish.retry));
            count_push_jobs(1);
        }
        if (finish.next) {
            sql_.go_on_with_push_job.run(finish.row, *finish.next);
        } else {
            sql_.drop_push_job.run(finish.row);
            count_push_jobs(-1);
        }
        done.changed = true;
    }
    state_.wrote = state_.wrote || done.changed;
    return done;
}

}  // namespace cariosan::sqlite
