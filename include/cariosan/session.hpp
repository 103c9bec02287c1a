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

/// One or more complete WebSocket text messages as a server sends them: frame header and payload, unmasked (RFC 6455,
/// section 5). Immutable and shared by all connections it goes to.
struct Frame {
    std::string bytes;
};
using FrameRef = std::shared_ptr<const Frame>;

/// The payloads within a frame, for a host whose WebSocket server adds headers itself. They point into `frame`.
std::vector<std::string_view> payloads(const Frame& frame);

/// A frame around one payload.
FrameRef make_frame(std::string_view payload);

/// Why a conversation ends (RFC 6455, section 7.4; from 4000 on ours: section 5 of the protocol).
namespace close_code {
inline constexpr std::uint16_t kGoingAway = 1001;        ///< the server is stopping: reconnect
inline constexpr std::uint16_t kProtocolError = 1002;    ///< RFC 6455 was broken: do not reconnect
inline constexpr std::uint16_t kUnsupportedData = 1003;  ///< a binary message: do not reconnect
inline constexpr std::uint16_t kNoStatus = 1005;         ///< "the close frame was empty"; never on the wire
inline constexpr std::uint16_t kInvalidText = 1007;      ///< not UTF-8: do not reconnect
inline constexpr std::uint16_t kTooBig = 1009;           ///< a message over the limit: do not reconnect
inline constexpr std::uint16_t kOverloaded = 1013;       ///< back off, then reconnect
inline constexpr std::uint16_t kSlow = 4008;             ///< the client fell behind: reconnect and `sync`
inline constexpr std::uint16_t kMalformed = 4400;        ///< too many malformed frames: do not reconnect
inline constexpr std::uint16_t kUnauthorized = 4401;     ///< the token has expired: get another, then reconnect
inline constexpr std::uint16_t kForbidden = 4403;        ///< the user was deleted: do not reconnect
inline constexpr std::uint16_t kIdle = 4408;             ///< the client was idle: reconnect and `sync`
inline constexpr std::uint16_t kTooMany = 4429;          ///< too many connections or frames: back off, then reconnect
}  // namespace close_code

/// One connection, as a session's output. Implemented by the transport; called on the lane's thread.
/// Must outlive its session. Calls do not re-enter the session.
class SessionSink {
  public:
    virtual ~SessionSink() = default;
    /// Queues a frame, in order. All frames of one turn should go out in one write.
    virtual void send(const FrameRef& frame) = 0;
    /// Sends a protocol ping (RFC 6455, section 5.5.2), whose answer is reported by `Session::alive`. For a client idle
    /// for 45 seconds: keeps clients that only listen connected, even behind proxies that drop idle connections.
    virtual void ping() = 0;
    /// Bytes queued and not yet taken by the socket.
    virtual std::size_t backlog() const = 0;
    /// Sends what is queued if it can, then closes with this code (RFC 6455, section 7.4; section 5 of the protocol).
    /// With `close_code::kSlow` what is queued is discarded instead, except the rest of a partly sent frame; a second
    /// call while the connection closes cuts the connection at once, to free its memory. `Session::closed` is called
    /// afterwards, from a later turn.
    virtual void close(std::uint16_t code, std::string_view reason) = 0;
};

/// One WebSocket conversation. Made by `Gateway::open_session`. All calls on the lane's thread.
class Session {
  public:
    virtual ~Session() = default;
    /// One complete text message from the client; should be valid UTF-8 (which is checked again).
    virtual void receive(std::string_view text) = 0;
    /// A protocol ping or pong arrived, a sign of life. The transport answers pings itself.
    virtual void alive() = 0;
    /// The backlog fell below 256 KiB after being above it.
    virtual void writable() = 0;
    /// The connection is closing, and not because of `SessionSink::close`: the transport ends it for `reason` (a broken
    /// rule, a message left unfinished, the server stopping), or, if `reason` is empty, the client closed it. `code` is that of
    /// the close frame. What is sent from now on is dropped. Not called for a connection that is lost.
    virtual void closing(std::uint16_t code, std::string_view reason) = 0;
    /// The connection is gone. The last call; the sink is no longer used.
    virtual void closed() = 0;
};

/// What a `Holding` counts. Each kind has its own bound for the process, see `GatewayOptions`.
enum class Held : std::uint8_t {
    request,  ///< a request that has not fully arrived
    output,   ///< answers and frames on their way to a socket
};

/// Bytes held in memory for one client, counted while this object lives. Belongs to a lane: used on its thread, and
/// destroyed before it.
class Holding {
  public:
    virtual ~Holding() = default;
    /// Sets the current size. May drop this or other holdings of the lane before it returns, see `Lane::hold`.
    virtual void resize(std::size_t bytes) = 0;
};

/// The work of one I/O thread: completions, events and deadlines of the sessions that live there.
class Lane {
  public:
    virtual ~Lane() = default;
    /// A holding of 0 bytes. When all holdings of a kind exceed their bound, the largest one of all lanes is dropped:
    /// `drop` is called once, on the lane's thread, and must free the bytes at once, at whatever cost to its client. It
    /// may destroy the holding. Sessions count what waits in their sinks; a transport counts the rest.
    virtual std::unique_ptr<Holding> hold(Held kind, std::function<void()> drop) = 0;
    /// The bound on all holdings of a kind together, in bytes.
    virtual std::size_t bound(Held kind) const = 0;
    /// Does the pending work and returns. The transport calls it on the lane's thread after `wake`, then writes out
    /// what the sinks were given.
    virtual void run() = 0;
    /// Checks deadlines (idle clients, pings, expired tokens, requests that wait). The transport calls it about once a second.
    virtual void tick() = 0;
    /// Answers the requests that wait for news (`POST /v1/me/sync`) with what is known. For a transport that stops, and waits for
    /// the answers under way.
    virtual void stop_waiting() = 0;
};

}  // namespace cariosan
