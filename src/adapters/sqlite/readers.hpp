/// The reading interfaces over one connection. One .cpp file each: read_<what>.cpp.
#pragma once

#include <cariosan/storage.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "adapters/sqlite/search_index.hpp"
#include "adapters/sqlite/snapshot.hpp"

namespace cariosan::sqlite {

class SqliteWorkspaces final : public WorkspaceReader {
  public:
    explicit SqliteWorkspaces(Snapshot& snapshot) : snapshot_(snapshot) {}
    Result<std::optional<Workspace>> find(WorkspaceId id) override;
    Result<std::vector<Workspace>> list(std::optional<WorkspaceId> after, std::int64_t limit) override;
    Result<std::optional<StoredApiKey>> find_api_key(std::string_view api_key) override;
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
         " FROM workspaces w WHERE w.uuid > ?1 AND w.deleted_at IS NULL ORDER BY w.uuid LIMIT ?2"}};
    Statement find_api_key_{snapshot_.connection(),
                            {"SELECT k.secret_hash, k.expires_at, ", kWorkspaceColumns,
                             " FROM api_keys k JOIN workspaces w ON w.id = k.workspace_id"
                             " WHERE k.api_key = ?1 AND w.deleted_at IS NULL"}};
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
    Result<std::vector<UserPresence>> sharing(WorkspaceId workspace, UserId viewer,
                                              std::span<const UserId> users) override;

  private:
    struct Present;
    std::optional<Present> find_present(UserId id, std::int64_t workspace);
    bool share_channel(const Present& one, const Present& other);

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
    // Walks the channels of the first user.
    Statement share_channel_{snapshot_.connection(),
                             "SELECT 1 FROM members a CROSS JOIN members b ON b.user_id = ?2 AND b.channel_id = a.channel_id"
                             " CROSS JOIN channels c ON c.id = a.channel_id WHERE a.user_id = ?1 AND a.present = 1"
                             " AND b.present = 1 AND c.deleted_at IS NULL LIMIT 1"};
    Statement find_external_{
        snapshot_.connection(),
        {"SELECT ", kUserColumns,
         " FROM users u WHERE u.workspace_id = ?1 AND u.external_id = ?2 AND u.deleted_at IS NULL"}};
    Statement list_{snapshot_.connection(),
                    {"SELECT ", kUserColumns,
                     " FROM users u INDEXED BY users_by_workspace WHERE u.workspace_id = ?1 AND u.uuid > ?2"
                     " AND u.deleted_at IS NULL ORDER BY u.uuid LIMIT ?3"}};
};

/// Aliases `c` and `mine` (the viewer's membership). Those of `kChannelColumns` and `kMessageColumns` (the last message,
/// if there is one) follow.
inline constexpr std::string_view kMyChannelColumns =
    "c.id, c.last_activity, mine.role, mine.muted, mine.last_read_seq,"
    " CASE WHEN c.last_seq > mine.last_read_seq THEN (SELECT count(*) FROM (SELECT 1 FROM mentions n"
    " WHERE n.user_id = mine.user_id AND n.channel_id = c.id AND n.seq > mine.last_read_seq LIMIT 100)) ELSE "
    "0 "
    "END, ";
inline constexpr std::string_view kLastMessageJoins =
    " LEFT JOIN messages m ON m.id = c.last_message_id LEFT JOIN users u ON u.id = m.user_id"
    " LEFT JOIN messages p ON p.id = m.parent_id LEFT JOIN users pu ON pu.id = p.user_id ";

