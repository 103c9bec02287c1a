#pragma once

#include <cariosan/error.hpp>
#include <string>
#include <string_view>

namespace cariosan::redis {

/// Where a Redis is, and as whom to sign in.
struct Address {
    std::string host{};
    int port = 6379;
    std::string socket{};  ///< path of a Unix socket; if set, host and port do not count
    std::string user{};    ///< empty: the default user
    std::string password{};
    int database = 0;
};

/// Reads a URL as `RedisOptions::url` describes it. `misuse` otherwise, with a message that has no part of the URL.
Result<Address> parse_url(std::string_view url);

}  // namespace cariosan::redis
