/// The storage contract. An adapter is done when the conformance suite (tests/conformance) passes.
///
/// Writing is one call, `Storage::commit`, over typed mutations. Reading is a handful of small interfaces, each used
/// inside one snapshot. Ids in mutations are internal ones, already resolved and checked for shape; whatever must still
/// be true at the commit (membership, role, idempotency key, parent) is checked again there.
#pragma once

#include <array>
#include <cariosan/crypto.hpp>
#include <cariosan/error.hpp>
#include <cariosan/mutations.hpp>
#include <cariosan/push.hpp>
#include <cariosan/types.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cariosan {

/// One secret of an API key, as stored.
struct StoredSecret {
    Digest hash{};
    std::optional<Timestamp> expires_at{};  ///< nothing: it is the present one
};

/// An API key as stored. Its secrets are few: `mutation::RotateSecret::max_secrets`.
struct StoredApiKey {
    Workspace workspace;
    std::vector<StoredSecret> secrets{};
};

/// A user's membership as the use cases need it.
struct Membership {
    Role role = Role::member;
    bool muted = false;
    std::int64_t last_read_seq = 0;
    std::int64_t rev = 0;
};

/// A channel of a user, as a connection needs it to start: which revision, and since which revision a member.
struct ChannelPosition {
    ChannelId channel;
    std::int64_t rev = 0;
    std::int64_t member_rev = 0;
    std::int64_t member_count = 0;
    Timestamp last_activity{};
};

/// A message found by its idempotency key.
struct StoredSend {
    Message message;
    Digest request_hash{};
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
    /// The public key whose secret is the present one. Bound: the few secrets of one workspace.
    virtual Result<std::optional<std::string>> present_api_key(WorkspaceId id) = 0;
    /// Bound: one row.
    virtual Result<std::array<std::uint8_t, 32>> idempotency_secret(WorkspaceId id) = 0;
    /// The settings of `Workspace::moderation_rev`; the defaults if they were never changed. Bound: one row.
    virtual Result<ModerationSettings> moderation(WorkspaceId id) = 0;
};

/// What a read may cost, in steps that are counted, not timed, so that the same read always goes as far: an entry of an index
/// passed, a row looked up, some words compared. A step is about a microsecond on an ordinary machine. Not thread-safe.
class WorkBudget {
  public:
    explicit WorkBudget(std::int64_t steps) noexcept : left_(steps) {}
    void spend(std::int64_t steps) noexcept { left_ -= steps; }
    bool spent() const noexcept { return left_ <= 0; }
    std::int64_t left() const noexcept { return left_; }  ///< below 0 by what the last step was over

  private:
    std::int64_t left_;
};

/// Who shares a channel with someone. The budget was used up if not all users were `judged`; the others are the last ones.
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
    /// Those of `users` who share a channel with `viewer` now, unless one of the two has blocked the other: in their order, as
    /// offline and with when they were last seen.
    /// Bound: `budget`, and what judging one user takes: a look at each channel of whichever of the two is in fewer. The first
    /// user is judged whatever the budget.
    virtual Result<SharingUsers> sharing(WorkspaceId workspace, UserId viewer, std::span<const UserId> users,
                                         WorkBudget& budget) = 0;
};

