/// Addresses of the web: which text is one, and whether what it names can exist.
#pragma once

#include <string_view>

namespace cariosan::core {

/// What is wrong with an address. `none`: it is absolute, http or https, and its host can exist.
enum class UrlFault { none, form, user, host, port };

/// Judges the form alone (RFC 3986, section 3; WHATWG URL, section 3.5); nothing is looked up. The host is a DNS name, punycode
/// where it is not ASCII, of at most 253 bytes in labels of 1–63 letters, digits, "-" and "_"; an IPv4 address in four decimal
/// numbers; or an IPv6 address in brackets. Whatever ends in a number must be the former: programs disagree about the others.
/// The port, if there is one, is in 1–65535. Neither user name nor password, and nothing that no URL has: white space, control
/// and invisible characters, quotes, backslashes. `text` is UTF-8.
UrlFault judge_web_url(std::string_view text) noexcept;

}  // namespace cariosan::core
