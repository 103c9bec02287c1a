#pragma once

#include <cariosan/error.hpp>
#include <cariosan/types.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace cariosan::folder {

/// How many bytes of files each workspace has in the folder, those being uploaded included, and how many it may have. What is
/// there is counted before the first upload; from then on it is known from what comes and goes. Thread-safe; must outlive its
/// rooms.
class Usage {
  public:
    /// `quota`: of each workspace; 0: any number, and nothing is counted.
    Usage(std::string root, std::int64_t quota) : root_(std::move(root)), quota_(quota) {}

    /// Room for one file, given back when it is destroyed, unless the file is there for good.
    class Room {
      public:
        Room() = default;
        Room(Usage& of, WorkspaceId workspace, std::int64_t bytes) noexcept : of_(&of), workspace_(workspace), bytes_(bytes) {}
        Room(Room&& other) noexcept
            : of_(std::exchange(other.of_, nullptr)), workspace_(other.workspace_), bytes_(other.bytes_) {}
        Room& operator=(Room&&) = delete;
        ~Room() { end(true); }
        void keep() noexcept { end(false); }

      private:
        void end(bool give_back) noexcept;

        Usage* of_ = nullptr;
        WorkspaceId workspace_{};
        std::int64_t bytes_ = 0;
    };

    using Taken = std::function<void(Result<Room>)>;

    /// On a thread for files, which may have to count; `taken` is called here, or on the thread that is counting the same
    /// workspace. `validation_error` with `details.limit` if there is no room.
    void take(WorkspaceId workspace, std::int64_t bytes, Taken taken);
    /// Whether it is known already that there is no room. Does not wait for a disk.
    bool is_full(WorkspaceId workspace, std::int64_t bytes);
    /// A file was taken away.
    void removed(WorkspaceId workspace, std::int64_t bytes);
    /// Has workspaces counted again before their next uploads, unless some are under way.
    void count_again();
    Error full() const;

  private:
    struct Waiting {
        std::int64_t bytes = 0;
        Taken taken;
    };
    struct Entry {
        bool counted = false;
        bool counting = false;
        std::int64_t bytes = 0;
        std::size_t uploads = 0;  ///< under way
        std::vector<Waiting> waiting{};
    };

    Result<Room> take_from(Entry& entry, WorkspaceId workspace, std::int64_t bytes);
    void count(WorkspaceId workspace);

    const std::string root_;
    const std::int64_t quota_;
    std::mutex mutex_;
    std::map<WorkspaceId, Entry> entries_;
};

}  // namespace cariosan::folder
