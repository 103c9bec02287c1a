/// Whom the demo trusts: a browser or command-line client on this machine, and nothing that only looks like one.
#pragma once

#include <cariosan/http.hpp>

namespace cariosan::server {

/// Whether the request names a loopback host, as described below, and no other.
bool is_for_loopback_host(const HttpRequest& request);

/// Whether a client on this machine sent the request directly to this machine:
///   - the peer is a loopback address;
///   - `Host` is "localhost", an address in 127.0.0.0/8 or "[::1]", with any port: a page whose domain was pointed at this
///     machine later (DNS rebinding) sends its own domain instead;
///   - `Origin` and `Referer`, if present, name such a host too, and `Sec-Fetch-Site` is not another site;
///   - every header is one that clients send by themselves. Proxies add headers whose names cannot all be listed, so any
///     unknown header counts as a sign of a proxy.
bool is_local_browser(const HttpRequest& request);

}  // namespace cariosan::server
