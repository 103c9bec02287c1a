#pragma once

#include <cariosan/clock.hpp>
#include <cariosan/error.hpp>
#include <cariosan/mutations.hpp>
#include <cariosan/storage.hpp>
#include <cstdint>
#include <functional>
#include <string>

namespace cariosan::outbox {

/// What a worker of the outbox needs of the engine. From any thread; no method waits. `done` and `read` are called
/// exactly once, on a thread of the engine, or at once where the engine is closing.
class Ports {
  public:
    Ports() = default;
    Ports(const Ports&) = delete;
    Ports& operator=(const Ports&) = delete;
    virtual ~Ports() = default;

    virtual void commit(Mutation mutation, std::function<void(Result<Committed>)> done) = 0;
    /// The reader is inside one snapshot while `read` runs; it sees what was committed before this call.
    virtual void read(std::function<void(const Result<Reader*>&)> read) = 0;
    virtual Clock& clock() = 0;
    /// Uniform over the whole range.
    virtual std::uint32_t random() = 0;
    /// `reason` shows no secret.
    virtual void warn(std::string event, std::string reason) = 0;
};

}  // namespace cariosan::outbox
