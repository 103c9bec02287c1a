/// How long requests took, by route and class of status.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <deque>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/measures/histogram.hpp"
#include "protocol/commands/command_table.hpp"

namespace cariosan::protocol {

/// The paths that need no command, but `kFileRoute`.
inline constexpr std::array<std::string_view, 6> kOpenPaths{"/healthz",      "/readyz",        "/metrics",
                                                            "/openapi.json", "/asyncapi.json", "/v1/ws"};
/// What files are served as; see files/gateway_files.cpp.
inline constexpr std::string_view kFileRoute = "/v1/files/{key}";

/// A distribution for each route that exists, so that no request adds another, whatever its path. Thread-safe.
class RequestTimes {
  public:
    /// By the first digit of the status.
    static constexpr std::array<std::string_view, 5> kClasses{"1xx", "2xx", "3xx", "4xx", "5xx"};

    struct Series {
        std::string_view method;
        std::string_view route;
        std::array<core::Histogram, kClasses.size()> by_class{};
    };

    explicit RequestTimes(const CommandTable& table);

    /// HEAD counts as GET. What has no route counts as method and route "other".
    void add(std::string_view method, std::string_view route, int status, std::chrono::microseconds duration) noexcept;

    const std::deque<Series>& all() const noexcept { return all_; }

  private:
    using Key = std::pair<std::string_view, std::string_view>;
    struct HashOfKey {
        std::size_t operator()(const Key& key) const noexcept {
            const std::hash<std::string_view> hash;
            return hash(key.first) * 31 + hash(key.second);
        }
    };

    void make(std::string_view method, std::string_view route);

    std::deque<Series> all_;  ///< the first is "other"
    std::unordered_map<Key, Series*, HashOfKey> by_route_;
};

}  // namespace cariosan::protocol
