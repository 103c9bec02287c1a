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

/// A secret of an API key, as stored.
struct StoredSecret {
    Digest hash{};
    std::optional<Timestamp> expires_at{};  ///< nothing: the current one
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

/// A user's channel as a new connection needs it: its revision, and the revision since which the user is a member.
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
    /// The public key with the current secret. Bound: the few secrets of one workspace.
    virtual Result<std::optional<std::string>> present_api_key(WorkspaceId id) = 0;
    /// Bound: one row.
    virtual Result<std::array<std::uint8_t, 32>> idempotency_secret(WorkspaceId id) = 0;
    /// The settings of `Workspace::moderation_rev`; the defaults if they were never changed. Bound: one row.
    virtual Result<ModerationSettings> moderation(WorkspaceId id) = 0;
};

/// What a read may cost. Steps are counted, not timed, so that the same read always goes equally far; a step is an index entry
/// passed, a row looked up, or a few words compared. A step is about a microsecond on an ordinary machine. Not thread-safe.
class WorkBudget {
  public:
    explicit WorkBudget(std::int64_t steps) noexcept : left_(steps) {}
    void spend(std::int64_t steps) noexcept { left_ -= steps; }
    bool spent() const noexcept { return left_ <= 0; }
    std::int64_t left() const noexcept { return left_; }  ///< negative by what the last step overran

  private:
    std::int64_t left_;
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
    /// One of these channels. Bound: as `list_of` for one channel of a page.
    virtual Result<std::optional<MyChannel>> find_of(WorkspaceId workspace, UserId user, ChannelId channel,
                                                     std::int64_t members) = 0;
    /// All channels of the user, in no order. Bound: one look at each of them.
    virtual Result<std::vector<ChannelPosition>> positions_of(WorkspaceId workspace, UserId user) = 0;
    /// Unread messages, counted as in `list_of`, over the user's unmuted channels, up to 9,999.
    /// Bound: a look at each of the user's channels, about 100,000 messages in ranges of up to 999 and 20,000 in longer ones.
    virtual Result<std::int64_t> unread_total(WorkspaceId workspace, UserId user) = 0;
    /// The user's channels with messages by `author` (nothing: by anyone) above the user's read position, blocked or not; most
    /// recently active first, at most `limit`. May include channels whose unread range is too long to search. Bound: a look at
    /// each of the user's channels, and as many messages as for `list_of`.
    virtual Result<std::vector<ChannelId>> unread_by(WorkspaceId workspace, UserId user, std::optional<UserId> author,
                                                     std::int64_t limit) = 0;
};

class MemberReader {
  public:
    virtual ~MemberReader() = default;
    /// Nothing if the user is not a member now. Bound: one row.
    virtual Result<std::optional<Membership>> find(ChannelId channel, UserId user) = 0;
    /// Present members by user id, ascending, those after `after` (any id, existing or not). Bound: `limit` members, however
    /// many have left.
    virtual Result<std::vector<Member>> list(ChannelId channel, std::optional<UserId> after,
                                             std::int64_t limit) = 0;
    /// Their receipts, in the same order. Bound: `limit` members, however many have left.
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

/// The user messages are read for. Decides what depends on the reader, and leaves out messages by users the reader has blocked
/// (of a quote by one of them only `id` and `hidden` remain). No user: a backend, or the engine itself.
struct Viewpoint {
    Viewpoint() = default;
    Viewpoint(UserId viewer) : user(viewer) {}  // NOLINT(google-explicit-constructor): a user is a viewpoint

