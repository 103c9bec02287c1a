/// Reads workspaces and users: profiles, user data, blocks, silences and moderation records. Implemented in one
/// read_<what>.cpp each.
#pragma once

#include <cariosan/storage.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "adapters/sqlite/snapshot.hpp"

namespace cariosan::sqlite {

class SqliteWorkspaces final : public WorkspaceReader {
  public:
    explicit SqliteWorkspaces(Snapshot& snapshot) : snapshot_(snapshot) {}
    Result<std::optional<Workspace>> find(WorkspaceId id) override;
    Result<std::vector<Workspace>> list(std::optional<WorkspaceId> after, std::int64_t limit) override;
    Result<std::optional<StoredApiKey>> find_api_key(std::string_view api_key) override;
    Result<std::optional<std::string>> present_api_key(WorkspaceId id) override;
    Result<std::array<std::uint8_t, 32>> idempotency_secret(WorkspaceId id) override;
    Result<ModerationSettings> moderation(WorkspaceId id) override;

  private:
    Snapshot& snapshot_;
    Statement find_{
        snapshot_.connection(),
        {"SELECT ", kWorkspaceColumns, " FROM workspaces w WHERE w.uuid = ?1 AND w.deleted_at IS NULL"}};
    Statement list_{
        snapshot_.connection(),
        {"SELECT ", kWorkspaceColumns,
         " FROM workspaces w INDEXED BY workspaces_listed WHERE w.uuid > ?1 AND w.deleted_at IS NULL"
         " ORDER BY w.uuid LIMIT ?2"}};
    Statement find_api_key_{snapshot_.connection(),
                            {"SELECT k.secret_hash, k.expires_at, ", kWorkspaceColumns,
                             " FROM api_secrets k JOIN workspaces w ON w.id = k.workspace_id"
                             " WHERE k.api_key = ?1 AND w.deleted_at IS NULL"}};
    Statement present_api_key_{snapshot_.connection(),
                               "SELECT k.api_key FROM workspaces w JOIN api_secrets k ON k.workspace_id = w.id"
                               " WHERE w.uuid = ?1 AND w.deleted_at IS NULL AND k.expires_at IS NULL"};
    Statement secret_{snapshot_.connection(),
                      "SELECT idempotency_secret FROM workspaces WHERE uuid = ?1 AND deleted_at IS NULL"};
    Statement moderation_{snapshot_.connection(),
                          {"SELECT w.moderation_enabled, s.workspace_id IS NOT NULL, ", kModerationColumns,
                           " FROM workspaces w LEFT JOIN moderation_settings s ON s.workspace_id = w.id"
                           " WHERE w.uuid = ?1 AND w.deleted_at IS NULL"}};
};

class SqliteUsers final : public UserReader {
  public:
    explicit SqliteUsers(Snapshot& snapshot) : snapshot_(snapshot) {}
    Result<std::optional<User>> find(WorkspaceId workspace, UserId id) override;
    Result<std::optional<User>> find_external(WorkspaceId workspace, std::string_view external_id) override;
    Result<std::vector<User>> list(WorkspaceId workspace, std::optional<UserId> after,
                                   std::int64_t limit) override;
    Result<SharingUsers> sharing(WorkspaceId workspace, UserId viewer, std::span<const UserId> users,
                                 WorkBudget& budget) override;

  private:
    struct Present;
    std::optional<Present> find_present(UserId id, std::int64_t workspace);
    bool share_channel(const Present& one, const Present& other, WorkBudget& budget);

