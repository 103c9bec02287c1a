/// Reads channels: members, messages, changes and search. Implemented in one read_<what>.cpp each.
#pragma once

#include <cariosan/storage.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sqlite/read/unread.hpp"
#include "adapters/sqlite/search/index_text.hpp"
#include "adapters/sqlite/search/search_index.hpp"
#include "adapters/sqlite/search/search_postings.hpp"
#include "adapters/sqlite/snapshot.hpp"

namespace cariosan::sqlite {

/// Aliases `c` and `mine` (the viewer's membership). Followed by `kPreferenceColumns`, `kChannelColumns` and, for the last
/// message if there is one, `kMessageColumns`.
inline constexpr std::string_view kMyChannelColumns =
    "c.id, c.last_activity, mine.role, mine.last_read_seq, mine.last_delivered_seq,"
    " CASE WHEN c.last_seq > mine.last_read_seq THEN (SELECT count(*) FROM (SELECT 1 FROM mentions n"
    " WHERE n.user_id = mine.user_id AND n.channel_id = c.id AND n.seq > mine.last_read_seq LIMIT 100)) ELSE "
    "0 "
    "END, CASE WHEN c.last_seq > mine.last_read_seq THEN EXISTS (SELECT 1 FROM messages n INDEXED BY messages_unsent"
    " WHERE n.deleted_at IS NOT NULL AND n.channel_id = c.id AND n.seq > mine.last_read_seq) ELSE 0 END, ";
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
    Result<std::vector<MyChannel>> list_of(WorkspaceId workspace, UserId user, const MyChannelRange& range) override;
    Result<std::optional<MyChannel>> find_of(WorkspaceId workspace, UserId user, ChannelId channel,
                                             std::int64_t members) override;
    Result<std::vector<ChannelPosition>> positions_of(WorkspaceId workspace, UserId user) override;
    Result<std::int64_t> unread_total(WorkspaceId workspace, UserId user) override;
    Result<PreferencesRead> preferences_of(WorkspaceId workspace, UserId user, std::int64_t since,
                                           std::int64_t limit) override;
    Result<std::vector<ChannelId>> unread_by(WorkspaceId workspace, UserId user, std::optional<UserId> author,
                                             std::int64_t limit) override;

