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

/// A WebSocket connection (RFC 6455): passes incoming messages to its session, and sends the session's frames.
///
/// Frames queued during a turn are sent together at its end. Only what the socket does not accept is kept, until it does. An idle
/// connection holds no buffer, no list and no deadline.
class WebSocketConnection final : public Connection, public SessionSink {
  public:
    WebSocketConnection(IoThread& thread, Socket socket, ConnectionPlaces::Place place) noexcept;

    /// Answers the handshake and opens the session. `leftover`: bytes received behind the request.
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
        closing,  ///< our close frame is queued or sent; waiting for the peer's
        closed,   ///< both close frames exist; the socket is closed once ours is sent
        failed,   ///< the peer violated the protocol: its input is discarded, and our close frame is the last one
    };

    void take(std::span<char> input);
    void take_event(const FrameEvent& event);
    void take_compressed(std::string_view message);
    void violated(std::uint16_t code, std::string_view what);
    std::string agree_on_compression(const HttpRequest& request);
    std::span<const FrameRef> encoded(std::span<const FrameRef> frames);
    void answer_ping(std::string_view payload);
    void peer_closed(const FrameEvent& event);
    void begin_close(State state, std::uint16_t code, std::string_view reason);
    /// Like `begin_close`, but for a close that the session did not ask for: notifies it.
    void end(State state, std::uint16_t code, std::string_view reason);
    void queue(const FrameRef& frame);
    void send_pending();
    void drop_queued();
    void cut();
    void sent();

    std::unique_ptr<Session> session_;
    /// The frames queued in this turn.
    PendingFrames pending_;
    /// What the socket has not accepted; while it exists, everything is queued there.
    std::unique_ptr<Backlog> backlog_;
    State state_ = State::open;
    /// The backlog has reached `kLowWater` since `writable` was last called.
    bool was_high_ = false;
    /// The client's window for compressed messages, as a power of two; 0 if compression was not agreed on.
    std::uint8_t deflate_bits_ = 0;
    FrameParser parser_;
};

}  // namespace cariosan::transport
