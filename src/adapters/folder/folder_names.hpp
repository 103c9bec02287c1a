#pragma once

#include <dirent.h>

#include <cariosan/error.hpp>
#include <optional>
#include <string>
#include <utility>

namespace cariosan::folder {

/// The names in a folder, one at a time, without those that begin with a dot. Holds a descriptor. A folder that is not there has
/// no names.
class FolderNames {
  public:
    explicit FolderNames(std::string path);
    FolderNames(FolderNames&& other) noexcept
        : path_(std::move(other.path_)), folder_(std::exchange(other.folder_, nullptr)), error_(other.error_) {}
    FolderNames& operator=(FolderNames&&) = delete;
    ~FolderNames();

    const std::string& path() const noexcept { return path_; }
    /// Absent at the end, or if the disk failed.
    std::optional<std::string> next();
    /// Whether all that was read so far could be read.
    Result<Done> result() const;

  private:
    std::string path_;
    DIR* folder_;
    int error_ = 0;
};

}  // namespace cariosan::folder
