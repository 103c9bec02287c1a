#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cariosan/http.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

/// One connection: requests one after the other, for the shop or for the chat, until one upgrades it to a WebSocket. Used on the
/// lane's thread only.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
  public:
    using Request = boost::beast::http::request<boost::beast::http::string_body>;
    using Response = boost::beast::http::response<boost::beast::http::string_body>;
    /// The shop's own pages.
    using Shop = std::function<Response(const Request&)>;

    HttpConnection(cariosan::Gateway& gateway, cariosan::Lane& lane, const Shop& shop, boost::asio::ip::tcp::socket socket);

    /// Reads the next request.
    void next();

  private:
    void head_read();
    void upgrade(cariosan::HttpRequest head);
    void judged(cariosan::RequestOutcome outcome);
    void read_body(std::unique_ptr<cariosan::PendingRequest> pending);
    void answer(cariosan::HttpResponse response);
    void answer_in_parts(cariosan::HttpResponse response);
    void send_part(std::shared_ptr<cariosan::HttpResponse> response, std::string part);
    void answered(bool keep_alive);

    cariosan::Gateway& gateway_;
    cariosan::Lane& lane_;
    const Shop& shop_;
    boost::beast::tcp_stream stream_;
    boost::beast::flat_buffer input_;
    std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
    bool keep_alive_ = false;
};
