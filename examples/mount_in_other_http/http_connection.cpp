#include "http_connection.hpp"

#include <boost/asio/write.hpp>
#include <boost/beast/http/chunk_encode.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <cariosan/limits.hpp>
#include <chrono>
#include <cstdint>
#include <utility>

#include "chat_socket.hpp"

namespace beast = boost::beast;
namespace http = boost::beast::http;
using cariosan::HttpRequest;
using cariosan::HttpResponse;

namespace {

constexpr std::chrono::seconds kPatience{30};
constexpr auto kMostBody = static_cast<std::uint64_t>(cariosan::Limits{}.request_body_bytes);

/// The head of a request as the gateway takes it.
HttpRequest head_of(const HttpConnection::Request& request, const beast::tcp_stream& stream) {
    HttpRequest head;
    head.method = std::string(request.method_string());
    head.target = std::string(request.target());
    for (const auto& field : request) head.headers.push_back({std::string(field.name_string()), std::string(field.value())});
    beast::error_code error;
    head.remote_address = stream.socket().remote_endpoint(error).address().to_string();
    return head;
}

/// Whether the chat answers this path.
bool is_chat(beast::string_view target) {
    return target.starts_with("/v1/") || target == "/healthz" || target == "/readyz" || target == "/openapi.json";
}

template <class Body>
void set_head(http::response<Body>& message, const HttpResponse& response, unsigned version, bool keep_alive) {
    message.version(version);
    message.result(static_cast<unsigned>(response.status));
    for (const cariosan::HttpHeader& header : response.headers) message.insert(header.name, header.value);
    message.keep_alive(keep_alive);
}

}  // namespace

HttpConnection::HttpConnection(cariosan::Gateway& gateway, cariosan::Lane& lane, const Shop& shop, boost::asio::ip::tcp::socket socket)
    : gateway_(gateway), lane_(lane), shop_(shop), stream_(std::move(socket)) {}

void HttpConnection::next() {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(cariosan::Limits{}.request_head_bytes));
    parser_->body_limit(boost::none);  // the head is judged first
    stream_.expires_after(kPatience);
    http::async_read_header(stream_, input_, *parser_, [self = shared_from_this()](beast::error_code error, std::size_t) {
        if (!error) return self->head_read();
        if (error.category() != beast::error_code(http::error::bad_method).category() || error == http::error::end_of_stream) return;
        const bool is_large = error == http::error::header_limit;
        self->keep_alive_ = false;
        self->answer(self->gateway_.refuse(is_large ? cariosan::Error(cariosan::ErrorCode::headers_too_large, "the head is too large")
                                                    : cariosan::Error(cariosan::ErrorCode::validation_error, "this is not HTTP")));
    });
}

void HttpConnection::head_read() {
    const Request& request = parser_->get();
    keep_alive_ = request.keep_alive();
    if (!is_chat(request.target())) {
        auto response = std::make_shared<Response>(shop_(request));
        keep_alive_ = keep_alive_ && parser_->is_done();
        response->keep_alive(keep_alive_);
        response->prepare_payload();
        return http::async_write(stream_, *response, [self = shared_from_this(), response](beast::error_code error, std::size_t) {
            if (!error) self->answered(self->keep_alive_);
        });
    }
    HttpRequest head = head_of(request, stream_);
    if (beast::websocket::is_upgrade(request)) return upgrade(std::move(head));
    gateway_.begin(lane_, std::move(head), [self = shared_from_this()](cariosan::RequestOutcome outcome) { self->judged(std::move(outcome)); });
}

void HttpConnection::upgrade(HttpRequest head) {
    gateway_.admit(lane_, head, [self = shared_from_this()](cariosan::UpgradeOutcome outcome) {
        if (!outcome.admission) return self->answer(std::move(outcome.refusal));
        const auto socket = std::make_shared<ChatSocket>(self->gateway_, self->lane_, std::move(self->stream_));
        socket->accept(self->parser_->get(), std::move(outcome.admission));
    });
}

