#pragma once

#include <cariosan/http.hpp>
#include <cariosan/session.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "transport/connection.hpp"
#include "transport/websocket/frame_queue.hpp"
#include "transport/websocket/websocket_frame.hpp"

namespace cariosan::transport {

/// A WebSocket conversation (RFC 6455): frames in, to its session; frames of the session out.
///
/// Frames queued during a turn leave together at its end, directly. Only what the socket does not take is kept, and only
/// as long. An idle connection holds no buffer, no list and no deadline.
class WebSocketConnection final : public Connection, public SessionSink {
  public:
    WebSocketConnection(IoThread& thread, Socket socket, ConnectionPlaces::Place place) noexcept;

    /// Answers the handshake and opens the session. `leftover` came behind the request.
    void begin(const HttpRequest& request, std::unique_ptr<Admission> admission, std::string leftover);

    void send(const FrameRef& frame) override;
    void ping() override;
    std::size_t backlog() const override;
    void close(std::uint16_t code, std::string_view reason) override;

    void flush() override;
    void expired() override;
    void drain() override;
    void finish() override;

  protected:
    void readable() override;
    void writable() override;

  private:
    enum class State : std::uint8_t {
        open,
        closing,  ///< our close frame is queued or sent; the peer's is awaited
        closed,   ///< both close frames are there: the socket is closed when ours is out
        failed,   ///< the peer broke the rules: what it sends is thrown away, and ours is the last word
    };

    void take(std::span<char> input);
    void take_event(const FrameEvent& event);
    void answer_ping(std::string_view payload);
    void peer_closed(const FrameEvent& event);
    void begin_close(State state, std::uint16_t code, std::string_view reason);
    /// The same when it is not the session that closes: it is told.
    void end(State state, std::uint16_t code, std::string_view reason);
    void queue(const FrameRef& frame);
    void send_pending();
    void drop_queued();
    void cut();
    void sent();

    std::unique_ptr<Session> session_;
    /// Queued in this turn.
    PendingFrames pending_;
    /// Not taken by the socket; while it exists, everything is queued there.
    std::unique_ptr<Backlog> backlog_;
    /// Answers the latest ping once there is no backlog; earlier ones then need no answer of their own.
    FrameRef pong_;
    State state_ = State::open;
    /// The backlog was at least `kLowWater` since `writable` was last called.
    bool was_high_ = false;
    FrameParser parser_;
};

}  // namespace cariosan::transport
