/// Web addresses: whether a text is one, and whether its host can exist.
#pragma once

#include <string_view>

namespace cariosan::core {

/// What is wrong with an address. `none`: it is absolute, http or https, and its host can exist.
enum class UrlFault { none, form, user, host, port };

/// Checks only the form (RFC 3986, section 3; WHATWG URL, section 3.5); nothing is looked up. The host is a DNS name, in
/// punycode if it is not ASCII, of at most 253 bytes in labels of 1–63 letters, digits, "-" and "_"; an IPv4 address in four
/// decimal numbers; or an IPv6 address in brackets. A host that ends in a number must be such an IPv4 address: programs
/// disagree about other forms. The port, if given, is in 1–65535. User names, passwords, white space, control and invisible
/// characters, quotes and backslashes are refused. `text` is UTF-8.
UrlFault judge_web_url(std::string_view text) noexcept;

}  // namespace cariosan::core
