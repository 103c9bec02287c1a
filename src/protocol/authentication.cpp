#include "protocol/authentication.hpp"

#include <algorithm>
#include <cstring>

#include "protocol/http_fields.hpp"

namespace cariosan::protocol {
namespace {

constexpr std::string_view kTokenOffer = "cariosan.jwt.";
constexpr std::string_view kVersionOffer = "cariosan.v1";

/// What stands after "Bearer"; nothing if there is no such header, or more than one.
std::optional<std::string_view> bearer_credentials(const HttpRequest& request) {
    constexpr std::string_view kScheme = "Bearer ";
    if (count_fields(request, "Authorization") != 1) return std::nullopt;
    const std::string_view value = trim(*request.header("Authorization"));
    if (!equal_ignoring_case(value.substr(0, kScheme.size()), kScheme)) return std::nullopt;
    return trim(value.substr(kScheme.size()));
}

}  // namespace

std::size_t ApiKeyCache::Hash::operator()(const Digest& digest) const noexcept {
    std::size_t value = 0;
    std::memcpy(&value, digest.data(), sizeof(value));
    return value;
}

std::optional<WorkspaceId> ApiKeyCache::find(const Digest& digest, std::chrono::milliseconds now) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(digest);
    if (found == entries_.end()) return std::nullopt;
    if (now < found->second.until) return found->second.workspace;
    entries_.erase(found);
    return std::nullopt;
}

void ApiKeyCache::put(const Digest& digest, WorkspaceId workspace, std::chrono::milliseconds now) {
    const std::lock_guard lock(mutex_);
    if (entries_.size() >= kMaxKeys) entries_.clear();
    entries_.insert_or_assign(digest, Entry{workspace, now + kLife});
}

Authentication::Authentication(engine::EngineImpl& engine, const Tokens& tokens, Options options)
    : engine_(engine),
      tokens_(tokens),
      proxies_(std::move(options.proxies)),
      backend_requests_(options.backend_requests_per_second, std::chrono::seconds(1),
                        2 * options.backend_requests_per_second),
      failures_(options.failures_per_minute, std::chrono::minutes(1), options.failures_per_minute) {}

void Authentication::authenticate(const realtime::LaneQueueRef& lane, const HttpRequest& request,
                                  std::function<void(Result<Principal>)> done) {
    const auto credentials = bearer_credentials(request);
    if (!credentials || credentials->empty()) {
        return done(Error(ErrorCode::unauthorized, "an API key or a user's token is missing"));
    }
    if (credentials->find(':') == std::string_view::npos)
        return done(authenticate_token(*credentials, request));
    authenticate_key(lane, *credentials, proxies_.client_key(request), std::move(done));
}

Result<Principal> Authentication::authenticate_token(std::string_view token, const HttpRequest& request) {
    auto claims = tokens_.verify(token);
    if (!claims) return count_failure(proxies_.client_key(request), std::move(claims).error());
    return Principal{Caller::user(claims->workspace, claims->user), claims->user, claims->expires_at};
}

void Authentication::authenticate_key(const realtime::LaneQueueRef& lane, std::string_view credentials,
                                      std::string address, std::function<void(Result<Principal>)> done) {
    const std::size_t colon = credentials.find(':');
    std::string api_key(credentials.substr(0, colon));
    const Digest digest = engine_.crypto().sha256(credentials);
    if (const auto known = keys_.find(digest, now())) return done(admit_backend(*known, api_key));
    // A key that is not known costs a look into storage: who has failed too often does not get that far.
    if (auto allowed = failures_.check(address, now()); !allowed) return done(std::move(allowed).error());

    VerifyApiKey command{.api_key = api_key, .api_secret = std::string(credentials.substr(colon + 1))};
    engine_.submit_to(
        lane, Caller::host(), std::move(command),
        [this, digest, api_key = std::move(api_key), address = std::move(address),
         done = std::move(done)](Result<Outcome> outcome) {
            if (!outcome) {
                Error& error = outcome.error();
                const bool failed = error.code == ErrorCode::unauthorized;
                return done(failed ? count_failure(address, std::move(error)) : std::move(error));
            }
            const WorkspaceId workspace = std::get<Workspace>(outcome->answer).id;
            keys_.put(digest, workspace, now());
            done(admit_backend(workspace, api_key));
        });
}

Result<Principal> Authentication::admit_backend(WorkspaceId workspace, std::string_view api_key) {
    if (auto allowed = backend_requests_.take(api_key, now()); !allowed) return std::move(allowed).error();
    return Principal{Caller::backend(workspace), {}, 0};
}

Error Authentication::count_failure(std::string_view address, Error error) {
    auto allowed = failures_.take(address, now());
    if (!allowed) return std::move(allowed).error();
    return error;
}

std::optional<SocketOffer> parse_socket_offer(const HttpRequest& request) {
    std::optional<SocketOffer> offer;
    bool version = false;
    for (const std::string_view element : list_field(request, "Sec-WebSocket-Protocol")) {
        if (element == kVersionOffer) version = true;
        if (!element.starts_with(kTokenOffer)) continue;
        if (offer) return std::nullopt;
        offer = SocketOffer{std::string(element.substr(kTokenOffer.size())), std::string(element)};
    }
    if (offer && version) offer->answer = kVersionOffer;
    return offer;
}

}  // namespace cariosan::protocol
