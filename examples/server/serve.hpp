/// The server process between its start and its exit.
#pragma once

#include <optional>

#include "configuration.hpp"
#include "demo.hpp"
#include "log.hpp"

namespace cariosan::server {

/// Blocks the signals that `serve` waits for, in this thread and all that it starts later. Call before creating any thread.
void block_signals();

/// Serves until SIGTERM or SIGINT and returns the exit code. `demo`: with the demo workspace, in this language. Stopping
/// takes at most 10 seconds; a second signal ends the process at once.
int serve(Configuration configuration, std::optional<DemoLanguage> demo);

}  // namespace cariosan::server
