#pragma once

#include <cariosan/http.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "transport/connection.hpp"
#include "transport/http_parser.hpp"
#include "transport/http_writer.hpp"

namespace cariosan::transport {

/// A connection that speaks HTTP/1.1. One request at a time: while one is being answered nothing is read, so that
/// pipelined requests wait in the socket and their answers keep their order. An upgrade makes it a
/// `WebSocketConnection` and ends this object; what a request needs costs an open WebSocket nothing.
class HttpConnection final : public Connection {
  public:
    HttpConnection(IoThread& thread, Socket socket, std::string remote_address);
    ~HttpConnection() override;

    /// Begins to read.
    void begin();
    /// Says that the server has no room, and closes.
    void turn_away();
    /// The socket, for the WebSocket connection that takes over.
    Socket give_socket() noexcept { return release_socket(); }

    void flush() override;
    void expired() override;
    void drain() override;

  protected:
    void readable() override;
    void writable() override;

  private:
    enum class State : std::uint8_t {
        reading,  ///< waits for a request, or for the rest of one
        waiting,  ///< the gateway has the request
        writing,  ///< the socket has not taken the whole response yet
        lingering,  ///< closed for sending; what still comes is thrown away, so that no reset destroys the response
    };
    enum class Phase : std::uint8_t { idle, head, body };

    /// What the gateway holds while it answers: outlives the connection, which then is null.
    struct Reply {
        explicit Reply(HttpConnection* asker) : connection(asker) {}
        HttpConnection* connection;
    };

    void process(std::string_view input);
    void continue_reading();
    void look_for_end();
    void enter(Phase phase);
    void head_complete();
    void dispatch();
    void begin_upgrade();
    void refuse(const Error& error);
    std::shared_ptr<Reply> expect_reply();
    static HttpConnection* claim(const std::shared_ptr<Reply>& reply) noexcept;
    void answered();
    void take_answer(std::string_view input);
    void write(HttpResponse response);
    void send(std::string head, std::string body);
    void ask_next_part();
    void take_part();
    void written();
    void linger();

    HttpParser parser_;
    ParsedRequest request_;  ///< an upgrade that the gateway is judging
    const std::string remote_address_;
    std::string input_;  ///< came behind the request that is being answered; less than one read
    std::string output_;
    std::size_t output_sent_ = 0;
    std::shared_ptr<Reply> reply_;
    std::shared_ptr<const void> waiting_;  ///< while the peer waits for an answer; requests hold it weakly
    std::optional<HttpResponse> response_;
    std::optional<UpgradeOutcome> outcome_;
    std::function<void(std::function<void(BodyPart)>)> next_part_;  ///< there is more of the body that is being sent
    std::optional<BodyPart> part_;
    ResponseFraming framing_;
    State state_ = State::reading;
    Phase phase_ = Phase::idle;
    bool calling_ = false;  ///< the gateway is being called: an answer now is taken when it returns
};

}  // namespace cariosan::transport
