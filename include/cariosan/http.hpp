/// The protocol over an engine, without sockets: REST requests in, responses out, and the admission of WebSocket
/// sessions. A host mounts it on its own server; `asio/server.hpp` is ours.
#pragma once

#include <cariosan/attachment_files.hpp>
#include <cariosan/engine.hpp>
#include <cariosan/session.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cariosan {

/// Whether a text is JSON as the protocol reads it (section 3). The `validation_error` says what is wrong and at which byte.
Result<Done> check_json(std::string_view text);

struct HttpHeader {
    std::string name{};  ///< as received; compared without regard to case
    std::string value{};
};

/// Whoever waits for the answer to a request: lives as long as the answer is wanted. Of one lane, destroyed on its thread.
struct Waiter {
    Waiter() = default;
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    ~Waiter() {
        if (gone) gone();
    }
    /// Set by the gateway, to end a request that would otherwise go on waiting (`POST /v1/me/sync`). It may answer at once.
    std::function<void()> gone{};
};

/// A complete request. The transport has checked its framing and sizes.
struct HttpRequest {
    std::string method{};  ///< upper case
    std::string target{};  ///< path and query as sent, beginning with "/"
    std::vector<HttpHeader> headers{};
    std::string body{};
    std::string remote_address{};  ///< of the peer, without port
    bool secure = false;         ///< came over TLS
    /// Expires when the answer is no longer wanted, for example because the peer has closed; a read that has not begun by
    /// then is not made. If absent, the answer is always wanted.
    std::optional<std::weak_ptr<Waiter>> asker{};

    /// The value of the first such header; absent if there is none.
    std::optional<std::string_view> header(std::string_view name) const noexcept;
};

/// A further part of a body; absent at its end. After an error the connection is broken off, so that the client sees
/// that the body is incomplete.
using BodyPart = Result<std::optional<std::string>>;

/// A response. The transport adds `Content-Length` or `Transfer-Encoding`, `Date` and `Connection`.
struct HttpResponse {
    int status = 200;
    std::vector<HttpHeader> headers{};
    std::string body{};
    /// If set, `body` is the first part only. The transport asks for another one once the socket has accepted the previous
    /// parts, so that parts are produced no faster than the client reads. Called on the lane's thread, which `done` is
    /// called on too, once, possibly before the call returns.
    std::function<void(std::function<void(BodyPart)> done)> next_part{};
    /// The length of the whole body, where it is known although the body comes in parts, or (for HEAD) not at all. The parts
    /// must add up to it: else the connection is broken off. Absent: that of `body`, or unknown while there is `next_part`.
    std::optional<std::uint64_t> length{};
};

/// A gateway also obeys its engine's `Limits` and `Rates`.
struct GatewayOptions {
    std::string jwt_secret{};                       ///< key of HS256 tokens, at least 32 bytes; required
    std::string jwt_secret_previous{};              ///< also verifies; empty: none
    std::string jwt_issuer = "cariosan";            ///< `iss`
    std::chrono::seconds jwt_ttl = std::chrono::hours(24);  ///< of tokens made without `ttl_seconds`
    /// For CORS and WebSocket, in addition to the same origin; "*" allows all, "https://*.example.com" all subdomains.
    std::vector<std::string> allowed_origins{};
    std::vector<std::string> trusted_proxies{};     ///< addresses or CIDR ranges whose `X-Forwarded-For` and `-Host` count
    std::string metrics_token{};                    ///< guards /metrics; empty: open
    std::size_t max_backlog_bytes = 1 << 20;        ///< of one connection; beyond it is closed with 4008
    /// Total output waiting for sockets, including HTTP responses; beyond it the largest is dropped: a
    /// session with 4008, an answer by breaking off its connection.
    std::size_t max_total_backlog_bytes = 256 << 20;
    /// Total size of incomplete requests; beyond it the largest is refused with 503.
    std::size_t max_total_request_bytes = 64 << 20;
    /// `POST /v1/me/sync` that wait for news at the same time; one more is refused with 503. Each takes about 7 KB,
    /// and 300 bytes more for each of its user's channels that it lists.
    std::size_t max_waiting_requests = 10'000;
    /// Of an attachment store that keeps its files on this server (`adapters/folder.hpp`), which the engine has too: served below
    /// `kFilesPath`. Null: files are elsewhere.
    std::shared_ptr<AttachmentFiles> files{};
    /// Routes of the host beside the protocol's (a page at "/", say), asked before 404 for GET. Called on lane threads.
    std::function<std::optional<HttpResponse>(const HttpRequest&)> fallback{};
};

/// What became of a part of a body: taken, and the next one is wanted; or the request is answered, and the rest is not.
struct PartTaken {
    std::optional<HttpResponse> response{};
};

