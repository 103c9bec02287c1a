#include "adapters/redis/redis_url.hpp"

#include <charconv>
#include <optional>
#include <system_error>

namespace cariosan::redis {
namespace {

Error wrong(const std::string& what) {
    return Error(ErrorCode::misuse, "the Redis URL " + what +
                                        "; accepted: redis://[[user:]password@]host[:port][/database] or unix:/path/to/socket");
}

std::optional<int> number(std::string_view text, int low, int high) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < low || value > high) return std::nullopt;
    return value;
}

/// Decodes `%41`; keeps every other character. Absent for an incomplete or zero code.
std::optional<std::string> decode(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        unsigned value = 0;
        const std::string_view digits = text.substr(i + 1, 2);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
        if (digits.size() != 2 || error != std::errc() || end != digits.data() + 2 || value == 0) return std::nullopt;
        out += static_cast<char>(value);
        i += 2;
    }
    return out;
}

/// Takes `[[user:]password@]` off the front.
std::optional<Error> take_account(std::string_view& rest, std::string_view account_ends_before, Address& address) {
    // A password may contain a raw `@`, so the last one counts.
    const std::size_t at = rest.substr(0, rest.find_first_of(account_ends_before)).rfind('@');
    if (at == std::string_view::npos) return std::nullopt;
    const std::string_view account = rest.substr(0, at);
    rest.remove_prefix(at + 1);
    const std::size_t colon = account.find(':');
    const auto user = decode(colon == std::string_view::npos ? std::string_view() : account.substr(0, colon));
    const auto password = decode(colon == std::string_view::npos ? account : account.substr(colon + 1));
    if (!user || !password) return wrong("has a % without two hexadecimal digits in its user or password");
    if (password->empty()) return wrong("names a user without a password");
    address.user = *user;
    address.password = *password;
    return std::nullopt;
}

std::optional<Error> read_database(std::string_view text, Address& address) {
    const auto database = number(text, 0, 1'000'000);
    if (!database) return wrong("has a database that is no number");
    address.database = *database;
    return std::nullopt;
}

Result<Address> parse_socket(std::string_view rest) {
    Address address;
    if (rest.starts_with("//")) rest.remove_prefix(2);
    if (const auto fault = take_account(rest, "/", address)) return *fault;
    const std::size_t mark = rest.find('?');
    if (mark != std::string_view::npos) {
        const std::string_view query = rest.substr(mark + 1);
        if (!query.starts_with("db=")) return wrong("has an option that is not understood after ?");
        if (const auto fault = read_database(query.substr(3), address)) return *fault;
        rest = rest.substr(0, mark);
    }
    constexpr std::size_t kLongestPath = 107;  // of a Unix socket on Linux
    if (!rest.starts_with("/") || rest.size() > kLongestPath) return wrong("has no absolute path of at most 107 bytes");
    address.socket = rest;
    return address;
}

Result<Address> parse_host(std::string_view rest) {
    Address address;
    if (const auto fault = take_account(rest, "/?#", address)) return *fault;
    const std::size_t slash = rest.find_first_of("/?#");
    if (slash != std::string_view::npos) {
        if (rest[slash] != '/') return wrong("has options, and none are understood");
        const std::string_view database = rest.substr(slash + 1);
        rest = rest.substr(0, slash);
        if (!database.empty()) {
            if (const auto fault = read_database(database, address)) return *fault;
        }
    }
    std::string_view port;
    if (rest.starts_with("[")) {
        const std::size_t end = rest.find(']');
        if (end == std::string_view::npos) return wrong("has [ without ]");
        address.host = rest.substr(1, end - 1);
        port = rest.substr(end + 1);
    } else {
        const std::size_t colon = rest.find(':');
        address.host = rest.substr(0, colon);
        if (colon != std::string_view::npos) port = rest.substr(colon);
    }
    if (address.host.empty()) return wrong("has no host");
    if (!port.empty()) {
        const auto value = port.starts_with(":") ? number(port.substr(1), 1, 65'535) : std::nullopt;
        if (!value) return wrong("has a port that is no number from 1 to 65535");
        address.port = *value;
    }
    return address;
}

}  // namespace

Result<Address> parse_url(std::string_view url) {
    for (const char c : url) {
        if (c <= ' ' || c == '\x7f') return wrong("has spaces or control characters");
    }
    if (url.starts_with("rediss:")) {
        return Error(ErrorCode::misuse,
                     "the Redis URL begins with rediss:, and this build has no TLS for Redis; accepted: redis:// through a "
                     "private network or a TLS tunnel such as stunnel, or unix:/path/to/socket");
    }
    constexpr std::string_view kHost = "redis://";
    constexpr std::string_view kSocket = "unix:";
    if (url.starts_with(kHost)) return parse_host(url.substr(kHost.size()));
    if (url.starts_with(kSocket)) return parse_socket(url.substr(kSocket.size()));
    return wrong("does not begin with redis:// or unix:");
}

}  // namespace cariosan::redis
