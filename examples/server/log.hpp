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

/// One line without its end. Whatever a field holds, the line stays one line and a terminal obeys nothing in it.
std::string format_record(const LogRecord& record, Timestamp time, LogFormat format);

/// Takes records from any thread without waiting: a thread of its own turns them into lines and writes those. At most
/// 10,000 records are held; what comes beyond is dropped before anything is copied, and counted in a line of its own.
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
    std::atomic<std::size_t> held_{0};  ///< those that wait and those that are being written
    std::atomic<std::size_t> dropped_{0};
    bool stopping_ = false;
    std::thread thread_;
};

/// Plain on a terminal, else JSON.
LogFormat log_format_for(int descriptor);

}  // namespace cariosan::server