class ChannelReader {
  public:
    virtual ~ChannelReader() = default;
    /// Bound: one row.
    virtual Result<std::optional<Channel>> find(WorkspaceId workspace, ChannelId id) = 0;
    /// Bound: one row.
    virtual Result<std::optional<Channel>> find_external(WorkspaceId workspace,
                                                         std::string_view external_id) = 0;
    /// By id, ascending, those after `after`. Bound: `limit` channels, however many were deleted between them.
    virtual Result<std::vector<Channel>> list(WorkspaceId workspace, std::optional<ChannelId> after,
                                              std::int64_t limit) = 0;
    struct ActivityKey {
        Timestamp last_activity;
        ChannelId channel;
    };
    /// The user's channels by (last_activity, id) descending, those after `after` in this order; each with at most
    /// `members` members (other than the viewer in a direct channel), the last message, unread and mention counts. Both
    /// counts are of what the user could read: neither unsent messages nor those of users it has blocked or of deleted users
    /// who are being erased, from the commit that deletes them on. Unread is exact to 999; of longer ranges the storage may
    /// count all positions instead. Mentions are counted to 100, among the 999 oldest unread ones.
    /// Bound: a look at each of the user's channels, and per channel of the page 999 messages, 999 mentions, and the 200
    /// newest messages, among which a user who has blocked someone is shown the newest of the others (none: no last message);
    /// for longer ranges 20,000 messages in all.
    virtual Result<std::vector<MyChannel>> list_of(WorkspaceId workspace, UserId user,
                                                   std::optional<ActivityKey> after, std::int64_t limit,
                                                   std::int64_t members) = 0;
    /// One of them. Bound: what `list_of` takes for one channel of a page.
    virtual Result<std::optional<MyChannel>> find_of(WorkspaceId workspace, UserId user, ChannelId channel,
                                                     std::int64_t members) = 0;
    /// All channels of the user, in no order. Bound: one look at each of them.
    virtual Result<std::vector<ChannelPosition>> positions_of(WorkspaceId workspace, UserId user) = 0;
    /// Unread messages, likewise, over the user's unmuted channels, counted to 9,999.
    /// Bound: a look at each of the user's channels, about 100,000 messages in ranges of up to 999 and 20,000 in longer ones.
    virtual Result<std::int64_t> unread_total(WorkspaceId workspace, UserId user) = 0;
    /// The user's channels in which something of `author` (nothing: of anyone) stands above the user's read position, blocked or
    /// not; the most recently active first, at most `limit`. Channels whose ranges are too long to be looked through may be
    /// among them without that. Bound: a look at each of the user's channels, and as many messages as for `list_of`.
    virtual Result<std::vector<ChannelId>> unread_by(WorkspaceId workspace, UserId user, std::optional<UserId> author,
                                                     std::int64_t limit) = 0;
};

class MemberReader {
  public:
    virtual ~MemberReader() = default;
    /// Nothing if the user is not a member now. Bound: one row.
    virtual Result<std::optional<Membership>> find(ChannelId channel, UserId user) = 0;
    /// Present members by user id, ascending, those after `after` (any id, also of nobody). Bound: `limit` members, however
    /// many have left.
    virtual Result<std::vector<Member>> list(ChannelId channel, std::optional<UserId> after,
                                             std::int64_t limit) = 0;
    /// Their receipts, likewise. Bound: `limit` members, however many have left.
    virtual Result<std::vector<Receipt>> receipts(ChannelId channel, std::optional<UserId> after,
                                                  std::int64_t limit) = 0;
};

/// A page of history by position: messages with `seq` in [`from`, `to`], newest first unless `ascending`.
struct HistoryRange {
    std::int64_t from = 1;
    std::int64_t to = 0;
    std::int64_t limit = 50;
    bool ascending = false;
};

/// For whom messages are read: decides what in them depends on the reader, and leaves out what those wrote whom the reader
/// has blocked (of a quote of theirs only `id` and `hidden` are left). Nobody: a backend, the engine itself.
struct Viewpoint {
    Viewpoint() = default;
    Viewpoint(UserId viewer) : user(viewer) {}  // NOLINT(google-explicit-constructor): a user is a viewpoint

    std::optional<UserId> user{};
};

/// Where a list goes on whose order is the storage's own. The numbers mean nothing outside of the storage.
struct RecordPosition {
    std::int64_t major = 0;
    std::int64_t minor = 0;
};

/// A part of such a list. One of a user's things may hold fewer than were asked for, even none, and not be the last: a page
/// costs a bounded time, however seldom these are among those of others.
template <class T>
struct RecordPage {
    std::vector<T> records;
    std::optional<RecordPosition> next;  ///< nothing: this was the last one
};

