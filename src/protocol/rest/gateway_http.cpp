// The steps of a REST request: route, authenticate, decode, submit, answer.
#include <algorithm>
#include <memory>
#include <utility>

#include "core/text/traceparent.hpp"
#include "encoding/ascii.hpp"
#include "protocol/errors.hpp"
#include "protocol/json/json_reader.hpp"
#include "protocol/rest/gateway_impl.hpp"
#include "protocol/rest/http_fields.hpp"

namespace cariosan::protocol {
namespace {

constexpr std::size_t kLongestRequestId = 128;

/// Whether a client's request id is safe to repeat in our logs and headers.
bool is_sane_request_id(std::string_view id) {
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    return !id.empty() && id.size() <= kLongestRequestId &&
           id.find_first_not_of(kAllowed) == std::string_view::npos;
}

/// The header must be there once: it is not a list.
std::string traceparent_of(const HttpRequest& request) {
    const auto given = request.header("traceparent");
    if (!given || count_fields(request, "traceparent") != 1) return {};
    return core::read_traceparent(encoding::trim_blanks(*given));
}

std::string_view path_of(const HttpRequest& request) {
    const std::string_view target = request.target;
    return target.substr(0, target.find('?'));
}

/// Whole seconds for HTTP headers; at least one.
std::string whole_seconds(std::int64_t milliseconds) {
    return std::to_string(std::max<std::int64_t>(1, (milliseconds + 999) / 1000));
}

void add_retry_headers(const Error& error, HttpResponse& response) {
    const auto wait = retry_after_ms(error);
    if (!wait) return;
    const std::string seconds = whole_seconds(*wait);
    response.headers.push_back({"Retry-After", seconds});
    if (response.status != 429) return;
    const ErrorDetail* limit = error.detail("limit");
    const auto* tokens = limit != nullptr ? std::get_if<std::int64_t>(&limit->value) : nullptr;
    if (tokens != nullptr) response.headers.push_back({"RateLimit-Limit", std::to_string(*tokens)});
    response.headers.push_back({"RateLimit-Remaining", "0"});
    response.headers.push_back({"RateLimit-Reset", seconds});
}

Error unsupported_body(const HttpRequest& head) {
    const auto coding = head.header("Content-Encoding");
    const bool coded = coding && !encoding::equal_ignoring_case(encoding::trim_blanks(*coding), "identity");
    return Error(ErrorCode::unsupported_media_type, coded ? "a compressed body is not accepted: leave Content-Encoding out"
                                                          : "the body must be application/json in UTF-8");
}

/// Checks the type of the body that the head announces, if any.
Result<Done> check_body_type(const HttpRequest& head) {
    const bool typed = head.header("Content-Type").has_value();
    const bool announced = head.header("Content-Length").value_or("0") != "0" || head.header("Transfer-Encoding");
    if (has_json_type(head) || (!typed && !announced)) return Done{};
    return unsupported_body(head);
}

/// Parses the body. No body counts as an empty object.
Result<Done> parse_body(const HttpRequest& head, const std::string& body, JsonDocument& document) {
    if (body.empty()) return Done{};
    // `check_body_type` sees only heads; callers that pass a complete request may omit the fields that announce the body.
    if (!has_json_type(head)) {
        return unsupported_body(head);
    }
    if (auto parsed = document.parse(body); !parsed) return parsed;
    if (!document.root().is_object()) {
        return Error(ErrorCode::validation_error, "the body must be a JSON object");
    }
    return Done{};
}

/// A query parameter that the command knows must have a value; others are ignored, as unknown fields are.
Result<Done> check_query(const CommandRow& row, const std::vector<Parameter>& query) {
    for (const Parameter& parameter : query) {
        const bool known = std::ranges::find(row.fields, parameter.name, &Field::name) != row.fields.end();
        if (known && parameter.value.empty()) {
            return invalid_field(parameter.name, parameter.name + " must not be empty");
        }
    }
    return Done{};
}

/// What the command takes from the head. A member of the body with its name is unknown, as others are.
Result<Done> take_headers(const CommandRow& row, const HttpRequest& head, JsonDocument& body, std::vector<Parameter>& parameters) {
    for (const Field& field : row.fields) {
        if (field.header.empty()) continue;
        body.forget(field.name);
        const std::size_t given = count_fields(head, field.header);
        if (given > 1) return invalid_field(std::string(field.name), std::string(field.header) + " may be given once");
        if (given == 1) parameters.push_back({std::string(field.name), std::string(encoding::trim_blanks(*head.header(field.header)))});
    }
    return Done{};
}

/// Reads the pages of an export one after the other. On the thread of `lane`.
struct RecordStream : std::enable_shared_from_this<RecordStream> {
    RecordStream(engine::EngineImpl& of, realtime::LaneQueueRef on, Caller by, ExportUser what, engine::Asker who)
        : engine(of), lane(std::move(on)), caller(std::move(by)), command(std::move(what)), asker(std::move(who)) {}

