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
#include "protocol/rest/authentication.hpp"
#include "protocol/rest/cors.hpp"
#include "protocol/rest/request_log.hpp"
#include "protocol/rest/router.hpp"
#include "protocol/rest/token.hpp"
#include "protocol/socket/session_services.hpp"

namespace cariosan::protocol {

/// One request on its way to an answer.
struct Exchange {
    explicit Exchange(LaneImpl& on) : lane(on) {}

    HttpRequest request;  ///< without its body
    std::function<void(RequestOutcome)> judged;  ///< empty once the head was accepted or refused
    std::function<void(HttpResponse)> respond;   ///< to be called if the head was accepted
    LaneImpl& lane;
    std::string request_id;
    RouteMatch match;
    std::vector<Parameter> query;
    // For the log.
    std::chrono::milliseconds started{0};
    std::string_view route;         ///< as written in the table; empty until it is found
    WorkspaceId workspace;          ///< nil until the caller is known
    UserId user;                    ///< nil for a backend
    std::optional<Error> error;     ///< what is answered
};
using ExchangeRef = std::shared_ptr<Exchange>;

/// An answer in JSON.
HttpResponse json_response(int status, std::string body);

/// Turns an outcome into an answer. Shared with calls in progress, which may outlive the gateway.
struct Answerer {
    CommandTable table;
    Tokens tokens;
    std::chrono::seconds token_life;  ///< unless the request asks for another one

    /// The text of a command's answer: usually what the engine returned, for some rows a token made from it.
    Result<std::string> finish(const CommandRow& row, const TokenRequest& token, WorkspaceId workspace,
                               const Outcome& outcome, const AnswerView& view) const;
};

class GatewayImpl final : public Gateway {
  public:
    GatewayImpl(Engine& engine, GatewayOptions options, TrustedProxies proxies);
    ~GatewayImpl() override;

    /// Takes the engine's realtime side. `misuse` if another gateway has it.
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
    void drain(std::chrono::milliseconds reconnect_after) override;

  private:
    class Pending;

    // gateway_http.cpp: the path of a request, each step calling the next.
    void route(const ExchangeRef& exchange);
    /// The paths that are not commands. False: not one of them.
    bool serve_open_path(const ExchangeRef& exchange, std::string_view path);
    void serve_options(const ExchangeRef& exchange, const std::vector<std::string>& segments);
    void serve_readiness(const ExchangeRef& exchange);
    void serve_metrics(const ExchangeRef& exchange);
    void log_refused_origin(const HttpRequest& request) const;
    void serve_unknown(const ExchangeRef& exchange);
    /// The caller is known: continues at once, or after the body was read.
    void let_in(const ExchangeRef& exchange, const Principal& principal);
    void run_command(const ExchangeRef& exchange, const Principal& principal, const std::string& body);
    /// Submits the command; `over` is called when it has run.
    void submit(const ExchangeRef& exchange, const Principal& principal, Invocation invocation,
                std::function<void()> over);
    /// Answers with all records, page by page, as fast as the client takes them.
    void stream_records(const ExchangeRef& exchange, const Caller& caller, ExportUser command);
    void respond(const ExchangeRef& exchange, HttpResponse response) const;
    void fail(const ExchangeRef& exchange, const Error& error) const;

    std::string request_id_of(const HttpRequest& request);
    HttpResponse refuse_forked(const HttpRequest& head) const;
    HttpResponse error_response(const Error& error, std::string_view request_id) const;
    /// The same, of a request whose line of the log is to tell it.
    HttpResponse error_response(const ExchangeRef& exchange, Error error) const;
    /// The same with all the headers of an answer to this request, and logged: `line` has what is known of the request, its
    /// id above all.
    HttpResponse refusal(const Error& error, const HttpRequest& head, RequestLine line, std::optional<int> status = {}) const;
    RequestLine line_of(const Exchange& exchange) const;
    void log_given_up(const Exchange& exchange) const;

    Engine& engine_;
    engine::EngineImpl& impl_;
    const GatewayOptions options_;
    const std::shared_ptr<const Answerer> answerer_;
    const Router router_;
    const Origins origins_;
    const TrustedProxies proxies_;
    Authentication authentication_;
    JsonEventEncoder encoder_;
    const std::string openapi_;
    SessionServices services_;
    HeldTotals held_;
    std::atomic<bool> draining_{false};
    bool started_ = false;
};

}  // namespace cariosan::protocol
