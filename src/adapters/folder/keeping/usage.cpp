#include "adapters/folder/keeping/usage.hpp"

#include <sys/stat.h>

#include "adapters/folder/disk.hpp"
#include "adapters/folder/file_layout.hpp"
#include "adapters/folder/folder_names.hpp"

namespace cariosan::folder {
namespace {

/// The files below `path`, which is `depth` folders above them.
Result<std::int64_t> bytes_below(const std::string& path, int depth) {
    FolderNames names(path);
    std::int64_t bytes = 0;
    while (const auto name = names.next()) {
        const std::string below = joined(path, *name);
        if (depth > 0) {
            const auto part = bytes_below(below, depth - 1);
            if (!part) return part;
            bytes += *part;
            continue;
        }
        struct stat file {};
        if (::lstat(below.c_str(), &file) == 0 && S_ISREG(file.st_mode)) bytes += static_cast<std::int64_t>(file.st_size);
    }
    if (auto read = names.result(); !read) return read.error();
    return bytes;
}

}  // namespace

void Usage::Room::end(bool give_back) noexcept {
    if (of_ == nullptr) return;
    const std::lock_guard lock(of_->mutex_);
    Entry& entry = of_->entries_[workspace_];
    --entry.uploads;
    if (give_back) entry.bytes -= bytes_;
    of_ = nullptr;
}

Error Usage::full() const {
    return Error(ErrorCode::validation_error, "the files of the workspace take up all the room they may have")
        .with("limit", quota_)
        .with("reason", "quota");
}

Result<Usage::Room> Usage::take_from(Entry& entry, WorkspaceId workspace, std::int64_t bytes) {
    if (bytes > quota_ - entry.bytes) return full();
    entry.bytes += bytes;
    ++entry.uploads;
    return Room(*this, workspace, bytes);
}

void Usage::take(WorkspaceId workspace, std::int64_t bytes, Taken taken) {
    if (quota_ == 0) return taken(Room());
    std::unique_lock lock(mutex_);
    Entry& entry = entries_[workspace];
    if (entry.counted) {
        Result<Room> room = take_from(entry, workspace, bytes);
        lock.unlock();
        return taken(std::move(room));
    }
    entry.waiting.push_back({bytes, std::move(taken)});
    if (std::exchange(entry.counting, true)) return;
    lock.unlock();
    count(workspace);
}

void Usage::count(WorkspaceId workspace) {
    constexpr int kFoldersBelow = 3;  // year, month, uuid
    const auto bytes = bytes_below(joined(root_, workspace.to_string()), kFoldersBelow);
    std::vector<std::pair<Taken, Result<Room>>> answers;
    {
        const std::lock_guard lock(mutex_);
        Entry& entry = entries_[workspace];
        entry.counting = false;
        entry.counted = bytes.ok();
        if (bytes) entry.bytes = *bytes;
        for (Waiting& each : std::exchange(entry.waiting, {})) {
            answers.emplace_back(std::move(each.taken), bytes ? take_from(entry, workspace, each.bytes) : Result<Room>(bytes.error()));
        }
    }
    for (auto& [taken, room] : answers) taken(std::move(room));
}

bool Usage::is_full(WorkspaceId workspace, std::int64_t bytes) {
    if (quota_ == 0) return false;
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(workspace);
    return found != entries_.end() && found->second.counted && bytes > quota_ - found->second.bytes;
}

void Usage::removed(WorkspaceId workspace, std::int64_t bytes) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(workspace);
    if (found != entries_.end() && found->second.counted) found->second.bytes -= bytes;
}

void Usage::count_again() {
    const std::lock_guard lock(mutex_);
    std::erase_if(entries_, [](const auto& entry) { return entry.second.uploads == 0 && !entry.second.counting; });
}

}  // namespace cariosan::folder