class SqliteChannels final : public ChannelReader {
  public:
    explicit SqliteChannels(Snapshot& snapshot) : snapshot_(snapshot) {}
    Result<std::optional<Channel>> find(WorkspaceId workspace, ChannelId id) override;
    Result<std::optional<Channel>> find_external(WorkspaceId workspace,
                                                 std::string_view external_id) override;
    Result<std::vector<Channel>> list(WorkspaceId workspace, std::optional<ChannelId> after,
                                      std::int64_t limit) override;
    Result<std::vector<MyChannel>> list_of(WorkspaceId workspace, UserId user,
                                           std::optional<ActivityKey> after, std::int64_t limit,
                                           std::int64_t members) override;
    Result<std::optional<MyChannel>> find_of(WorkspaceId workspace, UserId user, ChannelId channel,
                                             std::int64_t members) override;
    Result<std::vector<ChannelPosition>> positions_of(WorkspaceId workspace, UserId user) override;
    Result<std::int64_t> unread_total(WorkspaceId workspace, UserId user) override;

  private:
    struct Item;
    static Item read_item(Rows& rows);
    void hide_blocked(Item& item, const ViewerRow& viewer);
    std::vector<MyChannel> complete(std::vector<Item> items, const ResolvedUser& user, std::int64_t members);

    Snapshot& snapshot_;
    Statement find_{snapshot_.connection(),
                    {"SELECT ", kChannelColumns,
                     " FROM channels c WHERE c.uuid = ?1 AND c.workspace_id = ?2 AND c.deleted_at IS NULL"}};
    Statement find_external_{snapshot_.connection(),
                             {"SELECT ", kChannelColumns,
                              " FROM channels c INDEXED BY channels_external WHERE c.workspace_id = ?1"
                              " AND c.external_id = ?2 AND c.deleted_at IS NULL"}};
    Statement list_{
        snapshot_.connection(),
        {"SELECT ", kChannelColumns,
         " FROM channels c INDEXED BY channels_by_workspace WHERE c.workspace_id = ?1 AND c.uuid > ?2"
         " AND c.deleted_at IS NULL ORDER BY c.uuid LIMIT ?3"}};
    // The page is found by sorting little: a few numbers and the id of each of the user's channels.
    Statement list_of_{
        snapshot_.connection(),
        {"SELECT ", kMyChannelColumns, kChannelColumns, ", ", kMessageColumns,
         " FROM (SELECT c.id, x.user_id, x.role, x.muted, x.last_read_seq FROM members x"
         " CROSS JOIN channels c ON c.id = x.channel_id"
         " WHERE x.user_id = ?1 AND x.present = 1 AND c.deleted_at IS NULL"
         " AND (c.last_activity, c.uuid) < (?2, ?3) ORDER BY c.last_activity DESC, c.uuid DESC LIMIT ?4) mine"
         " CROSS JOIN channels c ON c.id = mine.id",
         kLastMessageJoins}};
    Statement find_of_{
        snapshot_.connection(),
        {"SELECT ", kMyChannelColumns, kChannelColumns, ", ", kMessageColumns,
         " FROM channels c CROSS JOIN members mine ON mine.user_id = ?1 AND mine.channel_id = c.id",
         kLastMessageJoins, "WHERE c.uuid = ?2 AND c.deleted_at IS NULL AND mine.present = 1"}};
    Statement some_members_{
        snapshot_.connection(),
        {"SELECT ", kMemberColumns,
         " FROM members x INDEXED BY members_present CROSS JOIN users u ON u.id = x.user_id"
         " WHERE x.channel_id = ?1 AND x.present = 1 ORDER BY x.user_uuid LIMIT ?2"}};
    /// The other user of a direct channel, also once it was deleted and is no member any more.
    Statement peer_{
        snapshot_.connection(),
        "SELECT 1, x.role, x.joined_at, x.rev, u.uuid, u.external_id, u.name, u.avatar_url FROM channels c"
        " CROSS JOIN users u ON u.id = CASE c.direct_low WHEN ?2 THEN c.direct_high ELSE c.direct_low END"
        " CROSS JOIN members x ON x.user_id = u.id AND x.channel_id = c.id WHERE c.id = ?1"};
    Statement older_messages_{
        snapshot_.connection(),
        {"SELECT ", kMessageColumns, " FROM messages m INDEXED BY messages_by_seq", kMessageJoins,
         "WHERE m.channel_id = ?1 AND m.seq < ?2 ORDER BY m.seq DESC"}};
    Statement visible_mentions_{snapshot_.connection(), kVisibleMentionCount};
    MessageParts parts_{snapshot_.connection()};
    Statement positions_of_{snapshot_.connection(),
                            "SELECT c.uuid, c.rev, x.joined_rev, c.member_count, c.last_activity FROM members x"
                            " CROSS JOIN channels c ON c.id = x.channel_id"
                            " WHERE x.user_id = ?1 AND x.present = 1 AND c.deleted_at IS NULL"};
    Statement unread_total_{
        snapshot_.connection(),
        "SELECT min(9999, coalesce(sum(c.last_seq - x.last_read_seq), 0)) FROM members x"
        " CROSS JOIN channels c ON c.id = x.channel_id"
        " WHERE x.user_id = ?1 AND x.present = 1 AND x.muted = 0 AND c.deleted_at IS NULL"};
};

