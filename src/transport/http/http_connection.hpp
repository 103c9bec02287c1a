#pragma once

#include <cariosan/http.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "transport/connection.hpp"
#include "transport/http/http_parser.hpp"
#include "transport/http/http_writer.hpp"
#include "transport/idle_list.hpp"

namespace cariosan::transport {

/// An HTTP/1.1 connection. Handles one request at a time: nothing is read while a request is being checked or answered, so
/// pipelined requests wait in the socket and their answers keep their order. The gateway accepts or refuses a request by its
/// head; only then is its body read. An upgrade replaces this object by a `WebSocketConnection`, so an open WebSocket does not
/// pay for the state of requests.
///
/// Incomplete requests and unsent answers are counted at the lane, which may drop them.
class HttpConnection final : public Connection, public IdleNode {
  public:
    HttpConnection(IoThread& thread, Socket socket, ConnectionPlaces::Place place, std::string remote_address);
    ~HttpConnection() override;

    /// Starts reading.
    void begin();
    /// Refuses the connection with `error`: waits briefly for the head of a request, which the answer depends on, and closes.
    void turn_away(Error error);
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
        waiting,  ///< for the gateway, which has the head or the request
        writing,  ///< the socket has not accepted the complete response yet
        lingering,  ///< closed for sending; input is discarded, so that no reset destroys the response
    };
    enum class Phase : std::uint8_t { idle, head, body };

    /// Shared with the gateway's callbacks, which may outlive the connection; its pointer is then null.
    struct Reply {
        explicit Reply(HttpConnection* asker) : connection(asker) {}
        HttpConnection* connection;
    };

    // Requests.
    void process(std::string_view input);
    void read_requests(std::string_view& input);
    void continue_reading();
    void look_for_end();
    void enter(Phase phase);
    std::chrono::milliseconds time_left() const;
    void judge(ParsedRequest parsed);
    void begin_upgrade();
    void read_body();
    void hand_on_part();
    bool is_arriving();
    void complete();
    void finish_request();
    void refuse(const Error& error);
    HttpResponse refusal(const Error& error, std::optional<int> status = {});
    void time_out();
    void count_request();
    void drop_request();

    // Answers.
    template <class Answer>
    std::function<void(Answer)> expect(std::optional<Answer> HttpConnection::*into);
    bool answer_due() const noexcept { return response_ || judged_ || upgrade_ || part_ || taken_; }
    void take_answers(std::string_view input);
    void take_answer(std::string_view input);
    void take_upgrade(std::string_view input);
    void take_pending();
    void take_taken();
    void write(HttpResponse response);
    void send(std::string head, std::string body);
    void ask_next_part();
    void take_part();
    void written();
    void linger();
    bool is_being_taken();
    void count_output();
    void drop_output();

    HttpParser parser_;
    ParsedRequest request_;  ///< the one being checked or read; without its body
    const std::string remote_address_;
    std::string input_;  ///< received behind the request that is being answered; less than one read
    std::string output_;
    std::size_t output_sent_ = 0;
    std::uint64_t accepted_ = 0;   ///< bytes of answers that the socket has taken
    std::uint64_t delivered_ = 0;  ///< bytes that the client had acknowledged at the last check
    std::shared_ptr<Reply> reply_;
    std::shared_ptr<Waiter> waiting_;  ///< set while the peer waits for an answer; requests hold it weakly
    std::unique_ptr<PendingRequest> pending_;  ///< accepted; its body is being read
    std::optional<RequestOutcome> judged_;
    std::optional<HttpResponse> response_;
    std::optional<UpgradeOutcome> upgrade_;
    std::function<void(std::function<void(BodyPart)>)> next_part_;  ///< set while the body being sent has more parts
    std::optional<BodyPart> part_;
    std::optional<std::uint64_t> parts_left_;  ///< bytes that the next parts must have, if that is announced
    std::optional<PartTaken> taken_;
    std::uint64_t received_ = 0;  ///< bytes of a body in parts
    std::uint64_t judged_received_ = 0;  ///< at the last deadline
    std::unique_ptr<Holding> held_request_;
    std::unique_ptr<Holding> held_output_;
    std::optional<Error> turned_away_;  ///< the answer to any request of a connection beyond the limit
    std::optional<std::chrono::milliseconds> began_;  ///< when the first byte of the request arrived
    ResponseFraming framing_;
    State state_ = State::reading;
    Phase phase_ = Phase::idle;
    bool in_parts_ = false;  ///< the body being read is handed on in parts
    bool body_due_ = false;  ///< the parser has not seen the end of the current request's body
    bool skipping_ = false;  ///< the request has been answered; the rest of its body is discarded
    bool calling_ = false;   ///< within a call of the gateway: an answer is processed when it returns
};

}  // namespace cariosan::transport
