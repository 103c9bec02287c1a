#include "protocol/socket/client_session.hpp"

#include <algorithm>
#include <utility>

#include "protocol/errors.hpp"
#include "protocol/rest/request_log.hpp"
#include "protocol/socket/sync_runner.hpp"

namespace cariosan::protocol {
namespace {

constexpr std::int64_t kHeartbeatSeconds = 30;
constexpr std::chrono::milliseconds kSilence = std::chrono::seconds(90);
constexpr std::chrono::milliseconds kPingAfter = std::chrono::seconds(45);
constexpr std::size_t kMaxEarlyFrames = 64;
constexpr std::size_t kMaxEarlyBytes = 64 * 1024;
/// Backlogs below this are counted only once a second.
constexpr std::size_t kWorthCounting = 64 * 1024;

}  // namespace

ClientSession::ClientSession(const SessionServices& services, LaneImpl& lane, SessionSink& sink,
                             const Principal& principal, realtime::SessionHandleRef handle, RequestId request_id)
    : Subscriber(std::move(handle)),
      services_(services),
      lane_(lane),
      sink_(sink),
      external_id_(principal.caller.external_id().value()),
      token_ends_(principal.token_ends),
      request_id_(std::move(request_id)),
      began_(services.engine.clock().elapsed()) {
    handle_->subscriber = this;
    handle_->last_active_ms = began_.count();
    lane_.hub().add(*this);
    services_.engine.attach(handle_);
}

ClientSession::~ClientSession() { forget(); }

ClientSession* ClientSession::find_open(const Weak& weak) {
    const realtime::SessionHandleRef handle = weak.lock();
    auto* const self = handle ? static_cast<ClientSession*>(handle->subscriber) : nullptr;
    return self != nullptr && self->open() ? self : nullptr;
}

void ClientSession::closing(std::uint16_t code, std::string_view reason) {
    if (!begin_closing()) return;
    const bool ordinary = reason.empty() || code == close_code::kGoingAway;
    log_end(ordinary ? LogLevel::debug : LogLevel::info, code, reason.empty() ? "the client closed it" : reason);
}

void ClientSession::closed() {
    if (state_ != State::closing) log_end(LogLevel::debug, {}, "the connection was lost");
    state_ = State::closing;
    forget();
}

void ClientSession::forget() {
    if (!std::exchange(attached_, false)) return;
    handle_->subscriber = nullptr;
    sync_.reset();
    held_.reset();
    lane_.hub().remove(*this);
    services_.engine.detach(handle_);
}

void ClientSession::alive() {
    handle_->last_active_ms.store(now().count(), std::memory_order_relaxed);
    pinged_ = false;
}

void ClientSession::receive(std::string_view text) {
    alive();
    if (state_ == State::closing) return;
    if (state_ == State::starting) return keep_early(text);
    handle_text(text);
}

/// Keeps frames that arrive before `connection.ready` was sent, so that no answer precedes it.
void ClientSession::keep_early(std::string_view text) {
    std::size_t bytes = text.size();
    if (!early_) early_ = std::make_unique<std::vector<std::string>>();
    for (const std::string& each : *early_) bytes += each.size();
    if (early_->size() >= kMaxEarlyFrames || bytes > kMaxEarlyBytes) {
        return give_up(close_code::kOverloaded, "too much before connection.ready",
                       Error(ErrorCode::unavailable, "too much was sent before connection.ready: at most " +
                                                          std::to_string(kMaxEarlyFrames) + " frames and " +
                                                          std::to_string(kMaxEarlyBytes) + " bytes")
                           .with("retry_after_ms", 1000));
    }
    early_->emplace_back(text);
}

void ClientSession::ready(const realtime::SessionStart& start) {
    if (state_ != State::starting) return;
    state_ = State::open;
    const Greeting greeting{.connection = services_.engine.ids().next(),
                            .now = services_.engine.clock().now(),
                            .heartbeat_seconds = kHeartbeatSeconds};
    send(ready_frame(start, greeting));
    const auto early = std::exchange(early_, nullptr);
    if (!early) return;
    for (const std::string& text : *early) {
        if (state_ == State::open) handle_text(text);
    }
}

void ClientSession::deliver(const FrameRef& frame) { send(frame); }

void ClientSession::offer(const FrameRef& frame) {
    if (sink_.backlog() <= kWorthCounting) send(frame);
}

void ClientSession::send(const FrameRef& frame) {
    if (state_ == State::closing) return;
    sink_.send(frame);
    const std::size_t waiting = sink_.backlog();
    if (waiting > services_.max_backlog) return close_slow();
    if (waiting > kWorthCounting) count_backlog();
}

void ClientSession::count_backlog() {
    const std::size_t waiting = sink_.backlog();
    if (waiting == 0) return held_.reset();
    if (!held_) held_ = lane_.hold(Held::output, [this] { drop_backlog(); });
    held_->resize(waiting);
}

void ClientSession::drop_backlog() {
    if (state_ != State::closing) return close_slow();
    sink_.close(close_code::kSlow, "slow consumer");
    count_backlog();
}

void ClientSession::close_slow() {
    if (state_ == State::closing) return;
    ++services_.engine.realtime_counters().sessions_slow;
    close(close_code::kSlow, "slow consumer");
}

bool ClientSession::begin_closing() {
    if (state_ == State::closing) return false;
    state_ = State::closing;
    services_.engine.session_closing(handle_);
    return true;
}

void ClientSession::log_end(LogLevel level, std::optional<std::uint16_t> code, std::string_view cause) const {
    const std::string request_id = request_id_.text();
    log_socket_end(services_.engine.log(), level,
                   {.close_code = code,
                    .cause = cause,
                    .duration = now() - began_,
                    .request_id = request_id,
                    .workspace = handle_->workspace,
                    .user = handle_->user});
}

void ClientSession::close(std::uint16_t code, std::string_view reason) {
    if (!begin_closing()) return;
    log_end(code == close_code::kGoingAway ? LogLevel::debug : LogLevel::info, code, reason);
    sink_.close(code, reason);
    // The backlog stays counted until it has been sent or dropped.
    count_backlog();
}

void ClientSession::give_up(std::uint16_t code, std::string_view reason, const Error& error) {
    if (state_ == State::closing) return;
    sink_.send(error_frame({}, error));
    close(code, reason);
}

void ClientSession::end(std::uint16_t code, std::string_view reason, std::int64_t retry_after_ms) {
    if (code == close_code::kSlow) return close_slow();
    if (retry_after_ms == 0 || code == close_code::kForbidden) return close(code, reason);
    const ErrorCode error_code = code == close_code::kOverloaded ? ErrorCode::unavailable : ErrorCode::rate_limited;
    Error error(error_code, std::string(reason));
    if (code == close_code::kTooMany) {
        const std::int64_t limit = services_.engine.limits().connections_per_user;
        error.message += ": at most " + std::to_string(limit) + " of one user";
        error = std::move(error).with("limit", limit);
    }
    give_up(code, reason, std::move(error).with("retry_after_ms", retry_after_ms));
}

void ClientSession::count_in_turn(std::function<void()> start) {
    if (waiting_to_count_) return waiting_to_count_->push_back(std::move(start));
    waiting_to_count_ = std::make_unique<std::vector<std::function<void()>>>();
    start();
}

void ClientSession::counted() {
    if (state_ != State::open) return;
    if (waiting_to_count_->empty()) return waiting_to_count_.reset();
    const std::function<void()> next = std::move(waiting_to_count_->front());
    waiting_to_count_->erase(waiting_to_count_->begin());
    next();
}

/// At most one channel at a time, so that a slow storage cannot pile them up.
bool ClientSession::unread_moved(ChannelId channel) {
    if (state_ != State::open) return true;
    if (std::exchange(reading_unread_, true)) return false;
    count_in_turn([this, channel] {
        services_.engine.unread_to(lane_.queue(), handle_->workspace, handle_->user, channel,
                                   [weak = weak(), channel](const Result<engine::UnreadCounts>& counts) {
                                       if (ClientSession* const self = find_open(weak)) self->tell_unread(channel, counts);
                                   });
    });
    return true;
}

/// What could not be read is read again, and so is what another membership was read with than the one the client knows.
void ClientSession::tell_unread(ChannelId channel, const Result<engine::UnreadCounts>& counts) {
    reading_unread_ = false;
    if (counts && counts->is_member == lane_.hub().subscribed(*this, channel)) {
        send(object_frame("unread", {}, [&](ObjectWriter& data) {
            data.id("channel_id", channel);
            data.integer("unread_count", counts->unread_count);
            data.integer("mention_count", counts->mention_count);
            data.integer("unread_total", counts->unread_total);
        }));
    } else {
        lane_.hub().mark_unread(*this, channel);
    }
    counted();
}

void ClientSession::draining(std::int64_t reconnect_after_ms) {
    send(object_frame("server.draining", {},
                      [&](ObjectWriter& data) { data.integer("reconnect_after_ms", reconnect_after_ms); }));
}

void ClientSession::writable() {
    if (held_) count_backlog();
    if (state_ != State::open) return;
    if (sync_) sync_->go_on();
}

void ClientSession::tick() {
    if (state_ == State::closing) return count_backlog();
    const std::chrono::milliseconds last(handle_->last_active_ms.load(std::memory_order_relaxed));
    const std::chrono::milliseconds silent = now() - last;
    if (silent > kSilence) return close(close_code::kIdle, "nothing was received for 90 s");
    if (silent >= kPingAfter && !std::exchange(pinged_, true)) sink_.ping();
    if (now() >= token_ends_) return close(close_code::kUnauthorized, "the token has expired");
    count_backlog();
    if (sync_ && open()) sync_->go_on();
    if (sync_ && sync_->is_done()) sync_.reset();
}

void ClientSession::resync(ChannelId channel, std::int64_t since) {
    if (state_ == State::open) sync().resync(channel, since);
}

void ClientSession::blocks_changed(const BlockUpdated& change, const FrameRef& frame) {
    if (sync_) sync_->blocks_changed(change);
    send(frame);
}

void ClientSession::audience_changed(ChannelId channel, bool joined) {
    if (sync_) sync_->audience_changed(channel, joined);
}

SyncRunner& ClientSession::sync() {
    if (!sync_) sync_ = std::make_unique<SyncRunner>(*this, services_.max_backlog);
    return *sync_;
}

std::int64_t ClientSession::spare_reads() {
    engine::EngineImpl& engine = services_.engine;
    return engine.rate_limiter().spare({handle_->workspace, handle_->user}, core::RateKind::read,
                                       engine.clock().elapsed());
}

void ClientSession::charge_reads(std::int64_t tokens) {
    engine::EngineImpl& engine = services_.engine;
    engine.rate_limiter().charge({handle_->workspace, handle_->user}, core::RateKind::read, tokens,
                                 engine.clock().elapsed());
}

template <class Answer, class Submit>
void ClientSession::read_in_turn(Submit submit, std::function<void(Result<Answer>)> done) {
    const Uuid identity = handle_->user.uuid;
    auto then = guarded<Answer>([done = std::move(done)](ClientSession&, Result<Answer> answer) { done(std::move(answer)); });
    auto finish = [&lane = lane_, identity, then = std::move(then)](Result<Answer> answer) {
        lane.reads().end(identity);
        then(std::move(answer));
    };
    lane_.reads().begin(identity, [weak = weak(), submit = std::move(submit), finish = std::move(finish)]() mutable {
        ClientSession* const self = find_open(weak);
        if (self == nullptr) return false;
        submit(*self, std::move(finish));
        return true;
    });
}

void ClientSession::read(Command command, std::function<void(Result<Outcome>)> done) {
    auto submit = [command = std::move(command)](ClientSession& self, std::function<void(Result<Outcome>)> finish) mutable {
        self.services_.engine.submit_unmetered(self.lane_.queue(), self.caller(), std::move(command),
                                               std::move(finish), self.asker());
    };
    read_in_turn<Outcome>(std::move(submit), std::move(done));
}

void ClientSession::catch_up(core::CatchUp request, std::function<void(Result<core::CaughtUp>)> done) {
    auto submit = [request = std::move(request)](ClientSession& self,
                                                       std::function<void(Result<core::CaughtUp>)> finish) mutable {
        self.services_.engine.catch_up(self.lane_.queue(), self.caller(), std::move(request), std::move(finish),
                                       self.weak());
    };
    read_in_turn<core::CaughtUp>(std::move(submit), std::move(done));
}

}  // namespace cariosan::protocol