class SqliteMembers final : public MemberReader {
  public:
    explicit SqliteMembers(Snapshot& snapshot) : snapshot_(snapshot) {}
    Result<std::optional<Membership>> find(ChannelId channel, UserId user) override;
    Result<std::vector<Member>> list(ChannelId channel, std::optional<UserId> after,
                                     std::int64_t limit) override;
    Result<std::vector<Receipt>> receipts(ChannelId channel, std::optional<UserId> after,
                                          std::int64_t limit) override;

  private:
    Snapshot& snapshot_;
    Statement receipts_{
        snapshot_.connection(),
        {"SELECT ", kReceiptColumns,
         " FROM members x INDEXED BY members_present WHERE x.channel_id = ?1 AND x.present = 1"
         " AND x.user_uuid > ?2 ORDER BY x.user_uuid LIMIT ?3"}};
    Statement find_{snapshot_.connection(),
                    "SELECT x.role, x.muted, x.last_read_seq, x.rev FROM members x INDEXED BY members_present"
                    " WHERE x.channel_id = ?1 AND x.user_uuid = ?2 AND x.present = 1"};
    Statement list_{
        snapshot_.connection(),
        {"SELECT ", kMemberColumns,
         " FROM members x INDEXED BY members_present CROSS JOIN users u ON u.id = x.user_id"
         " WHERE x.channel_id = ?1 AND x.present = 1 AND x.user_uuid > ?2 ORDER BY x.user_uuid LIMIT ?3"}};
};

class SqliteMessages final : public MessageReader {
  public:
    explicit SqliteMessages(Snapshot& snapshot) : snapshot_(snapshot) {}
    Result<std::optional<Message>> find(ChannelId channel, MessageId id, const Viewpoint& viewer) override;
    Result<std::optional<StoredSend>> find_sent(ChannelId channel, UserId author,
                                                std::string_view key) override;
    Result<std::vector<Message>> page(ChannelId channel, const HistoryRange& range,
                                      const Viewpoint& viewer) override;

  private:
    Snapshot& snapshot_;
    Statement find_{snapshot_.connection(),
                    {"SELECT ", kMessageColumns, " FROM messages m", kMessageJoins,
                     "WHERE m.uuid = ?1 AND m.channel_id = ?2"}};
    Statement find_sent_{
        snapshot_.connection(),
        {"SELECT ", kMessageColumns, ", m.request_hash FROM messages m INDEXED BY messages_by_key",
         kMessageJoins, "WHERE m.idempotency_key = ?1 AND m.user_id = ?2 AND m.channel_id = ?3"}};
    Statement newest_first_{
        snapshot_.connection(),
        {"SELECT ", kMessageColumns, " FROM messages m INDEXED BY messages_by_seq", kMessageJoins,
         "WHERE m.channel_id = ?1 AND m.seq BETWEEN ?2 AND ?3 ORDER BY m.seq DESC LIMIT ?4"}};
    Statement oldest_first_{
        snapshot_.connection(),
        {"SELECT ", kMessageColumns, " FROM messages m INDEXED BY messages_by_seq", kMessageJoins,
         "WHERE m.channel_id = ?1 AND m.seq BETWEEN ?2 AND ?3 ORDER BY m.seq LIMIT ?4"}};
    MessageParts parts_{snapshot_.connection()};
};