    Snapshot& snapshot_;
    Statement find_{snapshot_.connection(),
                    {"SELECT ", kUserColumns,
                     " FROM users u WHERE u.uuid = ?1 AND u.workspace_id = ?2 AND u.deleted_at IS NULL"}};
    Statement find_presence_{snapshot_.connection(),
                             "SELECT id, membership_count, external_id, last_seen_at FROM users"
                             " WHERE uuid = ?1 AND workspace_id = ?2 AND deleted_at IS NULL"};
    Statement block_between_{snapshot_.connection(),
                             "SELECT 1 FROM blocks WHERE user_id = ?1 AND blocked_uuid = ?4 UNION ALL"
                             " SELECT 1 FROM blocks WHERE user_id = ?3 AND blocked_uuid = ?2 LIMIT 1"};
    // Walks the channels of user ?1.
    Statement share_channel_{snapshot_.connection(),
                             "SELECT 1 FROM members a INDEXED BY members_of_user"
                             " CROSS JOIN members b INDEXED BY members_of_user ON b.user_id = ?2 AND b.channel_id = a.channel_id"
                             " CROSS JOIN channels c ON c.id = a.channel_id WHERE a.user_id = ?1 AND a.present = 1"
                             " AND b.present = 1 AND c.deleted_at IS NULL LIMIT 1"};
    Statement find_external_{
        snapshot_.connection(),
        {"SELECT ", kUserColumns,
         " FROM users u WHERE u.workspace_id = ?1 AND u.external_id = ?2 AND u.deleted_at IS NULL"}};
    Statement list_{snapshot_.connection(),
                    {"SELECT ", kUserColumns,
                     " FROM users u INDEXED BY users_present WHERE u.workspace_id = ?1 AND u.uuid > ?2"
                     " AND u.deleted_at IS NULL ORDER BY u.uuid LIMIT ?3"}};
};

/// Lists everything stored about one user. Messages have no index by author, so they are searched among everyone's, a
/// stretch at a time.
class SqliteUserData final : public UserDataReader {
  public:
    explicit SqliteUserData(Snapshot& snapshot) : snapshot_(snapshot) {}
    Result<RecordPage<UserMembership>> memberships(WorkspaceId workspace, UserId user, RecordPosition after,
                                                   std::int64_t limit) override;
    Result<RecordPage<Message>> messages(WorkspaceId workspace, UserId user, RecordPosition after,
                                         std::int64_t limit) override;
    Result<RecordPage<UserReaction>> reactions(WorkspaceId workspace, UserId user, RecordPosition after,
                                               std::int64_t limit) override;
    Result<RecordPage<UserMention>> mentions(WorkspaceId workspace, UserId user, RecordPosition after,
                                             std::int64_t limit) override;
    Result<RecordPage<Silence>> silences(WorkspaceId workspace, UserId user, RecordPosition after,
                                         std::int64_t limit) override;
    Result<RecordPage<ModerationRecord>> moderation(WorkspaceId workspace, UserId user, RecordPosition after,
                                                    std::int64_t limit) override;
    Result<RecordPage<Device>> devices(WorkspaceId workspace, UserId user, RecordPosition after,
                                       std::int64_t limit) override;
    Result<std::vector<PendingDeletion>> deletions(std::int64_t limit) override;
    Result<std::vector<EndingMembership>> ending_memberships(WorkspaceId workspace, UserId user,
                                                             std::int64_t limit) override;
    Result<RecordPage<ErasableMessage>> erasable_messages(WorkspaceId workspace, UserId user, RecordPosition after,
                                                          std::int64_t limit) override;

  private:
    /// Absent unless the user belongs to that workspace. Finds deleted users too.
    std::optional<std::int64_t> any_user(WorkspaceId workspace, UserId user);
    std::int64_t last_message();
    std::optional<UserId> successor(std::int64_t channel, std::int64_t user);

