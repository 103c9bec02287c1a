#include "protocol/rest/router.hpp"

#include <algorithm>

namespace cariosan::protocol {
namespace {

bool is_parameter(std::string_view segment) { return segment.starts_with('{'); }

std::vector<std::string_view> split(std::string_view path) {
    std::vector<std::string_view> segments;
    while (!path.empty()) {
        path.remove_prefix(1);
        const std::size_t slash = std::min(path.find('/'), path.size());
        segments.push_back(path.substr(0, slash));
        path.remove_prefix(slash);
    }
    return segments;
}

}  // namespace

Router::Router(const CommandTable& table) {
    for (const CommandRow& row : table.rows()) {
        for (const Route& route : row.routes) patterns_.push_back({&row, &route, split(route.path)});
    }
}

bool Router::Pattern::matches(const std::vector<std::string>& given) const {
    return std::ranges::equal(segments, given, [](std::string_view segment, const std::string& text) {
        return is_parameter(segment) ? !text.empty() : segment == text;
    });
}

std::vector<Parameter> Router::Pattern::parameters(const std::vector<std::string>& given) const {
    std::vector<Parameter> found;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        if (!is_parameter(segments[i])) continue;
        found.push_back({std::string(segments[i].substr(1, segments[i].size() - 2)), given[i]});
    }
    return found;
}

Result<RouteMatch> Router::find(std::string_view method, const std::vector<std::string>& segments) const {
    const std::string_view wanted = method == "HEAD" ? std::string_view("GET") : method;
    bool path_known = false;
    for (const Pattern& pattern : patterns_) {
        if (!pattern.matches(segments)) continue;
        path_known = true;
        if (pattern.route->method == wanted)
            return RouteMatch{pattern.row, pattern.route, pattern.parameters(segments)};
    }
    if (path_known) return Error(ErrorCode::method_not_allowed, "method not allowed for this path");
    return Error(ErrorCode::not_found, "no such path");
}

std::string Router::allowed(const std::vector<std::string>& segments) const {
    std::string methods;
    for (const Pattern& pattern : patterns_) {
        if (!pattern.matches(segments)) continue;
        methods += pattern.route->method;
        methods += pattern.route->method == "GET" ? ", HEAD, " : ", ";
    }
    if (!methods.empty()) methods += "OPTIONS";
    return methods;
}

}  // namespace cariosan::protocol