    std::optional<UserId> user{};
};

/// Where a list in the storage's own order continues. The numbers are meaningless outside the storage.
struct RecordPosition {
    std::int64_t major = 0;
    std::int64_t minor = 0;
};

/// A page of such a list. It may hold fewer records than requested, even none, without being the last: a page takes bounded
/// time, however rare a user's records are among those of others.
template <class T>
struct RecordPage {
    std::vector<T> records;
    std::optional<RecordPosition> next;  ///< nothing: this was the last one
};

/// Messages are read with their mentions, reaction counts, quote and the viewer's reaction, all limited in number, as are the
/// users the viewer has blocked.
class MessageReader {
  public:
    virtual ~MessageReader() = default;
    /// Bound: one message.
    virtual Result<std::optional<Message>> find(ChannelId channel, MessageId id, const Viewpoint& viewer = {}) = 0;
    /// By (author, channel, key), deleted messages included; as the author sees it. Bound: one message.
    virtual Result<std::optional<StoredSend>> find_sent(ChannelId channel, UserId author,
                                                        std::string_view key) = 0;
    /// Bound: `range.limit` messages, or, for a viewer who has blocked someone, all from `range.from` to `range.to`:
    /// callers keep these at most `Limits::history_stretch` apart.
    virtual Result<std::vector<Message>> page(ChannelId channel, const HistoryRange& range,
                                              const Viewpoint& viewer = {}) = 0;
    /// The reactions to a message after a position, one per user; without the user if the viewer has blocked that user.
    /// Bound: `limit` reactions.
    virtual Result<RecordPage<MessageReaction>> reactions(ChannelId channel, MessageId message, RecordPosition after,
                                                          std::int64_t limit, const Viewpoint& viewer = {}) = 0;
};

/// The range and size of one page of changes: about this many objects, never splitting a `rev`.
struct ChangeRange {
    std::int64_t since = 0;
    std::int64_t receipts_since = 0;
    bool own_receipt_only = false;  ///< otherwise those of all members, which should be few: they come on one page
    std::int64_t max_items = 100;
    std::int64_t max_bytes = 128 * 1024;  ///< of text; the page is cut again by its encoded size
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
    /// messages and members, which come with all receipts moved since.
    /// Bound: `range.max_items` objects, hidden ones too, and the rest of the last `rev`; with the last page the viewer's own
    /// receipt or, unless `range.own_receipt_only`, those of all members. `channel` is of the same snapshot: where it has not
    /// moved after `range.since`, no message and no member is looked for.
    virtual Result<ChangePage> page(const Channel& channel, const Viewpoint& viewer, const ChangeRange& range) = 0;
};

/// Something a message must contain: consecutive words as `search_words` (search_words.hpp) splits them, joined where they are
/// joined here. Any text; never interpreted as a query language.
struct SearchTerm {
    std::string text;
    bool prefix = false;  ///< the last word matches as a prefix
};

/// What to search for. Positions are those of `SearchCandidate`.
struct SearchRange {
    std::vector<SearchTerm> terms;     ///< all must match; at least one
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
    /// Set if the budget ran out: matches from this position on are complete, below it none were searched.
    std::optional<std::int64_t> cut_at{};
};

/// Whether a message is a match. Called for each message that contains the words of the terms, in any order; takes its own cost
/// from the budget.
using SearchFilter = std::function<bool(const SearchCandidate&)>;

class SearchReader {
  public:
    virtual ~SearchReader() = default;
    /// The newest matches in the channels `viewer` is a member of now (none if it is not one of `range.channel`), without
    /// deleted messages and what `filter` refuses. The index follows the commits by a second at most; while it is rebuilt
    /// it has the older messages only. `unavailable` if there is no index.
    ///
    /// Bound: `budget`, and what its last step begins: one message of the greatest length, or one step for each of the
    /// viewer's channels. Whatever the budget, a search always makes progress.
    virtual Result<SearchCandidates> candidates(WorkspaceId workspace, UserId viewer, const SearchRange& range,
                                                WorkBudget& budget, const SearchFilter& filter) = 0;
};

/// The users a user has blocked, ascending, and the revision of that list.
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
    /// Whether the user is silenced at `now` in the channel, there or everywhere; if there are two silences, the one that ends later.
    /// Bound: two silences.
    virtual Result<SilenceState> find(ChannelId channel, UserId user, Timestamp now) = 0;
    struct Key {
        UserId user;
        ChannelId channel;
    };
    /// It may hold fewer than requested, even none, without being the last.
    struct Page {
        std::vector<Silence> silences{};
        std::optional<Key> next{};  ///< `after` of the next page; nothing: this was the last one
    };
    /// The silences in force at `now`, by (user, channel) ascending, those after `after`; the one of the whole workspace, whose
    /// channel is nil, comes before the user's others. Bound: 500 silences more than `limit` are looked at.
    virtual Result<Page> list(WorkspaceId workspace, std::optional<Key> after, std::int64_t limit, Timestamp now) = 0;
};

/// The part of the moderation log to read.
struct ModerationRange {
    std::optional<UserId> user{};
    std::optional<ChannelId> channel{};
    std::optional<std::int64_t> before{};  ///< `ModerationPage::next` of the page before
    std::int64_t limit = 50;
};

/// A page of it, newest first. It may hold fewer than requested, even none, without being the last.
struct ModerationPage {
    std::vector<ModerationRecord> records{};
    std::optional<std::int64_t> next{};  ///< nothing: this was the last one. Meaningless outside the storage
};

