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

#include "engine/engine_impl.hpp"
#include "protocol/client_address.hpp"
#include "protocol/token.hpp"
#include "protocol/token_buckets.hpp"

namespace cariosan::protocol {

/// A caller that has proved who it is.
struct Principal {
    Caller caller = Caller::host();
    UserId user;                        ///< nil for a backend
    std::int64_t token_expires_at = 0;  ///< seconds since 1970; 0 for a backend
};

/// API keys that were verified a moment ago, by the SHA-256 of key and secret, so that no secret is kept. A key that is
/// withdrawn is forgotten within `kLife`. Thread-safe; bounded.
class ApiKeyCache {
  public:
    static constexpr std::chrono::milliseconds kLife{4'000};
    static constexpr std::size_t kMaxKeys = 10'000;

    std::optional<WorkspaceId> find(const Digest& digest, std::chrono::milliseconds now);
    void put(const Digest& digest, WorkspaceId workspace, std::chrono::milliseconds now);

  private:
    struct Entry {
        WorkspaceId workspace;
        std::chrono::milliseconds until{0};
    };
    struct Hash {
        std::size_t operator()(const Digest& digest) const noexcept;
    };
    std::mutex mutex_;
    std::unordered_map<Digest, Entry, Hash> entries_;
};

/// Thread-safe; what it is given must outlive it.
class Authentication {
  public:
    struct Options {
        TrustedProxies proxies;
        std::int64_t backend_requests_per_second = 0;  ///< 0: no limit
        std::int64_t failures_per_minute = 0;          ///< likewise
    };
    Authentication(engine::EngineImpl& engine, const Tokens& tokens, Options options);

    /// Judges the `Authorization` of a request: `unauthorized`, `rate_limited`, `unavailable`. `done` runs on this
    /// thread, before or after this returns: on the lane's if that is where this was called.
    void authenticate(const realtime::LaneQueueRef& lane, const HttpRequest& request,
                      std::function<void(Result<Principal>)> done);

    /// Judges the token of a WebSocket handshake.
    Result<Principal> authenticate_token(std::string_view token, const HttpRequest& request);

  private:
    void authenticate_key(const realtime::LaneQueueRef& lane, std::string_view credentials,
                          std::string address, std::function<void(Result<Principal>)> done);
    Result<Principal> admit_backend(WorkspaceId workspace, std::string_view api_key);
    Error count_failure(std::string_view address, Error error);
    std::chrono::milliseconds now() const { return engine_.clock().elapsed(); }

    engine::EngineImpl& engine_;
    const Tokens& tokens_;
    const TrustedProxies proxies_;
    ApiKeyCache keys_;
    TokenBuckets backend_requests_;
    TokenBuckets failures_;
};

/// What a WebSocket client offers in `Sec-WebSocket-Protocol`, and what is answered.
struct SocketOffer {
    std::string token;
    std::string answer;
};

/// Nothing if there is no token, or more than one.
std::optional<SocketOffer> parse_socket_offer(const HttpRequest& request);

}  // namespace cariosan::protocol
