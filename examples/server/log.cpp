#include "log.hpp"

#include <unistd.h>

#include <boost/json.hpp>

#include <cerrno>
#include <chrono>

namespace cariosan::server {

namespace {

constexpr std::size_t kMostRecords = 10'000;

Timestamp present_time() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::milliseconds>(now).count()};
}

std::string text_of(const LogRecord::Field& field) {
    if (const auto* number = std::get_if<std::int64_t>(&field.value)) return std::to_string(*number);
    return std::get<std::string>(field.value);
}

/// Replaces invalid UTF-8, because JSON escaping does not.
std::string as_utf8(const std::string& text) {
    boost::json::error_code error;
    boost::json::parse(boost::json::serialize(boost::json::string(text)), error);
    if (!error) return text;
    std::string ascii;
    for (const char c : text) ascii += static_cast<unsigned char>(c) < 0x80 ? c : '?';
    return ascii;
}

std::string format_json(const LogRecord& record, Timestamp time) {
    boost::json::object line;
    line["time"] = time.to_string();
    line["level"] = to_string(record.level);
    line["event"] = as_utf8(record.event);
    for (const LogRecord::Field& field : record.fields) {
        if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
            line[field.name] = *number;
        } else {
            line[field.name] = as_utf8(std::get<std::string>(field.value));
        }
    }
    return boost::json::serialize(line);
}

std::string format_plain(const LogRecord& record, Timestamp time) {
    // Somebody watching a terminal does not need the date.
    std::string line = time.to_string().substr(11, 12);
    std::string level(to_string(record.level));
    level.resize(8, ' ');
    line += " " + level + record.event;
    for (const LogRecord::Field& field : record.fields) {
        std::string value = text_of(field);
        const bool quoted = value.empty() || value.find_first_of(" \"=") != std::string::npos;
        for (char& c : value) {
            if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '?';
        }
        line += " " + field.name + "=" + (quoted ? "\"" + value + "\"" : value);
    }
    return line;
}

void write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(descriptor, text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return;  // A log that cannot be written must not stop the server.
        text.remove_prefix(static_cast<std::size_t>(count));
    }
}

}  // namespace

std::string format_record(const LogRecord& record, Timestamp time, LogFormat format) {
    return format == LogFormat::json ? format_json(record, time) : format_plain(record, time);
}

Log::Log(LogLevel level, LogFormat format, int descriptor)
    : level_(level), format_(format), descriptor_(descriptor), thread_([this] { run(); }) {}

Log::~Log() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void Log::write(const LogRecord& record) {
    if (record.level < level_) return;
    if (held_.fetch_add(1) >= kMostRecords) {
        --held_;
        ++dropped_;
        return;
    }
    Waiting waiting{present_time(), record};
    {
        const std::lock_guard lock(mutex_);
        waiting_.push_back(std::move(waiting));
    }
    changed_.notify_one();
}

void Log::write(LogLevel level, std::string event, std::vector<LogRecord::Field> fields) {
    write(LogRecord{level, std::move(event), std::move(fields)});
}

LogSink Log::sink() {
    return [this](const LogRecord& record) { write(record); };
}

void Log::write_line(const LogRecord& record, Timestamp time) const {
    write_all(descriptor_, format_record(record, time, format_) + "\n");
}

void Log::run() {
    std::unique_lock lock(mutex_);
    for (bool last = false; !last; lock.lock()) {
        changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        last = stopping_;  // no record is added after this
        const std::vector<Waiting> taken = std::exchange(waiting_, {});
        lock.unlock();
        for (const Waiting& each : taken) {
            write_line(each.record, each.time);
            --held_;
        }
        if (const std::size_t dropped = dropped_.exchange(0); dropped > 0) {
            write_line({LogLevel::warning, "log.dropped", {{"lines", static_cast<std::int64_t>(dropped)}}}, present_time());
        }
    }
}

LogFormat log_format_for(int descriptor) {
    return isatty(descriptor) == 1 ? LogFormat::plain : LogFormat::json;
}

}  // namespace cariosan::server
