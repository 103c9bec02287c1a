/// Reads push jobs and their recipients. A template over the adapter's queries.
#pragma once

#include <cariosan/storage.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "adapters/sql/read/snapshot.hpp"

namespace cariosan::sql {

template <class Queries>
class SqlPush final : public PushReader {
  public:
    using Snapshot = typename Queries::Snapshot;

    explicit SqlPush(Snapshot& snapshot) : snapshot_(snapshot), sql_(snapshot.connection()) {}
    Result<PushBacklog> backlog() override;
    Result<PushPart> part(std::int64_t row, const PushRange& range) override;

  private:
    struct Job;
    std::optional<Job> find_job(std::int64_t row, PushPart& part);

    Snapshot& snapshot_;
    Queries sql_;
};

template <class Queries>
Result<PushBacklog> SqlPush<Queries>::backlog() {
    PushBacklog backlog;
    {
        auto rows = sql_.pending.query();
        if (rows.next()) backlog.pending = rows.integer();
    }
    auto rows = sql_.next_due.query();
    if (rows.next()) backlog.next_due = rows.timestamp();
    return snapshot_.checked(backlog);
}

/// The message, author and channel of a job. Absent if the job, or one of them, is gone.
template <class Queries>
struct SqlPush<Queries>::Job {
    std::int64_t message = 0;
    UserId after;
    bool again = false;  ///< some devices are tried again
    std::int64_t channel = 0;
    std::int64_t member_count = 0;
    UserId author;
};

template <class Queries>
std::optional<typename SqlPush<Queries>::Job> SqlPush<Queries>::find_job(std::int64_t row, PushPart& part) {
    auto rows = sql_.job.query(row);
    if (!rows.next()) return std::nullopt;
    Job job;
    job.message = rows.integer();
    job.after = read_id<UserId>(rows);
    job.again = rows.flag();
    job.channel = rows.integer();
    job.member_count = rows.integer();
    part.channel = read_id<ChannelId>(rows);
    part.message = read_id<MessageId>(rows);
    job.author = read_id<UserId>(rows);
    part.sender_name = rows.text();
    return job;
}

template <class Queries>
Result<PushPart> SqlPush<Queries>::part(std::int64_t row, const PushRange& range) {
    PushPart part;
    const auto job = find_job(row, part);
    if (!job) return snapshot_.checked(std::move(part));
    UserId last;
    const auto take = [&](auto rows) {
        while (rows.next()) {
            const auto user = read_id<UserId>(rows);
            if (std::cmp_greater_equal(part.targets.size(), range.devices) && user != last) {
                part.next = last;
                return;
            }
            last = user;
            const auto device = read_code<DeviceRow>(rows);
            part.targets.push_back({.device = device, .token = rows.text()});
        }
    };
    if (job->again) {
        take(query_until(sql_, sql_.again, range.devices + 1, job->channel, job->after, job->author, row));
    } else if (job->member_count > range.everyone) {
        take(query_until(sql_, sql_.mentioned, range.devices + 1, job->channel, job->after, job->author, job->message));
    } else {
        take(query_until(sql_, sql_.everyone, range.devices + 1, job->channel, job->after, job->author));
    }
    return snapshot_.checked(std::move(part));
}

}  // namespace cariosan::sql