  private:
    struct Item;
    static Item read_item(Rows& rows);
    void hide_blocked(Item& item, const ViewerRow& viewer);
    HiddenAuthors hidden_from(const ResolvedUser& user);
    /// How many messages of the range the reader can see. `unsent`: whether any of it was unsent.
    std::int64_t count_unread(const UnreadRange& range, bool unsent, const HiddenAuthors& hidden, UnreadBudget& budget);
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
         " FROM channels c INDEXED BY channels_present WHERE c.workspace_id = ?1 AND c.uuid > ?2"
         " AND c.deleted_at IS NULL ORDER BY c.uuid LIMIT ?3"}};
    // Sorts only a few numbers and the id of each of the user's channels, then reads the rows of one page.
    Statement list_of_{
        snapshot_.connection(),
        {"SELECT ", kMyChannelColumns, kPreferenceColumns, ", ", kChannelColumns, ", ", kMessageColumns,
         " FROM (SELECT c.id, x.user_id FROM members x INDEXED BY members_of_user"
         " CROSS JOIN channels c ON c.id = x.channel_id"
         " WHERE x.user_id = ?1 AND x.present = 1 AND c.deleted_at IS NULL"
         " AND (x.archived_seq IS NOT NULL AND (x.muted OR c.last_seq <= x.archived_seq)) = ?5"
         " AND (c.last_activity, c.uuid) < (?2, ?3) ORDER BY c.last_activity DESC, c.uuid DESC LIMIT ?4) page"
         " CROSS JOIN channels c ON c.id = page.id"
         " CROSS JOIN members mine ON mine.user_id = page.user_id AND mine.channel_id = page.id",
         kLastMessageJoins}};
    Statement find_of_{
        snapshot_.connection(),
        {"SELECT ", kMyChannelColumns, kPreferenceColumns, ", ", kChannelColumns, ", ", kMessageColumns,
         " FROM channels c CROSS JOIN members mine ON mine.user_id = ?1 AND mine.channel_id = c.id",
         kLastMessageJoins, "WHERE c.uuid = ?2 AND c.deleted_at IS NULL AND mine.present = 1"}};
    Statement some_members_{
        snapshot_.connection(),
        {"SELECT ", kMemberColumns,
         " FROM members x INDEXED BY members_present CROSS JOIN users u ON u.id = x.user_id"
         " WHERE x.channel_id = ?1 AND x.present = 1 ORDER BY x.user_uuid LIMIT ?2"}};
    /// The other user of a direct channel, even if that user was deleted and is no longer a member.
    Statement peer_{
        snapshot_.connection(),
        "SELECT 1, x.role, x.joined_at, x.rev, u.uuid, u.external_id, u.name, u.avatar_url, u.updated_at FROM channels c"
        " CROSS JOIN users u ON u.id = CASE c.direct_low WHEN ?2 THEN c.direct_high ELSE c.direct_low END"
        " CROSS JOIN members x ON x.user_id = u.id AND x.channel_id = c.id WHERE c.id = ?1"};
    /// The 200 messages before the newest; a visible one is not looked for further back.
    Statement older_messages_{
        snapshot_.connection(),
        {"SELECT ", kMessageColumns, " FROM messages m INDEXED BY messages_by_seq", kMessageJoins,
         "WHERE m.channel_id = ?1 AND m.seq BETWEEN ?2 - 200 AND ?2 - 1 ORDER BY m.seq DESC"}};
    UnreadCounter unread_{snapshot_.connection()};
    MessageParts parts_{snapshot_.connection()};
    Statement positions_of_{snapshot_.connection(),
                            "SELECT c.uuid, c.rev, x.joined_rev, c.member_count, c.last_activity,"
                            " x.archived_seq IS NOT NULL AND (x.muted OR c.last_seq <= x.archived_seq)"
                            " FROM members p INDEXED BY members_of_user CROSS JOIN channels c ON c.id = p.channel_id"
                            " CROSS JOIN members x ON x.user_id = p.user_id AND x.channel_id = p.channel_id"
                            " WHERE p.user_id = ?1 AND p.present = 1 AND c.deleted_at IS NULL"};
    Statement unread_total_{
        snapshot_.connection(),
        "SELECT c.id, c.last_seq, x.last_read_seq, EXISTS (SELECT 1 FROM messages n INDEXED BY messages_unsent"
        " WHERE n.deleted_at IS NOT NULL AND n.channel_id = c.id AND n.seq > x.last_read_seq)"
        " FROM members p INDEXED BY members_of_user CROSS JOIN channels c ON c.id = p.channel_id"
        " CROSS JOIN members x ON x.user_id = p.user_id AND x.channel_id = p.channel_id"
        " WHERE p.user_id = ?1 AND p.present = 1 AND x.muted = 0 AND c.deleted_at IS NULL"
        " AND c.last_seq > x.last_read_seq"};
    Statement preferences_{
        snapshot_.connection(),
        {"SELECT c.uuid, ", kPreferenceColumns,
         " FROM members mine INDEXED BY members_preferences CROSS JOIN channels c ON c.id = mine.channel_id"
         " WHERE mine.user_id = ?1 AND mine.preferences_rev > ?2 AND mine.preferences_rev > 0 AND mine.present = 1"
         " AND c.deleted_at IS NULL ORDER BY mine.preferences_rev LIMIT ?3"}};
    Statement preferences_rev_{snapshot_.connection(), "SELECT preferences_rev FROM users WHERE id = ?1"};
    Statement unread_channels_{
        snapshot_.connection(),
        "SELECT c.uuid, c.id, c.last_seq, x.last_read_seq FROM members p INDEXED BY members_of_user"
        " CROSS JOIN channels c ON c.id = p.channel_id"
        " CROSS JOIN members x ON x.user_id = p.user_id AND x.channel_id = p.channel_id"
        " WHERE p.user_id = ?1 AND p.present = 1 AND c.deleted_at IS NULL AND c.last_seq > x.last_read_seq"
        " ORDER BY c.last_activity DESC, c.uuid DESC"};
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
    Result<RecordPage<MessageReaction>> reactions(ChannelId channel, MessageId message, RecordPosition after,
                                                  std::int64_t limit, const Viewpoint& viewer) override;

  private:
    Snapshot& snapshot_;
    Statement find_{snapshot_.connection(),
                    {"SELECT ", kMessageColumns, " FROM messages m", kMessageJoins,
                     "WHERE m.uuid = ?1 AND m.channel_id = ?2"}};
    Statement find_sent_{
        snapshot_.connection(),
        {"SELECT ", kMessageColumns, ", m.request_hash FROM messages m INDEXED BY messages_by_key",
         kMessageJoins, "WHERE m.idempotency_key = ?1 AND m.user_id = ?2 AND m.channel_id = ?3"}};
    Statement reactions_{
        snapshot_.connection(),
        {"SELECT r.user_id, r.at, k.shown, ", kSummaryColumns,
         " FROM messages m CROSS JOIN reactions r ON r.message_id = m.id CROSS JOIN reaction_counts k"
         " ON k.message_id = r.message_id AND k.emoji = r.emoji CROSS JOIN users u ON u.id = r.user_id"
         " WHERE m.uuid = ?1 AND m.channel_id = ?2 AND r.user_id > ?3 ORDER BY r.user_id LIMIT ?4"}};
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
    // Sorts the members of a channel that shares receipts, of which there are few: an index would have to change with
    // every receipt.
    Statement receipts_{
        snapshot_.connection(),
        {"SELECT ", kReceiptColumns,
         " FROM members x INDEXED BY members_present WHERE x.channel_id = ?1 AND x.present = 1"
         " AND x.receipt_rev > ?2 ORDER BY x.receipt_rev, x.user_uuid"}};
};