/// What belongs to a message (mentions, counts of reactions, its quote, the viewer's reaction) and whom the viewer has blocked
/// is limited in number, and is read with it.
class MessageReader {
  public:
    virtual ~MessageReader() = default;
    /// Bound: one message.
    virtual Result<std::optional<Message>> find(ChannelId channel, MessageId id, const Viewpoint& viewer = {}) = 0;
    /// By (author, channel, key), deleted ones too; as its author sees it. Bound: one message.
    virtual Result<std::optional<StoredSend>> find_sent(ChannelId channel, UserId author,
                                                        std::string_view key) = 0;
    /// Bound: `range.limit` messages, or, for a viewer who has blocked someone, all from `range.from` to `range.to`: who asks
    /// on behalf of a user keeps them `Limits::history_stretch` apart.
    virtual Result<std::vector<Message>> page(ChannelId channel, const HistoryRange& range,
                                              const Viewpoint& viewer = {}) = 0;
    /// The reactions to a message behind a position, each user's one; of users the viewer has blocked without the user.
    /// Bound: `limit` reactions.
    virtual Result<RecordPage<MessageReaction>> reactions(ChannelId channel, MessageId message, RecordPosition after,
                                                          std::int64_t limit, const Viewpoint& viewer = {}) = 0;
};

/// What bounds one page of changes: about this many objects, never cut inside one `rev`.
struct ChangeRange {
    std::int64_t since = 0;
    std::int64_t receipts_since = 0;
    bool own_receipt_only = false;  ///< else those of all members, which should be few: they come on one page
    std::int64_t max_items = 100;
    std::int64_t max_bytes = 128 * 1024;  ///< of texts; who answers cuts the page again, by what it weighs encoded
};

/// The raw changes of a channel, in the order of `rev`.
struct ChangePage {
    std::vector<Message> messages;
    std::vector<Member> members;  ///< removed ones too (`left`)
    std::vector<Receipt> receipts;  ///< in the order of `receipt_rev`
    std::int64_t rev = 0;
    std::int64_t receipt_rev = 0;
    std::int64_t changed = 0;  ///< messages and members that changed up to `rev`, those left out for the viewer as well
    bool has_more = false;
};

class ChangeReader {
  public:
    virtual ~ChangeReader() = default;
    /// How many messages and members have changed after `since`, counted to `limit`. Bound: `limit` of each.
    virtual Result<std::int64_t> count(ChannelId channel, std::int64_t since, std::int64_t limit) = 0;
    /// The next page, for `viewer`. Receipts are of present members. `receipt_rev` stays `receipts_since` until the last
    /// message and member are out; then all receipts moved since come with them.
    /// Bound: `range.max_items` objects, hidden ones too, and the rest of the last `rev`; with the last page the viewer's own
    /// receipt or, unless `range.own_receipt_only`, those of all members. `channel` is of the same snapshot: where it has not
    /// moved after `range.since`, no message and no member is looked for.
    virtual Result<ChangePage> page(const Channel& channel, const Viewpoint& viewer, const ChangeRange& range) = 0;
};

/// One thing a message must hold: words that follow each other, those of `search_words` (search_words.hpp), and joined where
/// they are joined. Any text; it is never read as a query language.
struct SearchTerm {
    std::string text;
    bool prefix = false;  ///< the last word may go on
};

/// What is searched. Positions are those of `SearchCandidate`.
struct SearchRange {
    std::vector<SearchTerm> terms;     ///< all of them must be there; at least one
    std::optional<ChannelId> channel;  ///< nothing: all channels of the viewer
    std::int64_t oldest = 0;
    std::int64_t newest = INT64_MAX;
    std::int64_t limit = 500;
};

/// A message that may be a hit. `position`, from 1, ascends in the order in which messages were stored.
struct SearchCandidate {
    std::int64_t position = 0;
    MessageId message;
    ChannelId channel;
    UserId author;
    std::string content;
};

struct SearchCandidates {
    std::vector<SearchCandidate> found;  ///< newest first
    std::int64_t indexed = 0;            ///< the index knows all messages up to this position
    /// The budget was used up: all matches from this position on are known, of those below it none.
    std::optional<std::int64_t> cut_at{};
};

/// Whether a message is a match. It is asked about each that holds the words of the terms, in whichever order; what asking
/// costs it takes from the budget itself.
using SearchFilter = std::function<bool(const SearchCandidate&)>;

class SearchReader {
  public:
    virtual ~SearchReader() = default;
    /// The newest matches in the channels `viewer` is a member of now (none if it is not one of `range.channel`), without
    /// deleted messages and what `filter` refuses. The index follows the commits by a second at most; while it is built anew
    /// it knows the older messages only. `unavailable` if there is no index.
    ///
    /// Bound: `budget`, and what is begun with the last of it: one message of the greatest length, or one step for each of
    /// the viewer's channels. Whatever the budget, a search that is cut has come further down than where it began.
    virtual Result<SearchCandidates> candidates(WorkspaceId workspace, UserId viewer, const SearchRange& range,
                                                WorkBudget& budget, const SearchFilter& filter) = 0;
};