    void next(std::function<void(BodyPart)> done) {
        if (finished) return done(std::optional<std::string>());
        engine.submit_to(lane, caller, command,
                         [self = shared_from_this(), done = std::move(done)](Result<Outcome> outcome) {
                             if (!outcome) return done(std::move(outcome).error());
                             const auto& page = std::get<Page<UserRecord>>(outcome->answer);
                             self->command.cursor = page.next_cursor;
                             self->finished = !page.has_more();
                             // A page may be empty without being the last.
                             if (page.items.empty()) return self->next(done);
                             done(std::optional(record_lines(page)));
                         },
                         asker);
    }

    engine::EngineImpl& engine;
    realtime::LaneQueueRef lane;
    Caller caller;
    ExportUser command;
    engine::Asker asker;
    bool finished = false;
};

}  // namespace

std::string GatewayImpl::request_id_of(const HttpRequest& request) {
    const auto given = request.header("X-Request-Id");
    if (given && is_sane_request_id(*given)) return std::string(*given);
    return impl_.ids().next().to_string();
}

HttpResponse GatewayImpl::error_response(const Error& error, std::string_view request_id) const {
    HttpResponse response = json_response(http_status(error.code), error_envelope(error, request_id));
    response.headers.push_back({"Cache-Control", "no-store"});
    if (response.status == 401) {
        const bool given = error.detail("reason") != nullptr;
        response.headers.push_back(
            {"WWW-Authenticate", given ? R"(Bearer error="invalid_token")" : "Bearer"});
    }
    add_retry_headers(error, response);
    return response;
}

HttpResponse GatewayImpl::error_response(const ExchangeRef& exchange, Error error) const {
    exchange->error = std::move(error);
    return error_response(*exchange->error, exchange->request_id);
}

RequestLine GatewayImpl::line_of(const Exchange& exchange) const {
    const std::string_view method = exchange.request.method;
    const std::chrono::microseconds now = impl_.clock().elapsed_finely();
    const bool ran = exchange.running.count() > 0;
    return {.method = method,
            .route = exchange.route,
            .request_id = exchange.request_id,
            .traceparent = exchange.traceparent,
            .error = exchange.error ? &*exchange.error : nullptr,
            .duration = now - exchange.started,
            .workspace = exchange.workspace,
            .user = exchange.user,
            .changes = exchange.is_upload || (exchange.match.row != nullptr && exchange.match.row->changes()),
            .command = ran ? exchange.match.row->name : std::string_view(),
            .worked = ran ? now - exchange.running : std::chrono::microseconds(0)};
}

HttpResponse GatewayImpl::refusal(const Error& error, const HttpRequest& head, RequestLine line,
                                  std::optional<int> status) const {
    HttpResponse response = error_response(error, line.request_id);
    if (status) response.status = *status;
    response.headers.push_back({"X-Request-Id", std::string(line.request_id)});
    origins_for(head).decorate(head, response);
    line.status = response.status;
    line.error = &error;
    note(line);
    return response;
}

HttpResponse GatewayImpl::refuse(const Error& error, const HttpRequest& head, std::optional<int> status) {
    if (impl_.forked()) return refuse_forked(head);
    const std::string request_id = request_id_of(head);
    return refusal(error, head, {.method = head.method, .request_id = request_id}, status);
}

void GatewayImpl::respond(const ExchangeRef& exchange, HttpResponse response) const {
    response.headers.push_back({"X-Request-Id", exchange->request_id});
    origins_for(exchange->request).decorate(exchange->request, response);
    RequestLine line = line_of(*exchange);
    line.status = response.status;
    note(line);
    if (!exchange->judged) return exchange->respond(std::move(response));
    std::exchange(exchange->judged, nullptr)({.pending = nullptr, .response = std::move(response)});
}

void GatewayImpl::fail(const ExchangeRef& exchange, const Error& error) const {
    respond(exchange, error_response(exchange, error));
}

/// Without a new request id: creating one takes a lock, which is unsafe after `fork`.
HttpResponse GatewayImpl::refuse_forked(const HttpRequest& head) const {
    HttpResponse response = error_response(Error(ErrorCode::forked, "the engine belongs to the parent process"), "");
    origins_.decorate(head, response);
    return response;
}

void GatewayImpl::begin(Lane& lane, HttpRequest head, std::function<void(RequestOutcome)> done) {
    if (impl_.forked()) return done({.pending = nullptr, .response = refuse_forked(head)});
    auto exchange = std::make_shared<Exchange>(static_cast<LaneImpl&>(lane));
    exchange->started = impl_.clock().elapsed_finely();
    exchange->request_id = request_id_of(head);
    exchange->traceparent = traceparent_of(head);
    exchange->request = std::move(head);
    exchange->judged = std::move(done);
    route(exchange);
}

void GatewayImpl::route(const ExchangeRef& exchange) {
    const HttpRequest& request = exchange->request;
    if (serve_open_path(exchange, path_of(request)) || serve_file(exchange, path_of(request))) return;
    auto target = parse_target(request.target);
    if (!target) return fail(exchange, target.error());
    if (request.method == "OPTIONS") return serve_options(exchange, target->segments);
    auto match = router_.find(request.method, target->segments);
    if (!match && match.error().code == ErrorCode::not_found) return serve_unknown(exchange);
    if (!match) {
        HttpResponse response = error_response(exchange, match.error());
        response.headers.push_back({"Allow", router_.allowed(target->segments)});
        return respond(exchange, std::move(response));
    }
    exchange->match = std::move(*match);
    exchange->route = exchange->match.route->path;
    exchange->query = std::move(target->query);
    authentication_.authenticate(exchange->lane.queue(), request, [this, exchange](Result<Principal> principal) {
        if (!principal) return fail(exchange, principal.error());
        if (!exchange->traceparent.empty()) principal->caller = principal->caller.traced(exchange->traceparent);
        let_in(exchange, *principal);
    });
}

/// A request whose caller has been authenticated and whose body is being received.
class GatewayImpl::Pending final : public PendingRequest {
  public:
    Pending(GatewayImpl& gateway, ExchangeRef exchange, Principal principal)
        : gateway_(gateway), exchange_(std::move(exchange)), principal_(std::move(principal)) {}

