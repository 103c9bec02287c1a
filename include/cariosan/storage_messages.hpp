/// Reading messages: history, changes and search. Part of the storage contract: `cariosan/storage.hpp`.
#pragma once

#include <cariosan/crypto.hpp>
#include <cariosan/error.hpp>
#include <cariosan/storage_paging.hpp>
#include <cariosan/types.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cariosan {

/// A message found by its idempotency key.
struct StoredSend {
    Message message;
    Digest request_hash{};
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

/// The file of a message that was unsent or erased, which may still have to be taken away.
struct ErasedFile {
    std::int64_t row = 0;  ///< ascending; meaningless outside the storage
    std::string url{};     ///< the `attachment_url`
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
    /// The pinned ones, those pinned last first. Bound: the pinned messages, whose number is limited.
    virtual Result<std::vector<Message>> pins(ChannelId channel, const Viewpoint& viewer = {}) = 0;
    /// Bound: `range.limit` messages, or, for a viewer who has blocked someone, all from `range.from` to `range.to`:
    /// callers keep these at most `Limits::history_stretch` apart.
    virtual Result<std::vector<Message>> page(ChannelId channel, const HistoryRange& range,
                                              const Viewpoint& viewer = {}) = 0;
    /// The reactions to a message after a position, one per user; without the user if the viewer has blocked that user.
    /// Bound: `limit` reactions.
    virtual Result<RecordPage<MessageReaction>> reactions(ChannelId channel, MessageId message, RecordPosition after,
                                                          std::int64_t limit, const Viewpoint& viewer = {}) = 0;

    // The files of messages, for the engine.

    /// Those not yet forgotten by `mutation::ForgetErasedFiles`, by row, those after `after`. Whatever blanks or removes a message
    /// with an `attachment_url` keeps it here, in the same commit. Bound: `limit` rows.
    virtual Result<std::vector<ErasedFile>> erased_files(std::int64_t after, std::int64_t limit) = 0;
    /// Whether a message has an `attachment_url` that ends with "/" and this key, "<workspace>/<yyyy>/<mm>/<uuid>/<name>".
    /// Bound: the messages that name a file of this uuid.
    virtual Result<bool> names_file(std::string_view key) = 0;
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
    std::optional<ChannelId> channel;  ///< absent: all channels of the viewer
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

}  // namespace cariosan
