#pragma once

#include <cariosan/engine.hpp>
#include <string>
#include <utility>
#include <vector>

namespace cariosan::engine {

/// The host's log sink, if there is one.
class Log {
  public:
    explicit Log(LogSink sink) : sink_(std::move(sink)) {}

    void write(LogLevel level, std::string event, std::vector<LogRecord::Field> fields = {}) const {
        if (sink_) sink_({level, std::move(event), std::move(fields)});
    }

  private:
    LogSink sink_;
};

}  // namespace cariosan::engine
