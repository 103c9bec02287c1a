/// A shop whose log a test reads.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "unit/protocol/gateway_shop.hpp"

namespace cariosan::test {

/// What the engine logged. Filled by several threads.
class LogBook {
  public:
    LogSink sink() {
        return [this](const LogRecord& record) {
            const std::lock_guard lock(mutex_);
            records_.push_back(record);
        };
    }
    void clear() {
        const std::lock_guard lock(mutex_);
        records_.clear();
    }
    std::vector<LogRecord> named(std::string_view event) {
        const std::lock_guard lock(mutex_);
        std::vector<LogRecord> found;
        std::ranges::copy_if(records_, std::back_inserter(found),
                             [&](const LogRecord& record) { return record.event == event; });
        return found;
    }
    std::vector<LogRecord> requests() { return named("request.done"); }
    /// Everything that was logged, as one text.
    std::string text() {
        const std::lock_guard lock(mutex_);
        std::string all;
        for (const LogRecord& record : records_) {
            all += record.event + "\n";
            for (const LogRecord::Field& field : record.fields) {
                const auto* value = std::get_if<std::string>(&field.value);
                all += field.name + "=" + (value != nullptr ? *value : std::string("number")) + "\n";
            }
        }
        return all;
    }

  private:
    std::mutex mutex_;
    std::vector<LogRecord> records_;
};

inline std::string logged_text(const LogRecord& record, std::string_view name) {
    const auto found = std::ranges::find(record.fields, name, &LogRecord::Field::name);
    if (found == record.fields.end()) return {};
    if (const auto* number = std::get_if<std::int64_t>(&found->value)) return std::to_string(*number);
    return std::get<std::string>(found->value);
}

struct LoggedShop {
    explicit LoggedShop(LogLevel level = LogLevel::debug, Rates rates = {.enabled = false})
        : shop(GatewayWorldOptions{.gateway = {}, .limits = {}, .rates = rates, .log = book.sink(), .log_level = level}) {
        book.clear();
    }
    LogBook book;
    GatewayShop shop;

    /// The only line since the last call.
    LogRecord only() {
        const std::vector<LogRecord> lines = book.requests();
        book.clear();
        REQUIRE(lines.size() == 1);
        return lines.front();
    }
    void check_line(LogLevel level, std::string_view method, std::string_view route, int status, std::string_view code = "") {
        const LogRecord line = only();
        CAPTURE(method);
        CAPTURE(route);
        CHECK(line.level == level);
        CHECK(logged_text(line, "method") == method);
        CHECK(logged_text(line, "route") == route);
        CHECK(logged_text(line, "status") == std::to_string(status));
        CHECK(logged_text(line, "code") == code);
        CHECK_FALSE(logged_text(line, "request_id").empty());
    }
};

}  // namespace cariosan::test
