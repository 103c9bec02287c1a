#include <algorithm>
#include <utility>

#include "core/propagate.hpp"
#include "protocol/describe/asyncapi.hpp"
#include "protocol/describe/openapi.hpp"
#include "protocol/json/json_reader.hpp"
#include "protocol/json/json_writer.hpp"
#include "protocol/rest/gateway_impl.hpp"

namespace cariosan {
namespace {

std::optional<Error> bad_option(const GatewayOptions& options) {
    constexpr std::size_t kShortestSecret = 32;
    const auto misuse = [](std::string message) { return Error(ErrorCode::misuse, std::move(message)); };
    if (options.jwt_secret.size() < kShortestSecret) return misuse("jwt_secret must have at least 32 bytes");
    if (!options.jwt_secret_previous.empty() && options.jwt_secret_previous.size() < kShortestSecret) {
        return misuse("jwt_secret_previous must have at least 32 bytes");
    }
    if (options.jwt_issuer.empty()) return misuse("jwt_issuer is missing");
    if (options.jwt_ttl.count() < 1 || options.jwt_ttl > protocol::kMaxTokenLife) {
        return misuse("jwt_ttl must be one second to one year");
    }
    if (options.max_backlog_bytes < 1 || options.max_total_backlog_bytes < options.max_backlog_bytes) {
        return misuse("max_backlog_bytes must be at least 1 and not above max_total_backlog_bytes");
    }
    if (options.max_total_request_bytes < 1) return misuse("max_total_request_bytes must be at least 1");
    return std::nullopt;
}

}  // namespace

Result<std::unique_ptr<Gateway>> Gateway::create(Engine& engine, GatewayOptions options) {
    if (auto error = bad_option(options)) return std::move(*error);
    CARIOSAN_TRY(auto proxies, protocol::TrustedProxies::parse(options.trusted_proxies));
    auto gateway = std::make_unique<protocol::GatewayImpl>(engine, std::move(options), std::move(proxies));
    CARIOSAN_TRY_DONE(gateway->start());
    return std::unique_ptr<Gateway>(std::move(gateway));
}

void PendingRequest::receive(std::string part, std::function<void(PartTaken)> taken) {
    static_cast<void>(part);  // never called: `part_bytes` asks for none
    taken({});
}

void Gateway::handle(Lane& lane, HttpRequest request, std::function<void(HttpResponse)> respond) {
    std::string body = std::exchange(request.body, {});
    begin(lane, std::move(request),
          [body = std::move(body), respond = std::move(respond)](RequestOutcome outcome) mutable {
              if (!outcome.pending) return respond(std::move(outcome.response));
              outcome.pending->finish(std::move(body), std::move(respond));
          });
}

}  // namespace cariosan