void HttpConnection::judged(cariosan::RequestOutcome outcome) {
    if (!outcome.pending) return answer(std::move(outcome.response));
    if (!beast::iequals(parser_->get()[http::field::expect], "100-continue")) return read_body(std::move(outcome.pending));
    constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    boost::asio::async_write(stream_, boost::asio::buffer(go_on.data(), go_on.size()),
                             [self = shared_from_this(), pending = std::move(outcome.pending)](beast::error_code error, std::size_t) mutable {
                                 if (!error) self->read_body(std::move(pending));
                             });
}

void HttpConnection::read_body(std::unique_ptr<cariosan::PendingRequest> pending) {
    const cariosan::Error too_large(cariosan::ErrorCode::payload_too_large, "the body is too large");
    if (parser_->content_length().value_or(0) > kMostBody) return answer(pending->refuse(too_large));
    parser_->body_limit(kMostBody);
    stream_.expires_after(kPatience);
    http::async_read(stream_, input_, *parser_, [self = shared_from_this(), pending = std::move(pending), too_large](beast::error_code error, std::size_t) mutable {
        if (error == http::error::body_limit) return self->answer(pending->refuse(too_large));
        if (error) return;
        self->stream_.expires_never();  // a request may wait for news
        pending->finish(std::move(self->parser_->get().body()), [self](HttpResponse response) { self->answer(std::move(response)); });
    });
}

void HttpConnection::answer(HttpResponse response) {
    stream_.expires_after(kPatience);
    keep_alive_ = keep_alive_ && parser_->is_done();  // what is left of a body would be read as a request
    if (response.next_part) return answer_in_parts(std::move(response));
    auto message = std::make_shared<Response>();
    set_head(*message, response, parser_->get().version(), keep_alive_);
    message->body() = std::move(response.body);
    if (parser_->get().method() == http::verb::head) {
        message->content_length(message->body().size());
        message->body().clear();
    } else {
        message->prepare_payload();
    }
    http::async_write(stream_, *message, [self = shared_from_this(), message](beast::error_code error, std::size_t) {
        if (!error) self->answered(self->keep_alive_);
    });
}

/// No faster than the client reads: the next part is asked for when the last one is written.
void HttpConnection::answer_in_parts(HttpResponse response) {
    auto message = std::make_shared<http::response<http::empty_body>>();
    set_head(*message, response, parser_->get().version(), keep_alive_);
    message->chunked(true);
    auto serializer = std::make_shared<http::response_serializer<http::empty_body>>(*message);
    auto kept = std::make_shared<HttpResponse>(std::move(response));
    http::async_write_header(stream_, *serializer, [self = shared_from_this(), message, serializer, kept](beast::error_code error, std::size_t) {
        if (!error) self->send_part(kept, std::move(kept->body));
    });
}

void HttpConnection::send_part(std::shared_ptr<HttpResponse> response, std::string part) {
    stream_.expires_after(kPatience);
    auto text = std::make_shared<std::string>(std::move(part));
    const auto ask = [self = shared_from_this(), response](beast::error_code error, std::size_t) {
        if (error) return;
        response->next_part([self, response](cariosan::BodyPart next) {
            if (!next) return self->stream_.close();  // so that the client sees that the body is incomplete
            if (*next) return self->send_part(response, *std::move(*next));
            boost::asio::async_write(self->stream_, http::make_chunk_last(), [self](beast::error_code failed, std::size_t) {
                if (!failed) self->answered(self->keep_alive_);
            });
        });
    };
    if (text->empty()) return ask({}, 0);  // an empty chunk would be the last
    boost::asio::async_write(stream_, http::make_chunk(boost::asio::buffer(*text)),
                             [text, ask](beast::error_code error, std::size_t size) { ask(error, size); });
}

void HttpConnection::answered(bool keep_alive) {
    if (keep_alive) return next();
    beast::error_code ignored;
    stream_.socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
}
