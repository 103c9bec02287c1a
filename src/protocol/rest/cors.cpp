#include "protocol/rest/cors.hpp"

#include <algorithm>

#include "encoding/ascii.hpp"
#include "protocol/rest/http_fields.hpp"

namespace cariosan::protocol {
namespace {

/// Host and port, without the scheme's default port.
std::string_view without_default_port(std::string_view authority, std::string_view scheme) {
    const std::string_view port = scheme == "https" ? ":443" : ":80";
    if (authority.ends_with(port)) authority.remove_suffix(port.size());
    return authority;
}

/// Whether an origin is the server's own. Behind a proxy that terminates TLS the page uses https although we do not, so host and
/// port decide. If we terminate TLS ourselves, the scheme must be https too.
bool is_of_host(std::string_view origin, std::string_view host, bool secure) {
    const std::size_t separator = origin.find("://");
    if (separator == std::string_view::npos) return false;
    const std::string_view scheme = origin.substr(0, separator);
    if (scheme != "https" && (scheme != "http" || secure)) return false;
    const std::string_view authority = without_default_port(origin.substr(separator + 3), scheme);
    host = without_default_port(encoding::trim_blanks(host), scheme);
    return !host.empty() && encoding::equal_ignoring_case(authority, host);
}

/// `allowed` is an origin, or a pattern for all subdomains: "https://*.shop.example" covers "https://a.b.shop.example", but not
/// "https://shop.example".
bool covers(std::string_view allowed, std::string_view origin) {
    constexpr std::string_view kAny = "://*.";
    const std::size_t star = allowed.find(kAny);
    if (star == std::string_view::npos) return encoding::equal_ignoring_case(allowed, origin);
    const std::string_view scheme = allowed.substr(0, star + 3);
    const std::string_view parent = allowed.substr(star + kAny.size() - 1);  // with its dot
    if (origin.size() <= scheme.size() + parent.size()) return false;
    const std::string_view host = origin.substr(scheme.size());
    const std::string_view labels = host.substr(0, host.size() - parent.size());
    const auto of_a_label = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    };
    return encoding::equal_ignoring_case(origin.substr(0, scheme.size()), scheme) &&
           encoding::equal_ignoring_case(host.substr(labels.size()), parent) && labels.front() != '.' && labels.back() != '.' &&
           labels.find("..") == std::string_view::npos && std::ranges::all_of(labels, of_a_label);
}

bool is_preflight(const HttpRequest& request) {
    return request.method == "OPTIONS" && request.header("Access-Control-Request-Method");
}

}  // namespace

Origins::Origins(std::vector<std::string> allowed) : allowed_(std::move(allowed)) {
    any_ = std::ranges::find(allowed_, "*") != allowed_.end();
}

bool Origins::listed(std::string_view origin) const {
    return any_ || std::ranges::any_of(allowed_, [&](const std::string& each) { return covers(each, origin); });
}

std::optional<std::string_view> Origins::listed_page(const HttpRequest& request) const {
    const auto origin = request.header("Origin");
    if (!origin || count_fields(request, "Origin") != 1 || !listed(*origin)) return std::nullopt;
    return origin;
}

void Origins::decorate(const HttpRequest& request, HttpResponse& response) const {
    if (allowed_.empty()) return;
    std::string origin = "*";
    if (!any_) {
        // Without this a cache could serve one origin's answer to another.
        response.headers.push_back({"Vary", "Origin"});
        const auto page = listed_page(request);
        if (!page) return;
        origin = *page;
    }
    response.headers.push_back({"Access-Control-Allow-Origin", std::move(origin)});
    response.headers.push_back(
        {"Access-Control-Expose-Headers",
         "X-Request-Id, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset"});
}

void Origins::answer_preflight(const HttpRequest& request, const std::string& methods, HttpResponse& response) const {
    if (!is_preflight(request) || !listed_page(request)) return;
    response.headers.push_back({"Access-Control-Allow-Methods", methods});
    response.headers.push_back({"Access-Control-Allow-Headers", "Authorization, Content-Type, X-Request-Id, Idempotency-Key, traceparent"});
    response.headers.push_back({"Access-Control-Max-Age", "600"});
}

bool Origins::admits_socket(const HttpRequest& request, std::string_view forwarded_host) const {
    const std::size_t origins = count_fields(request, "Origin");
    if (origins == 0) return true;
    if (origins > 1) return false;
    const std::string_view origin = encoding::trim_blanks(*request.header("Origin"));
    if (listed(origin) || is_of_host(origin, forwarded_host, request.secure)) return true;
    return count_fields(request, "Host") == 1 && is_of_host(origin, *request.header("Host"), request.secure);
}

}  // namespace cariosan::protocol
