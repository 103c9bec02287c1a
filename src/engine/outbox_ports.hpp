#pragma once

#include <cariosan/clock.hpp>
#include <cariosan/crypto.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <utility>

#include "engine/engine_counters.hpp"
#include "engine/log.hpp"
#include "engine/threads/job_queue.hpp"
#include "outbox/delivery_ports.hpp"

namespace cariosan::engine {

class Writer;

/// The engine as the outbox workers see it: its readers, its writer, its clock. `several_nodes`: others write to the same storage.
class OutboxPorts final : public outbox::Ports {
  public:
    OutboxPorts(std::function<void(InternalRead)> read, Writer& writer, Clock& clock, Crypto& crypto, Counters& counters,
                const Log& log, bool several_nodes)
        : read_(std::move(read)),
          writer_(writer),
          clock_(clock),
          crypto_(crypto),
          counters_(counters),
          log_(log),
          look_anyway_(several_nodes ? 5'000 : 30'000) {}

    void commit(Mutation mutation, std::function<void(Result<Committed>)> done) override;
    void read(std::function<void(const Result<Reader*>&)> read) override { read_(std::move(read)); }
    Clock& clock() override { return clock_; }
    std::chrono::milliseconds look_anyway() override { return look_anyway_; }
    std::uint32_t random() override;
    void warn(std::string event, std::string reason) override;

  private:
    const std::function<void(InternalRead)> read_;
    Writer& writer_;
    Clock& clock_;
    Crypto& crypto_;
    Counters& counters_;
    const Log& log_;
    const std::chrono::milliseconds look_anyway_;
};

}  // namespace cariosan::engine