/// Whom a user has blocked, ascending, and how often that list has changed.
struct BlockedUsers {
    std::int64_t rev = 0;
    std::vector<UserId> users{};
};

class BlockReader {
  public:
    virtual ~BlockReader() = default;
    /// Bound: the users it has blocked, whose number is limited.
    virtual Result<BlockedUsers> of(WorkspaceId workspace, UserId user) = 0;
    /// By id of the blocked user, ascending, those after `after`. Bound: `limit` blocks.
    virtual Result<std::vector<Block>> list(WorkspaceId workspace, UserId user, std::optional<UserId> after,
                                            std::int64_t limit) = 0;
};

/// Whether a user may not write, and until when.
struct SilenceState {
    bool silenced = false;
    std::optional<Timestamp> until{};  ///< nothing: until it is lifted
};

class SilenceReader {
  public:
    virtual ~SilenceReader() = default;
    /// Whether the user is silenced at `now` in the channel, there or everywhere; of two silences the one that ends later.
    /// Bound: two silences.
    virtual Result<SilenceState> find(ChannelId channel, UserId user, Timestamp now) = 0;
    struct Key {
        UserId user;
        ChannelId channel;
    };
    /// It may hold fewer than were asked for, even none, and not be the last.
    struct Page {
        std::vector<Silence> silences{};
        std::optional<Key> next{};  ///< `after` of the next page; nothing: this was the last one
    };
    /// The silences that hold at `now`, by (user, channel) ascending, those after `after`; the one of the whole workspace, whose
    /// channel is nil, stands before the user's others. Bound: 500 silences more than `limit` are looked at.
    virtual Result<Page> list(WorkspaceId workspace, std::optional<Key> after, std::int64_t limit, Timestamp now) = 0;
};

/// Which part of the log of moderation is wanted.
struct ModerationRange {
    std::optional<UserId> user{};
    std::optional<ChannelId> channel{};
    std::optional<std::int64_t> before{};  ///< `ModerationPage::next` of the page before
    std::int64_t limit = 50;
};

/// A page of it, newest first. It may hold fewer than were asked for, even none, and not be the last.
struct ModerationPage {
    std::vector<ModerationRecord> records{};
    std::optional<std::int64_t> next{};  ///< nothing: this was the last one. Means nothing outside of the storage
};

class ModerationReader {
  public:
    virtual ~ModerationReader() = default;
    /// Those of channels that readers can find. Bound: 500 records more than `limit` are looked at.
    virtual Result<ModerationPage> list(WorkspaceId workspace, const ModerationRange& range) = 0;
    /// Nothing also once it was dropped. Bound: one record.
    virtual Result<std::optional<ModerationRecord>> find(WorkspaceId workspace, ModerationRecordId id) = 0;
};

/// A deleted user about whom something is left to be done.
struct PendingDeletion {
    WorkspaceId workspace;
    UserId user;
    bool erase = false;
};

/// A membership that outlived its user. `successor` becomes admin first: the member who has been there longest, if the user
/// was the last admin and anyone is left.
struct EndingMembership {
    ChannelId channel;
    std::optional<UserId> successor;
};

/// A message whose text outlived its author; to blank it changes about so many `rows`.
struct ErasableMessage {
    ChannelId channel;
    MessageId message;
    std::int64_t rows = 0;
};

/// What is stored about one user in channels that readers can find. `after` is where the page before ended. What is read and
/// then left out, because its channel was deleted, counts as part of the page, so a page may be short, or empty, and go on.
class UserDataReader {
  public:
    virtual ~UserDataReader() = default;
    /// Of present and former members. Bound: `limit` memberships.
    virtual Result<RecordPage<UserMembership>> memberships(WorkspaceId workspace, UserId user, RecordPosition after,
                                                           std::int64_t limit) = 0;
    /// As their author sees them, deleted ones too. A page ends at about 128 KiB of text. Bound: a look at the author of 20,000
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
    /// The records of moderation of what it wrote, oldest first. Bound: `limit` records.
    virtual Result<RecordPage<ModerationRecord>> moderation(WorkspaceId workspace, UserId user, RecordPosition after,
                                                            std::int64_t limit) = 0;

