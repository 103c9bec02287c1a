// The messages still to be pushed: leases, and the results of a part.
#include "core/commit/decide.hpp"

namespace cariosan::commit {

Result<Committed> decide(BatchRows& rows, const mutation::LeasePushJobs& lease) {
    Committed done;
    done.changed = false;
    for (const std::int64_t row : lease.held) {
        if (!rows.push.is_leased(row, lease.owner)) continue;
        rows.push.lease(row, lease.owner, lease.until);
        done.changed = true;
    }
    LeasedPushJobs leased{rows.push.due(lease.now, lease.limit)};
    for (const PushJob& job : leased.jobs) rows.push.lease(job.row, lease.owner, lease.until);
    if (!leased.jobs.empty()) done.changed = true;
    if (done.changed) rows.wrote();
    done.object = std::move(leased);
    return done;
}

Result<Committed> decide(BatchRows& rows, const mutation::FinishPushPart& finish) {
    Committed done;
    done.changed = false;
    for (const DeviceRow device : finish.gone) {
        if (rows.devices.remove(device)) done.changed = true;
    }
    if (rows.push.is_leased(finish.row, finish.owner)) {
        if (!finish.retry.empty()) {
            rows.push.insert_retry(finish);
            rows.count_push_jobs(1);
        }
        if (finish.next) {
            rows.push.go_on(finish.row, *finish.next);
        } else {
            rows.push.remove(finish.row);
            rows.count_push_jobs(-1);
        }
        done.changed = true;
    }
    if (done.changed) rows.wrote();
    return done;
}

}  // namespace cariosan::commit
