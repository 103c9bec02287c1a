#include "protocol/socket/sync_runner.hpp"

#include <algorithm>
#include <utility>

#include "core/events/encoded_size.hpp"
#include "protocol/json/json_objects.hpp"
#include "protocol/socket/client_session.hpp"

namespace cariosan::protocol {
namespace {

constexpr std::size_t kSmallBacklog = 256 * 1024;
constexpr std::size_t kMostParallel = 4;
/// As many channels that have not moved cost what one page costs.
constexpr std::int64_t kUnmovedPerToken = 50;
constexpr std::size_t kMaxSummaries = 200;
constexpr std::int64_t kSummariesPerPage = 50;

/// As many pages at once as would fit into half of the connection's backlog.
std::size_t parallel_pages(std::size_t max_backlog) {
    return std::clamp<std::size_t>(max_backlog / core::kPageBytes / 2, 1, kMostParallel);
}

bool has_moved(const SyncRequest::Entry& entry, const Changes& changes) {
    return changes.reset || changes.rev != entry.rev || changes.receipt_rev != entry.receipt_rev;
}

}  // namespace

SyncRunner::SyncRunner(SocketSession& session, std::size_t max_backlog)
    : session_(session),
      small_backlog_(std::min(kSmallBacklog, max_backlog / 2)),
      max_parallel_(parallel_pages(max_backlog)) {}

void SyncRunner::start(SyncRequest request) {
    for (const SyncRequest::Entry& entry : request.channels) {
        session_.hub().hold(session_, entry.channel);
        ++open_[entry.channel].readings;
    }
    requests_.push_back(std::move(request));
    if (stage_ == Stage::idle) begin();
}

void SyncRunner::resync(ChannelId channel, std::int64_t since) {
    session_.hub().hold(session_, channel);
    const auto [open, is_new] = open_.try_emplace(channel);
    ++open->second.turn;
    if (!is_new) return;
    ++open->second.readings;
    waiting_.push_front({.entry = {channel, since, 0}, .epoch = session_.epoch(), .repair = true});
    pump();
}

void SyncRunner::audience_changed(ChannelId channel, bool joined) {
    if (stage_ == Stage::summaries) overtaken_.insert(channel);
    if (const auto open = open_.find(channel); open != open_.end()) {
        ++open->second.turn;
        if (joined) session_.hub().hold(session_, channel);
        return;
    }
    const auto early = told_early_.find(channel);
    if (early == told_early_.end()) return;
    if (joined) {
        session_.hub().hold(session_, channel);
        session_.hub().release(session_, channel, early->second);
    }
    told_early_.erase(early);
}

void SyncRunner::go_on() {
    write_ready();
    pump();
    if (stage_ == Stage::summaries) write_summaries();
}

void SyncRunner::blocks_changed(const BlockUpdated& change) {
    ++blocks_seen_;
    for (MyChannel& item : summaries_) {
        if (change.blocked && item.last_message && item.last_message->user.id == change.blocked_user) {
            item.last_message.reset();
        }
    }
}

void SyncRunner::begin() {
    const SyncRequest& request = requests_.front();
    stage_ = Stage::channels;
    unfinished_ = request.channels.size();
    for (const SyncRequest::Entry& entry : request.channels) {
        listed_.insert(entry.channel);
        waiting_.push_back({.entry = entry, .epoch = request.epoch});
    }
    pump();
}

bool SyncRunner::may_write() const { return session_.open() && session_.backlog() < small_backlog_; }

/// A repair is the server's doing: it costs the user nothing, and waits for nothing but the backlog.
bool SyncRunner::may_read(const Reading& next) const {
    return may_write() && (next.repair || session_.may_sync());
}

void SyncRunner::charge(const Reading& reading, bool moved) {
    if (reading.repair) return;
    if (moved) return session_.charge_reads(1);
    if (++unmoved_ < kUnmovedPerToken) return;
    unmoved_ = 0;
    session_.charge_reads(1);
}

void SyncRunner::pump() {
    while (!waiting_.empty() && reading_ < max_parallel_ && may_read(waiting_.front())) {
        Reading next = std::move(waiting_.front());
        waiting_.pop_front();
        read_page(std::move(next));
    }
    if (stage_ != Stage::channels || unfinished_ != 0) return;
    if (requests_.front().complete) {
        stage_ = Stage::summaries;
        write_summaries();
    } else {
        finish();
    }
}

void SyncRunner::read_page(Reading reading) {
    // Again: an earlier request for the same channel may have let it flow meanwhile.
    reading.subscribed = session_.hub().hold(session_, reading.entry.channel);
    reading.turn = open_.at(reading.entry.channel).turn;
    ++reading_;
    GetChanges command{.channel = reading.entry.channel,
                       .since = reading.entry.rev,
                       .receipts_since = reading.entry.receipt_rev,
                       .epoch = reading.epoch};
    session_.read(std::move(command),
                  [this, reading = std::move(reading), seen = blocks_seen_](Result<Outcome> outcome) {
                      ready_.push_back({reading, seen, std::move(outcome)});
                      write_ready();
                  });
}

void SyncRunner::write_ready() {
    while (!ready_.empty() && may_write()) {
        Ready page = std::move(ready_.front());
        ready_.pop_front();
        take_page(std::move(page.reading), page.blocks_seen, std::move(page.outcome));
    }
}

void SyncRunner::take_page(Reading reading, std::uint64_t blocks_seen, Result<Outcome> outcome) {
    --reading_;
    const bool overtaken = reading.turn != open_.at(reading.entry.channel).turn;
    if (overtaken || (outcome && blocks_seen != blocks_seen_)) return read_again(std::move(reading));
    if (outcome) return take_changes(std::move(reading), std::get<Changes>(outcome->answer));
    const ErrorCode code = outcome.error().code;
    if (code != ErrorCode::not_found && code != ErrorCode::not_a_member) return give_up(outcome.error());
    charge(reading, true);
    // The channel stays withheld: the event that removes the viewer ends its subscription too.
    session_.send(object_frame("channel.sync", {}, [&](ObjectWriter& data) {
        data.id("channel_id", reading.entry.channel);
        data.boolean("left", true);
    }));
    finish_channel(reading);
}

void SyncRunner::take_changes(Reading reading, const Changes& changes) {
    const bool moved = has_moved(reading.entry, changes);
    charge(reading, moved);
    if (moved) {
        session_.send(object_frame("channel.sync", {}, [&](ObjectWriter& data) {
            write_changes(data, changes, session_.viewer(), !reading.repair);
        }));
        if (!session_.open()) return;
    }
    if (!changes.has_more && session_.hub().release(session_, reading.entry.channel, changes.rev)) {
        if (!reading.subscribed) told_early_[reading.entry.channel] = changes.rev;
        return finish_channel(reading);
    }
    reading.entry.rev = changes.rev;
    reading.entry.receipt_rev = changes.receipt_rev;
    reading.epoch = changes.epoch;
    read_again(std::move(reading));
}

void SyncRunner::read_again(Reading reading) {
    waiting_.push_front(std::move(reading));
    pump();
}

void SyncRunner::finish_channel(const Reading& reading) {
    if (!reading.repair) --unfinished_;
    const auto open = open_.find(reading.entry.channel);
    if (--open->second.readings == 0) open_.erase(open);
    pump();
}

void SyncRunner::read_summaries() {
    list_is_read_ = true;
    session_.charge_reads(1);
    session_.read(ListMyChannels{.range = {.limit = kSummariesPerPage, .cursor = cursor_}},
                  [this, seen = blocks_seen_](Result<Outcome> outcome) {
                      list_is_read_ = false;
                      if (!outcome) return give_up(outcome.error());
                      if (seen != blocks_seen_) return read_summaries();
                      take_summaries(std::get<Page<MyChannel>>(std::move(outcome->answer)));
                  });
}

void SyncRunner::take_summaries(Page<MyChannel> page) {
    for (MyChannel& item : page.items) {
        if (!listed_.contains(item.channel.id)) summaries_.push_back(std::move(item));
    }
    cursor_ = std::move(page.next_cursor);
    list_ended_ = cursor_.empty();
    write_summaries();
}

void SyncRunner::write_summaries() {
    const Viewer viewer = session_.viewer();
    while (!summaries_.empty() && written_ < kMaxSummaries && may_write()) {
        const MyChannel& item = summaries_.front();
        if (overtaken_.contains(item.channel.id)) {
            summaries_.pop_front();
            continue;
        }
        session_.send(object_frame("channel.sync", {}, [&](ObjectWriter& data) {
            data.boolean("summary", true);
            data.id("channel_id", item.channel.id);
            write_my_channel(data, item, viewer);
        }));
        summaries_.pop_front();
        ++written_;
    }
    if (!session_.open() || list_is_read_) return;
    const bool enough = written_ >= kMaxSummaries || (summaries_.empty() && list_ended_);
    if (enough) return finish();
    if (summaries_.empty() && may_write() && session_.may_sync()) read_summaries();
}

void SyncRunner::finish() {
    stage_ = Stage::closing;
    overtaken_.clear();
    session_.charge_reads(1);
    session_.read(GetMe{}, [this](Result<Outcome> outcome) {
        if (!outcome) return give_up(outcome.error());
        say_done(std::get<Me>(outcome->answer));
    });
}

void SyncRunner::say_done(const Me& me) {
    const SyncRequest request = std::move(requests_.front());
    requests_.pop_front();
    if (request.complete) {
        listed_.clear();
        summaries_.clear();
        cursor_.clear();
        written_ = 0;
        list_ended_ = false;
    }
    session_.send(object_frame("sync.done", {}, [&](ObjectWriter& data) {
        if (!request.id.empty()) data.raw("id", request.id);
        data.string("epoch", session_.epoch());
        data.integer("unread_total", me.unread_total);
    }));
    stage_ = Stage::idle;
    if (session_.open() && !requests_.empty()) begin();
}

/// What cannot be read now can be read by the client that comes back; nothing is left half-told in silence.
void SyncRunner::give_up(const Error& error) {
    if (error.code == ErrorCode::unauthorized) return session_.end(close_code::kForbidden, "the user is gone", 0);
    session_.give_up(
        close_code::kOverloaded, "cannot synchronise",
        Error(ErrorCode::unavailable, "synchronising failed; come back later").with("retry_after_ms", 1000));
}

}  // namespace cariosan::protocol
