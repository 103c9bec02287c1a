/// The server's log: one line per record on stderr, JSON for machines or plain for a terminal.
#pragma once

#include <cariosan/engine.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace cariosan::server {

enum class LogFormat : std::uint8_t { json, plain };

/// One line without its end. Whatever a field holds, the line stays one line and a terminal obeys nothing in it.
std::string format_record(const LogRecord& record, Timestamp time, LogFormat format);

/// Takes records from any thread without waiting: lines are written by a thread of their own. At most 10,000 wait;
/// what comes while they are full is dropped and counted in a line of its own.
class Log {
  public:
    /// Writes to `descriptor`, which must stay open.
    Log(LogLevel level, LogFormat format, int descriptor);
    /// Writes what waits.
    ~Log();
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    void write(const LogRecord& record);
    void write(LogLevel level, std::string event, std::vector<LogRecord::Field> fields = {});

    /// For the engine and the transport. Must not be called after the log is gone.
    LogSink sink();

  private:
    void run();

    const LogLevel level_;
    const LogFormat format_;
    const int descriptor_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::string> lines_;
    std::size_t dropped_ = 0;
    bool stopping_ = false;
    std::thread thread_;
};

/// Plain on a terminal, else JSON.
LogFormat log_format_for(int descriptor);

}  // namespace cariosan::server
