#include "protocol/rest/request_log.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace cariosan::protocol {
namespace {

/// The method if it is a known one: clients can send anything, and it must not reach the log.
std::string_view known_method(std::string_view method) {
    constexpr std::string_view kMethods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "WS", "CALL"};
    return std::ranges::find(kMethods, method) != std::end(kMethods) ? method : "other";
}

bool is_failure(const Error& error) { return error.code == ErrorCode::internal || !error.cause.empty(); }

LogLevel level_of(const RequestLine& line) {
    constexpr int kFirstRefusal = 400;
    if (!line.given_up.empty()) return LogLevel::debug;
    if (line.error != nullptr && is_failure(*line.error)) return LogLevel::error;
    return line.changes || line.error != nullptr || line.status >= kFirstRefusal ? LogLevel::info : LogLevel::debug;
}

using Fields = std::vector<LogRecord::Field>;

void add_text(Fields& fields, std::string_view name, std::string_view value) {
    if (!value.empty()) fields.push_back({std::string(name), std::string(value)});
}

std::int64_t whole_milliseconds(std::chrono::microseconds duration) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

void add_asker(Fields& fields, std::string_view request_id, WorkspaceId workspace, UserId user) {
    add_text(fields, "request_id", request_id);
    if (!workspace.is_nil()) add_text(fields, "workspace", workspace.to_string());
    if (!user.is_nil()) add_text(fields, "user", user.to_string());
}

/// Nothing of what was asked, and nothing of the answer.
void log_slow(const engine::Log& log, const RequestLine& line) {
    if (!log.enabled(LogLevel::warning)) return;
    Fields fields;
    add_text(fields, "command", line.command);
    fields.push_back({"duration_ms", whole_milliseconds(line.worked)});
    add_asker(fields, line.request_id, line.workspace, line.user);
    add_text(fields, "traceparent", line.traceparent);
    log.write(LogLevel::warning, "command.slow", std::move(fields));
}

}  // namespace

void log_request(const engine::Log& log, const RequestLine& line) {
    if (!line.command.empty() && log.is_slow(line.worked)) log_slow(log, line);
    const LogLevel level = level_of(line);
    if (!log.enabled(level)) return;
    Fields fields;
    if (!line.method.empty()) add_text(fields, "method", known_method(line.method));
    add_text(fields, "route", line.route);
    if (line.status != 0) fields.push_back({"status", std::int64_t{line.status}});
    if (line.error != nullptr) add_text(fields, "code", to_string(line.error->code));
    if (line.duration) fields.push_back({"duration_ms", whole_milliseconds(*line.duration)});
    add_asker(fields, line.request_id, line.workspace, line.user);
    add_text(fields, "traceparent", line.traceparent);
    if (level == LogLevel::error) {
        add_text(fields, "message", line.error->message);
        add_text(fields, "cause", line.error->cause);
    }
    add_text(fields, "cause", line.given_up);
    log.write(level, "request.done", std::move(fields));
}

void log_socket_end(const engine::Log& log, LogLevel level, const SocketEnd& end) {
    if (!log.enabled(level)) return;
    Fields fields;
    if (end.close_code) fields.push_back({"close_code", std::int64_t{*end.close_code}});
    add_text(fields, "cause", end.cause);
    fields.push_back({"duration_ms", std::int64_t{end.duration.count()}});
    add_asker(fields, end.request_id, end.workspace, end.user);
    log.write(level, "websocket.closed", std::move(fields));
}

}  // namespace cariosan::protocol