namespace cariosan::protocol {
namespace {

Authentication::Options authentication_options(const Rates& rates, TrustedProxies proxies) {
    if (!rates.enabled) return {.proxies = std::move(proxies)};
    // Storage manages tens of thousands a second, so failing clients can take only a small part.
    constexpr std::int64_t kUnprovenLookups = 200;
    return {.proxies = std::move(proxies),
            .backend_requests_per_second = std::max<std::int64_t>(rates.backend_requests_per_second, 0),
            .failures_per_minute = rates.failed_logins_per_minute,
            .unproven_lookups_per_second = kUnprovenLookups};
}

/// A command requested by name, with what is needed to encode its answer.
struct NamedCommand {
    const CommandRow* row = nullptr;
    Command command;
    TokenRequest token;
    AnswerView view;
};

Result<NamedCommand> decode_named(const engine::EngineImpl& engine, const CommandTable& table, const Caller& caller,
                                  std::string_view name, std::string_view json) {
    const CommandRow* row = table.find(name);
    if (row == nullptr) return not_found("command");
    JsonDocument document;
    if (!json.empty()) {
        CARIOSAN_TRY_DONE(document.parse(json));
        if (!document.root().is_object()) {
            return Error(ErrorCode::validation_error, "a command's fields are a JSON object");
        }
    }
    CARIOSAN_TRY(auto invocation, decode(*row, caller.kind(), Input(document.root().if_object(), {})));
    if (invocation.wait.count() > 0) {
        return invalid_field("wait_seconds", "a call does not wait: a host has the engine's events for that");
    }
    AnswerView view = AnswerView::of(caller, invocation.command, engine);
    return NamedCommand{row, std::move(invocation.command), std::move(invocation.token), std::move(view)};
}

const Error* error_of(const Result<std::string>& answer) { return answer ? nullptr : &answer.error(); }

/// `row` is null if there is no such command.
void log_call(engine::EngineImpl& engine, const Caller& caller, const CommandRow* row, std::chrono::microseconds began,
              const Error* error) {
    if (error != nullptr && error->code == ErrorCode::forked) return;
    const std::string_view name = row != nullptr ? row->name : std::string_view();
    const std::chrono::microseconds took = engine.clock().elapsed_finely() - began;
    log_request(engine.log(), {.method = "CALL",
                               .route = name,
                               .error = error,
                               .duration = took,
                               .workspace = caller.workspace(),
                               .user = caller.user_id().value_or(UserId()),
                               .changes = row != nullptr && row->changes(),
                               .command = name,
                               .worked = took});
}

std::shared_ptr<const Answerer> make_answerer(engine::EngineImpl& engine, const GatewayOptions& options) {
    TokenKeys keys{options.jwt_secret, options.jwt_secret_previous, options.jwt_issuer};
    return std::shared_ptr<const Answerer>(
        new Answerer{{}, Tokens(std::move(keys), engine.crypto(), engine.clock()), options.jwt_ttl});
}

}  // namespace

HttpResponse json_response(int status, std::string body) {
    HttpResponse response{.status = status, .headers = {}, .body = std::move(body)};
    response.headers.push_back({"Content-Type", "application/json"});
    response.headers.push_back({"X-Content-Type-Options", "nosniff"});
    return response;
}

GatewayImpl::GatewayImpl(Engine& engine, GatewayOptions options, TrustedProxies proxies)
    : engine_(engine),
      impl_(engine::EngineImpl::of(engine)),
      options_(std::move(options)),
      answerer_(make_answerer(impl_, options_)),
      router_(answerer_->table),
      origins_(options_.allowed_origins),
      proxies_(proxies),
      authentication_(impl_, answerer_->tokens, authentication_options(impl_.rates(), std::move(proxies))),
      openapi_(openapi_document(answerer_->table, impl_.limits(), impl_.attachment_types())),
      asyncapi_(asyncapi_document(answerer_->table, impl_.limits(), impl_.attachment_types())),
      services_{.engine = impl_,
                .table = answerer_->table,
                .tokens = answerer_->tokens,
                .max_backlog = options_.max_backlog_bytes,
                .frames_per_second = impl_.rates().enabled ? impl_.rates().frames_per_second : 0},
      request_times_(std::make_unique<RequestTimes>(answerer_->table)),
      held_{.requests = HeldTotal(options_.max_total_request_bytes),
            .output = HeldTotal(options_.max_total_backlog_bytes)},
      wait_places_(options_.max_waiting_requests) {}

GatewayImpl::~GatewayImpl() {
    if (started_) impl_.stop_realtime();
}

Result<Done> GatewayImpl::start() {
    auto started = impl_.start_realtime(encoder_);
    started_ = started.ok();
    return started;
}

std::unique_ptr<Lane> GatewayImpl::make_lane(std::function<void()> wake) {
    if (impl_.forked()) return nullptr;
    auto lane = std::make_unique<LaneImpl>(std::move(wake), held_);
    const auto index = impl_.add_lane(lane->queue());
    if (!index) return nullptr;
    lane->index = *index;
    return lane;
}

std::string GatewayImpl::issue_token(WorkspaceId workspace, const User& user, std::chrono::seconds ttl) {
    if (impl_.forked()) return {};
    const auto life = std::clamp(ttl, std::chrono::seconds(1), kMaxTokenLife);
    return answerer_->tokens.issue(workspace, user, life).token;
}

Result<std::string> Answerer::finish(const CommandRow& row, const TokenRequest& token, WorkspaceId workspace,
                                     const Outcome& outcome, const AnswerView& view) const {
    if (!row.issues_token) return answer_text(outcome.answer, view);
    const auto& user = std::get<User>(outcome.answer);
    if (token.external_id && *token.external_id != user.external_id) return not_found("user");
    const auto issued = tokens.issue(workspace, user, token.life.count() > 0 ? token.life : token_life);
    std::string out;
    write_object(out, [&](ObjectWriter& object) {
        object.string("token", issued.token);
        object.time("expires_at", issued.expires_at);
    });
    return out;
}

void GatewayImpl::call(const Caller& caller, std::string_view name, std::string_view json,
                       std::function<void(Result<std::string>)> done) {
    const std::chrono::microseconds began = impl_.clock().elapsed_finely();
    auto named = decode_named(impl_, answerer_->table, caller, name, json);
    if (!named) {
        log_call(impl_, caller, answerer_->table.find(name), began, &named.error());
        impl_.post([done = std::move(done), error = std::move(named).error()] { done(error); });
        return;
    }
    engine_.submit_any(caller, std::move(named->command),
                       [&engine = impl_, caller, began, answerer = answerer_, row = named->row, token = std::move(named->token),
                        workspace = caller.workspace(), view = std::move(named->view),
                        done = std::move(done)](Result<Outcome> outcome) {
                           Result<std::string> text =
                               outcome ? answerer->finish(*row, token, workspace, *outcome, view)
                                       : Result<std::string>(std::move(outcome).error());
                           log_call(engine, caller, row, began, error_of(text));
                           done(std::move(text));
                       });
}

Result<std::string> GatewayImpl::run(const Caller& caller, std::string_view name, std::string_view json) {
    const std::chrono::microseconds began = impl_.clock().elapsed_finely();
    const auto answer = [&]() -> Result<std::string> {
        CARIOSAN_TRY(auto named, decode_named(impl_, answerer_->table, caller, name, json));
        CARIOSAN_TRY(const Outcome outcome, engine_.run_any(caller, std::move(named.command)));
        return answerer_->finish(*named.row, named.token, caller.workspace(), outcome, named.view);
    };
    Result<std::string> text = answer();
    log_call(impl_, caller, answerer_->table.find(name), began, error_of(text));
    return text;
}

std::string GatewayImpl::encode(const Event& event) { return encode_event(event, {.own = false}); }

void GatewayImpl::drain(std::chrono::milliseconds reconnect_after) {
    if (impl_.forked()) return;
    draining_ = true;
    impl_.drain(reconnect_after);
}

}  // namespace cariosan::protocol
