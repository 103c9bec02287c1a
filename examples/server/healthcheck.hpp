/// Checks the health of a running server, for container runtimes that only look at exit codes.
#pragma once

#include <cariosan/error.hpp>

#include <string>

#include "configuration.hpp"

namespace cariosan::server {

/// Requests `GET /healthz` at the configured address. `unavailable` with the reason unless it answers 200
/// within five seconds. With TLS any certificate will do: it is made for the name by which clients reach the server.
Result<Done> check_health(const Configuration& configuration);

/// The address for a client on the same machine to reach a server that listens at `host`.
std::string reachable_host(const std::string& host);

/// `http://host:port`, or `https://` with TLS, where a client on the same machine reaches the server that is configured so and
/// listens at `port`. With brackets around an IPv6 address.
std::string base_url(const Configuration& configuration, std::uint16_t port);

}  // namespace cariosan::server
