/// Finds the row of the command table for a method and a path.
#pragma once

#include <cariosan/error.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/commands/command_table.hpp"
#include "protocol/rest/http_fields.hpp"

namespace cariosan::protocol {

/// The target of a request. `row` and `route` belong to the table.
struct RouteMatch {
    const CommandRow* row = nullptr;
    const Route* route = nullptr;
    std::vector<Parameter> parameters;  ///< from the path
};

/// Immutable after construction; the table must outlive it.
class Router {
  public:
    explicit Router(const CommandTable& table);

    /// `NOT_FOUND`, or `METHOD_NOT_ALLOWED`. HEAD is routed like GET.
    Result<RouteMatch> find(std::string_view method, const std::vector<std::string>& segments) const;

    /// The value of `Allow` for this path, such as "GET, HEAD, OPTIONS"; empty if there is no such path.
    std::string allowed(const std::vector<std::string>& segments) const;

  private:
    struct Pattern {
        const CommandRow* row;
        const Route* route;
        std::vector<std::string_view> segments;  ///< `{name}` matches any non-empty segment

        bool matches(const std::vector<std::string>& given) const;
        std::vector<Parameter> parameters(const std::vector<std::string>& given) const;
    };
    std::vector<Pattern> patterns_;
};

}  // namespace cariosan::protocol
