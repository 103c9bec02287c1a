#include "protocol/polling/waiting_sync.hpp"

#include <algorithm>
#include <utility>

#include "core/channels/sync.hpp"
#include "engine/engine_impl.hpp"
#include "protocol/polling/sync_charge.hpp"

namespace cariosan::protocol {
namespace {

constexpr std::int64_t kRetryWithoutPlace = 5'000;

/// Whether a sync could answer anything of this frame. What is left out moves no revision.
bool may_be_news(const Frame& frame) {
    constexpr std::string_view kNeverNews[] = {R"({"type":"typing.)", R"({"type":"user.updated")"};
    return std::ranges::any_of(payloads(frame), [&](std::string_view text) {
        return std::ranges::none_of(kNeverNews, [&](std::string_view head) { return text.starts_with(head); });
    });
}

}  // namespace

void WaitingSync::begin(engine::EngineImpl& engine, LaneImpl& lane, WaitPlaces& places, Asked asked) {
    if (!places.take()) {
        const auto most = static_cast<std::int64_t>(places.most());
        return asked.answer(Error(ErrorCode::unavailable, "too many requests wait for news: at most " + std::to_string(most))
                                .with("limit", most)
                                .with("retry_after_ms", kRetryWithoutPlace));
    }
    auto handle = std::make_shared<realtime::SessionHandle>();
    handle->id = engine.next_session_id();
    handle->lane = lane.index;
    handle->workspace = asked.caller.workspace();
    handle->user = *asked.caller.user_id();
    handle->kind = realtime::SessionHandle::Kind::request;
    handle->last_active_ms = engine.clock().elapsed().count();
    const auto waiting = std::make_shared<WaitingSync>(engine, lane, places, std::move(asked), std::move(handle));
    lane.keep(waiting);
    waiting->notice_end();
}

WaitingSync::WaitingSync(engine::EngineImpl& engine, LaneImpl& lane, WaitPlaces& places, Asked asked,
                         realtime::SessionHandleRef handle)
    : Subscriber(std::move(handle)), engine_(engine), lane_(lane), places_(places), asked_(std::move(asked)) {
    const auto& known = std::get<Synced>(asked_.last.answer);
    asked_.command.blocks_rev = known.blocks_rev;
    asked_.command.preferences_rev = known.preferences_rev;
    lane_.hub().add(*this);
    engine_.attach(handle_);
}

WaitingSync::~WaitingSync() {
    if (!over_) {
        engine_.detach(handle_);
        places_.give_back();
        asked_.answer(std::move(asked_.last));
    }
    lane_.hub().remove(*this);
}

void WaitingSync::notice_end() {
    if (!asked_.asker) return;
    const std::shared_ptr<Waiter> waiter = asked_.asker->lock();
    if (!waiter) return give_up();
    waiter->gone = [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->give_up();
    };
}

void WaitingSync::ready(const realtime::SessionStart&) {
    subscribed_ = true;
    look();
}

void WaitingSync::deliver(const FrameRef& frame) {
    if (may_be_news(*frame)) look();
}

void WaitingSync::blocks_changed(const BlockUpdated&, const FrameRef&) {
    outdated_ = reading_;
    look();
}

void WaitingSync::preferences_changed(ChannelId, const Preferences&) { look(); }

/// Until it is subscribed, the read that follows will find everything.
void WaitingSync::look() {
    if (over_ || !subscribed_) return;
    if (reading_) {
        again_ = true;
    } else {
        read();
    }
}

void WaitingSync::read() {
    reading_ = true;
    again_ = outdated_ = false;
    const Uuid identity = handle_->user.uuid;
    asked_.command.max_moved = affordable_pages(engine_, asked_.caller);
    auto done = [&lane = lane_, identity, weak = weak_from_this()](Result<Outcome> outcome) {
        lane.reads().end(identity);
        if (const auto self = weak.lock()) self->take(std::move(outcome));
    };
    lane_.reads().begin(identity, [weak = weak_from_this(), done = std::move(done)]() mutable {
        const auto self = weak.lock();
        if (!self || self->over_) return false;
        self->engine_.submit_unmetered(self->lane_.queue(), self->asked_.caller, self->asked_.command, std::move(done),
                                       self->asked_.asker);
        return true;
    });
}

void WaitingSync::take(Result<Outcome> read) {
    reading_ = false;
    if (over_) return;
    if (outdated_) return this->read();
    if (!read) return finish(std::move(read));
    const auto& synced = std::get<Synced>(read->answer);
    if (core::has_news(asked_.command, synced)) {
        charge_pages(engine_, asked_.caller, synced);
        return finish(std::move(read));
    }
    asked_.last = std::move(*read);
    if (again_) this->read();
}

void WaitingSync::end(std::uint16_t code, std::string_view reason, std::int64_t retry_after_ms) {
    const auto refusal = [&](ErrorCode why) { return Error(why, std::string(reason)).with("retry_after_ms", retry_after_ms); };
    switch (code) {
        case close_code::kTooMany:
            return finish(refusal(ErrorCode::rate_limited).with("limit", engine_.limits().connections_per_user));
        case close_code::kOverloaded: return finish(refusal(ErrorCode::unavailable));
        case close_code::kForbidden: return finish(Error(ErrorCode::unauthorized, std::string(reason)));
        default: return give_up();  // it is no longer subscribed, or has missed events: the client asks again
    }
}

void WaitingSync::tick() {
    if (!over_ && engine_.clock().elapsed() >= asked_.until) give_up();
}

/// Removes itself later: this may be a call of the hub, which is going through its sessions.
void WaitingSync::finish(Result<Outcome> result) {
    if (std::exchange(over_, true)) return;
    engine_.detach(handle_);
    places_.give_back();
    lane_.queue()->push(realtime::Complete{[&lane = lane_, id = handle_->id] { lane.let_go(id); }});
    std::exchange(asked_.answer, nullptr)(std::move(result));
}

}  // namespace cariosan::protocol
