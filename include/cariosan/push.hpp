/// Devices, and the push jobs still to be done. Part of the storage contract (`cariosan/storage.hpp`).
///
/// `Storage::commit` writes one job with each message that is to be pushed (`mutation::SendMessage::push`), in the
/// transaction of the message. A worker leases jobs, so that each is handled by one node at a time; reads the
/// recipients of the next part, as of that moment; and commits the results of the part. Every job is sent at least
/// once.
#pragma once

#include <cariosan/error.hpp>
#include <cariosan/types.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cariosan {

/// No schedule puts an attempt further off, and no lease lasts longer. A stored time further ahead than that was
/// written while the clock was wrong, and counts as due.
inline constexpr std::chrono::milliseconds kPushLongestDelay = std::chrono::hours(1);
/// How many jobs may be pending. Beyond that, messages are sent without a push job.
inline constexpr std::int64_t kPushMaxPending = 100'000;

/// A registered device. Never reused: a token registered by another user, or again after removal, gets a new one.
/// Meaningless outside the storage.
enum class DeviceRow : std::int64_t {};

/// A job that only one worker handles until the lease ends.
struct PushJob {
    std::int64_t row = 0;      ///< meaningless outside the storage
    Timestamp created_at{};     ///< when the message was sent
    std::int64_t attempts = 0;  ///< failed attempts so far, for everyone in it
};

/// In the order they became due.
struct LeasedPushJobs {
    std::vector<PushJob> jobs;
};

struct PushTarget {
    DeviceRow device{};
    std::string token{};
};

/// The next recipients of a job. Without targets and `next` the job is done, or its message, author or channel is gone.
struct PushPart {
    ChannelId channel{};
    MessageId message{};
    std::string sender_name{};
    std::vector<PushTarget> targets{};  ///< a user's devices are in one part
    std::optional<UserId> next{};       ///< the part after this one begins after this user; absent: it is the last
};

/// How much to read at once, and for whom.
struct PushRange {
    std::int64_t devices = 500;   ///< roughly; a user's devices are not split
    std::int64_t everyone = 100;  ///< in channels with more members, only mentioned users get a push
};

/// How much there is to do.
struct PushBacklog {
    std::optional<Timestamp> next_due{};  ///< when the next job is due, or its lease ends; absent: there is none
    std::int64_t pending = 0;
};

/// What a push worker reads. One snapshot, like every reader.
class PushReader {
  public:
    virtual ~PushReader() = default;
    /// Bound: two rows.
    virtual Result<PushBacklog> backlog() = 0;
    /// The next part of a job: present members with devices, except the author and those who have muted the channel
    /// or blocked the author; of a job that retries devices, those still registered to the same user.
    /// Bound: `range.everyone` members with their devices, the users mentioned with theirs, or the devices of the job.
    virtual Result<PushPart> part(std::int64_t row, const PushRange& range) = 0;
};

namespace mutation {

/// Assigns the token to the user, taking it from any other user of the workspace. Beyond `max_devices` the user's
/// least recently registered devices are dropped. `Committed` holds the `Device`; `created` is false if it was the
/// user's already.
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
/// Extends to `until` the leases that `owner` has on the rows of `held`; rows that are no longer leased to it are passed over.
/// Then leases to `owner`, until `until`, at most `limit` jobs that are due at `now` and not leased, longest waiting
/// first. A due time, or the end of a lease, that is more than `kPushLongestDelay` after `now` counts as due; such
/// jobs are leased last. `Committed` holds the `LeasedPushJobs`, those of `held` not among them; `changed` is false if nothing
/// was extended or leased.
struct LeasePushJobs {
    Uuid owner{};
    Timestamp now{};
    Timestamp until{};
    std::int64_t limit = 0;
    std::vector<std::int64_t> held{};
};
/// The results of one part: the job continues after `next`, at once, or is done. Devices to be retried become a job
/// of their own. If the job is no longer leased to `owner`, only `gone` is applied (`changed` is false if that does
/// nothing either).
struct FinishPushPart {
    std::int64_t row = 0;
    Uuid owner{};
    std::optional<UserId> next{};    ///< as in `PushPart`
    std::vector<DeviceRow> retry{};
    std::int64_t attempts = 0;       ///< attempts of the new job
    Timestamp retry_at{};
    std::vector<DeviceRow> gone{};   ///< devices to be forgotten
};

}  // namespace mutation

}  // namespace cariosan
