/// The server's log: one line per record on stderr, JSON for machines or plain for a terminal.
#pragma once

#include <cariosan/engine.hpp>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace cariosan::server {

enum class LogFormat : std::uint8_t { json, plain };

/// One line without its end. Whatever a field contains, the record stays on one line and cannot control a terminal.
std::string format_record(const LogRecord& record, Timestamp time, LogFormat format);

/// Accepts records from any thread without waiting; its own thread formats and writes them. Holds at most 10,000 records;
/// further ones are dropped before anything is copied, and a line reports their number.
class Log {
  public:
    /// Writes to `descriptor`, which must stay open.
    Log(LogLevel level, LogFormat format, int descriptor);
    /// Writes what is still waiting.
    ~Log();
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    void write(const LogRecord& record);
    void write(LogLevel level, std::string event, std::vector<LogRecord::Field> fields = {});

    /// A sink for the engine and the transport. Must not be called after the log is destroyed.
    LogSink sink();

  private:
    struct Waiting {
        Timestamp time;
        LogRecord record;
    };

    void run();
    void write_line(const LogRecord& record, Timestamp time) const;

    const LogLevel level_;
    const LogFormat format_;
    const int descriptor_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Waiting> waiting_;
    std::atomic<std::size_t> held_{0};  ///< waiting, or being written
    std::atomic<std::size_t> dropped_{0};
    bool stopping_ = false;
    std::thread thread_;
};

/// Plain on a terminal, otherwise JSON.
LogFormat log_format_for(int descriptor);

}  // namespace cariosan::server