class SqliteChanges final : public ChangeReader {
  public:
    explicit SqliteChanges(Snapshot& snapshot) : snapshot_(snapshot) {}
    Result<std::int64_t> count(ChannelId channel, std::int64_t since, std::int64_t limit) override;
    Result<ChangePage> page(const Channel& channel, const Viewpoint& viewer, const ChangeRange& range) override;

  private:
    void read_objects(const ResolvedChannel& channel, const ViewerRow& viewer, const ChangeRange& range,
                      ChangePage& page);
    void read_receipts(const ResolvedChannel& channel, const Viewpoint& viewer, const ChangeRange& range,
                       ChangePage& page);

    Snapshot& snapshot_;
    Statement count_{
        snapshot_.connection(),
        "SELECT (SELECT count(*) FROM (SELECT 1 FROM messages m WHERE m.channel_id = ?1 AND m.rev > ?2"
        " LIMIT ?3)) + (SELECT count(*) FROM (SELECT 1 FROM members x WHERE x.channel_id = ?1"
        " AND x.rev > ?2 LIMIT ?3))"};
    Statement messages_{snapshot_.connection(),
                        {"SELECT ", kMessageColumns, " FROM messages m INDEXED BY messages_by_rev",
                         kMessageJoins, "WHERE m.channel_id = ?1 AND m.rev > ?2 ORDER BY m.rev"}};
    Statement members_{snapshot_.connection(),
                       {"SELECT ", kMemberColumns,
                        " FROM members x INDEXED BY members_by_rev CROSS JOIN users u ON u.id = x.user_id"
                        " WHERE x.channel_id = ?1 AND x.rev > ?2 ORDER BY x.rev"}};
    MessageParts parts_{snapshot_.connection()};
    Statement own_receipt_{
        snapshot_.connection(),
        {"SELECT ", kReceiptColumns,
         " FROM members x WHERE x.user_id = ?1 AND x.channel_id = ?2 AND x.present = 1 AND x.receipt_rev > ?3"}};
    // Sorts the few members of a channel in which receipts are shared: an index would cost more at each move.
    Statement receipts_{
        snapshot_.connection(),
        {"SELECT ", kReceiptColumns,
         " FROM members x INDEXED BY members_present WHERE x.channel_id = ?1 AND x.present = 1"
         " AND x.receipt_rev > ?2 ORDER BY x.receipt_rev, x.user_uuid"}};
};

