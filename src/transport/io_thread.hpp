#pragma once

#include <asio/executor_work_guard.hpp>
#include <asio/steady_timer.hpp>
#include <atomic>
#include <cariosan/asio/server.hpp>
#include <cariosan/http.hpp>
#include <chrono>
#include <ctime>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "transport/connection.hpp"
#include "transport/connection_places.hpp"
#include "transport/http/http_parser.hpp"
#include "transport/idle_list.hpp"
#include "transport/poller.hpp"
#include "transport/tls/tls_context.hpp"
#include "transport/websocket/deflate.hpp"
#include "transport/websocket/frame_queue.hpp"

namespace cariosan::transport {

class HttpConnection;

/// What all I/O threads of a server share.
struct ServerState {
    ServerState(Gateway& the_gateway, ServerOptions the_options, encoding::IpRanges trusted_proxies, std::size_t refused)
        : gateway(the_gateway),
          options(std::move(the_options)),
          places({.all = options.max_connections,
                  .per_address = options.max_connections_per_address,
                  .exempt = std::move(trusted_proxies),
                  .refused = refused}) {}

    HttpLimits http_limits() const noexcept {
        return {options.max_head_bytes, options.max_head_fields, options.max_body_bytes};
    }

    Gateway& gateway;
    const ServerOptions options;
    ConnectionPlaces places;
    CurrentTls tls;
};

/// One event loop with its thread: a lane of the gateway, its connections, and what they share: a read
/// buffer, a timer wheel, lists of frames.
///
/// A turn is everything that the event loop has ready at once. During a turn, connections only queue output; `end_turn`, posted
/// behind it, writes what each has queued, in one system call per connection, and lets the next turn begin in the meantime.
class IoThread {
  public:
    explicit IoThread(ServerState& state);
    ~IoThread();
    IoThread(const IoThread&) = delete;
    IoThread& operator=(const IoThread&) = delete;

    /// Starts the thread.
    void start();
    /// Takes an accepted connection and owns its descriptor. From any thread.
    void adopt(int descriptor, std::string remote_address, ConnectionPlaces::Taken place);
    /// Closes up to `count` connections that have waited for a request since `before` or longer, the idlest first. From any
    /// thread.
    void close_idlest(std::size_t count, std::chrono::milliseconds before);
    /// Since when the idlest connection has been idle. From any thread.
    std::chrono::milliseconds idle_since() const noexcept { return idle_.since(); }
    /// Starts stopping: the thread ends when the last connection is gone, or at `deadline` by force. From any thread.
    void stop(std::chrono::steady_clock::time_point deadline);
    void join();

    asio::io_context& context() noexcept { return *context_; }

    // The rest is for the connections of this thread.

    ServerState& state() const noexcept { return state_; }
    const ServerOptions& options() const noexcept { return state_.options; }
    Gateway& gateway() const noexcept { return state_.gateway; }
    Lane& lane() const noexcept { return *lane_; }
    bool stopping() const noexcept { return stopping_; }
    /// The current time, for deadlines.
    std::chrono::milliseconds now() const { return state_.options.clock->elapsed(); }
    /// Shared by all connections: copy out what must outlive the current read.
    std::span<char> read_buffer() noexcept { return read_buffer_; }
    Poller& poller() noexcept { return poller_; }
    FrameListPool& frame_lists() noexcept { return frame_lists_; }
    TurnFrames& turn_frames() noexcept { return turn_frames_; }
    SharedBatch& batch(bool compressed) noexcept { return compressed ? deflated_batch_ : batch_; }
    DeflatedFrames& deflated() noexcept { return deflated_; }
    Inflater& inflater() noexcept { return inflater_; }
    /// The current value of `Date`.
    const std::string& date();

    /// Turns an HTTP connection into a WebSocket connection; the old object is dead afterwards. `leftover`: bytes received behind
    /// the request.
    void upgrade(HttpConnection& from, const HttpRequest& request, std::unique_ptr<Admission> admission,
                 std::string leftover);

    void add_dirty(Connection& connection);
    void bury(Connection& connection);
    void remove(Connection& connection) noexcept;
    void arm(Connection& connection, std::chrono::milliseconds delay);
    IdleList& idle() noexcept { return idle_; }
    void disarm(Connection& connection) noexcept { wheel_.cancel(connection); }

  private:
    /// May outlive the thread, since the engine may wake a lane that is just ending.
    struct Waker {
        Waker(std::shared_ptr<asio::io_context> the_context, IoThread* the_thread)
            : context(std::move(the_context)), thread(the_thread) {}

        std::shared_ptr<asio::io_context> context;
        IoThread* thread;
        std::atomic<bool> pending{false};
    };

    void run();
    void run_lane();
    void schedule_end_of_turn();
    void end_turn();
    void bury_the_dead();
    void end_if_done();
    void add(std::unique_ptr<Connection> connection);
    void begin_stop(std::chrono::steady_clock::time_point deadline);
    void cut();
    std::uint64_t current_tick() const;
    void wait_for_tick();
    void on_tick();

    ServerState& state_;
    std::shared_ptr<asio::io_context> context_;
    std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_;
    Poller poller_;
    asio::steady_timer tick_timer_;
    asio::steady_timer stop_timer_;
    std::shared_ptr<Waker> waker_;
    std::unique_ptr<Lane> lane_;
    std::vector<char> read_buffer_;
    FrameListPool frame_lists_;
    TurnFrames turn_frames_;
    DeflatedFrames deflated_;
    SharedBatch batch_;
    SharedBatch deflated_batch_{&deflated_};
    Inflater inflater_;
    TimerWheel wheel_;
    const std::chrono::milliseconds started_;
    std::chrono::milliseconds next_lane_tick_;
    IdleList idle_;  ///< must outlive the connections
    std::vector<std::unique_ptr<Connection>> connections_;
    std::vector<Connection*> dirty_;
    std::vector<Connection*> flushing_;  ///< the connections of the turn that is being flushed
    std::size_t next_flush_ = 0;         ///< in `flushing_`
    std::vector<Connection*> buried_;
    std::string date_;
    std::time_t date_second_ = 0;
    bool end_scheduled_ = false;
    bool fine_ticks_ = false;  ///< the timer runs at the wheel's tick, not at the lane's
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace cariosan::transport
