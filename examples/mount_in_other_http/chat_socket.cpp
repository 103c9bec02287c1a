#include "chat_socket.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <cariosan/limits.hpp>
#include <chrono>
#include <utility>

namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using cariosan::FrameRef;

namespace {

/// Below this backlog, after more, the session is told that it may go on (`Session::writable`).
constexpr std::size_t kCaughtUp = 256 * 1024;

}  // namespace

ChatSocket::ChatSocket(cariosan::Gateway& gateway, cariosan::Lane& lane, beast::tcp_stream stream)
    : gateway_(gateway), lane_(lane), socket_(std::move(stream)) {
    beast::get_lowest_layer(socket_).expires_never();  // the lane's tick ends idle sessions
    socket_.set_option(websocket::stream_base::timeout{std::chrono::seconds(10), websocket::stream_base::none(), false});
    socket_.read_message_max(static_cast<std::size_t>(cariosan::Limits{}.client_frame_bytes));
    socket_.text(true);
}

void ChatSocket::accept(const Upgrade& upgrade, std::unique_ptr<cariosan::Admission> admission) {
    const std::string subprotocol(admission->subprotocol());
    socket_.set_option(websocket::stream_base::decorator([subprotocol](websocket::response_type& response) {
        response.set(beast::http::field::sec_websocket_protocol, subprotocol);
    }));
    socket_.async_accept(upgrade, [self = shared_from_this(), admission = std::move(admission)](beast::error_code error) mutable {
        if (error) return;
        self->socket_.control_callback([self = self.get()](websocket::frame_type, beast::string_view) {
            if (self->session_) self->session_->alive();
        });
        self->session_ = self->gateway_.open_session(self->lane_, std::move(admission), *self);
        self->read();
    });
}

void ChatSocket::read() {
    socket_.async_read(input_, [self = shared_from_this()](beast::error_code error, std::size_t) { self->received(error); });
}

void ChatSocket::received(beast::error_code error) {
    if (error) {
        if (error == websocket::error::closed && !closing_) session_->closing(static_cast<std::uint16_t>(socket_.reason().code), {});
        return end();
    }
    if (!socket_.got_text()) {
        constexpr std::string_view reason = "messages are text";
        session_->closing(cariosan::close_code::kUnsupportedData, reason);
        close(cariosan::close_code::kUnsupportedData, reason);
    } else if (!closing_) {
        session_->receive(beast::buffers_to_string(input_.data()));
    }
    input_.clear();
    read();
}

void ChatSocket::send(const FrameRef& frame) {
    if (closing_) return;
    for (const std::string_view payload : cariosan::payloads(*frame)) {
        backlog_ += payload.size();
        texts_.push_back({frame, payload});
    }
    was_behind_ = was_behind_ || backlog_ > kCaughtUp;
    write();
}

void ChatSocket::write() {
    if (writing_) return;
    if (!texts_.empty()) {
        writing_ = true;
        const std::string_view payload = texts_.front().payload;
        socket_.async_write(boost::asio::buffer(payload.data(), payload.size()),
                            [self = shared_from_this()](beast::error_code error, std::size_t) { self->wrote(error); });
    } else if (closing_) {
        writing_ = true;
        socket_.async_close(reason_, [self = shared_from_this()](beast::error_code) {});  // the read ends, too
    }
}

void ChatSocket::wrote(beast::error_code error) {
    writing_ = false;
    if (error) return;  // the read ends, too
    backlog_ -= texts_.front().payload.size();
    texts_.pop_front();
    if (was_behind_ && backlog_ < kCaughtUp) {
        was_behind_ = false;
        if (session_) session_->writable();
    }
    write();
}

void ChatSocket::ping() {
    if (pinging_ || closing_) return;
    pinging_ = true;
    socket_.async_ping({}, [self = shared_from_this()](beast::error_code) { self->pinging_ = false; });
}

void ChatSocket::close(std::uint16_t code, std::string_view reason) {
    if (closing_) return beast::get_lowest_layer(socket_).close();  // the second call: at once
    closing_ = true;
    reason_.code = code;
    reason_.reason.assign(reason.data(), reason.size());
    if (code == cariosan::close_code::kSlow) {
        // What is being written must be completed.
        while (texts_.size() > (writing_ ? 1U : 0U)) {
            backlog_ -= texts_.back().payload.size();
            texts_.pop_back();
        }
    }
    write();
}

void ChatSocket::end() {
    // From a later turn: `close` may have been called by the session.
    boost::asio::post(socket_.get_executor(), [self = shared_from_this()] {
        if (!self->session_) return;
        self->session_->closed();
        self->session_.reset();
    });
}