    Snapshot& snapshot_;
    Statement any_user_{snapshot_.connection(), "SELECT id FROM users WHERE uuid = ?1 AND workspace_id = ?2"};
    Statement memberships_{
        snapshot_.connection(),
        {"SELECT x.channel_id, c.deleted_at IS NULL, c.uuid, c.external_id, x.present, x.role, x.joined_at, ",
         kReceiptColumns, ", ", kPreferenceColumns,
         " FROM members x CROSS JOIN channels c ON c.id = x.channel_id CROSS JOIN members mine"
         " ON mine.user_id = x.user_id AND mine.channel_id = x.channel_id WHERE x.user_id = ?1 AND x.channel_id > ?2"
         " ORDER BY x.channel_id LIMIT ?3"}};
    Statement last_message_{snapshot_.connection(), "SELECT coalesce(max(id), 0) FROM messages"};
    Statement messages_{
        snapshot_.connection(),
        {"SELECT c.uuid, c.external_id, ", kMessageColumns, " FROM messages m CROSS JOIN channels c ON c.id = m.channel_id",
         kMessageJoins,
         "WHERE m.id > ?2 AND m.id <= ?3 AND m.user_id = ?1 AND c.deleted_at IS NULL ORDER BY m.id LIMIT ?4"}};
    MessageParts parts_{snapshot_.connection()};
    Statement reactions_{
        snapshot_.connection(),
        "SELECT r.message_id, c.deleted_at IS NULL, c.uuid, m.uuid, k.shown FROM reactions r INDEXED BY reactions_of_user"
        " CROSS JOIN reaction_counts k ON k.message_id = r.message_id AND k.emoji = r.emoji"
        " CROSS JOIN messages m ON m.id = r.message_id CROSS JOIN channels c ON c.id = m.channel_id"
        " WHERE r.user_id = ?1 AND r.message_id > ?2 ORDER BY r.message_id LIMIT ?3"};
    Statement mentions_{
        snapshot_.connection(),
        "SELECT n.channel_id, n.seq, c.deleted_at IS NULL, c.uuid, m.uuid FROM mentions n INDEXED BY mentions_of_user"
        " CROSS JOIN messages m ON m.id = n.message_id CROSS JOIN channels c ON c.id = n.channel_id"
        " WHERE n.user_id = ?1 AND (n.channel_id, n.seq) > (?2, ?3)"
        " ORDER BY n.channel_id, n.seq LIMIT ?4"};
    /// Positions are the channel's rowid plus 1, so that a silence in the whole workspace (channel 0) comes first.
    Statement silences_{
        snapshot_.connection(),
        {"SELECT x.channel_id + 1, c.deleted_at IS NULL, x.until, x.reason, x.created_at, c.uuid, "
         "c.external_id, ",
         kSummaryColumns,
         " FROM mutes x CROSS JOIN users u ON u.id = x.user_id LEFT JOIN channels c ON c.id = x.channel_id"
         " WHERE x.user_id = ?1 AND x.channel_id >= ?2"
         " ORDER BY x.channel_id LIMIT ?3"}};
    Statement moderation_{snapshot_.connection(),
                          {"SELECT r.id, c.deleted_at IS NULL, ", kRecordColumns, " FROM moderation_records r INDEXED BY moderation_of_user",
                           kRecordJoins,
                           "WHERE r.user_id = ?1 AND r.id > ?2 ORDER BY r.id LIMIT ?3"}};
    Statement devices_{snapshot_.connection(),
                       "SELECT id, token, platform, created_at FROM devices WHERE user_id = ?1 AND id > ?2"
                       " ORDER BY id LIMIT ?3"};
    Statement deletions_{snapshot_.connection(),
                         "SELECT w.uuid, u.uuid, u.deletion FROM users u INDEXED BY users_in_deletion"
                         " CROSS JOIN workspaces w ON w.id = u.workspace_id"
                         " WHERE u.deletion > 0 AND w.deleted_at IS NULL ORDER BY u.id LIMIT ?1"};
    Statement ending_{snapshot_.connection(),
                      "SELECT c.id, c.uuid, c.type = 1 AND x.role = 1 AND NOT EXISTS (SELECT 1 FROM members o"
                      " INDEXED BY members_admins CROSS JOIN users u ON u.id = o.user_id WHERE o.channel_id = c.id"
                      " AND o.present = 1 AND o.role = 1 AND u.deleted_at IS NULL)"
                      ", c.member_count FROM members p INDEXED BY members_of_user CROSS JOIN channels c ON c.id = p.channel_id"
                      " CROSS JOIN members x ON x.user_id = p.user_id AND x.channel_id = p.channel_id"
                      " WHERE p.user_id = ?1 AND p.present = 1 AND c.deleted_at IS NULL LIMIT ?2"};
    Statement successor_{snapshot_.connection(),
                         "SELECT u.uuid FROM members x INDEXED BY members_present"
                         " CROSS JOIN users u ON u.id = x.user_id WHERE x.channel_id = ?1 AND x.present = 1"
                         " AND x.user_id <> ?2 AND u.deleted_at IS NULL ORDER BY x.joined_at, x.user_uuid LIMIT 1"};
    Statement erasable_{
        snapshot_.connection(),
        "SELECT m.id, c.uuid, m.uuid, 2 + m.mention_count + m.emoji_count + CASE m.emoji_count WHEN 0 THEN 0 ELSE"
        " (SELECT sum(k.count) FROM reaction_counts k WHERE k.message_id = m.id) END"
        " FROM messages m CROSS JOIN channels c ON c.id = m.channel_id WHERE m.id > ?2 AND m.id <= ?3"
        " AND m.user_id = ?1 AND m.deleted_at IS NULL AND c.deleted_at IS NULL ORDER BY m.id LIMIT ?4"};
};

class SqliteBlocks final : public BlockReader {
  public:
    explicit SqliteBlocks(Snapshot& snapshot) : snapshot_(snapshot) {}
    Result<BlockedUsers> of(WorkspaceId workspace, UserId user) override;
    Result<std::vector<Block>> list(WorkspaceId workspace, UserId user, std::optional<UserId> after,
                                    std::int64_t limit) override;