    // Of deleted users.

    /// Bound: `limit` users, and those of deleted workspaces that were not purged yet.
    virtual Result<std::vector<PendingDeletion>> deletions(std::int64_t limit) = 0;
    /// Those that follow one whose successor is sought among more than 100 members are left for the next call.
    /// Bound: `limit` memberships with the admins of their channels, and the members of channels it leaves without one.
    virtual Result<std::vector<EndingMembership>> ending_memberships(WorkspaceId workspace, UserId user,
                                                                     std::int64_t limit) = 0;
    /// Bound: a look at the author of 20,000 messages of anyone, and `limit` messages.
    virtual Result<RecordPage<ErasableMessage>> erasable_messages(WorkspaceId workspace, UserId user,
                                                                  RecordPosition after, std::int64_t limit) = 0;
};

/// One reading connection: used by one thread at a time. Between `begin` and `end` everything is read from one snapshot;
/// no method may be called outside of them.
class Reader {
  public:
    virtual ~Reader() = default;
    /// Takes the snapshot. May wait, for seconds at the most, while the storage keeps readers out; then `unavailable`.
    virtual Result<Done> begin() = 0;
    virtual void end() noexcept = 0;

    virtual WorkspaceReader& workspaces() = 0;
    virtual UserReader& users() = 0;
    virtual ChannelReader& channels() = 0;
    virtual MemberReader& members() = 0;
    virtual MessageReader& messages() = 0;
    virtual ChangeReader& changes() = 0;
    virtual SearchReader& search() = 0;
    virtual SilenceReader& silences() = 0;
    virtual BlockReader& blocks() = 0;
    virtual UserDataReader& user_data() = 0;
    virtual OutboxReader& outbox() = 0;
    virtual ModerationReader& moderation() = 0;
    virtual PushReader& push() = 0;
};

/// How far an online backup has come, in pages.
struct BackupProgress {
    std::int64_t done = 0;
    std::int64_t total = 0;
    bool finished = false;
};

/// A running online backup. Used on the thread that calls `commit`. Destroying it before it has finished removes the copy.
class Backup {
  public:
    virtual ~Backup() = default;
    /// Copies a bounded number of pages.
    virtual Result<BackupProgress> step() = 0;
};

class Storage {
  public:
    virtual ~Storage() = default;

    /// Commits a batch, as if each mutation were committed alone, in span order (each sees those before it; a key repeated
    /// within the batch is a duplicate). Each is atomic with its seq and rev; one that fails is rolled back alone and
    /// burns nothing. If the commit itself fails, all fail `unavailable` and nothing has moved, unless
    /// `details.outcome == "unknown"`. Called by one thread at a time. The answers stand in span order.
    virtual std::vector<Result<Committed>> commit(std::span<const Mutation> batch) = 0;

    /// Housekeeping between batches: checkpoints, purging, the mark file, dropping records of moderation that are older than
    /// 90 days. On the thread that calls `commit`; takes a
    /// bounded time. Answers whether there is more to do at once.
    virtual Result<bool> maintain() = 0;

    /// Whether a write succeeds now: makes a durable one that changes nothing. After a commit that failed it also asks for
    /// the room of an ordinary commit, so that the answer does not change with each small write. `unavailable` with
    /// `details.reason` and `cause`. On the thread that calls `commit`; takes a bounded time.
    virtual Result<Done> probe() = 0;

    /// A further reading connection. From any thread. The storage must outlive it.
    virtual Result<std::unique_ptr<Reader>> open_reader() = 0;

    /// The id of this database's history; section 1 of the protocol. From any thread.
    virtual std::string epoch() const = 0;
    /// Takes a new epoch. On the thread that calls `commit`.
    virtual Result<std::string> rotate_epoch() = 0;

    /// Starts an online backup into a new file. On the thread that calls `commit`. `conflict` if the file exists;
    /// `unavailable` if this storage has no backup of its own.
    virtual Result<std::unique_ptr<Backup>> begin_backup(const std::string& path) = 0;
};

}  // namespace cariosan
