/// Reading channels and their members. Part of the storage contract: `cariosan/storage.hpp`.
#pragma once

#include <cariosan/error.hpp>
#include <cariosan/types.hpp>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace cariosan {

/// A user's membership as the use cases need it.
struct Membership {
    Role role = Role::member;
    bool muted = false;
    std::int64_t last_read_seq = 0;
    std::int64_t rev = 0;
};

/// A user's channel as a new connection needs it: its revision, and the revision since which the user is a member.
struct ChannelPosition {
    ChannelId channel;
    std::int64_t rev = 0;
    std::int64_t member_rev = 0;
    std::int64_t member_count = 0;
    Timestamp last_activity{};
    bool archived = false;  ///< as in `MyChannelRange`
};

/// What a user has changed for its channels, and how often.
struct PreferencesRead {
    std::vector<ChannelPreferences> channels{};
    std::int64_t preferences_rev = 0;
};

/// Which of a workspace's channels are listed.
struct ChannelFilter {
    std::optional<UserId> member{};  ///< a member now
    std::optional<ChannelType> type{};
};

class ChannelReader {
  public:
    virtual ~ChannelReader() = default;
    /// Bound: one row.
    virtual Result<std::optional<Channel>> find(WorkspaceId workspace, ChannelId id) = 0;
    /// Bound: one row.
    virtual Result<std::optional<Channel>> find_external(WorkspaceId workspace,
                                                         std::string_view external_id) = 0;
    /// By id, ascending, those after `after`. Bound: `limit` channels, however many were deleted between them or are of another
    /// type; with a member one lookup per channel of that user.
    virtual Result<std::vector<Channel>> list(WorkspaceId workspace, std::optional<ChannelId> after, std::int64_t limit,
                                              const ChannelFilter& filter = {}) = 0;
    struct ActivityKey {
        Timestamp last_activity;
        ChannelId channel;
    };
    struct MyChannelRange {
        std::optional<ActivityKey> after{};  ///< the last one that was read
        std::int64_t limit = 0;
        std::int64_t members = 0;  ///< shown per channel, at most
        bool archived = false;     ///< those that are archived, else all others
    };
    /// The user's channels by (last_activity, id) descending, those after `after` in this order; each with at most
    /// `members` members (other than the viewer in a direct channel), the last message, unread and mention counts. Both
    /// counts are of what the user could read: neither unsent messages nor those of users they have blocked or of deleted users
    /// who are being erased, from the commit that deletes them on. Unread is exact to 999; of longer ranges the storage may
    /// count all positions instead. Mentions are counted to 100, among the 999 oldest unread ones.
    /// Bound: one lookup per channel of the user, and per channel of the page 999 messages, 999 mentions, and the 200
    /// newest messages, among which a user who has blocked someone is shown the newest of the others (none: no last message);
    /// for longer ranges 20,000 messages in all.
    virtual Result<std::vector<MyChannel>> list_of(WorkspaceId workspace, UserId user, const MyChannelRange& range) = 0;
    /// One of these channels. Bound: that of `list_of` for one channel of a page.
    virtual Result<std::optional<MyChannel>> find_of(WorkspaceId workspace, UserId user, ChannelId channel,
                                                     std::int64_t members) = 0;
    /// All channels of the user, in no order. Bound: one lookup per channel.
    virtual Result<std::vector<ChannelPosition>> positions_of(WorkspaceId workspace, UserId user) = 0;
    /// Unread messages, counted as in `list_of`, over the user's unmuted channels, up to 9,999.
    /// Bound: one lookup per channel of the user, about 100,000 messages in ranges of up to 999 and 20,000 in longer ones.
    virtual Result<std::int64_t> unread_total(WorkspaceId workspace, UserId user) = 0;
    /// The preferences of the user's channels with a `preferences_rev` above `since`, ascending, at most `limit`, and the user's
    /// own. Bound: `limit` channels, besides those that are being purged.
    virtual Result<PreferencesRead> preferences_of(WorkspaceId workspace, UserId user, std::int64_t since,
                                                   std::int64_t limit) = 0;
    /// The user's channels with messages by `author` (absent: by anyone) above the user's read position, blocked or not; most
    /// recently active first, at most `limit`. May include channels whose unread range is too long to search. Bound: one lookup
    /// per channel of the user, and as many messages as for `list_of`.
    virtual Result<std::vector<ChannelId>> unread_by(WorkspaceId workspace, UserId user, std::optional<UserId> author,
                                                     std::int64_t limit) = 0;
};

class MemberReader {
  public:
    virtual ~MemberReader() = default;
    /// Absent if the user is not a member now. Bound: one row.
    virtual Result<std::optional<Membership>> find(ChannelId channel, UserId user) = 0;
    /// Present members by user id, ascending, those after `after` (any id, existing or not). Bound: `limit` members, however
    /// many have left.
    virtual Result<std::vector<Member>> list(ChannelId channel, std::optional<UserId> after,
                                             std::int64_t limit) = 0;
    /// Their receipts, in the same order. Bound: `limit` members, however many have left.
    virtual Result<std::vector<Receipt>> receipts(ChannelId channel, std::optional<UserId> after,
                                                  std::int64_t limit) = 0;
};

}  // namespace cariosan
