#pragma once

#include <atomic>
#include <cariosan/http.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/engine_impl.hpp"
#include "protocol/commands/answers.hpp"
#include "protocol/commands/command_table.hpp"
#include "protocol/json/json_event_encoder.hpp"
#include "protocol/lane.hpp"
#include "protocol/metrics/request_times.hpp"
#include "protocol/polling/wait_places.hpp"
#include "protocol/rest/authentication.hpp"
#include "protocol/rest/cors.hpp"
#include "protocol/rest/request_log.hpp"
#include "protocol/rest/router.hpp"
#include "protocol/rest/token.hpp"
#include "protocol/socket/session_services.hpp"

namespace cariosan::protocol {

/// One request in progress.
struct Exchange {
    explicit Exchange(LaneImpl& on) : lane(on) {}

    HttpRequest request;  ///< without its body
    std::function<void(RequestOutcome)> judged;  ///< empty once the head was accepted or refused
    std::function<void(HttpResponse)> respond;   ///< called if the head was accepted
    LaneImpl& lane;
    std::string request_id;
    RouteMatch match;
    std::vector<Parameter> query;
    // For the log and the metrics.
    std::chrono::microseconds started{0};  ///< by `Clock::elapsed_finely`
    std::chrono::microseconds running{0};  ///< since when its command runs; zero: none does, or it may wait on purpose
    std::string traceparent;               ///< empty: none, or not well-formed
    std::string_view route;         ///< as in the command table; empty until it is found
    WorkspaceId workspace;          ///< nil until the caller is known
    UserId user;                    ///< nil for a backend
    std::optional<Error> error;     ///< the error answered, if any
    bool is_upload = false;         ///< of a file
};
using ExchangeRef = std::shared_ptr<Exchange>;

/// A JSON response.
HttpResponse json_response(int status, std::string body);

/// Encodes outcomes. Shared with calls in progress, which may outlive the gateway.
struct Answerer {
    CommandTable table;
    Tokens tokens;
    std::chrono::seconds token_life;  ///< unless the request asks for another lifetime

    /// The text of a command's answer: the engine's answer, or for some rows a token made from it.
    Result<std::string> finish(const CommandRow& row, const TokenRequest& token, WorkspaceId workspace,
                               const Outcome& outcome, const AnswerView& view) const;
};

class GatewayImpl final : public Gateway {
  public:
    GatewayImpl(Engine& engine, GatewayOptions options, TrustedProxies proxies);
    ~GatewayImpl() override;

    /// Claims the engine's realtime side. `misuse` if another gateway has it.
    Result<Done> start();

    std::unique_ptr<Lane> make_lane(std::function<void()> wake) override;
    void begin(Lane& lane, HttpRequest head, std::function<void(RequestOutcome)> done) override;
    HttpResponse refuse(const Error& error, const HttpRequest& head, std::optional<int> status) override;
    void admit(Lane& lane, const HttpRequest& request, std::function<void(UpgradeOutcome)> done) override;
    std::unique_ptr<Session> open_session(Lane& lane, std::unique_ptr<Admission> admission,
                                          SessionSink& sink) override;
    std::string issue_token(WorkspaceId workspace, const User& user, std::chrono::seconds ttl) override;
    void call(const Caller& caller, std::string_view name, std::string_view json,
              std::function<void(Result<std::string>)> done) override;
    Result<std::string> run(const Caller& caller, std::string_view name, std::string_view json) override;
    std::string encode(const Event& event) override;
    std::string metrics() const override;
    void drain(std::chrono::milliseconds reconnect_after) override;

  private:
    class Pending;
    class Upload;

    // gateway_http.cpp: the path of a request, each step calling the next.
    void route(const ExchangeRef& exchange);
    /// Continues once the caller is known: at once, or after the body was received.
    void let_in(const ExchangeRef& exchange, const Principal& principal);
    void run_command(const ExchangeRef& exchange, const Principal& principal, const std::string& body);
    /// polling/gateway_sync.cpp
    void run_sync(const ExchangeRef& exchange, const Principal& principal, Invocation invocation);
    /// Answers the request with the outcome of its command.
    std::function<void(Result<Outcome>)> answer_to(const ExchangeRef& exchange, const Principal& principal,
                                                   const Invocation& invocation);
    /// Submits the command; `over` is called when it is done.
    void submit(const ExchangeRef& exchange, const Principal& principal, Invocation invocation,
                std::function<void()> over);
    /// Streams all records page by page, as fast as the client reads them.
    void stream_records(const ExchangeRef& exchange, const Caller& caller, ExportUser command);
    void respond(const ExchangeRef& exchange, HttpResponse response) const;
    void fail(const ExchangeRef& exchange, const Error& error) const;

    // gateway_open_paths.cpp
    /// Serves the paths that are not commands. False if the path is not one of them.
    bool serve_open_path(const ExchangeRef& exchange, std::string_view path);
    void serve_options(const ExchangeRef& exchange, const std::vector<std::string>& segments);
    void serve_readiness(const ExchangeRef& exchange);
    void serve_metrics(const ExchangeRef& exchange);
    void serve_unknown(const ExchangeRef& exchange);

    // files/gateway_files.cpp
    /// Serves the files of a store that keeps them on this server. False if the path is none of theirs.
    bool serve_file(const ExchangeRef& exchange, std::string_view path);
    void receive_file(const ExchangeRef& exchange, AttachmentFiles& files);
    void send_file(const ExchangeRef& exchange, AttachmentFiles& files, std::string_view path);
    void send_opened(const ExchangeRef& exchange, std::string_view path, std::unique_ptr<FileReader> reader);
    /// Files are open to every page: whoever has the address of one needs no other credentials.
    const Origins& origins_for(const HttpRequest& request) const;

    // gateway_socket.cpp
    /// Pages of other origins get no socket, not even to receive the reason.
    Result<Done> check_origin(const HttpRequest& request) const;
    /// Why the handshake of a WebSocket is refused before its user is looked up; otherwise what it offers.
    Result<SocketOffer> check_handshake(const HttpRequest& request) const;
    void log_refused_origin(const HttpRequest& request) const;

    std::string request_id_of(const HttpRequest& request);
    HttpResponse refuse_forked(const HttpRequest& head) const;
    HttpResponse error_response(const Error& error, std::string_view request_id) const;
    /// Also records the error for the request's log line.
    HttpResponse error_response(const ExchangeRef& exchange, Error error) const;
    /// Adds all headers of an answer to this request, and logs it. `line` has what is known of the request, at least its id.
    HttpResponse refusal(const Error& error, const HttpRequest& head, RequestLine line, std::optional<int> status = {}) const;
    RequestLine line_of(const Exchange& exchange) const;
    /// Counts and logs an answered request.
    void note(const RequestLine& line) const;
    void log_given_up(const Exchange& exchange) const;

    Engine& engine_;
    engine::EngineImpl& impl_;
    const GatewayOptions options_;
    const std::shared_ptr<const Answerer> answerer_;
    const Router router_;
    const Origins origins_;
    const Origins any_origin_{{"*"}};
    const TrustedProxies proxies_;
    Authentication authentication_;
    JsonEventEncoder encoder_;
    const std::string openapi_;
    const std::string asyncapi_;
    SessionServices services_;
    const std::unique_ptr<RequestTimes> request_times_;
    HeldTotals held_;
    WaitPlaces wait_places_;
    std::atomic<bool> draining_{false};
    bool started_ = false;
};

}  // namespace cariosan::protocol
