/// Authentication of callers; section 2 of the protocol.
#pragma once

#include <cariosan/http.hpp>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/cache/generations.hpp"
#include "core/rates/token_buckets.hpp"
#include "engine/engine_impl.hpp"
#include "protocol/rest/client_address.hpp"
#include "protocol/rest/token.hpp"

namespace cariosan::protocol {

/// An authenticated caller.
struct Principal {
    Caller caller = Caller::host();
    UserId user;                              ///< nil for a backend
    std::chrono::milliseconds token_ends{0};  ///< `TokenClaims::ends`; 0 for a backend

    /// The identity that its reads are queued under (`FairReadQueue`): the user, or a backend's workspace.
    Uuid identity() const { return user.is_nil() ? caller.workspace().uuid : user.uuid; }
};

/// Caches storage's verdicts on API keys, under the SHA-256 of key and secret, so that no secret is kept. Thread-safe; bounded.
///
/// A right key is trusted for `kLife`, so a revoked key stops working within that time. After that it is `stale`: a key that
/// was right once may always be looked up again, however many wrong ones others send. A wrong key is remembered for `kLife` to
/// twice that, in a separate table, so that a flood of wrong keys cannot evict a right one.
class ApiKeyCache {
  public:
    static constexpr std::chrono::milliseconds kLife{2'000};
    static constexpr std::size_t kMaxKeys = 10'000;  ///< right ones, and again as many wrong ones

    enum class Verdict : std::uint8_t { unknown, right, stale, wrong };
    struct Found {
        Verdict verdict = Verdict::unknown;
        WorkspaceId workspace;  ///< if the key is right
    };
    Found find(const Digest& digest, std::chrono::milliseconds now);
    void put_right(const Digest& digest, WorkspaceId workspace, std::chrono::milliseconds now);
    void put_wrong(const Digest& digest, std::chrono::milliseconds now);

  private:
    struct Entry {
        WorkspaceId workspace;
        std::chrono::milliseconds until{0};
    };
    struct Hash {
        std::size_t operator()(const Digest& digest) const noexcept;
    };
    struct Remembered {};

    std::mutex mutex_;
    std::unordered_map<Digest, Entry, Hash> right_;
    core::Generations<Digest, Remembered, Hash> wrong_;
};

/// Authenticates callers and limits failed attempts per client address. Thread-safe; its arguments must outlive it.
///
/// A whole city may share one address, so a valid credential is never refused because of its neighbours' failures: a token is
/// proved by its signature, an unknown key by a lookup in storage. Addresses with too many failures share
/// `unproven_lookups_per_second` lookups; only a key that this process has never seen valid can be delayed by that. Ruling that
/// out would require all keys in memory, in step with those that other processes create and revoke. A queue in front of storage
/// would not help: requests would be refused when it is full.
class Authentication {
  public:
    struct Options {
        TrustedProxies proxies;
        std::int64_t backend_requests_per_second = 0;  ///< 0: no limit
        std::int64_t failures_per_minute = 0;          ///< per client address; 0: no limit
        std::int64_t unproven_lookups_per_second = 0;  ///< for all addresses above that limit together; 0: no limit
    };
    Authentication(engine::EngineImpl& engine, const Tokens& tokens, Options options);

    /// Checks the `Authorization` of a request: `unauthorized`, `rate_limited`, `unavailable`. Call it on the lane's thread; `done`
    /// runs there, before or after this returns.
    void authenticate(const realtime::LaneQueueRef& lane, const HttpRequest& request,
                      std::function<void(Result<Principal>)> done);

    /// Checks the token of a WebSocket handshake.
    Result<Principal> authenticate_token(std::string_view token, const HttpRequest& request);

  private:
    void authenticate_key(const realtime::LaneQueueRef& lane, std::string_view credentials,
                          std::string address, std::function<void(Result<Principal>)> done);
    Result<Done> allow_lookup(std::string_view address, ApiKeyCache::Verdict verdict);
    Result<Principal> admit_backend(WorkspaceId workspace, std::string_view api_key);
    Error count_failure(std::string_view address, Error error);
    std::chrono::milliseconds now() const { return engine_.clock().elapsed(); }

    engine::EngineImpl& engine_;
    const Tokens& tokens_;
    const TrustedProxies proxies_;
    ApiKeyCache keys_;
    core::NamedTokenBuckets backend_requests_;
    core::NamedTokenBuckets failures_;
    core::NamedTokenBuckets unproven_lookups_;
};

/// What a WebSocket client offers in `Sec-WebSocket-Protocol`, and the answer to it.
struct SocketOffer {
    std::string token;
    std::string answer;
};

/// Absent if there is no token, or more than one.
std::optional<SocketOffer> parse_socket_offer(const HttpRequest& request);
/// The offer of a client that knows this version of the protocol.
inline constexpr std::string_view kVersionOffer = "cariosan.v1";
bool offers_version(const HttpRequest& request);

}  // namespace cariosan::protocol
