/// Whom the demo trusts: a browser or a command-line client on this machine, and nobody who only looks like one.
#pragma once

#include <cariosan/http.hpp>

namespace cariosan::server {

/// Whether it asks for a loopback host, as below, and for no other besides.
bool is_for_loopback_host(const HttpRequest& request);

/// Whether a request was made on this machine, for this machine, by a client itself:
///   - the peer is a loopback address;
///   - `Host` is "localhost", an address of 127.0.0.0/8 or "[::1]", with any port: a page of a site whose name was pointed
///     at this machine afterwards (DNS rebinding) comes with the site's name;
///   - `Origin` and `Referer`, where present, are of such a host too, and `Sec-Fetch-Site` is not of another site;
///   - every header is one that clients send of their own accord. Proxies give themselves away by names nobody can list in
///     full, so a header that is not known here stands for a proxy.
bool is_local_browser(const HttpRequest& request);

}  // namespace cariosan::server