class SqliteSearch final : public SearchReader {
  public:
    /// `index` may be null: no search. It must outlive this object.
    SqliteSearch(Snapshot& snapshot, SearchIndex* index) : snapshot_(snapshot), index_(index) {}
    Result<SearchCandidates> candidates(WorkspaceId workspace, UserId viewer, const SearchRange& range, WorkBudget& budget,
                                        const SearchFilter& filter) override;

  private:
    /// A connection to the index, valid until the file is replaced.
    struct Words {
        Words(std::unique_ptr<Connection> opened, std::int64_t of)
            : connection(std::move(opened)), generation(of) {}

        std::unique_ptr<Connection> connection;
        std::int64_t generation;
        Statement begin{*connection, "BEGIN"};
        Statement end{*connection, "COMMIT"};
        Statement position{*connection, "SELECT position FROM state WHERE id = 1"};
        std::deque<Statement> lists;  ///< as many as were ever walked at once

        Statement& list(std::size_t number);
    };
    /// What to search for, where, and the remaining budget.
    struct Search {
        std::vector<SearchToken> tokens;
        const std::vector<std::int64_t>& channels;  ///< rowids, ascending
        WorkBudget& budget;
        const SearchFilter& filter;
    };

    bool open();
    /// The rowids of the channels to search, ascending.
    std::vector<std::int64_t> scope(const ResolvedUser& user, const std::optional<ChannelId>& channel);
    struct Found {
        std::vector<SearchCandidate> candidates;
        std::optional<std::int64_t> cut_at;  ///< positions below this were not looked at
        bool given_up = false;               ///< after too many fruitless lookups
    };
    /// Whether the message at this position exists and is in one of the channels.
    bool is_in(const std::vector<std::int64_t>& channels, std::int64_t position);
    std::optional<SearchCandidate> read_candidate(std::int64_t position);
    /// The newest matches between two positions; if `by_channels` is not empty, only those with a token of these channels.
    Found look(const Search& search, std::span<const std::int64_t> by_channels, std::int64_t oldest, std::int64_t newest,
               std::int64_t limit, std::int64_t look_ups);
    std::optional<std::vector<SearchCandidate>> look_by_channels(const Search& search, std::int64_t oldest,
                                                                 std::int64_t newest, std::int64_t limit);
    void find_matches(const Search& search, const SearchRange& range, SearchCandidates& out);

    Snapshot& snapshot_;
    SearchIndex* index_;
    std::unique_ptr<Words> words_;
    Statement is_member_{snapshot_.connection(),
                         "SELECT 1 FROM members WHERE user_id = ?1 AND channel_id = ?2 AND present = 1"};
    Statement channels_of_{snapshot_.connection(),
                           "SELECT c.id FROM members x INDEXED BY members_of_user CROSS JOIN channels c ON c.id = x.channel_id"
                           " WHERE x.user_id = ?1 AND x.present = 1 AND c.deleted_at IS NULL"};
    Statement channel_of_{snapshot_.connection(),
                          "SELECT m.channel_id FROM messages m CROSS JOIN users u ON u.id = m.user_id"
                          " WHERE m.id = ?1 AND m.deleted_at IS NULL AND u.deletion <> 2"};
    Statement message_{snapshot_.connection(),
                       "SELECT c.uuid, m.uuid, u.uuid, m.content FROM messages m"
                       " CROSS JOIN channels c ON c.id = m.channel_id CROSS JOIN users u ON u.id = m.user_id"
                       " WHERE m.id = ?1 AND m.deleted_at IS NULL"};
};

}  // namespace cariosan::sqlite
