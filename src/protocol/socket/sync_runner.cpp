#include "protocol/socket/sync_runner.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/channels/sync_state.hpp"
#include "protocol/json/json_objects.hpp"
#include "protocol/socket/client_session.hpp"

namespace cariosan::protocol {
namespace {

constexpr std::size_t kSmallBacklog = 256 * 1024;
/// This many unchanged channels cost as much as one page.
constexpr std::int64_t kUnmovedPerToken = 50;

GetChanges question(const HeldChannel& held, const std::string& epoch) {
    return {.channel = held.channel, .since = held.rev, .receipts_since = held.receipt_rev, .epoch = epoch};
}

}  // namespace

SyncRunner::SyncRunner(ClientSession& session, std::size_t max_backlog)
    : session_(session), small_backlog_(std::min(kSmallBacklog, max_backlog / 2)) {}

SyncRunner::~SyncRunner() { session_.charge_reads(owed_); }

void SyncRunner::start(SyncRequest request) {
    for (const HeldChannel& entry : request.channels) {
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
    const auto early = sent_early_.find(channel);
    if (early == sent_early_.end()) return;
    if (joined) {
        session_.hub().hold(session_, channel);
        session_.hub().release(session_, channel, early->second);
    }
    sent_early_.erase(early);
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
    for (const HeldChannel& entry : request.channels) {
        listed_.insert(entry.channel);
        waiting_.push_back({.entry = entry, .epoch = request.epoch});
    }
    pump();
}

bool SyncRunner::may_write() const { return session_.open() && session_.backlog() < small_backlog_; }

/// Charges what the bucket has above its half, and owes the rest.
void SyncRunner::charge(std::int64_t tokens) {
    owed_ += tokens;
    const std::int64_t paid = std::min(owed_, session_.spare_reads());
    session_.charge_reads(paid);
    owed_ -= paid;
}

/// The tokens that the next read may cost: none while any are owed.
std::int64_t SyncRunner::may_cost() {
    charge(0);
    return owed_ > 0 ? 0 : session_.spare_reads();
}

void SyncRunner::pump() {
    if (!waiting_.empty() && !reading_ && ready_.empty() && may_write()) read_channels();
    if (stage_ != Stage::channels || unfinished_ != 0) return;
    if (requests_.front().complete) {
        stage_ = Stage::summaries;
        write_summaries();
    } else {
        finish();
    }
}

/// Repairs are caused by the server: they cost the user nothing, and wait only for the backlog.
void SyncRunner::read_channels() {
    const std::int64_t may_cost = this->may_cost();
    std::int64_t repairs = 0;
    std::vector<Reading> asked;
    core::CatchUp request;
    for (; !waiting_.empty() && asked.size() < core::CatchUp::kMaxChannels; waiting_.pop_front()) {
        Reading& next = waiting_.front();
        if (!next.repair && may_cost == 0) break;
        if (next.repair) ++repairs;
        // Hold again, since an earlier request for the same channel may have released it.
        next.subscribed = session_.hub().hold(session_, next.entry.channel);
        next.turn = open_.at(next.entry.channel).turn;
        request.channels.push_back(question(next.entry, next.epoch));
        asked.push_back(std::move(next));
    }
    if (asked.empty()) return;
    request.max_moved = std::min<std::int64_t>(may_cost, core::CatchUp::kMaxChannels) + repairs;
    request.unread_total = stage_ == Stage::channels && waiting_.empty() && !requests_.front().complete;
    reading_ = true;
    auto done = [this, asked = std::move(asked), seen = blocks_seen_](Result<core::CaughtUp> answer) mutable {
        reading_ = false;
        if (!answer) return give_up(answer.error());
        take_channels(std::move(asked), seen, std::move(*answer));
    };
    if (!request.unread_total) return session_.catch_up(std::move(request), std::move(done));
    session_.count_in_turn([this, request = std::move(request), done = std::move(done)]() mutable {
        auto then = [this, done = std::move(done)](Result<core::CaughtUp> answer) mutable {
            done(std::move(answer));
            session_.counted();
        };
        session_.catch_up(std::move(request), std::move(then));
    });
}

void SyncRunner::take_channels(std::vector<Reading> asked, std::uint64_t blocks_seen, core::CaughtUp answer) {
    const auto reached = asked.begin() + static_cast<std::ptrdiff_t>(answer.channels.size());
    waiting_.insert(waiting_.begin(), std::make_move_iterator(reached), std::make_move_iterator(asked.end()));
    std::int64_t cost = 0;
    for (std::size_t i = 0; i < answer.channels.size(); ++i) {
        Ready page{std::move(asked[i]), blocks_seen, std::move(answer.channels[i])};
        page.is_news = core::moved(question(page.reading.entry, page.reading.epoch), page.changes);
        if (!page.reading.repair) cost += page.is_news ? kUnmovedPerToken : 1;
        ready_.push_back(std::move(page));
    }
    unmoved_ += cost;
    charge(unmoved_ / kUnmovedPerToken);
    unmoved_ %= kUnmovedPerToken;
    // Valid only for pages written now: live events sent while later pages wait for the backlog would make it outdated.
    unread_total_ = answer.unread_total;
    write_ready();
    unread_total_.reset();
    pump();
}

void SyncRunner::write_ready() {
    while (!ready_.empty() && may_write()) {
        Ready page = std::move(ready_.front());
        ready_.pop_front();
        take_page(std::move(page));
    }
}

void SyncRunner::take_page(Ready page) {
    Reading& reading = page.reading;
    const bool overtaken = reading.turn != open_.at(reading.entry.channel).turn;
    if (overtaken || (page.changes && page.blocks_seen != blocks_seen_)) return read_again(std::move(reading));
    if (page.changes) return take_changes(std::move(reading), *page.changes, page.is_news);
    // The channel stays withheld; the event that removes the user ends the subscription.
    session_.send(object_frame("channel.sync", {}, [&](ObjectWriter& data) { write_left(data, reading.entry.channel); }));
    finish_channel(reading);
}

void SyncRunner::take_changes(Reading reading, const Changes& changes, bool is_news) {
    if (is_news) {
        session_.send(object_frame("channel.sync", {}, [&](ObjectWriter& data) {
            write_changes(data, changes, session_.viewer(), !reading.repair);
        }));
        if (!session_.open()) return;
    }
    if (!changes.has_more && session_.hub().release(session_, reading.entry.channel, changes.rev)) {
        if (!reading.subscribed) sent_early_[reading.entry.channel] = changes.rev;
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
    reading_list_ = true;
    charge(1);
    session_.read(ListMyChannels{.range = {.limit = {}, .cursor = cursor_}},
                  [this, seen = blocks_seen_](Result<Outcome> outcome) {
                      reading_list_ = false;
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
    while (!summaries_.empty() && written_ < core::kMaxSummaries && may_write()) {
        const MyChannel& item = summaries_.front();
        if (overtaken_.contains(item.channel.id)) {
            summaries_.pop_front();
            continue;
        }
        session_.send(object_frame("channel.sync", {}, [&](ObjectWriter& data) { write_summary(data, item, viewer); }));
        summaries_.pop_front();
        ++written_;
    }
    if (!session_.open() || reading_list_) return;
    const bool enough = written_ >= core::kMaxSummaries || (summaries_.empty() && list_ended_);
    if (enough) return finish();
    if (summaries_.empty() && may_write() && may_cost() > 0) read_summaries();
}

void SyncRunner::finish() {
    stage_ = Stage::closing;
    overtaken_.clear();
    charge(1);
    if (const auto total = std::exchange(unread_total_, std::nullopt)) return send_done(*total);
    session_.count_in_turn([this] {
        session_.read(GetMe{}, [this](Result<Outcome> outcome) {
            if (!outcome) return give_up(outcome.error());
            send_done(std::get<Me>(outcome->answer).unread_total);
            session_.counted();
        });
    });
}

void SyncRunner::send_done(std::int64_t unread_total) {
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
        data.integer("unread_total", unread_total);
    }));
    stage_ = Stage::idle;
    if (session_.open() && !requests_.empty()) begin();
}

/// Closes the connection, so that the client reconnects and reads again; a `sync` is never silently incomplete.
void SyncRunner::give_up(const Error& error) {
    if (error.code == ErrorCode::unauthorized) return session_.end(close_code::kForbidden, "the user was deleted", 0);
    session_.give_up(
        close_code::kOverloaded, "cannot synchronise",
        Error(ErrorCode::unavailable, "synchronising failed; reconnect later").with("retry_after_ms", 1000));
}

}  // namespace cariosan::protocol
