#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <cariosan/http.hpp>
#include <cariosan/session.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

/// One conversation over a WebSocket of Boost.Beast. Used on the lane's thread only; lives until the connection is gone.
class ChatSocket final : public cariosan::SessionSink, public std::enable_shared_from_this<ChatSocket> {
  public:
    using Upgrade = boost::beast::http::request<boost::beast::http::string_body>;

    ChatSocket(cariosan::Gateway& gateway, cariosan::Lane& lane, boost::beast::tcp_stream stream);

    /// Answers the upgrade with 101, then opens the session.
    void accept(const Upgrade& upgrade, std::unique_ptr<cariosan::Admission> admission);

    void send(const cariosan::FrameRef& frame) override;
    void ping() override;
    std::size_t backlog() const override { return backlog_; }
    void close(std::uint16_t code, std::string_view reason) override;

  private:
    /// One payload, which points into its frame.
    struct Text {
        cariosan::FrameRef frame;
        std::string_view payload;
    };

    void read();
    void received(boost::beast::error_code error);
    void write();
    void wrote(boost::beast::error_code error);
    void end();

    cariosan::Gateway& gateway_;
    cariosan::Lane& lane_;
    boost::beast::websocket::stream<boost::beast::tcp_stream> socket_;
    boost::beast::flat_buffer input_;
    std::unique_ptr<cariosan::Session> session_;
    std::deque<Text> texts_;
    std::size_t backlog_ = 0;
    bool was_behind_ = false;
    bool writing_ = false;
    bool pinging_ = false;
    bool closing_ = false;  ///< by `close`: nothing more is queued
    boost::beast::websocket::close_reason reason_;
};
