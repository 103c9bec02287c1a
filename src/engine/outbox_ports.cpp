#include "engine/outbox_ports.hpp"

#include <array>
#include <cstdint>
#include <vector>

#include "engine/writer/writer.hpp"

namespace cariosan::engine {

void OutboxPorts::commit(Mutation mutation, std::function<void(Result<Committed>)> done) {
    ++counters_.queued_commands;
    writer_.push(
        {.planned = {std::move(mutation), std::nullopt}, .completion = {}, .committed = std::move(done)});
}

std::uint32_t OutboxPorts::random() {
    std::array<std::uint8_t, 4> bytes{};
    crypto_.random(bytes);
    std::uint32_t value = 0;
    for (const std::uint8_t byte : bytes) value = (value << 8U) | byte;
    return value;
}

void OutboxPorts::warn(std::string event, std::string reason) {
    log_.write(LogLevel::warning, std::move(event), {{"reason", std::move(reason)}});
}

}  // namespace cariosan::engine