    ~Pending() override {
        if (!over_) gateway_.log_given_up(*exchange_);
    }

    void finish(std::string body, std::function<void(HttpResponse)> respond) override {
        over_ = true;
        exchange_->respond = std::move(respond);
        gateway_.run_command(exchange_, principal_, body);
    }
    HttpResponse refuse(const Error& error, std::optional<int> status) override {
        over_ = true;
        return gateway_.refusal(error, exchange_->request, gateway_.line_of(*exchange_), status);
    }

  private:
    GatewayImpl& gateway_;
    const ExchangeRef exchange_;
    const Principal principal_;
    bool over_ = false;
};

void GatewayImpl::note(const RequestLine& line) const {
    if (line.duration) request_times_->add(line.method, line.route, line.status, *line.duration);
    log_request(impl_.log(), line);
}

void GatewayImpl::log_given_up(const Exchange& exchange) const {
    RequestLine line = line_of(exchange);
    line.given_up = "the connection ended before the body had arrived";
    log_request(impl_.log(), line);
}

void GatewayImpl::let_in(const ExchangeRef& exchange, const Principal& principal) {
    exchange->workspace = principal.caller.workspace();
    exchange->user = principal.user;
    if (auto allowed = check_caller(*exchange->match.row, principal.caller.kind()); !allowed) {
        return fail(exchange, allowed.error());
    }
    if (!exchange->match.route->has_body()) return run_command(exchange, principal, {});
    if (auto readable = check_body_type(exchange->request); !readable) return fail(exchange, readable.error());
    auto pending = std::make_unique<Pending>(*this, exchange, principal);
    std::exchange(exchange->judged, nullptr)({.pending = std::move(pending), .response = {}});
}

void GatewayImpl::stream_records(const ExchangeRef& exchange, const Caller& caller, ExportUser command) {
    auto stream = std::make_shared<RecordStream>(impl_, exchange->lane.queue(), caller, std::move(command),
                                                 exchange->request.asker);
    stream->next([this, exchange, stream](BodyPart first) {
        if (!first) return fail(exchange, first.error());
        HttpResponse response{.status = 200, .headers = {}, .body = first->value_or("")};
        response.headers.push_back({"Content-Type", std::string(kLinesType)});
        response.headers.push_back({"X-Content-Type-Options", "nosniff"});
        response.headers.push_back({"Cache-Control", "no-store"});
        response.next_part = [stream](std::function<void(BodyPart)> done) { stream->next(std::move(done)); };
        respond(exchange, std::move(response));
    });
}

void GatewayImpl::run_command(const ExchangeRef& exchange, const Principal& principal, const std::string& body) {
    const CommandRow& row = *exchange->match.row;
    JsonDocument document;
    std::vector<Parameter> parameters = std::move(exchange->match.parameters);
    if (exchange->match.route->has_body()) {
        if (auto parsed = parse_body(exchange->request, body, document); !parsed)
            return fail(exchange, parsed.error());
    } else {
        // A parameter in the path hides one of the same name in the query: it is found first.
        if (auto given = check_query(row, exchange->query); !given) return fail(exchange, given.error());
        std::ranges::move(exchange->query, std::back_inserter(parameters));
    }
    if (auto taken = take_headers(row, exchange->request, document, parameters); !taken) return fail(exchange, taken.error());
    auto invocation = decode(row, principal.caller.kind(), Input(document.root().if_object(), parameters));
    if (!invocation) return fail(exchange, invocation.error());
    if (std::holds_alternative<Sync>(invocation->command)) return run_sync(exchange, principal, std::move(*invocation));
    exchange->running = impl_.clock().elapsed_finely();
    if (row.lines) {
        return stream_records(exchange, principal.caller, std::get<ExportUser>(std::move(invocation->command)));
    }
    // Answers to reads can be large and wait for this thread, so only so many reads run at once. Searches have their own bound.
    if (row.changes() || std::holds_alternative<SearchMessages>(invocation->command)) {
        return submit(exchange, principal, std::move(*invocation), [] {});
    }
    const Uuid identity = principal.identity();
    auto start = [this, exchange, principal, identity, invocation = std::move(*invocation)]() mutable {
        submit(exchange, principal, std::move(invocation),
               [&lane = exchange->lane, identity] { lane.reads().end(identity); });
        return true;
    };
    exchange->lane.reads().begin(identity, std::move(start));
}

std::function<void(Result<Outcome>)> GatewayImpl::answer_to(const ExchangeRef& exchange, const Principal& principal,
                                                            const Invocation& invocation) {
    return [this, exchange, token = invocation.token, workspace = principal.caller.workspace(),
            view = AnswerView::of(principal.caller, invocation.command, impl_)](Result<Outcome> outcome) {
        if (!outcome) return fail(exchange, outcome.error());
        const CommandRow& row = *exchange->match.row;
        auto text = answerer_->finish(row, token, workspace, *outcome, view);
        if (!text) return fail(exchange, text.error());
        const int status = answer_status(row, *outcome);
        HttpResponse response = status == 204 ? HttpResponse{.status = 204, .headers = {}, .body = {}}
                                              : json_response(status, std::move(*text));
        response.headers.push_back({"Cache-Control", "no-store"});
        respond(exchange, std::move(response));
    };
}

void GatewayImpl::submit(const ExchangeRef& exchange, const Principal& principal, Invocation invocation,
                         std::function<void()> over) {
    auto done = [over = std::move(over), answer = answer_to(exchange, principal, invocation)](Result<Outcome> outcome) {
        over();
        answer(std::move(outcome));
    };
    impl_.submit_to(exchange->lane.queue(), principal.caller, std::move(invocation.command), std::move(done),
                    exchange->request.asker);
}

}  // namespace cariosan::protocol
