#pragma once

#include <cariosan/clock.hpp>
#include <cariosan/committed.hpp>
#include <cariosan/error.hpp>
#include <cariosan/storage.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace cariosan::outbox {

/// What the outbox workers need from the engine. Callable from any thread; no function blocks. `done` and `read` are called
/// exactly once, on a thread of the engine, or at once if the engine is closing.
class Ports {
  public:
    Ports() = default;
    Ports(const Ports&) = delete;
    Ports& operator=(const Ports&) = delete;
    virtual ~Ports() = default;

    virtual void commit(Mutation mutation, std::function<void(Result<Committed>)> done) = 0;
    /// The reader is in one snapshot while `read` runs, which contains everything committed before this call.
    virtual void read(std::function<void(const Result<Reader*>&)> read) = 0;
    virtual Clock& clock() = 0;
    /// How often a worker looks without being told: for rows of other nodes that have crashed, and after jumps of the wall clock.
    virtual std::chrono::milliseconds look_anyway() = 0;
    /// Uniformly distributed over the whole range.
    virtual std::uint32_t random() = 0;
    /// `reason` must not contain secrets.
    virtual void warn(std::string event, std::string reason) = 0;
};

}  // namespace cariosan::outbox
