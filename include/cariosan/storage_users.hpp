/// Reading workspaces, users and what is stored about a user. Part of the storage contract: `cariosan/storage.hpp`.
#pragma once

#include <array>
#include <cariosan/backend_commands.hpp>
#include <cariosan/crypto.hpp>
#include <cariosan/error.hpp>
#include <cariosan/moderation.hpp>
#include <cariosan/storage_paging.hpp>
#include <cariosan/types.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cariosan {

/// A secret of an API key, as stored.
struct StoredSecret {
    Digest hash{};
    std::optional<Timestamp> expires_at{};  ///< absent: the current one
};

/// An API key as stored. Its secrets are few: `mutation::RotateSecret::max_secrets`.
struct StoredApiKey {
    Workspace workspace;
    std::vector<StoredSecret> secrets{};
};

class WorkspaceReader {
  public:
    virtual ~WorkspaceReader() = default;
    /// Bound: one row.
    virtual Result<std::optional<Workspace>> find(WorkspaceId id) = 0;
    /// By id, ascending, those after `after`. Bound: `limit` workspaces, however many were deleted between them.
    virtual Result<std::vector<Workspace>> list(std::optional<WorkspaceId> after, std::int64_t limit) = 0;
    /// Bound: one workspace and the few secrets of its key.
    virtual Result<std::optional<StoredApiKey>> find_api_key(std::string_view api_key) = 0;
    /// The public key with the current secret. Bound: the few secrets of one workspace.
    virtual Result<std::optional<std::string>> present_api_key(WorkspaceId id) = 0;
    /// Bound: one row.
    virtual Result<std::array<std::uint8_t, 32>> idempotency_secret(WorkspaceId id) = 0;
    /// The settings of `Workspace::moderation_rev`; the defaults if they were never changed. Bound: one row.
    virtual Result<ModerationSettings> moderation(WorkspaceId id) = 0;
    /// Counts nothing beyond `most`, which becomes `counted_to`. Bound: `most` rows of each kind.
    virtual Result<WorkspaceFigures> figures(WorkspaceId id, std::int64_t most) = 0;
};

/// The users who share a channel with the viewer. If the budget ran out, only the first `judged` users were checked.
struct SharingUsers {
    std::vector<UserPresence> found;
    std::size_t judged = 0;
};

class UserReader {
  public:
    virtual ~UserReader() = default;
    /// Bound: one row.
    virtual Result<std::optional<User>> find(WorkspaceId workspace, UserId id) = 0;
    /// Bound: one row.
    virtual Result<std::optional<User>> find_external(WorkspaceId workspace,
                                                      std::string_view external_id) = 0;
    /// By id, ascending, those after `after`. Bound: `limit` users, however many were deleted between them.
    virtual Result<std::vector<User>> list(WorkspaceId workspace, std::optional<UserId> after,
                                           std::int64_t limit) = 0;
    /// Those of `users` who share a channel with `viewer` now, unless one of the two has blocked the other: in the given order,
    /// shown as offline with the time they were last seen.
    /// Bound: `budget`, and what judging one user takes: one lookup per channel of whichever of the two is in fewer. The first
    /// user is judged whatever the budget.
    virtual Result<SharingUsers> sharing(WorkspaceId workspace, UserId viewer, std::span<const UserId> users,
                                         WorkBudget& budget) = 0;
};

/// The users a user has blocked, ascending, and the revision of that list.
struct BlockedUsers {
    std::int64_t rev = 0;
    std::vector<UserId> users{};
};

class BlockReader {
  public:
    virtual ~BlockReader() = default;
    /// Bound: the users they have blocked, whose number is limited.
    virtual Result<BlockedUsers> of(WorkspaceId workspace, UserId user) = 0;
    /// By id of the blocked user, ascending, those after `after`. Bound: `limit` blocks.
    virtual Result<std::vector<Block>> list(WorkspaceId workspace, UserId user, std::optional<UserId> after,
                                            std::int64_t limit) = 0;
};

/// A deleted user whose deletion is not complete.
struct PendingDeletion {
    WorkspaceId workspace;
    UserId user;
    bool erase = false;
};

/// A membership of a deleted user that is still to be ended. `successor` becomes admin first: the longest-standing member, if
/// the user was the last admin and anyone is left.
struct EndingMembership {
    ChannelId channel;
    std::optional<UserId> successor;
};

/// A message of a deleted user that is still to be erased; erasing it changes about `rows` rows.
struct ErasableMessage {
    ChannelId channel;
    MessageId message;
    std::int64_t rows = 0;
};

/// What is stored about one user in existing channels. `after` is where the page before ended. Rows skipped because their
/// channel was deleted count towards the page, so a page may be short or empty without being the last.
class UserDataReader {
  public:
    virtual ~UserDataReader() = default;
    /// Of present and former members. Bound: `limit` memberships.
    virtual Result<RecordPage<UserMembership>> memberships(WorkspaceId workspace, UserId user, RecordPosition after,
                                                           std::int64_t limit) = 0;
    /// The way their author sees them, deleted ones too. A page ends at about 128 KiB of text. Bound: the authors of 20,000
    /// messages of anyone, and `limit` messages of the user with what belongs to them.
    virtual Result<RecordPage<Message>> messages(WorkspaceId workspace, UserId user, RecordPosition after,
                                                 std::int64_t limit) = 0;
    /// Bound: `limit` reactions.
    virtual Result<RecordPage<UserReaction>> reactions(WorkspaceId workspace, UserId user, RecordPosition after,
                                                       std::int64_t limit) = 0;
    /// Bound: `limit` mentions.
    virtual Result<RecordPage<UserMention>> mentions(WorkspaceId workspace, UserId user, RecordPosition after,
                                                     std::int64_t limit) = 0;
    /// Bound: `limit` silences.
    virtual Result<RecordPage<Silence>> silences(WorkspaceId workspace, UserId user, RecordPosition after,
                                                 std::int64_t limit) = 0;
    /// Bound: `limit` devices.
    virtual Result<RecordPage<Device>> devices(WorkspaceId workspace, UserId user, RecordPosition after,
                                               std::int64_t limit) = 0;
    /// The moderation records of the user's messages, oldest first. Bound: `limit` records.
    virtual Result<RecordPage<ModerationRecord>> moderation(WorkspaceId workspace, UserId user, RecordPosition after,
                                                            std::int64_t limit) = 0;
    /// The reports that the user filed, oldest first, without their messages. Bound: `limit` reports.
    virtual Result<RecordPage<Report>> reports(WorkspaceId workspace, UserId user, RecordPosition after,
                                               std::int64_t limit) = 0;

    // Of deleted users.

    /// Bound: `limit` users, and those of deleted workspaces not purged yet.
    virtual Result<std::vector<PendingDeletion>> deletions(std::int64_t limit) = 0;
    /// Stops after a membership whose successor has to be chosen from more than 100 members.
    /// Bound: `limit` memberships with the admins of their channels, and the members of channels they leave without one.
    virtual Result<std::vector<EndingMembership>> ending_memberships(WorkspaceId workspace, UserId user,
                                                                     std::int64_t limit) = 0;
    /// Bound: the authors of 20,000 messages of anyone, and `limit` messages.
    virtual Result<RecordPage<ErasableMessage>> erasable_messages(WorkspaceId workspace, UserId user,
                                                                  RecordPosition after, std::int64_t limit) = 0;
};

}  // namespace cariosan