  private:
    Snapshot& snapshot_;
    Statement rev_{snapshot_.connection(), "SELECT blocks_rev FROM users WHERE id = ?1"};
    Statement list_{snapshot_.connection(),
                    {"SELECT b.created_at, ", kSummaryColumns,
                     " FROM blocks b CROSS JOIN users u ON u.id = b.blocked_id"
                     " WHERE b.user_id = ?1 AND b.blocked_uuid > ?2 ORDER BY b.blocked_uuid LIMIT ?3"}};
};

class SqliteSilences final : public SilenceReader {
  public:
    explicit SqliteSilences(Snapshot& snapshot) : snapshot_(snapshot) {}
    Result<SilenceState> find(ChannelId channel, UserId user, Timestamp now) override;
    Result<Page> list(WorkspaceId workspace, std::optional<Key> after, std::int64_t limit, Timestamp now) override;

  private:
    Snapshot& snapshot_;
    Statement find_{snapshot_.connection(),
                    "SELECT x.until FROM users u CROSS JOIN mutes x ON x.user_id = u.id AND x.channel_id IN (0, ?2)"
                    " WHERE u.uuid = ?1 AND u.mute_count > 0 AND (x.until IS NULL OR x.until > ?3)"};
    Statement list_{snapshot_.connection(),
                    {"SELECT x.user_uuid, x.channel_uuid, (x.until IS NULL OR x.until > ?5)"
                     " AND (x.channel_id = 0 OR c.id IS NOT NULL), x.until, x.reason, x.created_at, ",
                     kSummaryColumns, ", c.uuid, c.external_id",
                     " FROM mutes x INDEXED BY mutes_by_workspace CROSS JOIN users u ON u.id = x.user_id"
                     " LEFT JOIN channels c ON c.id = x.channel_id AND c.deleted_at IS NULL"
                     " WHERE x.workspace_id = ?1 AND (x.user_uuid, x.channel_uuid) > (?2, ?3)"
                     " ORDER BY x.user_uuid, x.channel_uuid LIMIT ?4"}};
};

class SqliteModeration final : public ModerationReader {
  public:
    explicit SqliteModeration(Snapshot& snapshot) : snapshot_(snapshot) {}
    Result<ModerationPage> list(WorkspaceId workspace, const ModerationRange& range) override;
    Result<std::optional<ModerationRecord>> find(WorkspaceId workspace, ModerationRecordId id) override;

  private:
    Snapshot& snapshot_;
    Statement of_workspace_{
        snapshot_.connection(),
        {"SELECT r.id, c.deleted_at IS NULL, ", kRecordColumns,
         " FROM moderation_records r INDEXED BY moderation_of_workspace", kRecordJoins,
         "WHERE r.workspace_id = ?1 AND r.id < ?2 ORDER BY r.id DESC LIMIT ?3"}};
    Statement of_channel_{
        snapshot_.connection(),
        {"SELECT r.id, 1, ", kRecordColumns, " FROM moderation_records r INDEXED BY moderation_of_channel", kRecordJoins,
         "WHERE r.channel_id = ?4 AND r.workspace_id = ?1 AND r.id < ?2 ORDER BY r.id DESC LIMIT ?3"}};
    /// In one channel, or in all (0).
    Statement of_user_{
        snapshot_.connection(),
        {"SELECT r.id, c.deleted_at IS NULL AND ?5 IN (0, r.channel_id), ", kRecordColumns,
         " FROM moderation_records r INDEXED BY moderation_of_user", kRecordJoins,
         "WHERE r.user_id = ?4 AND r.workspace_id = ?1 AND r.id < ?2 ORDER BY r.id DESC LIMIT ?3"}};
    Statement find_{snapshot_.connection(),
                    {"SELECT ", kRecordColumns, " FROM moderation_records r", kRecordJoins,
                     "WHERE r.uuid = ?2 AND r.workspace_id = ?1 AND c.deleted_at IS NULL"}};
};

}  // namespace cariosan::sqlite
