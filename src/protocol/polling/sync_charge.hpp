/// What a `sync` over HTTP takes from its user's bucket of reads: one token per request, taken like that of any read, and one for
/// each further page. As over the WebSocket, half of the bucket is left for the user's other reads.
#pragma once

#include <cariosan/caller.hpp>
#include <cariosan/sync_commands.hpp>
#include <cstdint>

namespace cariosan::engine {
class EngineImpl;
}

namespace cariosan::protocol {

/// How many pages the next answer may have; at least one.
std::int64_t affordable_pages(engine::EngineImpl& engine, const Caller& caller);
void charge_pages(engine::EngineImpl& engine, const Caller& caller, const Synced& answer);

}  // namespace cariosan::protocol
