#include <doctest/doctest.h>

#include <unistd.h>

#include <array>
#include <string>
#include <thread>
#include <vector>

#include "descriptor.hpp"
#include "log.hpp"

using namespace cariosan;
using namespace cariosan::server;

namespace {

/// A pipe to write a log into; `text` is everything written once the writing end is closed.
struct Pipe {
    Pipe() {
        std::array<int, 2> ends{};
        REQUIRE(::pipe(ends.data()) == 0);
        reading = Descriptor(ends[0]);
        writing = Descriptor(ends[1]);
    }
    std::string text() {
        writing.reset();
        std::string all;
        std::array<char, 4096> part{};
        ssize_t count = 0;
        while ((count = ::read(reading.get(), part.data(), part.size())) > 0) {
            all.append(part.data(), static_cast<std::size_t>(count));
        }
        return all;
    }
    Descriptor reading;
    Descriptor writing;
};

const Timestamp kTime = *Timestamp::parse("2026-01-31T08:15:00.123Z");

}  // namespace

TEST_CASE("a record is one JSON object on one line") {
    const LogRecord record{
        LogLevel::warning, "commit.failed", {{"reason", "disk \"full\"\n"}, {"batch", std::int64_t{7}}}};
    CHECK(
        format_record(record, kTime, LogFormat::json) ==
        R"({"time":"2026-01-31T08:15:00.123Z","level":"warning","event":"commit.failed","reason":"disk \"full\"\n","batch":7})");
    const LogRecord broken{LogLevel::info, "x", {{"path", "\xff/a"}}};
    CHECK(format_record(broken, kTime, LogFormat::json).ends_with(R"("path":"?/a"})"));
}

TEST_CASE("on a terminal a record is short and harmless") {
    const LogRecord record{LogLevel::info,
                           "server.started",
                           {{"host", "::1"}, {"note", "two words"}, {"empty", ""}, {"n", std::int64_t{1}}}};
    CHECK(format_record(record, kTime, LogFormat::plain) ==
          R"(08:15:00.123 info    server.started host=::1 note="two words" empty="" n=1)");
    const LogRecord nasty{LogLevel::info, "x", {{"path", "\x1b[2J\nfake"}}};
    const std::string line = format_record(nasty, kTime, LogFormat::plain);
    CHECK(line.find('\x1b') == std::string::npos);
    CHECK(line.find('\n') == std::string::npos);
}

TEST_CASE("a log keeps the order and omits what is below its level") {
    Pipe pipe;
    {
        Log log(LogLevel::info, LogFormat::plain, pipe.writing.get());
        log.write(LogLevel::debug, "no");
        log.write(LogLevel::info, "one");
        log.sink()(LogRecord{LogLevel::error, "two", {}});
    }
    const std::string text = pipe.text();
    CHECK(text.find(" no") == std::string::npos);
    REQUIRE(text.find("one") != std::string::npos);
    CHECK(text.find("one") < text.find("two"));
}

TEST_CASE("a log accepts records from many threads, and a full one drops and counts") {
    Pipe pipe;
    constexpr int kThreads = 4;
    constexpr int kEach = 5'000;
    std::string text;
    std::thread reading;
    {
        Log log(LogLevel::info, LogFormat::json, pipe.writing.get());
        std::vector<std::thread> threads;
        for (int t = 0; t < kThreads; ++t) {
            threads.emplace_back([&log] {
                // The pipe is full after a few hundred: nothing here may wait for it.
                for (int i = 0; i < kEach; ++i) log.write(LogLevel::info, "event", {{"i", std::int64_t{i}}});
            });
        }
        for (std::thread& thread : threads) thread.join();
        reading = std::thread([&pipe, &text] {
            std::array<char, 65'536> part{};
            ssize_t count = 0;
            while ((count = ::read(pipe.reading.get(), part.data(), part.size())) > 0) {
                text.append(part.data(), static_cast<std::size_t>(count));
            }
        });
    }
    pipe.writing.reset();
    reading.join();
    std::int64_t events = 0;
    for (std::size_t at = text.find("\"event\":\"event\""); at != std::string::npos;
         at = text.find("\"event\":\"event\"", at + 1)) {
        ++events;
    }
    const std::size_t dropped = text.find("\"event\":\"log.dropped\",\"lines\":");
    REQUIRE(dropped != std::string::npos);
    const std::int64_t lost = std::stoll(text.substr(dropped + 30));
    CHECK(lost > 0);
    CHECK(events + lost == kThreads * kEach);
}
