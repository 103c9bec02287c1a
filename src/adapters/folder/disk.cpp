#include "adapters/folder/disk.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace cariosan::folder {
namespace {

constexpr std::int64_t kDiskRetryMs = 60'000;

}  // namespace

Handle::~Handle() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Error disk_error(std::string_view doing, const std::string& path) {
    const int number = errno;
    const bool full = number == ENOSPC || number == EDQUOT;
    Error error(ErrorCode::unavailable,
                full ? "there is no room for files on the server's disk" : "the server's disk does not take or give a file");
    error.cause = "cannot " + std::string(doing) + " " + path + ": " + std::strerror(number);
    return std::move(error).with("reason", full ? "disk_full" : "disk_failing").with("retry_after_ms", kDiskRetryMs);
}

Result<Done> write_all(const Handle& file, std::string_view bytes, const std::string& path) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(file.get(), bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return disk_error("write", path);
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return Done{};
}

Result<Done> make_file(const std::string& path, std::string_view content) {
    const Handle file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (!file) return disk_error("make", path);
    if (auto written = write_all(file, content, path); !written) return written;
    if (::fsync(file.get()) != 0) return disk_error("sync", path);
    return Done{};
}

Result<std::optional<std::string>> read_small_file(const std::string& path) {
    const Handle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file && (errno == ENOENT || errno == ENOTDIR)) return std::optional<std::string>();
    if (!file) return disk_error("open", path);
    std::array<char, 1024> buffer{};
    const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
    if (count < 0) return disk_error("read", path);
    return std::optional(std::string(buffer.data(), static_cast<std::size_t>(count)));
}

Result<Done> sync_folder(const std::string& path) {
    const Handle folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder || ::fsync(folder.get()) != 0) return disk_error("sync", path);
    return Done{};
}

Result<Done> make_folders(const std::string& base, std::string_view below) {
    std::string path = base;
    while (!below.empty()) {
        const std::string parent = path;
        const std::string_view name = below.substr(0, below.find('/'));
        path.append("/").append(name);
        below.remove_prefix(std::min(below.size(), name.size() + 1));
        if (::mkdir(path.c_str(), S_IRWXU) == 0) {
            if (auto synced = sync_folder(parent); !synced) return synced;
        } else if (errno != EEXIST) {
            return disk_error("make", path);
        }
    }
    return Done{};
}

void remove_folder(const std::string& path) noexcept {
    DIR* const folder = ::opendir(path.c_str());
    if (folder == nullptr) return;
    while (const dirent* entry = ::readdir(folder)) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..") ::unlinkat(::dirfd(folder), entry->d_name, 0);
    }
    ::closedir(folder);
    ::rmdir(path.c_str());
}

}  // namespace cariosan::folder
