#include "protocol/rest/authentication.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/propagate.hpp"
#include "encoding/ascii.hpp"
#include "protocol/rest/http_fields.hpp"

namespace cariosan::protocol {
namespace {

constexpr std::size_t kMostBuckets = 65'536;

constexpr std::string_view kTokenOffer = "cariosan.jwt.";

/// The text after "Bearer"; absent if there is no such header, or more than one.
std::optional<std::string_view> bearer_credentials(const HttpRequest& request) {
    constexpr std::string_view kScheme = "Bearer ";
    if (count_fields(request, "Authorization") != 1) return std::nullopt;
    const std::string_view value = encoding::trim_blanks(*request.header("Authorization"));
    if (!encoding::equal_ignoring_case(value.substr(0, kScheme.size()), kScheme)) return std::nullopt;
    return encoding::trim_blanks(value.substr(kScheme.size()));
}

}  // namespace

std::size_t ApiKeyCache::Hash::operator()(const Digest& digest) const noexcept {
    std::size_t value = 0;
    std::memcpy(&value, digest.data(), sizeof(value));
    return value;
}

ApiKeyCache::Found ApiKeyCache::find(const Digest& digest, std::chrono::milliseconds now) {
    const std::lock_guard lock(mutex_);
    if (const auto found = right_.find(digest); found != right_.end()) {
        return {now < found->second.until ? Verdict::right : Verdict::stale, found->second.workspace};
    }
    wrong_.expire(now, kLife);
    return {wrong_.find(digest) != nullptr ? Verdict::wrong : Verdict::unknown, {}};
}

void ApiKeyCache::put_right(const Digest& digest, WorkspaceId workspace, std::chrono::milliseconds now) {
    const std::lock_guard lock(mutex_);
    if (right_.size() >= kMaxKeys) right_.clear();
    right_.insert_or_assign(digest, Entry{workspace, now + kLife});
}

void ApiKeyCache::put_wrong(const Digest& digest, std::chrono::milliseconds now) {
    const std::lock_guard lock(mutex_);
    right_.erase(digest);
    wrong_.expire(now, kLife);
    wrong_.use(digest, kMaxKeys / 2, now);
}

Authentication::Authentication(engine::EngineImpl& engine, const Tokens& tokens, Options options)
    : engine_(engine),
      tokens_(tokens),
      proxies_(std::move(options.proxies)),
      backend_requests_("requests with this API key", {.count = options.backend_requests_per_second,
                                                       .period = std::chrono::seconds(1),
                                                       .held = 2 * options.backend_requests_per_second},
                        kMostBuckets),
      failures_("failed authentications from this address",
                {.count = options.failures_per_minute, .period = std::chrono::minutes(1), .held = options.failures_per_minute},
                kMostBuckets),
      unproven_lookups_("look-ups of unknown API keys", {.count = options.unproven_lookups_per_second,
                                                         .period = std::chrono::seconds(1),
                                                         .held = options.unproven_lookups_per_second},
                        kMostBuckets) {}

void Authentication::authenticate(const realtime::LaneQueueRef& lane, const HttpRequest& request,
                                  std::function<void(Result<Principal>)> done) {
    const auto credentials = bearer_credentials(request);
    if (!credentials || credentials->empty()) {
        return done(Error(ErrorCode::unauthorized,
                          request.header("Authorization")
                              ? "the Authorization header is not Bearer and an API key with its secret, or a user's token"
                              : "an API key or a user's token is missing"));
    }
    const std::size_t colon = credentials->find(':');
    const bool key = colon != std::string_view::npos || credentials->starts_with("pk_");
    if (!key) return done(authenticate_token(*credentials, request));
    if (colon == 0) return done(Error(ErrorCode::unauthorized, "the API secret lacks its key: Bearer KEY:SECRET"));
    if (colon >= credentials->size() - 1) return done(Error(ErrorCode::unauthorized, "the API key lacks its secret: Bearer KEY:SECRET"));
    authenticate_key(lane, *credentials, proxies_.client_key(request), std::move(done));
}

Result<Principal> Authentication::authenticate_token(std::string_view token, const HttpRequest& request) {
    const auto payload = tokens_.signed_payload(token);
    if (!payload) return count_failure(proxies_.client_key(request), payload.error());
    // A token we have signed is no guess, even if it has expired, is not valid yet or lacks a claim: not counted as a failure.
    CARIOSAN_TRY(auto claims, tokens_.claims_of(*payload));
    return Principal{Caller::user(claims.workspace, claims.user, std::move(claims.external_id)), claims.user,
                     claims.ends};
}

void Authentication::authenticate_key(const realtime::LaneQueueRef& lane, std::string_view credentials,
                                      std::string address, std::function<void(Result<Principal>)> done) {
    const std::size_t colon = credentials.find(':');
    std::string api_key(credentials.substr(0, colon));
    const Digest digest = engine_.crypto().sha256(credentials);
    const ApiKeyCache::Found found = keys_.find(digest, now());
    if (found.verdict == ApiKeyCache::Verdict::right) return done(admit_backend(found.workspace, api_key));
    if (found.verdict == ApiKeyCache::Verdict::wrong) {
        return done(count_failure(address, Error(ErrorCode::unauthorized, "the API key or its secret is wrong")));
    }
    if (auto allowed = allow_lookup(address, found.verdict); !allowed) return done(std::move(allowed).error());

    VerifyApiKey command{.api_key = api_key, .api_secret = std::string(credentials.substr(colon + 1))};
    engine_.submit_to(
        lane, Caller::host(), std::move(command),
        [this, digest, api_key = std::move(api_key), address = std::move(address),
         done = std::move(done)](Result<Outcome> outcome) {
            if (!outcome) {
                Error& error = outcome.error();
                if (error.code != ErrorCode::unauthorized) return done(std::move(error));
                keys_.put_wrong(digest, now());
                return done(count_failure(address, std::move(error)));
            }
            const WorkspaceId workspace = std::get<Workspace>(outcome->answer).id;
            keys_.put_right(digest, workspace, now());
            done(admit_backend(workspace, api_key));
        });
}

/// Limits lookups of keys from addresses with many failures, since a lookup costs more than refusing.
Result<Done> Authentication::allow_lookup(std::string_view address, ApiKeyCache::Verdict verdict) {
    if (verdict == ApiKeyCache::Verdict::stale || failures_.check(address, now())) return Done{};
    return unproven_lookups_.take(std::string_view(), now());
}

Result<Principal> Authentication::admit_backend(WorkspaceId workspace, std::string_view api_key) {
    CARIOSAN_TRY_DONE(backend_requests_.take(api_key, now()));
    return Principal{Caller::backend(workspace), {}, {}};
}

Error Authentication::count_failure(std::string_view address, Error error) {
    CARIOSAN_TRY_DONE(failures_.take(address, now()));
    return error;
}

bool offers_version(const HttpRequest& request) {
    const std::vector<std::string_view> offers = list_field(request, "Sec-WebSocket-Protocol");
    return std::ranges::find(offers, kVersionOffer) != offers.end();
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
