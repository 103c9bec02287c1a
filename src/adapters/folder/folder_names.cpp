#include "adapters/folder/folder_names.hpp"

#include <cerrno>
#include <string_view>

#include "adapters/folder/disk.hpp"

namespace cariosan::folder {

FolderNames::FolderNames(std::string path) : path_(std::move(path)), folder_(::opendir(path_.c_str())) {
    // Where a folder is expected, a file has nothing to say either.
    if (folder_ == nullptr && errno != ENOENT && errno != ENOTDIR) error_ = errno;
}

FolderNames::~FolderNames() {
    if (folder_ != nullptr) ::closedir(folder_);
}

std::optional<std::string> FolderNames::next() {
    if (folder_ == nullptr) return std::nullopt;
    while (true) {
        errno = 0;
        const dirent* const entry = ::readdir(folder_);
        if (entry == nullptr) {
            error_ = errno;
            return std::nullopt;
        }
        const std::string_view name = entry->d_name;
        if (!name.starts_with('.')) return std::string(name);
    }
}

Result<Done> FolderNames::result() const {
    if (error_ == 0) return Done{};
    errno = error_;
    return disk_error("read", path_);
}

}  // namespace cariosan::folder
