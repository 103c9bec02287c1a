/// Who is calling: section 2 of the protocol.
#pragma once

#include <cariosan/http.hpp>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

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

    /// The user, or a backend's workspace: whose turn its reads take (`ReadGate`).
    Uuid identity() const { return user.is_nil() ? caller.workspace().uuid : user.uuid; }
};

/// What storage said of API keys, by the SHA-256 of key and secret, so that no secret is kept. Thread-safe; bounded.
///
/// What was right is believed for `kLife`, so that a key that is withdrawn is forgotten within that time, and
/// remembered as `stale` after it: whoever was right once may ask storage again, however often others are wrong. What
/// was wrong is remembered for `kLife` to twice that, apart, so that no flood of wrong keys pushes out a right one.
class ApiKeyCache {
  public:
    static constexpr std::chrono::milliseconds kLife{2'000};
    static constexpr std::size_t kMaxKeys = 10'000;  ///< of right ones, and of wrong ones

    enum class Verdict : std::uint8_t { unknown, right, stale, wrong };
    struct Found {
        Verdict verdict = Verdict::unknown;
        WorkspaceId workspace;  ///< if it is right
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
    using Wrong = std::unordered_set<Digest, Hash>;
    void turn(std::chrono::milliseconds now);

    std::mutex mutex_;
    std::unordered_map<Digest, Entry, Hash> right_;
    Wrong wrong_young_;
    Wrong wrong_old_;
    std::chrono::milliseconds turned_at_{0};
};

/// Thread-safe; what it is given must outlive it.
///
/// Behind one address there may be a whole city, so what proves itself is never refused for the failures of its
/// neighbours: a token proves itself by its signature, and a key that is not known by a look into storage. An address
/// that has failed too often shares the looks of `unproven_lookups_per_second` with all others like it; only a key
/// that this process has never seen right can be held up by that. To let it in surely, every key there is would have
/// to be in memory, and be kept up with those that other processes make and withdraw; a queue before storage only
/// moves the refusal to its end.
class Authentication {
  public:
    struct Options {
        TrustedProxies proxies;
        std::int64_t backend_requests_per_second = 0;  ///< 0: no limit
        std::int64_t failures_per_minute = 0;          ///< of one client address; 0: no limit
        std::int64_t unproven_lookups_per_second = 0;  ///< of all addresses that have failed that often; 0: no limit
    };
    Authentication(engine::EngineImpl& engine, const Tokens& tokens, Options options);

    /// Checks the `Authorization` of a request: `unauthorized`, `rate_limited`, `unavailable`. `done` runs on this
    /// thread, before or after this returns: on the lane's if that is where this was called.
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

/// What a WebSocket client offers in `Sec-WebSocket-Protocol`, and what is answered.
struct SocketOffer {
    std::string token;
    std::string answer;
};

/// Nothing if there is no token, or more than one.
std::optional<SocketOffer> parse_socket_offer(const HttpRequest& request);

}  // namespace cariosan::protocol