/// Lists what there is of one user. Those of messages are looked for among everyone's, a stretch at a time.
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
    Result<RecordPage<Mute>> mutes(WorkspaceId workspace, UserId user, RecordPosition after,
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
    /// Nothing unless the user is of that workspace; deleted ones too.
    std::optional<std::int64_t> any_user(WorkspaceId workspace, UserId user);
    std::int64_t last_message();
    std::optional<UserId> successor(std::int64_t channel, std::int64_t user);

    Snapshot& snapshot_;
    Statement any_user_{snapshot_.connection(), "SELECT id FROM users WHERE uuid = ?1 AND workspace_id = ?2"};
    Statement memberships_{
        snapshot_.connection(),
        {"SELECT x.channel_id, c.uuid, c.external_id, x.present, x.role, x.muted, x.joined_at, ", kReceiptColumns,
         " FROM members x CROSS JOIN channels c ON c.id = x.channel_id WHERE x.user_id = ?1 AND x.channel_id > ?2"
         " AND c.deleted_at IS NULL ORDER BY x.channel_id LIMIT ?3"}};
    Statement last_message_{snapshot_.connection(), "SELECT coalesce(max(id), 0) FROM messages"};
    Statement messages_{
        snapshot_.connection(),
        {"SELECT c.uuid, c.external_id, ", kMessageColumns, " FROM messages m CROSS JOIN channels c ON c.id = m.channel_id",
         kMessageJoins,
         "WHERE m.id > ?2 AND m.id <= ?3 AND m.user_id = ?1 AND c.deleted_at IS NULL ORDER BY m.id LIMIT ?4"}};
    MessageParts parts_{snapshot_.connection()};
    Statement reactions_{
        snapshot_.connection(),
        "SELECT r.message_id, c.uuid, m.uuid, r.emoji FROM reactions r INDEXED BY reactions_of_user"
        " CROSS JOIN messages m ON m.id = r.message_id CROSS JOIN channels c ON c.id = m.channel_id"
        " WHERE r.user_id = ?1 AND r.message_id > ?2 AND c.deleted_at IS NULL ORDER BY r.message_id LIMIT ?3"};
    Statement mentions_{
        snapshot_.connection(),
        "SELECT n.channel_id, n.seq, c.uuid, m.uuid FROM mentions n INDEXED BY mentions_of_user"
        " CROSS JOIN messages m ON m.id = n.message_id CROSS JOIN channels c ON c.id = n.channel_id"
        " WHERE n.user_id = ?1 AND (n.channel_id, n.seq) > (?2, ?3) AND c.deleted_at IS NULL"
        " ORDER BY n.channel_id, n.seq LIMIT ?4"};
    /// The place of one of the whole workspace, whose channel is 0, comes first: positions are one higher.
    Statement mutes_{snapshot_.connection(),
                     {"SELECT x.channel_id + 1, x.until, x.reason, x.created_at, c.uuid, c.external_id, ", kSummaryColumns,
                      " FROM mutes x CROSS JOIN users u ON u.id = x.user_id LEFT JOIN channels c ON c.id = x.channel_id"
                      " WHERE x.user_id = ?1 AND x.channel_id >= ?2 AND c.deleted_at IS NULL"
                      " ORDER BY x.channel_id LIMIT ?3"}};
    Statement moderation_{snapshot_.connection(),
                          {"SELECT r.id, ", kRecordColumns, " FROM moderation_records r INDEXED BY moderation_of_user",
                           kRecordJoins,
                           "WHERE r.user_id = ?1 AND r.id > ?2 AND c.deleted_at IS NULL ORDER BY r.id LIMIT ?3"}};
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
                      " FROM members x CROSS JOIN channels c ON c.id = x.channel_id WHERE x.user_id = ?1"
                      " AND x.present = 1 AND c.deleted_at IS NULL LIMIT ?2"};
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

class SqliteSearch final : public SearchReader {
  public:
    /// `index` may be null: then there is none. It must outlive this object.
    SqliteSearch(Snapshot& snapshot, SearchIndex* index) : snapshot_(snapshot), index_(index) {}
    Result<SearchCandidates> candidates(WorkspaceId workspace, UserId viewer,
                                        const SearchRange& range) override;

  private:
    /// A connection to the file of the index, as long as it is the same file.
    struct Words {
        Words(std::unique_ptr<Connection> opened, std::int64_t of)
            : connection(std::move(opened)), generation(of) {}

        std::unique_ptr<Connection> connection;
        std::int64_t generation;
        Statement begin{*connection, "BEGIN"};
        Statement end{*connection, "COMMIT"};
        Statement position{*connection, "SELECT position FROM state WHERE id = 1"};
        Statement matches{*connection,
                          "SELECT rowid FROM message_words WHERE message_words MATCH ?1"
                          " AND rowid BETWEEN ?2 AND ?3 ORDER BY rowid DESC"};
    };

