/// WebSocket conversations without sockets. A transport (ours over Asio, or a host's own WebSocket server) brings the
/// bytes: it makes a `Lane` per I/O thread, asks `Gateway` to admit an upgrade, and opens a `Session`.
///
/// Threads. A lane belongs to one thread of the transport. Sessions of a lane and their sinks are used on that thread
/// only; nothing here locks on the way of a frame to a connection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cariosan {

/// One or more whole WebSocket text messages as a server sends them: frame header and payload, unmasked (RFC 6455,
/// section 5). Immutable and shared by all connections it goes to.
struct Frame {
    std::string bytes;
};
using FrameRef = std::shared_ptr<const Frame>;

/// The payloads within a frame, for a host whose WebSocket server adds headers itself. They point into `frame`.
std::vector<std::string_view> payloads(const Frame& frame);

/// A frame around one payload.
FrameRef make_frame(std::string_view payload);

/// Where a session's output goes: one connection. Implemented by the transport; called on the lane's thread.
/// Must outlive its session. Calls do not re-enter the session.
class SessionSink {
  public:
    virtual ~SessionSink() = default;
    /// Queues a frame, in order. Should leave with the other frames of this turn in one write.
    virtual void send(const FrameRef& frame) = 0;
    /// Bytes queued and not yet taken by the socket.
    virtual std::size_t backlog() const = 0;
    /// Sends what is queued if it can, then closes with this code (RFC 6455, section 7.4; section 5 of the protocol).
    /// The session is told `closed` afterwards, from a later turn.
    virtual void close(std::uint16_t code, std::string_view reason) = 0;
};

/// One WebSocket conversation. Made by `Gateway::open_session`. All calls on the lane's thread.
class Session {
  public:
    virtual ~Session() = default;
    /// One whole text message from the client; valid UTF-8 (a transport that cannot tell may pass it: it is checked).
    virtual void receive(std::string_view text) = 0;
    /// A protocol ping or pong arrived: a sign of life. Answering it is the transport's work.
    virtual void alive() = 0;
    /// The backlog has fallen below 256 KiB after it was above.
    virtual void writable() = 0;
    /// The connection is gone. The last call; the sink is not used any more.
    virtual void closed() = 0;
};

/// The work of one I/O thread: completions, events and deadlines of the sessions that live there.
class Lane {
  public:
    virtual ~Lane() = default;
    /// Does what waits, and returns. The transport calls it on the lane's thread after `wake`, then writes out what the
    /// sinks were given.
    virtual void run() = 0;
    /// Looks after deadlines (silence, expired tokens). The transport calls it about once a second.
    virtual void tick() = 0;
};

}  // namespace cariosan