/// Accepted by its head and waiting for its body. Belongs to one lane and is used on its thread. Destroying it unfinished
/// abandons the request. The gateway must outlive it.
class PendingRequest {
  public:
    virtual ~PendingRequest() = default;
    /// If set, the body may come in parts, and this many bytes of it in all, whatever the transport allows other bodies: each
    /// part is handed over by `receive`, the last by `finish`. If absent, the body is collected and given to `finish`.
    virtual std::optional<std::uint64_t> part_bytes() const { return std::nullopt; }
    /// A part that is not the last. `taken` is called exactly once on the lane's thread, possibly before this returns; nothing
    /// else may be called until then, and nothing after it if it has a response.
    virtual void receive(std::string part, std::function<void(PartTaken)> taken);
    /// Answers it. Called once; `respond` is called exactly once on the lane's thread, possibly before this returns.
    virtual void finish(std::string body, std::function<void(HttpResponse)> respond) = 0;
    /// Instead: the response if the transport gives up reading the body, as `Gateway::refuse` makes it.
    virtual HttpResponse refuse(const Error& error, std::optional<int> status = {}) = 0;
};

/// The result of a request's head: a request that waits for its body, or a response that needs none.
struct RequestOutcome {
    std::unique_ptr<PendingRequest> pending;
    HttpResponse response{};  ///< if nothing is pending; to be sent without waiting for the body
};

/// An upgrade that was admitted, ready to become a session. Opaque; used once.
class Admission {
  public:
    virtual ~Admission() = default;
    /// To be answered in `Sec-WebSocket-Protocol` of the 101.
    virtual std::string_view subprotocol() const = 0;
};

/// The result of an upgrade request: an admission, or the response that refuses it.
struct UpgradeOutcome {
    std::unique_ptr<Admission> admission;
    HttpResponse refusal;  ///< if there is no admission
};

/// The protocol over one engine. Thread-safe except where a lane is named: those calls belong on that lane's thread.
/// The engine must outlive the gateway, the gateway its lanes, and a lane its sessions.
class Gateway {
  public:
    /// `misuse` if an option is bad. One gateway per engine.
    static Result<std::unique_ptr<Gateway>> create(Engine& engine, GatewayOptions options);
    virtual ~Gateway() = default;

    /// A lane for one I/O thread. `wake` is called from any thread, and must make that thread call `Lane::run` soon; it
    /// must not block. At most 64 lanes.
    virtual std::unique_ptr<Lane> make_lane(std::function<void()> wake) = 0;

    /// Judges a request by its head, before its body is read (`head.body` is empty): path, method, credentials and
    /// type of body. What needs no body is answered at once. `done` is called exactly once on the lane's thread,
    /// possibly before this returns.
    virtual void begin(Lane& lane, HttpRequest head, std::function<void(RequestOutcome)> done) = 0;

    /// Answers a complete request, for a host that has one: `begin` and `PendingRequest::finish` in one call. `respond` is
    /// called exactly once on the lane's thread, possibly before this returns.
    void handle(Lane& lane, HttpRequest request, std::function<void(HttpResponse)> respond);

    /// The response for a request that the transport itself refuses, with the error envelope of section 3. `head` is as
    /// much of the request as is known; `status` is sent, and logged, where it is not the one of the error's code (408, 426).
    virtual HttpResponse refuse(const Error& error, const HttpRequest& head = {}, std::optional<int> status = {}) = 0;

    /// Judges `GET /v1/ws`: token, user, origin. The transport has checked the WebSocket headers. `done` is called
    /// exactly once on the lane's thread, possibly before this returns.
    virtual void admit(Lane& lane, const HttpRequest& request, std::function<void(UpgradeOutcome)> done) = 0;

    /// Opens the session after the 101 was sent. The first frame, `connection.ready`, comes by itself.
    virtual std::unique_ptr<Session> open_session(Lane& lane, std::unique_ptr<Admission> admission,
                                                  SessionSink& sink) = 0;

    /// A token for a user, as `POST /v1/auth/token` makes it.
    virtual std::string issue_token(WorkspaceId workspace, const User& user, std::chrono::seconds ttl) = 0;

    /// Runs a command by its wire name, with its fields as a JSON object; the answer is the JSON of section 3.
    /// `done` is called once, where `Engine::submit` calls its own.
    virtual void call(const Caller& caller, std::string_view name, std::string_view json,
                      std::function<void(Result<std::string>)> done) = 0;

    /// Like `call`, but waits as `Engine::run` does: `would_block` on a thread of the engine.
    virtual Result<std::string> run(const Caller& caller, std::string_view name, std::string_view json) = 0;

    /// The frame sent to everyone except the author for an event, as JSON text; empty for events that have no frame.
    virtual std::string encode(const Event& event) = 0;

    /// What `/metrics` answers: the engine's counters and what is held for clients, in the text format of Prometheus.
    virtual std::string metrics() const = 0;

    /// Sends every session `server.draining` and refuses new ones with 503. Requests that wait for news are answered.
    virtual void drain(std::chrono::milliseconds reconnect_after) = 0;
};

}  // namespace cariosan
