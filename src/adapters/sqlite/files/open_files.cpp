#include "adapters/sqlite/files/open_files.hpp"

#include <sys/stat.h>

namespace cariosan::sqlite {

std::optional<OpenFiles> OpenFiles::of(const std::string& database) {
    OpenFiles files;
    files.files_[kDatabase].path = database;
    files.files_[kLog].path = database + "-wal";
    files.files_[kLogIndex].path = database + "-shm";
    for (File& file : files.files_) {
        struct stat status {};
        if (::stat(file.path.c_str(), &status) != 0) return std::nullopt;
        file.device = status.st_dev;
        file.inode = status.st_ino;
        file.size = status.st_size;
    }
    return files;
}

bool OpenFiles::are_in_place() {
    auto now = of(files_[kDatabase].path);
    if (!now) return false;
    for (std::size_t i = 0; i < files_.size(); ++i) {
        const File& then = files_[i];
        const File& file = now->files_[i];
        if (file.device != then.device || file.inode != then.inode) return false;
        // Only the log may shrink: it is truncated when emptied.
        if (i != kLog && file.size < then.size) return false;
    }
    files_ = std::move(now->files_);
    return true;
}

}  // namespace cariosan::sqlite
