/// Files and folders by POSIX calls, with errors as the store answers them.
#pragma once

#include <cariosan/error.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cariosan::folder {

/// An open file or folder.
class Handle {
  public:
    explicit Handle(int descriptor) noexcept : descriptor_(descriptor) {}
    Handle(Handle&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    Handle& operator=(Handle&&) = delete;
    ~Handle();

    explicit operator bool() const noexcept { return descriptor_ >= 0; }
    int get() const noexcept { return descriptor_; }

  private:
    int descriptor_;
};

/// `unavailable`, from `errno`. The system's words and the path are for the log alone; a full disk is `reason` "disk_full".
Error disk_error(std::string_view doing, const std::string& path);

Result<Done> write_all(const Handle& file, std::string_view bytes, const std::string& path);
/// Makes a file that must not exist yet, with this content, durable in itself but not yet in its folder.
Result<Done> make_file(const std::string& path, std::string_view content);
/// The whole of a small file; absent if there is none.
Result<std::optional<std::string>> read_small_file(const std::string& path);
/// Makes the names in a folder durable.
Result<Done> sync_folder(const std::string& path);
/// Makes the folder `base`/`below` and those between, durably; `base` exists.
Result<Done> make_folders(const std::string& base, std::string_view below);
/// Removes the files of a folder and then the folder, as far as they are there.
void remove_folder(const std::string& path) noexcept;

}  // namespace cariosan::folder
