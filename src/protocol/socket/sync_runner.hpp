/// `sync` and its repair twin `resync`: bring a client up to date over its WebSocket (section 6 of the protocol).
#pragma once

#include <boost/json/fwd.hpp>
#include <cariosan/commands.hpp>
#include <cariosan/events.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/channels/catch_up.hpp"
#include "protocol/socket/frames.hpp"

namespace cariosan::protocol {

class ClientSession;

/// What a `sync` frame asks for.
struct SyncRequest {
    struct Entry {
        ChannelId channel;
        std::int64_t rev = 0;
        std::int64_t receipt_rev = 0;
    };
    FrameId id;
    std::string epoch;
    std::vector<Entry> channels;
    bool complete = false;
};

/// `VALIDATION_ERROR` with `details.field`. `data` may be null.
Result<SyncRequest> read_sync_request(const boost::json::object* data);

/// Synchronises one session, one request after the other. On the session's lane.
///
/// A listed channel's live events are withheld (`LaneHub::hold`) when its request is taken. Its changes are read page
/// by page, many channels in one read that costs about as much as one page, while the connection's backlog is small;
/// after the last page the hub says whether more was withheld in the meantime; if so, the channel is read again.
///
/// Reads are charged to the user's read bucket: one token for a page with content, one for many unchanged channels. A
/// client that reconnects over a bad network a few times a minute never notices; one that asks in a loop waits. It
/// waits instead of being refused, because a refused `sync` would have to be repeated by exactly those clients whose
/// network is bad. Half of the bucket is left for the user's other reads.
///
/// One read at a time: its result waits here until it is written, and nothing more is read until then. A read is
/// started, and its pages are written, only while the backlog is small. So a `sync` never gets a connection closed as
/// slow.
///
/// A read may be older or newer than what the hub has reached. If the user joins or leaves the channel during a read,
/// the read is void; a summary overtaken in this way is left out, since the live events have covered all of it.
class SyncRunner {
  public:
    SyncRunner(ClientSession& session, std::size_t max_backlog);
    ~SyncRunner();
    SyncRunner(const SyncRunner&) = delete;
    SyncRunner& operator=(const SyncRunner&) = delete;

    static constexpr std::size_t kMaxRequests = 64;  ///< waiting
    bool has_room() const noexcept { return requests_.size() < kMaxRequests; }
    void start(SyncRequest request);
    /// Nothing is asked for, being read or to be written, and nothing is known that a later request needs: what it holds, a
    /// few KiB, may be freed.
    bool is_done() const noexcept {
        return stage_ == Stage::idle && requests_.empty() && waiting_.empty() && !reading_ && ready_.empty() && open_.empty() &&
               !list_is_read_ && owed_ == 0 && listed_.empty() && told_early_.empty();
    }
    /// Reads one channel from `since` on, because its live events were lost, or repeats a read in progress.
    void resync(ChannelId channel, std::int64_t since);
    /// Repeats the reads in progress, so that nothing of a blocked user is sent after the block.
    void blocks_changed(const BlockUpdated& change);
    /// The user was added to the channel's live events, or removed from them.
    void audience_changed(ChannelId channel, bool joined);
    /// The backlog has shrunk: continue what waited for it.
    void go_on();

  private:
    enum class Stage : std::uint8_t {
        idle,       ///< no request
        channels,   ///< the listed channels are read
        summaries,  ///< the unlisted ones
        closing,    ///< the content of `sync.done` is read
    };

    /// One channel to be read, or being read.
    struct Reading {
        SyncRequest::Entry entry;
        std::string epoch;
        bool repair = false;      ///< the hub asked for it, not the client
        bool subscribed = false;  ///< when the page was asked for
        std::uint32_t turn = 0;   ///< of its `Unfinished`, when the page was asked for
    };

    /// A page that was read.
    struct Ready {
        Reading reading;
        std::uint64_t blocks_seen = 0;  ///< when it was asked for
        Result<Changes> changes;
        bool is_news = false;
    };

    /// A channel that was asked for and is not up to date yet.
    struct Unfinished {
        std::uint32_t readings = 0;
        std::uint32_t turn = 0;  ///< incremented when the pages being read become void
    };

    void begin();
    void pump();
    bool may_write() const;
    void charge(std::int64_t tokens);
    std::int64_t may_cost();
    void read_channels();
    void take_channels(std::vector<Reading> asked, std::uint64_t blocks_seen, core::CaughtUp answer);
    void write_ready();
    void take_page(Ready page);
    void take_changes(Reading reading, const Changes& changes, bool is_news);
    void read_again(Reading reading);
    void finish_channel(const Reading& reading);
    void read_summaries();
    void take_summaries(Page<MyChannel> page);
    void write_summaries();
    void finish();
    void say_done(std::int64_t unread_total);
    void give_up(const Error& error);

    ClientSession& session_;
    std::size_t small_backlog_;
    std::deque<SyncRequest> requests_;  ///< the first one is being answered
    std::deque<Reading> waiting_;       ///< channels of the first request, and repairs
    bool reading_ = false;              ///< some of them are being read
    std::deque<Ready> ready_;           ///< pages that wait for the backlog
    std::optional<std::int64_t> unread_total_;  ///< as of the pages that are being written; nothing: read it
    std::int64_t unmoved_ = 0;          ///< unchanged channels that were read and not charged yet
    std::int64_t owed_ = 0;             ///< tokens to be charged once available
    std::size_t unfinished_ = 0;        ///< channels of the first request
    Stage stage_ = Stage::idle;
    std::uint64_t blocks_seen_ = 0;     ///< how often the user's block list has changed
    std::unordered_map<ChannelId, Unfinished> open_;       ///< of all requests, and repairs
    std::unordered_map<ChannelId, std::int64_t> told_early_;  ///< the `rev` sent before the hub knew of the join

    std::unordered_set<ChannelId> listed_;  ///< since the last complete request
    std::deque<MyChannel> summaries_;       ///< read and not yet written
    std::unordered_set<ChannelId> overtaken_;  ///< whose summaries may be out of date
    std::size_t written_ = 0;               ///< summaries of the first request
    std::string cursor_;                    ///< where its list goes on
    bool list_ended_ = false;
    bool list_is_read_ = false;  ///< at this moment
};

}  // namespace cariosan::protocol
