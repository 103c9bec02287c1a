#include "transport/http_connection.hpp"

#include <array>
#include <utility>

#include "transport/io_thread.hpp"
#include "transport/socket_io.hpp"
#include "transport/websocket_handshake.hpp"

namespace cariosan::transport {

namespace {

/// How long a peer may take to notice that we have closed.
constexpr std::chrono::seconds kLinger(2);

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

HttpConnection::HttpConnection(IoThread& thread, Socket socket, std::string remote_address)
    : Connection(thread, std::move(socket)),
      parser_(thread.state().http_limits()),
      remote_address_(std::move(remote_address)) {}

HttpConnection::~HttpConnection() {
    if (reply_) reply_->connection = nullptr;
}

void HttpConnection::begin() {
    arm(thread().options().head_timeout);
    wait_readable();
}

void HttpConnection::turn_away() {
    framing_.keep_alive = false;
    write(thread().gateway().refuse(
        Error(ErrorCode::unavailable, "the server has no room for another connection")));
    continue_reading();
}

void HttpConnection::enter(Phase phase) {
    if (std::exchange(phase_, phase) == phase) return;
    switch (phase) {
        case Phase::idle: return arm(thread().options().keep_alive_timeout);
        case Phase::head: return arm(thread().options().head_timeout);
        case Phase::body: return arm(thread().options().body_timeout);
    }
}

void HttpConnection::readable() {
    if (state_ == State::waiting) return look_for_end();
    const IoResult got = receive_some(descriptor(), thread().read_buffer());
    if (got.failed || (got.bytes == 0 && !got.blocked)) return kill();
    if (state_ == State::reading) process({thread().read_buffer().data(), got.bytes});
    continue_reading();
}

void HttpConnection::continue_reading() {
    if (state_ == State::reading || state_ == State::lingering) wait_readable();
}

/// While a request is being answered nothing is read, but a peer that has closed need not have its answer made. It gets one
/// all the same if it closed its sending side alone. Behind another request that waits to be read its end is not seen.
void HttpConnection::look_for_end() {
    switch (peek(descriptor())) {
        case Peek::nothing: return wait_readable();
        case Peek::bytes: return;
        case Peek::end: return waiting_.reset();
        case Peek::failed: return kill();
    }
}

void HttpConnection::process(std::string_view input) {
    while (state_ == State::reading && !dead()) {
        switch (parser_.next(input)) {
            case HttpEvent::need_more:
                if (parser_.started() && phase_ == Phase::idle) enter(Phase::head);
                return;
            case HttpEvent::head: head_complete(); break;
            case HttpEvent::refused: refuse(parser_.error()); break;
            case HttpEvent::complete: dispatch(); break;
        }
        if (response_ || outcome_) take_answer(input);
    }
    if (!dead() && state_ != State::lingering) input_ = input;
}

/// What `process` could not take because an answer was due.
void HttpConnection::flush() {
    if (state_ == State::waiting && (response_ || outcome_ || part_)) {
        const std::string input = std::exchange(input_, {});
        if (part_) {
            take_part();
        } else {
            take_answer(input);
        }
        if (state_ == State::reading) {
            process(input);
        } else {
            input_ = input;
        }
    }
    continue_reading();
}

void HttpConnection::head_complete() {
    enter(Phase::body);
    if (!parser_.current().expect_continue) return;
    // The socket of a client that waits is empty: if it does not take this at once, it never will.
    const IoResult sent = send_some(descriptor(), std::span<const char>(kContinue));
    if (sent.bytes != kContinue.size()) kill();
}

void HttpConnection::dispatch() {
    ParsedRequest parsed = parser_.take();
    state_ = State::waiting;
    disarm();
    framing_ = {.http_1_1 = parsed.http_1_1,
                .keep_alive = parsed.keep_alive,
                .head_only = parsed.request.method == "HEAD"};
    parsed.request.remote_address = remote_address_;
    if (is_websocket_target(parsed.request)) {
        request_ = std::move(parsed);
        return begin_upgrade();
    }
    waiting_ = std::make_shared<char>();
    parsed.request.asker = waiting_;
    wait_readable();
    calling_ = true;
    thread().gateway().handle(thread().lane(), std::move(parsed.request),
                              [reply = expect_reply()](HttpResponse response) {
                                  HttpConnection* const self = claim(reply);
                                  if (self == nullptr) return;
                                  self->response_ = std::move(response);
                                  self->answered();
                              });
    calling_ = false;
}

void HttpConnection::begin_upgrade() {
    if (const auto fault = check_handshake(request_)) {
        response_ = thread().gateway().refuse(Error(ErrorCode::validation_error, fault->message));
        response_->status = fault->status;
        if (fault->status == 426) {
            response_->headers.push_back({"Upgrade", "websocket"});
            response_->headers.push_back({"Sec-WebSocket-Version", "13"});
        }
        return;
    }
    if (thread().stopping()) {
        response_ = thread().gateway().refuse(Error(ErrorCode::unavailable, "the server is stopping"));
        return;
    }
    calling_ = true;
    thread().gateway().admit(thread().lane(), request_.request,
                             [reply = expect_reply()](UpgradeOutcome outcome) {
                                 HttpConnection* const self = claim(reply);
                                 if (self == nullptr) return;
                                 self->outcome_ = std::move(outcome);
                                 self->answered();
                             });
    calling_ = false;
}

void HttpConnection::refuse(const Error& error) {
    state_ = State::waiting;
    framing_ = {.keep_alive = false};
    response_ = thread().gateway().refuse(error);
}

std::shared_ptr<HttpConnection::Reply> HttpConnection::expect_reply() {
    reply_ = std::make_shared<Reply>(this);
    return reply_;
}

/// Whom an answer is for: nobody if the connection is gone, or for a second answer.
HttpConnection* HttpConnection::claim(const std::shared_ptr<Reply>& reply) noexcept {
    HttpConnection* const self = std::exchange(reply->connection, nullptr);
    if (self == nullptr || self->dead()) return nullptr;
    self->reply_.reset();
    return self;
}

/// An answer that comes later is taken at the end of the turn, never within the call that brings it.
void HttpConnection::answered() {
    if (!calling_) mark_dirty();
}

void HttpConnection::take_answer(std::string_view input) {
    if (!outcome_) return write(*std::exchange(response_, std::nullopt));
    UpgradeOutcome outcome = *std::exchange(outcome_, std::nullopt);
    if (!outcome.admission) return write(std::move(outcome.refusal));
    if (thread().stopping()) {
        return write(thread().gateway().refuse(Error(ErrorCode::unavailable, "the server is stopping")));
    }
    thread().upgrade(*this, request_.request, std::move(outcome.admission), std::string(input));
}

void HttpConnection::write(HttpResponse response) {
    if (thread().stopping()) framing_.keep_alive = false;
    const bool in_parts = response.next_part && status_has_body(response.status);
    if (in_parts) {
        framing_.body_end = framing_.http_1_1 ? BodyEnd::last_chunk : BodyEnd::close;
        if (!framing_.http_1_1) framing_.keep_alive = false;
    }
    std::string head = response_head(response, framing_, thread().date());
    if (framing_.head_only || !status_has_body(response.status)) {
        response.body.clear();
    } else if (in_parts) {
        next_part_ = std::move(response.next_part);
        if (framing_.body_end == BodyEnd::last_chunk) response.body = chunk_of(response.body);
    }
    send(std::move(head), std::move(response.body));
}

/// Hands both to the socket; `written` follows when it has taken all.
void HttpConnection::send(std::string head, std::string body) {
    if (head.empty() && body.empty()) return written();
    std::array<iovec, 2> parts = {iovec{head.data(), head.size()}, iovec{body.data(), body.size()}};
    const IoResult sent = send_some(descriptor(), std::span<iovec>(parts).first(body.empty() ? 1 : 2));
    if (sent.failed) return kill();
    if (!sent.blocked) return written();
    if (sent.bytes >= head.size()) {
        output_ = std::move(body);
        output_sent_ = sent.bytes - head.size();
    } else {
        output_ = std::move(head) + body;
        output_sent_ = sent.bytes;
    }
    state_ = State::writing;
    arm(thread().options().body_timeout);
    wait_writable();
}

void HttpConnection::writable() {
    const IoResult sent = send_some(descriptor(), std::span<const char>(output_).subspan(output_sent_));
    if (sent.failed) return kill();
    output_sent_ += sent.bytes;
    if (output_sent_ < output_.size()) {
        if (sent.bytes > 0) arm(thread().options().body_timeout);
        return wait_writable();
    }
    output_ = {};
    output_sent_ = 0;
    written();
    const std::string input = std::exchange(input_, {});
    process(input);
    continue_reading();
}

void HttpConnection::ask_next_part() {
    state_ = State::waiting;
    disarm();
    next_part_([reply = expect_reply()](BodyPart part) {
        HttpConnection* const self = claim(reply);
        if (self == nullptr) return;
        self->part_ = std::move(part);
        self->mark_dirty();
    });
}

void HttpConnection::take_part() {
    const BodyPart part = *std::exchange(part_, std::nullopt);
    if (!part) return kill();  // without its last chunk the body is seen not to be whole
    const bool chunked = framing_.body_end == BodyEnd::last_chunk;
    if (*part) return send(chunked ? chunk_of(**part) : **part, {});
    next_part_ = nullptr;
    send(chunked ? std::string(kLastChunk) : std::string(), {});
}

void HttpConnection::written() {
    if (next_part_) return ask_next_part();
    if (!framing_.keep_alive) return linger();
    state_ = State::reading;
    phase_ = Phase::head;
    enter(Phase::idle);
}

void HttpConnection::linger() {
    state_ = State::lingering;
    shut_down_sending();
    arm(kLinger);
}

void HttpConnection::expired() { kill(); }

void HttpConnection::drain() {
    if (state_ == State::reading && !parser_.started()) kill();
}

}  // namespace cariosan::transport
