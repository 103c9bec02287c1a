/// The server itself: everything between the start and the exit of a process that serves.
#pragma once

#include <optional>

#include "configuration.hpp"
#include "demo.hpp"
#include "log.hpp"

namespace cariosan::server {

/// Blocks the signals that `serve` waits for in this thread and all it will start. Before any thread is made.
void block_signals();

/// Serves until SIGTERM or SIGINT; answers the exit code. `demo`: with the demo workspace, in this language.
/// A stop takes at most 10 seconds; a second signal ends the process at once.
int serve(Configuration configuration, std::optional<DemoLanguage> demo);

}  // namespace cariosan::server
