#pragma once

#include <cariosan/engine.hpp>
#include <string>
#include <utility>
#include <vector>

namespace cariosan::engine {

/// The host's log sink, if there is one, and the lowest level that it takes.
class Log {
  public:
    Log(LogSink sink, LogLevel lowest) : sink_(std::move(sink)), lowest_(lowest) {}

    /// Whether a record of this level goes anywhere. Asked before fields are built where lines are frequent.
    bool enabled(LogLevel level) const { return sink_ && level >= lowest_; }

    void write(LogLevel level, std::string event, std::vector<LogRecord::Field> fields = {}) const {
        if (enabled(level)) sink_({level, std::move(event), std::move(fields)});
    }

  private:
    LogSink sink_;
    LogLevel lowest_;
};

}  // namespace cariosan::engine
