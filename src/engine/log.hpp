#pragma once

#include <cariosan/engine.hpp>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace cariosan::engine {

/// The host's log sink, if any, the lowest level it receives, and which commands it wants to hear of because they are slow.
class Log {
  public:
    /// `slow`: zero for none.
    Log(LogSink sink, LogLevel lowest, std::chrono::milliseconds slow = {})
        : sink_(std::move(sink)), lowest_(lowest), slow_(slow) {}

    /// Whether a record of this level would be logged. Check it before building fields of frequent lines.
    bool enabled(LogLevel level) const { return sink_ && level >= lowest_; }
    bool is_slow(std::chrono::microseconds duration) const { return slow_.count() > 0 && duration >= slow_; }

    void write(LogLevel level, std::string event, std::vector<LogRecord::Field> fields = {}) const {
        if (enabled(level)) sink_({level, std::move(event), std::move(fields)});
    }

  private:
    LogSink sink_;
    LogLevel lowest_;
    std::chrono::milliseconds slow_;
};

}  // namespace cariosan::engine
