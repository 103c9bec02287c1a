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

/// A connection that speaks HTTP/1.1. One request at a time: while one is being judged or answered nothing is read, so that
/// pipelined requests wait in the socket and their answers keep their order. The gateway judges a request by its head; its
/// body is read only if it was let in. An upgrade makes it a `WebSocketConnection` and ends this object; what a request
/// needs costs an open WebSocket nothing.
///
/// What has arrived of a request that is not whole, and what the socket has not taken of an answer, is counted at the lane,
/// which may have it dropped.
class HttpConnection final : public Connection, public IdleNode {
  public:
    HttpConnection(IoThread& thread, Socket socket, ConnectionPlaces::Place place, std::string remote_address);
    ~HttpConnection() override;

    /// Begins to read.
    void begin();
    /// Waits a moment for the head of a request, by which the answer is made; says why there is no place, and closes.
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
        waiting,  ///< the gateway has the head or the request
        writing,  ///< the socket has not taken the whole response yet
        lingering,  ///< closed for sending; what still comes is thrown away, so that no reset destroys the response
    };
    enum class Phase : std::uint8_t { idle, head, body };

    /// What the gateway holds while it judges or answers: outlives the connection, which then is null.
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
    bool answer_due() const noexcept { return response_ || judged_ || upgrade_ || part_; }
    void take_answers(std::string_view input);
    void take_answer(std::string_view input);
    void take_upgrade(std::string_view input);
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
    ParsedRequest request_;  ///< being judged or read; without its body
    const std::string remote_address_;
    std::string input_;  ///< came behind the request that is being answered; less than one read
    std::string output_;
    std::size_t output_sent_ = 0;
    std::uint64_t accepted_ = 0;   ///< what the socket has taken of answers
    std::uint64_t delivered_ = 0;  ///< what of it the client had when that was last looked at
    std::shared_ptr<Reply> reply_;
    std::shared_ptr<const void> waiting_;  ///< while the peer waits for an answer; requests hold it weakly
    std::unique_ptr<PendingRequest> pending_;  ///< let in; its body is being read
    std::optional<RequestOutcome> judged_;
    std::optional<HttpResponse> response_;
    std::optional<UpgradeOutcome> upgrade_;
    std::function<void(std::function<void(BodyPart)>)> next_part_;  ///< there is more of the body that is being sent
    std::optional<BodyPart> part_;
    std::unique_ptr<Holding> held_request_;
    std::unique_ptr<Holding> held_output_;
    std::optional<Error> turned_away_;  ///< there is no place: the answer to whatever comes
    std::optional<std::chrono::milliseconds> began_;  ///< when the first byte of the request came
    ResponseFraming framing_;
    State state_ = State::reading;
    Phase phase_ = Phase::idle;
    bool body_due_ = false;  ///< of the request that is being judged or read; the parser has not seen its end
    bool skipping_ = false;  ///< the request has its answer, the rest of its body is thrown away
    bool calling_ = false;   ///< the gateway is being called: an answer now is taken when it returns
};

}  // namespace cariosan::transport
