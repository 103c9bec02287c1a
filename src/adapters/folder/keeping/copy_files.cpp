// Copies what is in one folder of files and not in another.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cariosan/adapters/folder.hpp>
#include <cerrno>
#include <memory>

#include "adapters/folder/disk.hpp"
#include "adapters/folder/file_layout.hpp"
#include "adapters/folder/folder_names.hpp"

namespace cariosan {
namespace folder {
namespace {

constexpr int kFoldersOfKey = 3;  // workspace, year, month

Result<Done> copy_bytes(const std::string& from, const std::string& to) {
    const Handle source(::open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!source) return disk_error("open", from);
    const Handle target(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (!target) return disk_error("make", to);
    constexpr std::size_t kPart = 256 * 1024;
    const auto buffer = std::make_unique<char[]>(kPart);
    while (true) {
        const ssize_t count = ::read(source.get(), buffer.get(), kPart);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return disk_error("read", from);
        if (count == 0) break;
        if (auto done = write_all(target, {buffer.get(), static_cast<std::size_t>(count)}, to); !done) return done;
    }
    // It is as old as the one it was made of, for the clean-up.
    struct stat times {};
    if (::fstat(source.get(), &times) == 0) {
        const timespec both[] = {times.st_mtim, times.st_mtim};
        ::futimens(target.get(), both);
    }
    if (::fsync(target.get()) != 0) return disk_error("sync", to);
    return Done{};
}

Result<Done> link_or_copy(const std::string& from, const std::string& to) {
    if (::link(from.c_str(), to.c_str()) == 0) return Done{};
    if (errno == ENOENT) return disk_error("find", from);
    return copy_bytes(from, to);
}

bool exists(const std::string& path) {
    struct stat entry {};
    return ::lstat(path.c_str(), &entry) == 0;
}

class FilesCopy {
  public:
    FilesCopy(std::string from, std::string to) : from_(std::move(from)), to_(std::move(to)) {}

    Result<std::uint64_t> run() {
        if (::mkdir(to_.c_str(), S_IRWXU) != 0 && errno != EEXIST) return disk_error("make", to_);
        const std::string incoming = joined(to_, kIncoming);
        if (::mkdir(incoming.c_str(), S_IRWXU) != 0 && errno != EEXIST) return disk_error("make", incoming);
        if (auto copied = copy_below("", kFoldersOfKey); !copied) return copied.error();
        return copied_;
    }

  private:
    /// `below`: the path from the root, with a slash at its end unless it is empty.
    Result<Done> copy_below(const std::string& below, int depth) {
        FolderNames names(from_ + "/" + below);
        const std::uint64_t before = copied_;
        while (const auto name = names.next()) {
            const std::string path = below + *name;
            auto copied = depth > 0 ? copy_below(path + "/", depth - 1) : copy_file(path);
            if (!copied) return copied;
        }
        if (depth == 0 && copied_ > before) {
            if (auto synced = sync_folder(to_ + "/" + below); !synced) return synced;
        }
        return names.result();
    }

    /// `folder`: that of the file, with nothing else in it. It may be erased at any moment: then it is left out.
    Result<Done> copy_file(const std::string& folder) {
        const std::string source = joined(from_, folder);
        if (exists(joined(to_, folder))) return Done{};
        const auto name = FolderNames(source).next();
        if (!name) return Done{};
        if (auto made = make_folders(to_, folder_of(folder)); !made) return made;
        const std::string fresh = joined(joined(to_, kIncoming), "copy-" + std::string(name_of(folder)));
        remove_folder(fresh);
        if (::mkdir(fresh.c_str(), S_IRWXU) != 0) return disk_error("make", fresh);
        auto filled = link_or_copy(joined(source, *name), joined(fresh, *name));
        if (filled) filled = link_or_copy(joined(source, kTypeName), joined(fresh, kTypeName));
        if (filled) filled = sync_folder(fresh);
        if (filled && ::rename(fresh.c_str(), joined(to_, folder).c_str()) == 0) {
            ++copied_;
            return Done{};
        }
        if (filled && errno != EEXIST && errno != ENOTEMPTY) filled = disk_error("move", fresh);
        remove_folder(fresh);
        return exists(source) ? filled : Result<Done>(Done{});
    }

    const std::string from_;
    const std::string to_;
    std::uint64_t copied_ = 0;
};

}  // namespace
}  // namespace folder

Result<std::uint64_t> copy_files(const std::string& from, const std::string& to) { return folder::FilesCopy(from, to).run(); }

}  // namespace cariosan
