#pragma once

#include <cariosan/engine.hpp>
#include <string>
#include <utility>
#include <vector>

namespace cariosan::engine {

/// The host's log sink, if any, and the lowest level it receives.
class Log {
  public:
    Log(LogSink sink, LogLevel lowest) : sink_(std::move(sink)), lowest_(lowest) {}

    /// Whether a record of this level would be logged. Check it before building fields of frequent lines.
    bool enabled(LogLevel level) const { return sink_ && level >= lowest_; }

    void write(LogLevel level, std::string event, std::vector<LogRecord::Field> fields = {}) const {
        if (enabled(level)) sink_({level, std::move(event), std::move(fields)});
    }

  private:
    LogSink sink_;
    LogLevel lowest_;
};

}  // namespace cariosan::engine
