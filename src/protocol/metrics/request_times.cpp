#include "protocol/metrics/request_times.hpp"

#include <algorithm>

namespace cariosan::protocol {

RequestTimes::RequestTimes(const CommandTable& table) {
    make("other", "other");
    for (const std::string_view path : kOpenPaths) make("GET", path);
    make("GET", kFileRoute);
    make("PUT", kFileRoute);
    for (const CommandRow& row : table.rows()) {
        for (const Route& route : row.routes) make(route.method, route.path);
    }
}

void RequestTimes::make(std::string_view method, std::string_view route) {
    if (by_route_.contains({method, route})) return;
    Series& series = all_.emplace_back();
    series.method = method;
    series.route = route;
    by_route_.emplace(Key{method, route}, &series);
}

void RequestTimes::add(std::string_view method, std::string_view route, int status,
                       std::chrono::microseconds duration) noexcept {
    const auto found = by_route_.find({method == "HEAD" ? std::string_view("GET") : method, route});
    Series& series = found != by_route_.end() ? *found->second : all_.front();
    const int digit = std::clamp(status / 100, 1, static_cast<int>(kClasses.size()));
    series.by_class[static_cast<std::size_t>(digit - 1)].add(duration);
}

}  // namespace cariosan::protocol
