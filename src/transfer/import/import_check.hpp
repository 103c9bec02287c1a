/// A pass over an import file that finds out which parents of replies could be stored.
#pragma once

#include <cariosan/engine.hpp>
#include <cariosan/import.hpp>

#include "transfer/import/import_entry.hpp"
#include "transfer/import/import_replies.hpp"

namespace cariosan::transfer {

/// Asks the engine, in dry runs, about each line that `replies` needs to know about, then calls `judge`. Does not read the
/// file if there is none. Fails if the engine or the file cannot continue, or if the import is cancelled.
Result<Done> check_import_replies(Engine& engine, const ImportOptions& options, const ImportEntries& entries,
                                  ImportReplies& replies, ImportWatcher& watcher);

}  // namespace cariosan::transfer
