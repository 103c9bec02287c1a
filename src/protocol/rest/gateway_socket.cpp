// Admits WebSockets and makes them sessions.
#include <algorithm>
#include <iterator>
#include <utility>

#include "encoding/ascii.hpp"
#include "protocol/errors.hpp"
#include "protocol/rest/gateway_impl.hpp"
#include "protocol/rest/http_fields.hpp"
#include "protocol/socket/client_session.hpp"
#include "protocol/socket/refused_session.hpp"

namespace cariosan::protocol {
namespace {

constexpr int kSwitchingProtocols = 101;

class AdmissionImpl final : public Admission {
  public:
    AdmissionImpl(Principal principal, std::string subprotocol, std::string request_id)
        : caller_(std::move(principal)), subprotocol_(std::move(subprotocol)), request_id_(std::move(request_id)) {}
    /// Admits a client only to send it the reason of its refusal.
    AdmissionImpl(Error verdict, std::string request_id)
        : caller_(std::move(verdict)), subprotocol_(kVersionOffer), request_id_(std::move(request_id)) {}
    std::string_view subprotocol() const override { return subprotocol_; }
    const Result<Principal>& caller() const { return caller_; }
    std::string take_request_id() { return std::move(request_id_); }

  private:
    Result<Principal> caller_;
    std::string subprotocol_;
    std::string request_id_;
};

/// The parts of a handshake that a later refusal needs. The rest, above all its token, is not kept while the user is read from
/// storage.
HttpRequest origin_of(const HttpRequest& request) {
    HttpRequest origin;
    std::ranges::copy_if(request.headers, std::back_inserter(origin.headers),
                         [](const HttpHeader& header) { return encoding::equal_ignoring_case(header.name, "Origin"); });
    return origin;
}

}  // namespace

/// Helps operators find a proxy that does not pass on `Host`, which is refused for the same reason.
void GatewayImpl::log_refused_origin(const HttpRequest& request) const {
    constexpr std::size_t kShown = 200;
    const auto shown = [&](std::string_view name) { return std::string(request.header(name).value_or("").substr(0, kShown)); };
    impl_.log().write(LogLevel::warning, "websocket.origin_refused",
                      {{"origin", shown("Origin")},
                       {"host", shown("Host")},
                       {"remote_address", request.remote_address},
                       {"hint", "list the origin in CARIOS_CORS_ALLOWED_ORIGINS (allowed_origins), or have the proxy pass Host, or "
                                "X-Forwarded-Host if it is one of CARIOS_TRUSTED_PROXIES (trusted_proxies)"}});
}

Result<Done> GatewayImpl::check_origin(const HttpRequest& request) const {
    if (origins_.admits_socket(request, proxies_.forwarded_host(request))) return Done{};
    log_refused_origin(request);
    return Error(ErrorCode::forbidden,
                 "this origin may not open a WebSocket: it is neither the host that was asked for nor "
                 "listed in CARIOS_CORS_ALLOWED_ORIGINS (allowed_origins)");
}

Result<SocketOffer> GatewayImpl::check_handshake(const HttpRequest& request) const {
    if (draining_) return Error(ErrorCode::unavailable, "shutting down");
    auto offer = parse_socket_offer(request);
    if (!offer) return Error(ErrorCode::unauthorized, "offer cariosan.jwt.<token> in Sec-WebSocket-Protocol, once");
    return std::move(*offer);
}

void GatewayImpl::admit(Lane& lane, const HttpRequest& request, std::function<void(UpgradeOutcome)> done) {
    if (impl_.forked()) return done(UpgradeOutcome{.admission = nullptr, .refusal = refuse_forked(request)});
    // `of` is null until the token was checked.
    const auto line_for = [this, request_id = request_id_of(request), started = impl_.clock().elapsed_finely()](const Principal* of) {
        return RequestLine{.method = "GET",
                           .route = "/v1/ws",
                           .request_id = request_id,
                           .duration = impl_.clock().elapsed_finely() - started,
                           .workspace = of != nullptr ? of->caller.workspace() : WorkspaceId(),
                           .user = of != nullptr ? of->user : UserId()};
    };
    const auto refuse_plainly = [this, origin = origin_of(request), line_for](const Error& error, const Principal* of) {
        return UpgradeOutcome{.admission = nullptr, .refusal = refusal(error, origin, line_for(of))};
    };
    if (auto origin = check_origin(request); !origin) return done(refuse_plainly(origin.error(), nullptr));
    const auto refuse_with = [this, line_for, refuse_plainly, versioned = offers_version(request)](
                                 const Error& error, const Principal* of = nullptr) {
        if (!versioned) return refuse_plainly(error, of);
        RequestLine line = line_for(of);
        line.status = kSwitchingProtocols;
        line.error = &error;
        note(line);
        return UpgradeOutcome{std::make_unique<AdmissionImpl>(error, std::string(line.request_id)), HttpResponse{}};
    };
    auto offer = check_handshake(request);
    if (!offer) return done(refuse_with(offer.error()));
    auto principal = authentication_.authenticate_token(offer->token, request);
    if (!principal) return done(refuse_with(principal.error()));

    // The user may have been deleted since the token was issued, or have another external id than it claims.
    auto& lane_impl = static_cast<LaneImpl&>(lane);
    const Uuid identity = principal->identity();
    const Caller backend = Caller::backend(principal->caller.workspace());
    GetUser command{.user = principal->user.to_string()};
    auto finish = [this, &lane_impl, line_for, refuse_with, identity, principal = std::move(*principal),
                   answer = std::move(offer->answer), done = std::move(done)](const Result<Outcome>& outcome) {
        lane_impl.reads().end(identity);
        if (outcome && std::get<User>(outcome->answer).external_id != principal.caller.external_id()) {
            return done(refuse_with(Error(ErrorCode::unauthorized, "the token's external_id is not that of its user"), &principal));
        }
        if (outcome) {
            RequestLine line = line_for(&principal);
            line.status = kSwitchingProtocols;
            note(line);
            return done({std::make_unique<AdmissionImpl>(principal, answer, std::string(line.request_id)), HttpResponse{}});
        }
        const bool gone = outcome.error().code == ErrorCode::not_found;
        done(refuse_with(gone ? Error(ErrorCode::unauthorized, "the calling user does not exist") : outcome.error(),
                         &principal));
    };
    auto start = [this, &lane_impl, backend, command = std::move(command), finish = std::move(finish)]() mutable {
        impl_.submit_to(lane_impl.queue(), backend, std::move(command), std::move(finish));
        return true;
    };
    lane_impl.reads().begin(identity, std::move(start));
}

std::unique_ptr<Session> GatewayImpl::open_session(Lane& lane, std::unique_ptr<Admission> admission,
                                                   SessionSink& sink) {
    auto& lane_impl = static_cast<LaneImpl&>(lane);
    auto& admitted = static_cast<AdmissionImpl&>(*admission);
    if (!admitted.caller()) return std::make_unique<RefusedSession>(lane_impl, sink, admitted.caller().error());
    const Principal& principal = *admitted.caller();
    auto handle = std::make_shared<realtime::SessionHandle>();
    handle->id = impl_.next_session_id();
    handle->lane = lane_impl.index;
    handle->workspace = principal.caller.workspace();
    handle->user = principal.user;
    return std::make_unique<ClientSession>(services_, lane_impl, sink, principal, std::move(handle),
                                           RequestId(admitted.take_request_id()));
}

}  // namespace cariosan::protocol
