/// The last pass over an import file: its messages.
#pragma once

#include <cariosan/engine.hpp>
#include <cariosan/import.hpp>
#include <cstdint>
#include <optional>

#include "transfer/import/import_entry.hpp"
#include "transfer/import/import_replies.hpp"
#include "transfer/import/import_tally.hpp"

namespace cariosan::transfer {

struct ImportEnd {
    std::optional<Error> error{};  ///< absent: the whole file was read, and each line was stored or reported
    std::int64_t line = 0;         ///< the last one that was read
};

/// Submits the messages in the order of the file. A reply that comes before its parent is first stored without it, and
/// linked after the last line; until then only its place in the file is held, in 24 bytes.
ImportEnd import_messages(Engine& engine, const ImportOptions& options, const ImportEntries& entries,
                          const ImportReplies& replies, ImportTally& tally, ImportWatcher& watcher);

}  // namespace cariosan::transfer