class ModerationReader {
  public:
    virtual ~ModerationReader() = default;
    /// Records of existing channels. Bound: 500 records more than `limit` are looked at.
    virtual Result<ModerationPage> list(WorkspaceId workspace, const ModerationRange& range) = 0;
    /// Nothing if it was dropped. Bound: one record.
    virtual Result<std::optional<ModerationRecord>> find(WorkspaceId workspace, ModerationRecordId id) = 0;
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
    /// The moderation records of the user's messages, oldest first. Bound: `limit` records.
    virtual Result<RecordPage<ModerationRecord>> moderation(WorkspaceId workspace, UserId user, RecordPosition after,
                                                            std::int64_t limit) = 0;

    // Of deleted users.

    /// Bound: `limit` users, and those of deleted workspaces not purged yet.
    virtual Result<std::vector<PendingDeletion>> deletions(std::int64_t limit) = 0;
    /// Stops after a membership whose successor has to be chosen from more than 100 members.
    /// Bound: `limit` memberships with the admins of their channels, and the members of channels it leaves without one.
    virtual Result<std::vector<EndingMembership>> ending_memberships(WorkspaceId workspace, UserId user,
                                                                     std::int64_t limit) = 0;
    /// Bound: a look at the author of 20,000 messages of anyone, and `limit` messages.
    virtual Result<RecordPage<ErasableMessage>> erasable_messages(WorkspaceId workspace, UserId user,
                                                                  RecordPosition after, std::int64_t limit) = 0;
};

/// One reading connection: used by one thread at a time. Between `begin` and `end` everything is read from one snapshot;
/// no other method may be called outside.
class Reader {
  public:
    virtual ~Reader() = default;
    /// Takes the snapshot. May wait a few seconds while the storage keeps readers out; then `unavailable`.
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

/// The progress of an online backup, in pages.
struct BackupProgress {
    std::int64_t done = 0;
    std::int64_t total = 0;
    bool finished = false;
};

/// A running online backup. Used on the thread of the first lane. Destroying it before it has finished removes the copy.
class Backup {
  public:
    virtual ~Backup() = default;
    /// Copies a bounded number of pages.
    virtual Result<BackupProgress> step() = 0;
};

class Storage {
  public:
    virtual ~Storage() = default;

    /// Commits a batch as if each mutation were committed alone, in order (each sees those before it; a key repeated
    /// within the batch is a duplicate). Each is atomic with its seq and rev; one that fails is rolled back alone and
    /// uses up neither. If the commit itself fails, all fail with `unavailable` and nothing has changed, unless
    /// `details.outcome == "unknown"`. The results are in the order of `batch`. May wait, for a disk, a lock or a network: only
    /// its own lane waits with it. Called on each lane of the writer, so by at most `writer_lanes` threads at a time.
    virtual std::vector<Result<Committed>> commit(std::span<const Mutation> batch) = 0;

    /// How many batches this storage can commit at a time, 1 to 64: so many threads, the lanes, call `commit`. Asked once, when
    /// the engine opens. With several, what names one channel takes one lane, so batches of different lanes rarely touch the same
    /// channel. But they may: `commit` must keep what it promises whatever meets, such as a user or a workspace that is deleted
    /// beside its channels.
    virtual std::size_t writer_lanes() const { return 1; }

    // The following are called on the first lane, between its commits; the other lanes may be committing.

    /// Housekeeping between batches: checkpoints, purging, the mark file, dropping moderation records older than 90 days. Takes
    /// bounded time. Returns whether there is more to do at once.
    virtual Result<bool> maintain() = 0;

    /// Whether a write succeeds now: makes a durable one that changes nothing. After a failed commit it also requires
    /// the space of an ordinary commit, so that the result does not flip with each small write. `unavailable` with
    /// `details.reason` and `cause`. Takes a bounded time.
    virtual Result<Done> probe() = 0;

    /// Starts a new epoch.
    virtual Result<std::string> rotate_epoch() = 0;

    /// Starts an online backup into a new file. `conflict` if the file exists; `unavailable` if this storage has no backup
    /// of its own.
    virtual Result<std::unique_ptr<Backup>> begin_backup(const std::string& path) = 0;

    // From any thread.

    /// Another read connection. The storage must outlive it.
    virtual Result<std::unique_ptr<Reader>> open_reader() = 0;

    /// The id of this database's history; section 1 of the protocol.
    virtual std::string epoch() const = 0;
};

}  // namespace cariosan
