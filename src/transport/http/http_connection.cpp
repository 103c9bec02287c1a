#include "transport/http/http_connection.hpp"

#include <algorithm>
#include <utility>

#include "transport/io_thread.hpp"
#include "transport/socket_io.hpp"
#include "transport/websocket/websocket_handshake.hpp"

namespace cariosan::transport {

namespace {

/// The most to read at a time before the caller is authenticated.
constexpr std::size_t kHeadRead = 16 * 1024;

/// How long a connection beyond the limit may take to send its head.
constexpr std::chrono::seconds kTurnedAwayPatience(1);

/// A client must send at least this much of a body in parts per `write_timeout`.
constexpr std::uint64_t kLeastReceived = 16 * 1024;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

HttpConnection::HttpConnection(IoThread& thread, Socket socket, ConnectionPlaces::Place place,
                               std::string remote_address)
    : Connection(thread, std::move(socket), std::move(place)),
      parser_(thread.state().http_limits()),
      remote_address_(std::move(remote_address)) {}

HttpConnection::~HttpConnection() {
    thread().idle().remove(*this);
    if (reply_) reply_->connection = nullptr;
}

void HttpConnection::begin() {
    thread().idle().add(*this, thread().now());
    arm(thread().options().head_timeout);
    wait_readable();
}

void HttpConnection::turn_away(Error error) {
    turned_away_ = std::move(error);
    arm(kTurnedAwayPatience);
    wait_readable();
}

void HttpConnection::enter(Phase phase) {
    if (std::exchange(phase_, phase) == phase) return;
    if (phase == Phase::idle) {
        thread().idle().add(*this, thread().now());
    } else {
        thread().idle().remove(*this);
    }
    if (phase != Phase::idle && !began_) began_ = thread().now();
    switch (phase) {
        case Phase::idle: began_.reset(); return arm(thread().options().keep_alive_timeout);
        case Phase::head: return arm(std::min(time_left(), thread().options().head_timeout));
        case Phase::body: return arm(time_left());
    }
}

/// The time left for the request as a whole, however its bytes are spread.
std::chrono::milliseconds HttpConnection::time_left() const {
    return std::max(*began_ + thread().options().request_timeout - thread().now(), std::chrono::milliseconds(0));
}

void HttpConnection::readable() {
    if (state_ == State::waiting) return look_for_end();
    if (state_ == State::writing) return;  // the next request waits in the socket until the answer is sent
    std::span<char> buffer = thread().read_buffer();
    if (state_ == State::reading && phase_ != Phase::body) buffer = buffer.first(kHeadRead);
    const IoResult got = socket().receive(buffer);
    if (got.failed || (got.bytes == 0 && !got.blocked)) return kill();
    if (state_ == State::reading) process({buffer.data(), got.bytes});
    continue_reading();
}

void HttpConnection::continue_reading() {
    if (state_ == State::reading || state_ == State::lingering) wait_readable();
}

/// Notices that the peer has closed while its request is being answered, so that the answer need not be computed. Nothing is read
/// meanwhile. A peer that has closed only its sending side still gets its answer. If another request waits to be read, the end
/// behind it is not seen.
void HttpConnection::look_for_end() {
    switch (socket().look(input_)) {
        case Peek::nothing: return wait_readable();
        case Peek::bytes: return count_request();
        case Peek::end: return waiting_.reset();
        case Peek::failed: return kill();
    }
}

void HttpConnection::process(std::string_view input) {
    read_requests(input);
    if (dead()) return;
    // The rest, which cannot be processed before the answer.
    if (state_ != State::lingering) input_ = input;
    count_request();
}

void HttpConnection::read_requests(std::string_view& input) {
    while (state_ == State::reading && !dead()) {
        const HttpEvent event = parser_.next(input);
        if (turned_away_ && event != HttpEvent::need_more) {
            refuse(*turned_away_);
            return take_answers(input);
        }
        switch (event) {
            case HttpEvent::need_more:
                if (in_parts_) hand_on_part();
                if (state_ != State::reading) break;
                if (parser_.started() && phase_ == Phase::idle && !turned_away_) enter(Phase::head);
                return;
            case HttpEvent::head: judge(parser_.take_head()); break;
            case HttpEvent::refused: refuse(parser_.error()); break;
            case HttpEvent::complete: complete(); break;
        }
        take_answers(input);
    }
}

void HttpConnection::flush() {
    if (state_ == State::waiting && answer_due()) {
        const std::string input = std::exchange(input_, {});
        take_answers(input);
        process(input);
    }
    continue_reading();
}

void HttpConnection::judge(ParsedRequest parsed) {
    state_ = State::waiting;
    disarm();
    thread().idle().remove(*this);
    if (!began_) began_ = thread().now();
    framing_ = {.http_1_1 = parsed.http_1_1,
                .keep_alive = parsed.keep_alive,
                .idle_limit = std::chrono::floor<std::chrono::seconds>(thread().options().keep_alive_timeout),
                .head_only = parsed.request.method == "HEAD"};
    body_due_ = parsed.has_body;
    received_ = 0;
    request_ = std::move(parsed);
    request_.request.remote_address = remote_address_;
    if (is_websocket_target(request_.request)) return begin_upgrade();
    waiting_ = std::make_shared<Waiter>();
    request_.request.asker = waiting_;
    wait_readable();
    calling_ = true;
    thread().gateway().begin(thread().lane(), std::move(request_.request), expect(&HttpConnection::judged_));
    calling_ = false;
}

void HttpConnection::begin_upgrade() {
    Gateway& gateway = thread().gateway();
    if (const auto fault = check_handshake(request_)) {
        response_ = gateway.refuse(Error(ErrorCode::validation_error, fault->message), request_.request, fault->status);
        if (fault->status == 426) {
            response_->headers.push_back({"Upgrade", "websocket"});
            response_->headers.push_back({"Sec-WebSocket-Version", "13"});
        }
        return;
    }
    if (thread().stopping()) {
        response_ = gateway.refuse(Error(ErrorCode::unavailable, "the server is stopping"), request_.request);
        return;
    }
    calling_ = true;
    gateway.admit(thread().lane(), request_.request, expect(&HttpConnection::upgrade_));
    calling_ = false;
}

void HttpConnection::read_body() {
    state_ = State::reading;
    enter(Phase::body);
    if (in_parts_) arm(thread().options().write_timeout);
    if (!request_.expect_continue) return;
    // The send buffer of a waiting client is empty: if it does not take this at once, it never will.
    const IoResult sent = socket().send(std::span<const char>(kContinue));
    if (sent.bytes != kContinue.size()) kill();
}

/// Hands on what has arrived of a body in parts. Nothing is read until it is taken.
void HttpConnection::hand_on_part() {
    std::string part = parser_.take_part();
    if (part.empty()) return;
    received_ += part.size();
    state_ = State::waiting;
    wait_readable();
    calling_ = true;
    pending_->receive(std::move(part), expect(&HttpConnection::taken_));
    calling_ = false;
}

/// Whether enough of a body in parts has arrived since the last call.
bool HttpConnection::is_arriving() {
    if (!in_parts_) return false;
    // A part that is still being taken is not the client's delay.
    return state_ == State::waiting || received_ - std::exchange(judged_received_, received_) >= kLeastReceived;
}

void HttpConnection::complete() {
    ParsedRequest parsed = parser_.take();
    if (!body_due_) return judge(std::move(parsed));
    body_due_ = in_parts_ = false;
    if (std::exchange(skipping_, false)) return enter(Phase::idle);
    request_.request.body = std::move(parsed.request.body);
    finish_request();
}

void HttpConnection::finish_request() {
    state_ = State::waiting;
    disarm();
    calling_ = true;
    wait_readable();
    const auto pending = std::exchange(pending_, nullptr);
    pending->finish(std::exchange(request_.request.body, {}), expect(&HttpConnection::response_));
    calling_ = false;
}

/// The response to a request that cannot be parsed. The connection ends, since it is unknown where the next request starts.
HttpResponse HttpConnection::refusal(const Error& error, std::optional<int> status) {
    state_ = State::waiting;
    framing_ = {.keep_alive = false};
    body_due_ = in_parts_ = false;
    const auto pending = std::exchange(pending_, nullptr);
    return pending ? pending->refuse(error, status) : thread().gateway().refuse(error, parser_.known(), status);
}

void HttpConnection::refuse(const Error& error) {
    if (skipping_) return kill();  // the request has already been answered
    response_ = refusal(error);
}

void HttpConnection::time_out() {
    constexpr int kTimedOut = 408;
    const auto& options = thread().options();
    auto patience = phase_ == Phase::head ? options.head_timeout : options.request_timeout;
    std::string late = "the request did not arrive in time: at most ";
    if (in_parts_) {
        patience = options.write_timeout;
        late = "the request arrives too slowly: at least " + std::to_string(kLeastReceived) + " bytes in ";
    }
    late += std::to_string(patience.count()) + " ms";
    HttpResponse response = turned_away_ ? refusal(*turned_away_) : refusal(Error(ErrorCode::unavailable, late), kTimedOut);
    write(std::move(response));
    if (!dead()) count_request();
    continue_reading();
}

void HttpConnection::count_request() {
    const std::size_t bytes = parser_.held_bytes() + heap_bytes(input_);
    if (bytes == 0) return held_request_.reset();
    if (!held_request_) held_request_ = thread().lane().hold(Held::request, [this] { drop_request(); });
    held_request_->resize(bytes);
}

/// Called when all incomplete requests together exceed the bound and this is the largest.
void HttpConnection::drop_request() {
    parser_.skip_body();
    release(input_);
    held_request_.reset();
    if (dead()) return;
    if (state_ != State::reading || skipping_) return kill();
    const std::string most = std::to_string(thread().lane().bound(Held::request));
    response_ = refusal(Error(ErrorCode::unavailable, "too many large requests arrive at once: at most " + most + " bytes together"));
    disarm();
    mark_dirty();
}

void HttpConnection::expired() {
    if (is_arriving()) return arm(thread().options().write_timeout);
    if (state_ == State::reading && (parser_.started() || turned_away_) && !skipping_) return time_out();
    if (state_ == State::writing && is_being_taken()) return arm(thread().options().write_timeout);
    kill();
}

void HttpConnection::drain() {
    if (state_ == State::reading && !parser_.started()) kill();
}

}  // namespace cariosan::transport