    bool open();
    /// The rows of the channels to search, ascending.
    std::vector<std::int64_t> scope(const ResolvedUser& user, const std::optional<ChannelId>& channel);
    struct Found {
        std::vector<SearchCandidate> candidates;
        std::optional<std::int64_t> given_up_at;  ///< nothing below it was looked at
    };
    /// Whether the message at this position is there, in one of the channels.
    bool is_in(const std::vector<std::int64_t>& channels, std::int64_t position);
    /// What one expression finds in the channels, newest first. Gives up after so many messages looked up in vain.
    Found look(const std::string& expression, const std::vector<std::int64_t>& channels, const SearchRange& range,
               std::int64_t look_ups);
    /// The newest of all matches in the channels. `prefixes` as in `match_expression`.
    std::vector<SearchCandidate> matches(const std::vector<SearchTerm>& terms, bool prefixes,
                                         const std::vector<std::int64_t>& channels, SearchRange range);

    Snapshot& snapshot_;
    SearchIndex* index_;
    std::unique_ptr<Words> words_;
    std::unordered_set<std::int64_t> foreign_;  ///< positions this search has found to be no candidates
    Statement is_member_{snapshot_.connection(),
                         "SELECT 1 FROM members WHERE user_id = ?1 AND channel_id = ?2 AND present = 1"};
    Statement channels_of_{snapshot_.connection(),
                           "SELECT c.id FROM members x CROSS JOIN channels c ON c.id = x.channel_id"
                           " WHERE x.user_id = ?1 AND x.present = 1 AND c.deleted_at IS NULL"};
    Statement channel_of_{snapshot_.connection(),
                          "SELECT channel_id FROM messages WHERE id = ?1 AND deleted_at IS NULL"};
    Statement message_{snapshot_.connection(),
                       "SELECT c.uuid, m.uuid, u.uuid, m.content FROM messages m"
                       " CROSS JOIN channels c ON c.id = m.channel_id CROSS JOIN users u ON u.id = m.user_id"
                       " WHERE m.id = ?1 AND m.deleted_at IS NULL"};
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

class SqliteMutes final : public MuteReader {
  public:
    explicit SqliteMutes(Snapshot& snapshot) : snapshot_(snapshot) {}
    Result<MuteState> find(ChannelId channel, UserId user, Timestamp now) override;
    Result<std::vector<Mute>> list(WorkspaceId workspace, std::optional<Key> after, std::int64_t limit,
                                   Timestamp now) override;

