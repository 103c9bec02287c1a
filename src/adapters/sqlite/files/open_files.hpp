/// Notices when the files of a database that is open are taken away from under it. SQLite goes on with files that have no
/// name any more, so that one connection sees what the next does not.
#pragma once

#include <sys/types.h>

#include <array>
#include <optional>
#include <string>

namespace cariosan::sqlite {

/// The database, its log and the index of the log, as they were when they were opened.
class OpenFiles {
  public:
    /// Nothing if they cannot all be seen.
    static std::optional<OpenFiles> of(const std::string& database);
    /// False if one of them was removed, or replaced, or if the database or the index of its log has become shorter: no
    /// database of ours does, and what is mapped must not be read any more.
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
