#include "adapters/sqlite/files/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <sstream>

namespace cariosan::sqlite {
namespace {

constexpr mode_t kOwnerOnly = 0600;

std::string folder_of(const std::string& path) {
    const auto slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

Result<Done> write_all(int descriptor, std::string_view text, const std::string& path) {
    while (!text.empty()) {
        const ssize_t written = ::write(descriptor, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return file_error("write", path);
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return Done{};
}

Result<Done> sync_path(const std::string& path, int flags) {
    const Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags));
    if (!descriptor.is_open()) return file_error("open", path);
    if (::fsync(descriptor.number()) != 0) return file_error("sync", path);
    return Done{};
}

}  // namespace

void Descriptor::close() noexcept {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
}

Result<Done> create_private(const std::string& path) {
    const Descriptor descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kOwnerOnly));
    if (!descriptor.is_open()) return file_error("open", path);
    return Done{};
}

Result<Descriptor> create_exclusive(const std::string& path) {
    Descriptor descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerOnly));
    if (descriptor.is_open()) return descriptor;
    if (errno == EEXIST) return Error(ErrorCode::conflict, fmt::format("{} exists already", path));
    return file_error("create", path);
}

Result<Done> replace_file(const std::string& from, const std::string& to) {
    if (std::rename(from.c_str(), to.c_str()) != 0) return file_error("replace", to);
    return sync_path(folder_of(to), O_DIRECTORY);
}

void remove_file(const std::string& path) noexcept { ::unlink(path.c_str()); }

bool file_exists(const std::string& path) noexcept {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0;
}

Result<Done> check_room(const std::string& path, std::int64_t bytes) {
    const Descriptor descriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kOwnerOnly));
    if (!descriptor.is_open()) return storage_error("open", path, errno);
    int failure = EINTR;
    while (failure == EINTR) failure = ::posix_fallocate(descriptor.number(), 0, bytes);
    remove_file(path);
    // If the file system cannot reserve space, assume there is room.
    if (failure == 0 || failure == EOPNOTSUPP || failure == EINVAL) return Done{};
    return storage_error("reserve space in", path, failure);
}

Result<Done> sync_file(const std::string& path) { return sync_path(path, 0); }

Result<DatabaseLock> DatabaseLock::take(const std::string& database) {
    const std::string path = database + ".lock";
    Descriptor descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kOwnerOnly));
    if (!descriptor.is_open()) return file_error("open", path);
    if (::flock(descriptor.number(), LOCK_EX | LOCK_NB) == 0) return DatabaseLock(std::move(descriptor));
    if (errno != EWOULDBLOCK) return file_error("lock", path);
    return Error(ErrorCode::conflict,
                 fmt::format("the database {} is in use: an SQLite file is owned by one process; "
                             "to run several, use PostgreSQL",
                             database));
}

std::optional<Mark> read_mark(const std::string& database) {
    std::ifstream file(database + ".mark", std::ios::binary);
    if (!file) return std::nullopt;
    std::string format;
    Mark mark;
    if (file >> format >> mark.epoch >> mark.commits && format == "cariosan-mark-1") return mark;
    return Mark{};
}

bool was_replaced(const std::string& database, const Mark& present) {
    const auto mark = read_mark(database);
    return mark && (mark->epoch != present.epoch || present.commits < mark->commits);
}

Result<Done> write_mark(const std::string& database, const Mark& mark) {
    const std::string path = database + ".mark";
    const std::string fresh = path + ".new";
    const Descriptor descriptor(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kOwnerOnly));
    if (!descriptor.is_open()) return file_error("open", fresh);
    const std::string text = fmt::format("cariosan-mark-1 {} {}\n", mark.epoch, mark.commits);
    Result<Done> written = write_all(descriptor.number(), text, fresh);
    if (written && ::fsync(descriptor.number()) != 0) written = file_error("sync", fresh);
    if (written && std::rename(fresh.c_str(), path.c_str()) != 0) written = file_error("replace", path);
    if (!written) remove_file(fresh);
    return written;
}

}  // namespace cariosan::sqlite
