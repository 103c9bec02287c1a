/// `sync`, and the repair `resync`: bring a client up to date over its WebSocket (section 6 of the protocol).
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
    FrameId id;
    std::string epoch;
    std::vector<HeldChannel> channels;
    bool complete = false;
};

/// `VALIDATION_ERROR` with `details.field`. `data` may be null.
Result<SyncRequest> read_sync_request(const boost::json::object* data);

/// Synchronises one session, one request after the other. On the session's lane.
///
/// When a request is taken, the live events of its channels are withheld (`LaneHub::hold`). Changes are then read page by page
/// while the connection's backlog is small, many channels in one read that costs about as much as one page. After a channel's
/// last page the hub says whether more was withheld in the meantime; if so, the channel is read again.
///
/// Reads are charged to the user's read bucket: one token for a page with content, one for many unchanged channels. A client that
/// reconnects over a bad network a few times a minute never notices; one that asks in a loop has to wait. It is not refused,
/// because exactly the clients with a bad network would have to repeat a refused `sync`. Half of the bucket is left for the user's
/// other reads.
///
/// Only one read is in progress at a time, and the next starts after its result has been written. Reads start and pages are
/// written only while the backlog is small, so a `sync` never causes its connection to be closed as slow.
///
/// A read may be older or newer than what the hub has reached. If the user joins or leaves the channel during a read, its result
/// is discarded. A summary made obsolete this way is left out, since the live events have covered all of it.
class SyncRunner {
  public:
    SyncRunner(ClientSession& session, std::size_t max_backlog);
    ~SyncRunner();
    SyncRunner(const SyncRunner&) = delete;
    SyncRunner& operator=(const SyncRunner&) = delete;

    static constexpr std::size_t kMaxRequests = 64;  ///< waiting
    bool has_room() const noexcept { return requests_.size() < kMaxRequests; }
    void start(SyncRequest request);
    /// Nothing is requested, being read or waiting to be written, and no state is kept for later requests: the object, a few KiB,
    /// may be freed.
    bool is_done() const noexcept {
        return stage_ == Stage::idle && requests_.empty() && waiting_.empty() && !reading_ && ready_.empty() && open_.empty() &&
               !reading_list_ && owed_ == 0 && listed_.empty() && sent_early_.empty();
    }
    /// Reads one channel from `since` on, because its live events were lost, or repeats a read in progress.
    void resync(ChannelId channel, std::int64_t since);
    /// Repeats the reads in progress, so that nothing from a blocked user is sent after the block.
    void blocks_changed(const BlockUpdated& change);
    /// The user was added to the channel's live events, or removed from them.
    void audience_changed(ChannelId channel, bool joined);
    /// Continues what waited for the backlog to shrink.
    void go_on();

  private:
    enum class Stage : std::uint8_t {
        idle,       ///< no request
        channels,   ///< reading the listed channels
        summaries,  ///< reading summaries of the unlisted ones
        closing,    ///< reading the content of `sync.done`
    };

    /// One channel that is being read or waits for it.
    struct Reading {
        HeldChannel entry;
        std::string epoch;
        bool repair = false;      ///< the hub asked for it, not the client
        bool subscribed = false;  ///< when the read began
        std::uint32_t turn = 0;   ///< `Unfinished::turn` when the read began
    };

    /// A page that was read and waits to be written.
    struct Ready {
        Reading reading;
        std::uint64_t blocks_seen = 0;  ///< when the read began
        Result<Changes> changes;
        bool is_news = false;
    };

    /// A requested channel that is not up to date yet.
    struct Unfinished {
        std::uint32_t readings = 0;
        std::uint32_t turn = 0;  ///< incremented when reads in progress become void
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
    void send_done(std::int64_t unread_total);
    void give_up(const Error& error);

    ClientSession& session_;
    std::size_t small_backlog_;
    std::deque<SyncRequest> requests_;  ///< the first one is being answered
    std::deque<Reading> waiting_;       ///< channels of the first request, and repairs
    bool reading_ = false;              ///< a read of channels is in progress
    std::deque<Ready> ready_;           ///< pages that wait for the backlog to shrink
    std::optional<std::int64_t> unread_total_;  ///< read with the pages being written; absent: read it separately
    std::int64_t unmoved_ = 0;          ///< reads not charged yet, in units of one unchanged channel
    std::int64_t owed_ = 0;             ///< tokens to charge once available
    std::size_t unfinished_ = 0;        ///< unfinished channels of the first request
    Stage stage_ = Stage::idle;
    std::uint64_t blocks_seen_ = 0;     ///< number of changes of the user's block list
    std::unordered_map<ChannelId, Unfinished> open_;       ///< the channels of all requests, and repairs
    std::unordered_map<ChannelId, std::int64_t> sent_early_;  ///< the `rev` sent before the hub knew that the user had joined

    std::unordered_set<ChannelId> listed_;  ///< channels listed since the last complete request
    std::deque<MyChannel> summaries_;       ///< read but not yet written
    std::unordered_set<ChannelId> overtaken_;  ///< whose summaries may be out of date
    std::size_t written_ = 0;               ///< summaries written for the first request
    std::string cursor_;                    ///< of the next page of its channel list
    bool list_ended_ = false;
    bool reading_list_ = false;  ///< a read of that list is in progress
};

}  // namespace cariosan::protocol
