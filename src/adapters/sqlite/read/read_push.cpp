// Pending push jobs and their recipients.
#include "adapters/sqlite/read/outbox_readers.hpp"

namespace cariosan::sqlite {

Result<PushBacklog> SqlitePush::backlog() {
    PushBacklog backlog;
    {
        Rows rows = pending_.query();
        if (rows.next()) backlog.pending = rows.integer();
    }
    Rows rows = next_due_.query();
    if (rows.next()) backlog.next_due = rows.timestamp();
    return snapshot_.checked(backlog);
}

/// The message, author and channel of a job. Absent if the job, or one of them, is gone.
struct SqlitePush::Job {
    std::int64_t message = 0;
    UserId after;
    std::optional<std::string> devices;
    std::int64_t channel = 0;
    std::int64_t member_count = 0;
    UserId author;
};

std::optional<SqlitePush::Job> SqlitePush::find_job(std::int64_t row, PushPart& part) {
    Rows rows = job_.query(row);
    if (!rows.next()) return std::nullopt;
    Job job;
    job.message = rows.integer();
    job.after = rows.id<UserId>();
    job.devices = rows.optional_text();
    job.channel = rows.integer();
    job.member_count = rows.integer();
    part.channel = rows.id<ChannelId>();
    part.message = rows.id<MessageId>();
    job.author = rows.id<UserId>();
    part.sender_name = rows.text();
    return job;
}

Result<PushPart> SqlitePush::part(std::int64_t row, const PushRange& range) {
    PushPart part;
    const auto job = find_job(row, part);
    if (!job) return snapshot_.checked(std::move(part));
    UserId last;
    const auto take = [&](Rows rows) {
        while (rows.next()) {
            const auto user = rows.id<UserId>();
            if (std::cmp_greater_equal(part.targets.size(), range.devices) && user != last) {
                part.next = last;
                return;
            }
            last = user;
            const auto device = rows.code<DeviceRow>();
            part.targets.push_back({.device = device, .token = rows.text()});
        }
    };
    if (job->devices) {
        take(again_.query(job->channel, job->after, job->author, *job->devices));
    } else if (job->member_count > range.everyone) {
        take(mentioned_.query(job->channel, job->after, job->author, job->message));
    } else {
        take(everyone_.query(job->channel, job->after, job->author));
    }
    return snapshot_.checked(std::move(part));
}

}  // namespace cariosan::sqlite