  private:
    Snapshot& snapshot_;
    Statement find_{snapshot_.connection(),
                    "SELECT x.until FROM users u CROSS JOIN mutes x ON x.user_id = u.id AND x.channel_id IN (0, ?2)"
                    " WHERE u.uuid = ?1 AND u.mute_count > 0 AND (x.until IS NULL OR x.until > ?3)"};
    Statement list_{snapshot_.connection(),
                    {"SELECT x.until, x.reason, x.created_at, ", kSummaryColumns, ", c.uuid, c.external_id",
                     " FROM mutes x INDEXED BY mutes_by_workspace CROSS JOIN users u ON u.id = x.user_id"
                     " LEFT JOIN channels c ON c.id = x.channel_id AND c.deleted_at IS NULL"
                     " WHERE x.workspace_id = ?1 AND (x.user_uuid, x.channel_uuid) > (?2, ?3)"
                     " AND (x.until IS NULL OR x.until > ?5) AND (x.channel_id = 0 OR c.id IS NOT NULL)"
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
        {"SELECT r.id, ", kRecordColumns, " FROM moderation_records r INDEXED BY moderation_of_workspace", kRecordJoins,
         "WHERE r.workspace_id = ?1 AND r.id < ?2 AND c.deleted_at IS NULL ORDER BY r.id DESC LIMIT ?3"}};
    Statement of_channel_{
        snapshot_.connection(),
        {"SELECT r.id, ", kRecordColumns, " FROM moderation_records r INDEXED BY moderation_of_channel", kRecordJoins,
         "WHERE r.channel_id = ?4 AND r.workspace_id = ?1 AND r.id < ?2 ORDER BY r.id DESC LIMIT ?3"}};
    /// In one channel, or (0) in all. One user's records are few enough to be looked through.
    Statement of_user_{
        snapshot_.connection(),
        {"SELECT r.id, ", kRecordColumns, " FROM moderation_records r INDEXED BY moderation_of_user", kRecordJoins,
         "WHERE r.user_id = ?4 AND r.workspace_id = ?1 AND r.id < ?2 AND c.deleted_at IS NULL"
         " AND ?5 IN (0, r.channel_id) ORDER BY r.id DESC LIMIT ?3"}};
    Statement find_{snapshot_.connection(),
                    {"SELECT ", kRecordColumns, " FROM moderation_records r", kRecordJoins,
                     "WHERE r.uuid = ?2 AND r.workspace_id = ?1 AND c.deleted_at IS NULL"}};
};

class SqliteOutbox final : public OutboxReader {
  public:
    explicit SqliteOutbox(Snapshot& snapshot) : snapshot_(snapshot) {}
    Result<std::optional<Webhook>> find(WorkspaceId workspace, WebhookId id) override;
    Result<std::vector<Webhook>> list(WorkspaceId workspace, std::optional<WebhookId> after, std::int64_t limit) override;
    Result<DeliveryPage> deliveries(WebhookId webhook, std::optional<std::int64_t> before, std::int64_t limit) override;
    Result<std::optional<Delivery>> find_delivery(WebhookId webhook, EventId event) override;
    Result<std::optional<Timestamp>> next_due() override;
    Result<std::vector<DueDelivery>> due(WebhookId webhook, Timestamp now, std::span<const std::int64_t> except,
                                         bool oldest_only, std::int64_t limit) override;

  private:
    /// The row of one that was not deleted, and its workspace.
    struct Place {
        std::int64_t row = 0;
        WorkspaceId workspace;
    };
    std::optional<Place> place_of(WebhookId webhook);

