#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/engine_impl.hpp"
#include "protocol/commands/command_table.hpp"
#include "protocol/rest/token.hpp"

namespace cariosan::protocol {

/// What all sessions of a gateway share. Outlives them.
struct SessionServices {
    engine::EngineImpl& engine;
    const CommandTable& table;
    const Tokens& tokens;
    std::size_t max_backlog = 0;         ///< bytes per connection; beyond: 4008
    std::int64_t frames_per_second = 0;  ///< per connection; 0: no limit
};

}  // namespace cariosan::protocol
