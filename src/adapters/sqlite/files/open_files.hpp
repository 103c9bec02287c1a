/// Detects that the files of an open database were removed or replaced. SQLite keeps using files that no longer have a name, so
/// one connection would see what the next does not.
#pragma once

#include <sys/types.h>

#include <array>
#include <optional>
#include <string>

namespace cariosan::sqlite {

/// The database, its log and the index of the log, as they were when they were opened.
class OpenFiles {
  public:
    /// Absent if they cannot all be seen.
    static std::optional<OpenFiles> of(const std::string& database);
    /// False if one of them was removed or replaced, or if the database or its log's index has become shorter: our databases
    /// never do, and mapped pages must not be read any more.
    bool are_in_place();

  private:
    struct File {
        std::string path;
        dev_t device = 0;
        ino_t inode = 0;
        off_t size = 0;
    };
    enum Part : std::size_t { kDatabase, kLog, kLogIndex };
    std::array<File, 3> files_;
};

}  // namespace cariosan::sqlite
