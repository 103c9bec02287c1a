#include "adapters/folder/keeping/cleaning.hpp"

#include <sys/stat.h>

#include <chrono>
#include <utility>

#include "adapters/folder/disk.hpp"
#include "adapters/folder/file_layout.hpp"
#include "encoding/percent.hpp"

namespace cariosan::folder {
namespace {

constexpr std::chrono::milliseconds kUnnamedLife = std::chrono::hours(24);
constexpr std::chrono::milliseconds kBetweenWalks = std::chrono::hours(6);
constexpr int kNamesAtOnce = 200;
/// The root, a workspace, a year, a month: the names in the last are those of files' folders.
constexpr std::size_t kFoldersToFile = 4;

/// Whether this was last written a day ago; also if it is not there.
bool is_old(const std::string& path, Timestamp now) {
    struct stat entry {};
    if (::lstat(path.c_str(), &entry) != 0) return true;
    constexpr std::int64_t kMsPerSecond = 1000;
    return static_cast<std::int64_t>(entry.st_mtim.tv_sec) * kMsPerSecond + kUnnamedLife.count() <= now.milliseconds;
}

/// Also the file in it, which grows without the folder.
bool is_old_with_file(const std::string& folder, Timestamp now) {
    if (!is_old(folder, now)) return false;
    const auto file = FolderNames(folder).next();
    return !file || is_old(joined(folder, *file), now);
}

}  // namespace

void Cleaning::begin(Part part) {
    part_ = part;
    if (part == Part::none) return usage_.count_again();
    const std::string_view own = part == Part::erased ? kErased : kIncoming;
    walk_.emplace_back(part == Part::files ? root_ : joined(root_, own));
}

Result<std::uint64_t> Cleaning::step(Timestamp now, FileNames& names) {
    if (part_ == Part::none) {
        const bool recent = begun_ && now >= *begun_ && now.milliseconds - begun_->milliseconds < kBetweenWalks.count();
        if (recent) return std::uint64_t{0};
        begun_ = now;
        begin(Part::erased);
    }
    std::uint64_t removed = 0;
    for (int looked = 0; looked < kNamesAtOnce && part_ != Part::none; ++looked) {
        const auto name = walk_.back().next();
        if (!name) {
            const auto read = walk_.back().result();
            walk_.pop_back();
            if (walk_.empty()) begin(static_cast<Part>(static_cast<std::uint8_t>(part_) + 1));
            if (!read) return read.error();
            continue;
        }
        const auto gone = look_at(*name, now, names);
        if (!gone) return gone;
        removed += *gone;
    }
    return removed;
}

Result<std::uint64_t> Cleaning::look_at(const std::string& name, Timestamp now, FileNames& names) {
    const std::string path = joined(walk_.back().path(), name);
    if (part_ == Part::erased) {
        const auto gone = removal_.finish(name, names);
        return gone ? Result<std::uint64_t>(*gone ? 1U : 0U) : gone.error();
    }
    if (part_ == Part::incoming) {
        if (is_old_with_file(path, now)) remove_folder(path);
        return std::uint64_t{0};
    }
    if (walk_.size() == kFoldersToFile) return look_at_file(path, now, names);
    if (walk_.size() == 1) {
        const auto workspace = WorkspaceId::parse(name);
        if (!workspace) return std::uint64_t{0};
        const auto known = names.has_workspace(*workspace);
        if (!known) return known.error();
        if (!*known) return std::uint64_t{0};
    }
    walk_.emplace_back(path);
    return std::uint64_t{0};
}

/// `path`: of the file's folder.
Result<std::uint64_t> Cleaning::look_at_file(const std::string& path, Timestamp now, FileNames& names) {
    if (!is_old_with_file(path, now)) return std::uint64_t{0};
    const auto name = FolderNames(path).next();
    if (!name) return std::uint64_t{0};
    const std::string folder = path.substr(root_.size() + 1);
    const auto key = objects::decode_object_key(joined(folder, encoding::percent_encode(*name)));
    if (!key) return std::uint64_t{0};
    const auto gone = removal_.remove(*key, names);
    return gone ? Result<std::uint64_t>(*gone ? 1U : 0U) : gone.error();
}

}  // namespace cariosan::folder
