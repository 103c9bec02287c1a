/// A connection for reading.
#pragma once

#include <cariosan/storage.hpp>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>

#include "adapters/postgres/pg_connection.hpp"

namespace cariosan::postgres {

/// Lets a number of readers read at a time. Thread-safe.
class ReaderGate {
  public:
    explicit ReaderGate(std::size_t at_a_time) : free_(at_a_time) {}
    /// Waits for a place; false if there is none in time.
    bool enter(std::chrono::milliseconds limit);
    void leave();

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t free_;
};

/// `Storage::open_reader`. Connects when it first reads.
std::unique_ptr<Reader> open_pg_reader(ConnectionOptions options, std::shared_ptr<ReaderGate> gate);

}  // namespace cariosan::postgres