    Snapshot& snapshot_;
    Statement place_{snapshot_.connection(),
                     "SELECT h.id, w.uuid FROM webhooks h JOIN workspaces w ON w.id = h.workspace_id"
                     " WHERE h.uuid = ?1 AND h.deleted = 0 AND w.deleted_at IS NULL"};
    Statement find_{snapshot_.connection(),
                    {"SELECT ", kWebhookColumns,
                     " FROM webhooks h WHERE h.uuid = ?1 AND h.workspace_id = ?2 AND h.deleted = 0"}};
    Statement list_{snapshot_.connection(),
                    {"SELECT ", kWebhookColumns,
                     " FROM webhooks h WHERE h.workspace_id = ?1 AND h.uuid > ?2 AND h.deleted = 0"
                     " ORDER BY h.uuid LIMIT ?3"}};
    Statement deliveries_{snapshot_.connection(),
                          {"SELECT d.id, ", kDeliveryColumns,
                           " FROM deliveries d WHERE d.webhook_id = ?1 AND d.id < ?2 ORDER BY d.id DESC LIMIT ?3"}};
    Statement delivery_{snapshot_.connection(),
                        {"SELECT ", kDeliveryColumns,
                         " FROM deliveries d WHERE d.webhook_id = ?1 AND d.event_uuid = ?2"}};
    Statement next_due_{snapshot_.connection(),
                        {"SELECT min(", kNextDue,
                         ") FROM webhooks h INDEXED BY webhooks_with_work JOIN workspaces w ON w.id = h.workspace_id"
                         " WHERE h.pending > 0 AND h.enabled = 1 AND h.deleted = 0 AND w.deleted_at IS NULL"}};
    Statement retries_{snapshot_.connection(),
                       {"SELECT d.id, d.attempts, ", kOutboxColumns,
                        " FROM deliveries d INDEXED BY deliveries_due WHERE d.webhook_id = ?1 AND d.status = 0"
                        " AND d.due > 0 AND d.due <= ?2 AND d.id NOT IN (SELECT j.value FROM json_each(?3) j)"
                        " ORDER BY d.due, d.id LIMIT ?4"}};
    Statement fresh_{snapshot_.connection(),
                     {"SELECT d.id, d.attempts, ", kOutboxColumns,
                      " FROM deliveries d INDEXED BY deliveries_due WHERE d.webhook_id = ?1 AND d.status = 0"
                      " AND d.due = 0 AND d.id NOT IN (SELECT j.value FROM json_each(?2) j) ORDER BY d.id LIMIT ?3"}};
    Statement oldest_{snapshot_.connection(),
                      {"SELECT d.due, d.id, d.attempts, ", kOutboxColumns,
                       " FROM deliveries d INDEXED BY deliveries_pending WHERE d.webhook_id = ?1 AND d.status = 0"
                       " ORDER BY d.id LIMIT 1"}};
};

/// Aliases `x` (members), `u` and `d`; ?1 channel, ?2 the last user before, ?3 author.
inline constexpr std::string_view kPushTargets = "SELECT x.user_uuid, d.id, d.token FROM ";
inline constexpr std::string_view kTakesPush =
    " CROSS JOIN users u ON u.id = x.user_id WHERE x.channel_id = ?1 AND x.present = 1 AND x.user_uuid > ?2"
    " AND x.user_uuid <> ?3 AND x.muted = 0 AND u.deleted_at IS NULL"
    " AND (u.block_count = 0 OR NOT EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = x.user_id AND b.blocked_uuid = ?3))";

class SqlitePush final : public PushReader {
  public:
    explicit SqlitePush(Snapshot& snapshot) : snapshot_(snapshot) {}
    Result<PushBacklog> backlog() override;
    Result<PushPart> part(std::int64_t row, const PushRange& range) override;

  private:
    struct Job;
    std::optional<Job> find_job(std::int64_t row, PushPart& part);

    Snapshot& snapshot_;
    Statement pending_{snapshot_.connection(), "SELECT pending FROM push_queue WHERE id = 1"};
    Statement next_due_{snapshot_.connection(), "SELECT due_at FROM push_jobs ORDER BY due_at LIMIT 1"};
    Statement job_{snapshot_.connection(),
                   "SELECT j.message_id, j.after_user, j.devices, c.id, c.member_count, c.uuid, m.uuid, u.uuid, u.name"
                   " FROM push_jobs j CROSS JOIN messages m ON m.id = j.message_id CROSS JOIN channels c ON c.id = m.channel_id"
                   " CROSS JOIN workspaces w ON w.id = c.workspace_id CROSS JOIN users u ON u.id = m.user_id"
                   " WHERE j.id = ?1 AND m.deleted_at IS NULL AND c.deleted_at IS NULL AND w.deleted_at IS NULL"
                   " AND u.deleted_at IS NULL"};
    Statement everyone_{snapshot_.connection(),
                        {kPushTargets, "members x INDEXED BY members_present CROSS JOIN devices d ON d.user_id = x.user_id",
                         kTakesPush, " ORDER BY x.user_uuid"}};
    Statement mentioned_{snapshot_.connection(),
                         {kPushTargets, "mentions n CROSS JOIN members x ON x.user_id = n.user_id"
                          " CROSS JOIN devices d ON d.user_id = x.user_id",
                          kTakesPush, " AND n.message_id = ?4 ORDER BY x.user_uuid"}};
    Statement again_{snapshot_.connection(),
                     {kPushTargets, "json_each(?4) j CROSS JOIN devices d ON d.id = j.value"
                      " CROSS JOIN members x ON x.user_id = d.user_id",
                      kTakesPush, " ORDER BY x.user_uuid"}};
};

}  // namespace cariosan::sqlite
