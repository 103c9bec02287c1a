#include "transport/websocket/websocket_connection.hpp"

#include <utility>

#include "transport/io_thread.hpp"
#include "transport/websocket/deflate_offer.hpp"
#include "transport/websocket/websocket_handshake.hpp"

namespace cariosan::transport {

namespace {

/// Below this backlog a session may continue with output that can wait (session.hpp).
constexpr std::size_t kLowWater = 256 * 1024;
/// Once a turn has queued this much for a connection, it is sent before the turn ends: a client is slow if its socket is full,
/// not if a single turn produced much output.
constexpr std::size_t kGatherAtMost = 256 * 1024;

FrameRef frame_of(std::string bytes) { return std::make_shared<const Frame>(Frame{std::move(bytes)}); }

}  // namespace

WebSocketConnection::WebSocketConnection(IoThread& thread, Socket socket, ConnectionPlaces::Place place) noexcept
    : Connection(thread, std::move(socket), std::move(place)), parser_(thread.options().max_message_bytes) {}

void WebSocketConnection::begin(const HttpRequest& request, std::unique_ptr<Admission> admission,
                                std::string leftover) {
    const std::string extensions = agree_on_compression(request);
    // The answer is queued like a frame, and sent in one write with the first frames.
    queue(frame_of(switching_protocols(request, admission->subprotocol(), extensions)));
    session_ = thread().gateway().open_session(thread().lane(), std::move(admission), *this);
    if (!leftover.empty()) take(leftover);
    if (!dead()) wait_readable();
}

/// The value of `Sec-WebSocket-Extensions` in the response.
std::string WebSocketConnection::agree_on_compression(const HttpRequest& request) {
    if (!thread().options().compression) return {};
    const auto terms = read_extension_offers(request.headers).terms;
    if (!terms) return {};
    deflate_bits_ = terms->window_bits();
    parser_.accept_compressed(most_compressed(thread().options().max_message_bytes));
    return terms->answer();
}

std::size_t WebSocketConnection::backlog() const {
    return pending_.bytes() + (backlog_ ? backlog_->bytes() : 0);
}

void WebSocketConnection::send(const FrameRef& frame) {
    if (dead() || state_ != State::open || !frame || frame->bytes.empty()) return;
    queue(frame);
}

void WebSocketConnection::ping() {
    if (!dead() && state_ == State::open) queue(frame_of(ping_frame()));
}

void WebSocketConnection::queue(const FrameRef& frame) {
    if (backlog_) {
        backlog_->push(encoded(std::span(&frame, 1)).front());
    } else {
        pending_.add(frame, thread().turn_frames(), thread().frame_lists());
        mark_dirty();
        if (pending_.bytes() >= kGatherAtMost) send_pending();
    }
    if (backlog() >= kLowWater) was_high_ = true;
}

void WebSocketConnection::close(std::uint16_t code, std::string_view reason) {
    const bool slow = code == close_code::kSlow;
    if (dead()) return;
    if (state_ != State::open) {
        if (slow) cut();
        return;
    }
    if (slow) drop_queued();
    begin_close(State::closing, code, reason);
}

/// A client that is too slow gets only the rest of a partly sent frame.
void WebSocketConnection::drop_queued() {
    // Without a backlog the socket may still accept something, above all the answer to the handshake.
    if (!pending_.empty()) send_pending();
    if (backlog_) backlog_->drop_whole_frames();
}

void WebSocketConnection::cut() {
    pending_.clear(thread().frame_lists());
    backlog_.reset();
    kill();
}

void WebSocketConnection::begin_close(State state, std::uint16_t code, std::string_view reason) {
    if (dead()) return;
    state_ = state;
    if (backlog_) backlog_->pong.reset();
    queue(frame_of(close_frame(code, reason)));
    arm(thread().options().close_timeout);
}

void WebSocketConnection::end(State state, std::uint16_t code, std::string_view reason) {
    begin_close(state, code, reason);
    if (session_) session_->closing(code, reason);
}

void WebSocketConnection::flush() {
    if (!pending_.empty()) send_pending();
    if (!dead()) sent();
}

void WebSocketConnection::send_pending() {
    std::span<const FrameRef> frames = pending_.frames(thread().turn_frames());
    FrameRef joined;
    const bool as_others_get_them = deflate_bits_ == 0 || deflate_bits_ >= kDeflateWindowBits;
    if (frames.size() > 1 && as_others_get_them) joined = thread().batch(deflate_bits_ != 0).join(frames, pending_.place());
    frames = joined ? std::span<const FrameRef>(&joined, 1) : encoded(frames);
    const IoResult result = send_frames(socket(), frames, 0);
    if (result.failed) return kill();
    if (result.blocked) {
        backlog_ = std::make_unique<Backlog>(frames, result.bytes);
        wait_writable();
    }
    pending_.clear(thread().frame_lists());
}

/// What goes over the wire for these frames.
std::span<const FrameRef> WebSocketConnection::encoded(std::span<const FrameRef> frames) {
    return deflate_bits_ == 0 ? frames : thread().deflated().of(frames, most_deflated(deflate_bits_));
}

void WebSocketConnection::writable() {
    if (!backlog_) return;
    const IoResult result = backlog_->send(socket());
    if (result.failed) return kill();
    if (result.blocked) {
        wait_writable();
    } else {
        const FrameRef pong = std::move(backlog_->pong);
        backlog_.reset();
        if (pong) queue(pong);
    }
    sent();
}

/// Called after some or all of the queued output was sent.
void WebSocketConnection::sent() {
    if (pending_.empty() && !backlog_) {
        if (state_ == State::closed || state_ == State::failed) shut_down_sending();
        if (state_ == State::closed) return kill();
    }
    if (was_high_ && backlog() < kLowWater) {
        was_high_ = false;
        if (state_ == State::open && session_) session_->writable();
    }
}

void WebSocketConnection::readable() {
    const std::span<char> buffer = thread().read_buffer();
    const IoResult got = socket().receive(buffer);
    if (got.failed || (got.bytes == 0 && !got.blocked)) return kill();
    take(buffer.first(got.bytes));
    if (state_ != State::closed) wait_readable();
}

void WebSocketConnection::take(std::span<char> input) {
    bool whole_message = false;
    while (state_ == State::open || state_ == State::closing) {
        const FrameEvent event = parser_.next(input);
        if (event.kind == FrameKind::none) break;
        whole_message |= event.kind == FrameKind::text;
        take_event(event);
        if (dead()) return;
    }
    if (state_ != State::open) return;  // the current deadline is the one for closing
    if (!parser_.incomplete()) {
        disarm();
    } else if (!armed() || whole_message) {
        arm(thread().options().message_timeout);
    }
}

void WebSocketConnection::take_event(const FrameEvent& event) {
    switch (event.kind) {
        case FrameKind::none: return;
        case FrameKind::text:
            if (state_ != State::open) return;
            return event.compressed ? take_compressed(event.payload) : session_->receive(event.payload);
        case FrameKind::ping:
            if (state_ != State::open) return;
            answer_ping(event.payload);
            return session_->alive();
        case FrameKind::pong:
            if (state_ == State::open) session_->alive();
            return;
        case FrameKind::close: return peer_closed(event);
        case FrameKind::violation:
            if (state_ == State::open) return violated(event.code, event.payload);
            state_ = State::failed;
            return mark_dirty();
    }
}

void WebSocketConnection::take_compressed(std::string_view message) {
    const Inflated inflated = thread().inflater().inflate(message, thread().options().max_message_bytes);
    switch (inflated.verdict) {
        case Inflated::Verdict::invalid: return violated(close_code::kInvalidText, "text is not properly compressed");
        case Inflated::Verdict::too_big: return violated(close_code::kTooBig, "message is too big");
        case Inflated::Verdict::done: break;
    }
    Utf8Validator utf8;
    if (!utf8.feed(inflated.text) || !utf8.complete()) return violated(close_code::kInvalidText, "text is not UTF-8");
    session_->receive(inflated.text);
}

void WebSocketConnection::violated(std::uint16_t code, std::string_view what) {
    std::string reason(what);
    if (code == close_code::kTooBig) reason += ": at most " + std::to_string(thread().options().max_message_bytes) + " bytes";
    end(State::failed, code, reason);
}

/// Answers in order with the other frames. A client that pings without reading gets one answer, to the last ping (RFC 6455,
/// section 5.5.3).
void WebSocketConnection::answer_ping(std::string_view payload) {
    FrameRef pong = frame_of(pong_frame(payload));
    if (backlog_) {
        backlog_->pong = std::move(pong);
    } else {
        queue(pong);
    }
}

void WebSocketConnection::peer_closed(const FrameEvent& event) {
    if (state_ == State::open) return end(State::closed, event.code, {});
    state_ = State::closed;
    mark_dirty();
}

void WebSocketConnection::expired() {
    if (state_ == State::open)
        return end(State::closing, close_code::kIdle, "a message was left unfinished");
    kill();
}

void WebSocketConnection::drain() {
    if (state_ == State::open) end(State::closing, close_code::kGoingAway, "the server is stopping");
}

void WebSocketConnection::finish() {
    backlog_.reset();
    pending_.clear(thread().frame_lists());
    if (!session_) return;
    session_->closed();
    session_.reset();
}

}  // namespace cariosan::transport
