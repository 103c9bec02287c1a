// Answers that need no command: health, readiness, metrics, the description of the API, and the host's own pages.
#include <algorithm>
#include <iterator>
#include <utility>

#include "protocol/metrics/metrics.hpp"
#include "protocol/rest/gateway_impl.hpp"
#include "protocol/rest/http_fields.hpp"

namespace cariosan::protocol {
namespace {

constexpr std::string_view kHealthy = R"({"status":"ok"})";

/// A node without its bus still serves its own clients, so it is ready, and says what it lacks.
std::string ready_text(const Metrics& metrics) {
    std::string away;
    if (metrics.bus_away != 0) away += R"("bus")";
    if (metrics.coordination_away != 0) away += away.empty() ? R"("coordination")" : R"(,"coordination")";
    return away.empty() ? std::string(kHealthy) : R"({"status":"ok","away":[)" + away + "]}";
}
constexpr std::string_view kOpenMethods = "GET, HEAD, OPTIONS";

/// Any failure of storage means "not ready", not a fault of the request.
Error not_ready(const Error& error) {
    if (error.code == ErrorCode::unavailable) return error;
    return Error(ErrorCode::unavailable, "the server's storage is failing")
        .with("reason", "storage_failing")
        .because(error.message + ": " + error.cause);
}

}  // namespace

bool GatewayImpl::serve_open_path(const ExchangeRef& exchange, std::string_view path) {
    const auto* const known = std::ranges::find(kOpenPaths, path);
    if (known == kOpenPaths.end()) return false;
    exchange->route = *known;
    const HttpRequest& request = exchange->request;
    if (request.method == "OPTIONS") {
        HttpResponse response{.status = 204, .headers = {{"Allow", std::string(kOpenMethods)}}, .body = {}};
        origins_.answer_preflight(request, std::string(kOpenMethods), response);
        respond(exchange, std::move(response));
    } else if (!is_reading(request)) {
        HttpResponse response =
            error_response(exchange, Error(ErrorCode::method_not_allowed, "method not allowed for this path"));
        response.headers.push_back({"Allow", std::string(kOpenMethods)});
        respond(exchange, std::move(response));
    } else if (path == "/healthz") {
        respond(exchange, json_response(200, std::string(kHealthy)));
    } else if (path == "/readyz") {
        serve_readiness(exchange);
    } else if (path == "/metrics") {
        serve_metrics(exchange);
    } else if (path == "/openapi.json") {
        respond(exchange, json_response(200, openapi_));
    } else if (path == "/asyncapi.json") {
        respond(exchange, json_response(200, asyncapi_));
    } else {
        // Real upgrades go to `admit`; this request lacks the upgrade headers (RFC 9110, section 15.5.22).
        HttpResponse response =
            error_response(exchange, Error(ErrorCode::validation_error, "this is a WebSocket: ask for an upgrade"));
        response.status = 426;
        response.headers.push_back({"Upgrade", "websocket"});
        respond(exchange, std::move(response));
    }
    return true;
}

void GatewayImpl::serve_options(const ExchangeRef& exchange, const std::vector<std::string>& segments) {
    const std::string methods = router_.allowed(segments);
    if (methods.empty()) return serve_unknown(exchange);
    HttpResponse response{.status = 204, .headers = {{"Allow", methods}}, .body = {}};
    origins_.answer_preflight(exchange->request, methods, response);
    respond(exchange, std::move(response));
}

void GatewayImpl::serve_readiness(const ExchangeRef& exchange) {
    if (draining_)
        return fail(exchange, Error(ErrorCode::unavailable, "shutting down").with("reason", "shutting_down"));
    impl_.check_to(exchange->lane.queue(), [this, exchange](const Result<Done>& checked) {
        if (!checked) return fail(exchange, not_ready(checked.error()));
        respond(exchange, json_response(200, ready_text(impl_.metrics())));
    });
}

std::string GatewayImpl::metrics() const {
    return metrics_text({.metrics = impl_.metrics(),
                         .held = held_,
                         .waits = wait_places_,
                         .engine = impl_.counters(),
                         .webhooks = impl_.webhook_counters(),
                         .pushes = impl_.push_counters(),
                         .requests = *request_times_,
                         .process = process_figures()});
}

void GatewayImpl::serve_metrics(const ExchangeRef& exchange) {
    if (!options_.metrics_token.empty()) {
        const std::string wanted = "Bearer " + options_.metrics_token;
        const std::string_view given = exchange->request.header("Authorization").value_or("");
        // Hashes all have the same length, so timing does not even reveal the token's length.
        const Digest left = impl_.crypto().sha256(wanted);
        const Digest right = impl_.crypto().sha256(given);
        const auto text = [](const Digest& digest) {
            return std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size());
        };
        if (!impl_.crypto().equal(text(left), text(right))) {
            return fail(exchange, Error(ErrorCode::unauthorized, "the metrics token is missing or wrong"));
        }
    }
    HttpResponse response{.status = 200, .headers = {}, .body = metrics()};
    response.headers.push_back({"Content-Type", std::string(kMetricsType)});
    response.headers.push_back({"X-Content-Type-Options", "nosniff"});
    respond(exchange, std::move(response));
}

void GatewayImpl::serve_unknown(const ExchangeRef& exchange) {
    if (options_.fallback && is_reading(exchange->request)) {
        if (auto response = options_.fallback(exchange->request))
            return respond(exchange, std::move(*response));
    }
    fail(exchange, Error(ErrorCode::not_found, "no such path"));
}

}  // namespace cariosan::protocol
