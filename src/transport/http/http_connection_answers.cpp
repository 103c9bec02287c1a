// Takes answers from the gateway and writes them to the socket.
#include <algorithm>
#include <array>
#include <utility>

#include "transport/http/http_connection.hpp"
#include "transport/io_thread.hpp"
#include "transport/socket_io.hpp"

namespace cariosan::transport {

namespace {

/// How long to wait for the peer to close too.
constexpr std::chrono::seconds kLinger(2);
/// A client must take at least this much of an answer per `write_timeout`.
constexpr std::uint64_t kLeastTaken = 16 * 1024;
/// Smaller answers that wait only for the end of the turn are not counted.
constexpr std::size_t kWorthCountingInTurn = 16 * 1024;
/// An unwanted body up to this size is read and discarded; for a larger one the connection is closed.
constexpr std::uint64_t kWorthSkipping = 64 * 1024;

std::size_t heap_bytes_of(const std::optional<BodyPart>& part) noexcept {
    return part && *part && **part ? heap_bytes(***part) : 0;
}

}  // namespace

/// A callback that stores the gateway's answer in `into`. An answer that arrives after the gateway's function has returned is
/// processed at the end of the turn, never within the callback. A second answer, or one for a dead connection, is ignored.
template <class Answer>
std::function<void(Answer)> HttpConnection::expect(std::optional<Answer> HttpConnection::*into) {
    reply_ = std::make_shared<Reply>(this);
    return [reply = reply_, into](Answer answer) {
        HttpConnection* const self = std::exchange(reply->connection, nullptr);
        if (self == nullptr || self->dead()) return;
        self->reply_.reset();
        self->*into = std::move(answer);
        if (self->calling_) return;
        self->mark_dirty();
        self->count_output();
    };
}
template std::function<void(RequestOutcome)> HttpConnection::expect(std::optional<RequestOutcome> HttpConnection::*);
template std::function<void(HttpResponse)> HttpConnection::expect(std::optional<HttpResponse> HttpConnection::*);
template std::function<void(PartTaken)> HttpConnection::expect(std::optional<PartTaken> HttpConnection::*);
template std::function<void(UpgradeOutcome)> HttpConnection::expect(std::optional<UpgradeOutcome> HttpConnection::*);

void HttpConnection::take_answers(std::string_view input) {
    while (state_ == State::waiting && !dead() && answer_due()) take_answer(input);
}

void HttpConnection::take_answer(std::string_view input) {
    if (part_) return take_part();
    if (taken_) return take_taken();
    if (response_) return write(*std::exchange(response_, std::nullopt));
    if (upgrade_) return take_upgrade(input);
    RequestOutcome judged = *std::exchange(judged_, std::nullopt);
    if (!judged.pending) return write(std::move(judged.response));
    pending_ = std::move(judged.pending);
    take_pending();
}

void HttpConnection::take_pending() {
    if (!body_due_) return finish_request();
    const auto parts = pending_->part_bytes();
    const std::uint64_t most = parts.value_or(thread().options().max_body_bytes);
    if (request_.body_length > most) return refuse(body_limit_error(most));
    in_parts_ = parts.has_value();
    judged_received_ = 0;
    parser_.allow_body(most);
    read_body();
}

void HttpConnection::take_taken() {
    PartTaken taken = *std::exchange(taken_, std::nullopt);
    if (!taken.response) {
        state_ = State::reading;
        return;
    }
    pending_.reset();
    in_parts_ = false;
    write(std::move(*taken.response));
}

void HttpConnection::take_upgrade(std::string_view input) {
    UpgradeOutcome outcome = *std::exchange(upgrade_, std::nullopt);
    if (!outcome.admission) return write(std::move(outcome.refusal));
    if (thread().stopping()) {
        const Error stopping(ErrorCode::unavailable, "the server is stopping");
        return write(thread().gateway().refuse(stopping, request_.request));
    }
    thread().upgrade(*this, request_.request, std::move(outcome.admission), std::string(input));
}

void HttpConnection::write(HttpResponse response) {
    if (body_due_) {
        // A client that waits for "100 Continue" may now send its body or another request; the two cannot be told apart.
        skipping_ = received_ == 0 && request_.body_length > 0 && request_.body_length <= kWorthSkipping &&
                    !request_.expect_continue;
        if (skipping_) parser_.skip_body();
    }
    if (thread().stopping() || (body_due_ && !skipping_)) framing_.keep_alive = false;
    const bool in_parts = response.next_part && status_has_body(response.status);
    framing_.body_end = BodyEnd::length;
    parts_left_.reset();
    if (in_parts && response.length) {
        parts_left_ = *response.length - std::min<std::uint64_t>(*response.length, response.body.size());
    } else if (in_parts) {
        framing_.body_end = framing_.http_1_1 ? BodyEnd::last_chunk : BodyEnd::close;
        if (!framing_.http_1_1) framing_.keep_alive = false;
    }
    std::string head = response_head(response, framing_, thread().date());
    if (framing_.head_only || !status_has_body(response.status)) {
        release(response.body);
    } else if (in_parts) {
        next_part_ = std::move(response.next_part);
        if (framing_.body_end == BodyEnd::last_chunk) response.body = chunk_of(response.body);
    }
    send(std::move(head), std::move(response.body));
}

/// Writes both to the socket; `written` is called once the socket has taken everything.
void HttpConnection::send(std::string head, std::string body) {
    if (head.empty() && body.empty()) return written();
    std::array<iovec, 2> parts = {iovec{head.data(), head.size()}, iovec{body.data(), body.size()}};
    const IoResult sent = socket().send(std::span<iovec>(parts).first(body.empty() ? 1 : 2));
    if (sent.failed) return kill();
    accepted_ += sent.bytes;
    if (!sent.blocked) return written();
    if (sent.bytes >= head.size()) {
        output_ = std::move(body);
        output_sent_ = sent.bytes - head.size();
    } else {
        output_ = std::move(head) + body;
        output_sent_ = sent.bytes;
    }
    state_ = State::writing;
    delivered_ = accepted_ - unacknowledged(descriptor());
    arm(thread().options().write_timeout);
    wait_writable();
    count_output();
}

void HttpConnection::writable() {
    const IoResult sent = socket().send(std::span<const char>(output_).subspan(output_sent_));
    if (sent.failed) return kill();
    accepted_ += sent.bytes;
    output_sent_ += sent.bytes;
    if (sent.blocked) return wait_writable();
    release(output_);
    output_sent_ = 0;
    held_output_.reset();
    written();
    const std::string input = std::exchange(input_, {});
    if (!dead()) process(input);
    continue_reading();
}

/// Whether the client has acknowledged enough since the last call. What the socket has accepted says little, since it buffers.
bool HttpConnection::is_being_taken() {
    const std::uint64_t delivered = accepted_ - unacknowledged(descriptor());
    // Less than before where TLS, whose own bytes are unacknowledged as well, has not accepted anything since.
    return static_cast<std::int64_t>(delivered - std::exchange(delivered_, delivered)) >= static_cast<std::int64_t>(kLeastTaken);
}

void HttpConnection::ask_next_part() {
    state_ = State::waiting;
    disarm();
    next_part_(expect(&HttpConnection::part_));
}

void HttpConnection::take_part() {
    const BodyPart part = *std::exchange(part_, std::nullopt);
    if (!part) return kill();  // the missing last chunk shows the client that the body is incomplete
    const bool chunked = framing_.body_end == BodyEnd::last_chunk;
    // A body of another length than was announced would run into the next answer.
    if (parts_left_ && (*part ? (*part)->size() > *parts_left_ : *parts_left_ > 0)) return kill();
    if (parts_left_ && *part) *parts_left_ -= (*part)->size();
    if (*part) return send(chunked ? chunk_of(**part) : **part, {});
    next_part_ = nullptr;
    send(chunked ? std::string(kLastChunk) : std::string(), {});
}

void HttpConnection::written() {
    if (next_part_) return ask_next_part();
    if (!framing_.keep_alive) return linger();
    state_ = State::reading;
    if (skipping_) {
        phase_ = Phase::body;
        return arm(time_left());
    }
    phase_ = Phase::head;
    enter(Phase::idle);
}

void HttpConnection::linger() {
    state_ = State::lingering;
    parser_.skip_body();
    shut_down_sending();
    arm(kLinger);
}

void HttpConnection::count_output() {
    const std::size_t in_turn = (response_ ? heap_bytes(response_->body) : 0) +
                                (judged_ ? heap_bytes(judged_->response.body) : 0) + heap_bytes_of(part_);
    const std::size_t bytes = heap_bytes(output_) + (in_turn >= kWorthCountingInTurn ? in_turn : 0);
    if (bytes == 0) return held_output_.reset();
    if (!held_output_) held_output_ = thread().lane().hold(Held::output, [this] { drop_output(); });
    held_output_->resize(bytes);
}

/// Called when all unsent output together exceeds the bound and this connection has the most of it.
void HttpConnection::drop_output() {
    release(output_);
    response_.reset();
    judged_.reset();
    part_.reset();
    next_part_ = nullptr;
    held_output_.reset();
    kill();
}

}  // namespace cariosan::transport
