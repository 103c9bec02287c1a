#include "transport/io_thread.hpp"

#include <algorithm>
#include <asio/post.hpp>
#include <system_error>
#include <utility>

#include "transport/http/http_connection.hpp"
#include "transport/http/http_writer.hpp"
#include "transport/websocket/websocket_connection.hpp"

namespace cariosan::transport {

namespace {

constexpr std::size_t kReadBuffer = 64 * 1024;
constexpr std::size_t kFlushesAtOnce = 64;
constexpr std::size_t kConnectionBytes = sizeof(WebSocketConnection);
constexpr std::chrono::milliseconds kTick(100);
constexpr std::chrono::seconds kLaneTick(1);

/// Between two writes to the same connection the kernel evicts it from the caches. Prefetching loads it again while the kernel
/// is busy with the previous connection.
void prefetch(const Connection* connection) noexcept {
    constexpr std::size_t kCacheLine = 64;
    const char* const first = reinterpret_cast<const char*>(connection);
    for (std::size_t offset = 0; offset < kConnectionBytes; offset += kCacheLine) __builtin_prefetch(first + offset);
}

}  // namespace

IoThread::IoThread(ServerState& state)
    : state_(state),
      context_(std::make_shared<asio::io_context>(1)),
      work_(asio::make_work_guard(*context_)),
      poller_(*context_),
      tick_timer_(*context_),
      stop_timer_(*context_),
      waker_(std::make_shared<Waker>(context_, this)),
      read_buffer_(kReadBuffer),
      started_(now()),
      next_lane_tick_(started_ + kLaneTick) {
    lane_ = state_.gateway.make_lane([waker = waker_] {
        if (waker->pending.exchange(true)) return;
        IoThread* const thread = waker->thread;
        asio::post(*waker->context, [thread] { thread->run_lane(); });
    });
}

IoThread::~IoThread() {
    if (thread_.joinable()) {
        stop(std::chrono::steady_clock::now());
        join();
    }
}

void IoThread::start() {
    poller_.start();
    wait_for_tick();
    thread_ = std::thread([this] { run(); });
}

void IoThread::run() {
    context_->run();
    lane_.reset();
}

void IoThread::join() {
    if (!thread_.joinable()) return;
    thread_.join();
    // Run the tasks that were still queued, above all new connections, so that they learn that it is too late.
    context_->restart();
    context_->poll();
}

void IoThread::run_lane() {
    // Before running, so that tasks that arrive meanwhile wake the lane again.
    waker_->pending.store(false);
    if (lane_) lane_->run();
}

void IoThread::adopt(int descriptor, std::string remote_address, ConnectionPlaces::Taken place) {
    // If the task never runs, its destruction closes the socket.
    auto take = [this, socket = Socket(descriptor), taken = std::move(place), remote = std::move(remote_address)]() mutable {
        if (stopping_) return;
        if (auto tls = state_.tls.get()) socket.start_tls(std::move(tls));
        auto connection =
            std::make_unique<HttpConnection>(*this, std::move(socket), std::move(taken.place), std::move(remote));
        HttpConnection& added = *connection;
        add(std::move(connection));
        taken.refusal ? added.turn_away(*taken.refusal) : added.begin();
    };
    asio::post(*context_, std::move(take));
}

void IoThread::close_idlest(std::size_t count, std::chrono::milliseconds before) {
    asio::post(*context_, [this, count, before] {
        for (std::size_t i = 0; i < count; ++i) {
            IdleNode* const node = idle_.idlest();
            if (node == nullptr || node->idle_since > before) return;
            idle_.remove(*node);
            static_cast<HttpConnection*>(node)->kill();
        }
    });
}

void IoThread::add(std::unique_ptr<Connection> connection) {
    connection->index_ = static_cast<std::uint32_t>(connections_.size());
    connections_.push_back(std::move(connection));
}

void IoThread::remove(Connection& connection) noexcept {
    const std::uint32_t index = connection.index_;
    std::swap(connections_[index], connections_.back());
    connections_[index]->index_ = index;
    connections_.pop_back();
    end_if_done();
}

void IoThread::upgrade(HttpConnection& from, const HttpRequest& request, std::unique_ptr<Admission> admission,
                       std::string leftover) {
    auto connection = std::make_unique<WebSocketConnection>(*this, from.give_socket(), from.give_place());
    WebSocketConnection& added = *connection;
    add(std::move(connection));
    added.begin(request, std::move(admission), std::move(leftover));
}

void IoThread::add_dirty(Connection& connection) {
    dirty_.push_back(&connection);
    schedule_end_of_turn();
}

void IoThread::bury(Connection& connection) {
    buried_.push_back(&connection);
    schedule_end_of_turn();
}

void IoThread::schedule_end_of_turn() {
    if (std::exchange(end_scheduled_, true)) return;
    asio::post(*context_, [this] { end_turn(); });
}

/// Flushes in parts, with turns of the event loop in between. While a message goes out to thousands, later ones are read,
/// committed and queued, and connections whose part has not come yet get them all in one write.
void IoThread::end_turn() {
    if (next_flush_ == 0) {
        std::swap(dirty_, flushing_);
        turn_frames_.begin_flush();
    }
    const std::size_t end = std::min(flushing_.size(), next_flush_ + kFlushesAtOnce);
    for (; next_flush_ < end; ++next_flush_) {
        Connection& connection = *flushing_[next_flush_];
        if (next_flush_ + 1 < flushing_.size()) prefetch(flushing_[next_flush_ + 1]);
        connection.dirty_ = false;
        if (!connection.dead()) connection.flush();
    }
    if (next_flush_ < flushing_.size()) {
        asio::post(*context_, [this] { end_turn(); });
        return;
    }
    flushing_.clear();
    next_flush_ = 0;
    batch_.clear();
    deflated_batch_.clear();
    deflated_.clear();
    turn_frames_.end_flush();
    end_scheduled_ = false;
    bury_the_dead();
    if (!dirty_.empty()) schedule_end_of_turn();
    end_if_done();
}

void IoThread::bury_the_dead() {
    // By index, since `finish` may cause other connections to die, which are appended.
    for (std::size_t i = 0; i < buried_.size(); ++i) {
        Connection& connection = *buried_[i];
        connection.finish();
        connection.give_place().release();
    }
    // Dead connections may have been marked dirty again: take them off the list before they are destroyed.
    std::erase_if(dirty_, [](const Connection* connection) { return connection->dead(); });
    const std::vector<Connection*> buried = std::exchange(buried_, {});
    for (Connection* connection : buried) remove(*connection);
}

void IoThread::end_if_done() {
    if (stopping_ && connections_.empty()) {
        tick_timer_.cancel();
        stop_timer_.cancel();
        work_.reset();
        context_->stop();
    }
}

void IoThread::stop(std::chrono::steady_clock::time_point deadline) {
    asio::post(*context_, [this, deadline] { begin_stop(deadline); });
}

void IoThread::begin_stop(std::chrono::steady_clock::time_point deadline) {
    if (!std::exchange(stopping_, true)) {
        for (const auto& connection : connections_) {
            if (!connection->dead()) connection->drain();
        }
        lane_->stop_waiting();
    }
    if (deadline <= std::chrono::steady_clock::now()) {
        cut();
    } else {
        stop_timer_.expires_at(deadline);
        stop_timer_.async_wait([this](const std::error_code& error) {
            if (!error) cut();
        });
    }
    schedule_end_of_turn();
}

void IoThread::cut() {
    for (const auto& connection : connections_) connection->kill();
}

std::uint64_t IoThread::current_tick() const {
    return static_cast<std::uint64_t>((now() - started_) / kTick);
}

void IoThread::arm(Connection& connection, std::chrono::milliseconds delay) {
    // One tick more than the delay: a deadline may expire up to one tick late, but never early.
    const auto ticks =
        static_cast<std::uint64_t>(std::max<std::int64_t>(0, (delay + kTick).count() / kTick.count()));
    wheel_.schedule(connection, current_tick() + ticks + 1);
    if (!fine_ticks_) wait_for_tick();
}

void IoThread::wait_for_tick() {
    fine_ticks_ = !wheel_.empty();
    tick_timer_.expires_after(fine_ticks_ ? kTick : next_lane_tick_ - now());
    tick_timer_.async_wait([this](const std::error_code& error) {
        if (!error) on_tick();
    });
}

void IoThread::on_tick() {
    if (!lane_) return;  // the thread has ended, but the timer had already expired
    wheel_.advance(current_tick(), [](TimerNode& node) { static_cast<Connection&>(node).expired(); });
    if (const auto time = now(); time >= next_lane_tick_) {
        lane_->tick();
        next_lane_tick_ = time + kLaneTick;
    }
    wait_for_tick();
}

const std::string& IoThread::date() {
    const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    if (now != date_second_ || date_.empty()) {
        date_ = http_date(now);
        date_second_ = now;
    }
    return date_;
}

}  // namespace cariosan::transport
