#include "protocol/rest/request_log.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace cariosan::protocol {
namespace {

/// A client may write anything where its method belongs.
std::string_view known_method(std::string_view method) {
    constexpr std::string_view kMethods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "WS", "CALL"};
    return std::ranges::find(kMethods, method) != std::end(kMethods) ? method : "other";
}

bool is_failure(const Error& error) { return error.code == ErrorCode::internal || !error.cause.empty(); }

LogLevel level_of(const RequestLine& line) {
    constexpr int kFirstRefusal = 400;
    if (line.error != nullptr && is_failure(*line.error)) return LogLevel::error;
    return line.changes || line.error != nullptr || line.status >= kFirstRefusal ? LogLevel::info : LogLevel::debug;
}

}  // namespace

void log_request(const engine::Log& log, const RequestLine& line) {
    const LogLevel level = level_of(line);
    if (!log.enabled(level)) return;
    std::vector<LogRecord::Field> fields;
    const auto text = [&](std::string_view name, std::string_view value) {
        if (!value.empty()) fields.push_back({std::string(name), std::string(value)});
    };
    if (!line.method.empty()) text("method", known_method(line.method));
    text("route", line.route);
    if (line.status != 0) fields.push_back({"status", std::int64_t{line.status}});
    if (line.error != nullptr) text("code", to_string(line.error->code));
    if (line.duration) fields.push_back({"duration_ms", std::int64_t{line.duration->count()}});
    text("request_id", line.request_id);
    if (!line.workspace.is_nil()) text("workspace", line.workspace.to_string());
    if (!line.user.is_nil()) text("user", line.user.to_string());
    if (level == LogLevel::error) {
        text("message", line.error->message);
        text("cause", line.error->cause);
    }
    log.write(level, "request.done", std::move(fields));
}

}  // namespace cariosan::protocol
