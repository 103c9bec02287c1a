/// Imports messages from another system: a file with one JSON object per line. Section 13 of the protocol.
#pragma once

#include <cariosan/engine.hpp>
#include <cariosan/error.hpp>
#include <cariosan/types.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cariosan {

/// What to import, and where. The file is read up to four times, so it must be a regular one, and must not change meanwhile.
struct ImportOptions {
    WorkspaceId workspace{};
    std::string source{};  ///< the other system, as the keys of its messages name it; see `is_import_source`
    std::string path{};
    int descriptor = -1;   ///< if not negative: this open file is read instead, and stays the caller's; `path` only names it in errors
};

/// What an import is doing, in this order.
enum class ImportStage : std::uint8_t {
    reading,   ///< which users, channels and replies there are
    places,    ///< making the users and channels
    replies,   ///< finding out which parents of replies can be stored, if some come after their replies
    messages,  ///< storing the messages, then members join
};

struct ImportCounts {
    std::int64_t imported = 0;
    std::int64_t replies = 0;        ///< of `imported`
    std::int64_t already_there = 0;  ///< stored by an earlier import with the same source
    std::int64_t bad_lines = 0;      ///< not stored
};

struct ImportProgress {
    ImportStage stage = ImportStage::reading;
    ImportCounts counts{};
    std::int64_t position = 0;  ///< bytes of the file, in the stage `messages`
    std::int64_t size = 0;
};

/// Whoever waits for an import. Called on the thread that runs it; must not throw.
class ImportWatcher {
  public:
    virtual ~ImportWatcher() = default;
    /// After each line, and at the beginning of each stage: often.
    virtual void moved(const ImportProgress&) {}
    /// A line that is not stored. `number` counts from 1, empty lines too.
    virtual void bad_line(std::int64_t /*number*/, const std::string& /*reason*/) {}
    /// Something else that did not work: users who could not be made members, say.
    virtual void trouble(const std::string& /*what*/) {}
    /// True if nobody waits any more: the import then ends soon.
    virtual bool cancelled() { return false; }
};

struct ImportOutcome {
    bool complete = false;  ///< every line is in the database, and every member has joined
    ImportCounts counts{};
    std::optional<Error> stopped{};  ///< why it ended early; what was imported stays, and a second run goes on
    ImportStage stage = ImportStage::reading;  ///< the last one
    std::int64_t line = 0;  ///< near which it stopped, in the stage `messages`
};

/// Runs an import and waits for it, on a thread that is none of the engine's. The messages are submitted in the order of the file,
/// with at most 512 unanswered, so callbacks must be running (with `callbacks_by_poll` another thread polls). Takes time
/// proportional to the file. Holds the names of distinct users, channels and members, at most 100 bytes per reply, and a few
/// lines of up to 1 MiB. A second run adds nothing that the first one stored.
ImportOutcome import_file(Engine& engine, const ImportOptions& options, ImportWatcher& watcher);

/// The usual source of a file: its base name.
std::string import_source_of(const std::string& path);

/// Whether a text can be a source: 1–128 bytes of UTF-8 without control characters.
bool is_import_source(std::string_view text);

}  // namespace cariosan
