/// Devices, and the messages that are still to be pushed to them. Part of the storage contract (`cariosan/storage.hpp`).
///
/// `Storage::commit` writes one job with each message that is to be pushed (`mutation::SendMessage::push`), in the
/// transaction of the message. A worker leases jobs, so that one node at a time works on each of them; reads to whom the next
/// part of it goes, which is judged as it is read; and commits what came of the part. A job is told at least once.
#pragma once

#include <cariosan/error.hpp>
#include <cariosan/types.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cariosan {

/// No schedule puts an attempt further off, and no lease lasts longer. A stored time further ahead than that was written while
/// the clock was wrong, and counts as come.
inline constexpr std::chrono::milliseconds kPushLongestDelay = std::chrono::hours(1);
/// How many jobs may be pending. A message beyond it is sent without one.
inline constexpr std::int64_t kPushMaxPending = 100'000;

/// A registered device. A token that another user registers, or that comes back, gets another one; none comes back ever. Means
/// nothing outside of the storage.
enum class DeviceRow : std::int64_t {};

/// A job a worker has to itself until the lease ends.
struct PushJob {
    std::int64_t row = 0;      ///< means nothing outside of the storage
    Timestamp created_at{};     ///< when the message was sent
    std::int64_t attempts = 0;  ///< that have failed already for everyone in it
};

/// In the order in which they came due.
struct LeasedPushJobs {
    std::vector<PushJob> jobs;
};

struct PushTarget {
    DeviceRow device{};
    std::string token{};
};

/// To whom a job goes next. Without targets and `next`: there is nothing left to do, also because the message, its author or
/// its channel is gone.
struct PushPart {
    ChannelId channel{};
    MessageId message{};
    std::string sender_name{};
    std::vector<PushTarget> targets{};  ///< a user's devices are in one part
    std::optional<UserId> next{};       ///< the part after this one begins after this user; nothing: it is the last
};

/// How much is read at once, and of whom.
struct PushRange {
    std::int64_t devices = 500;   ///< about so many; the devices of a user come together
    std::int64_t everyone = 100;  ///< a channel of more members than this: only those whom the message mentions
};

/// How much there is to do.
struct PushBacklog {
    std::optional<Timestamp> next_due{};  ///< when the next job is due, or its lease ends; nothing: there is none
    std::int64_t pending = 0;
};

/// What a push worker reads. One snapshot, like every reader.
class PushReader {
  public:
    virtual ~PushReader() = default;
    /// Bound: two rows.
    virtual Result<PushBacklog> backlog() = 0;
    /// The next part of a job. Who is a member now, is not the author, has muted neither the channel nor blocked the author, and
    /// has devices; of a job of devices that are tried again, those which still belong to whom they belonged.
    /// Bound: `range.everyone` members with their devices, the users mentioned with theirs, or the devices of the job.
    virtual Result<PushPart> part(std::int64_t row, const PushRange& range) = 0;
};

namespace mutation {

/// The token is the user's from then on, whosever of the workspace it was. Past `max_devices` those that the user has not
/// registered for the longest time go. `Committed` holds the `Device`, `created` is false if it was the user's already.
struct RegisterDevice {
    WorkspaceId workspace{};
    UserId user{};
    std::string token{};
    DevicePlatform platform = DevicePlatform::android;
    std::int64_t max_devices = 0;  ///< of the user, 0: any
    Timestamp at{};
};
/// `Committed::changed` is false if the user has no such device.
struct RemoveDevice {
    WorkspaceId workspace{};
    UserId user{};
    std::string token{};
};
/// Leases to `owner`, until `until`, at most `limit` jobs that are due at `now` and leased to nobody then, those that wait
/// longest first. A due time, or the end of a lease, that is more than `kPushLongestDelay` after `now` has come as well; such
/// jobs are leased last. `Committed` holds the `LeasedPushJobs`, `changed` is false if there are none.
struct LeasePushJobs {
    Uuid owner{};
    Timestamp now{};
    Timestamp until{};
    std::int64_t limit = 0;
};
/// What came of one part: the job goes on after `next`, at once, or is done. What is to be tried again becomes a job of its
/// own. If the job is not leased to `owner` any more, only `gone` is done (`changed` is false if that does nothing either).
struct FinishPushPart {
    std::int64_t row = 0;
    Uuid owner{};
    std::optional<UserId> next{};    ///< as in `PushPart`
    std::vector<DeviceRow> retry{};
    std::int64_t attempts = 0;       ///< of the job they become
    Timestamp retry_at{};
    std::vector<DeviceRow> gone{};   ///< devices to be forgotten
};

}  // namespace mutation

}  // namespace cariosan
