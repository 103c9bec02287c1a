#pragma once

#include <array>
#include <atomic>
#include <cariosan/caller.hpp>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace cariosan::engine {

/// Held by a write while it is with the readers. Until the writer has it, no later write of its caller may overtake it.
class WriteInPlanning {
  public:
    WriteInPlanning() = default;
    explicit WriteInPlanning(std::atomic<std::uint32_t>& waiting) : waiting_(&waiting) { ++*waiting_; }
    ~WriteInPlanning() {
        if (waiting_ != nullptr) --*waiting_;
    }
    WriteInPlanning(WriteInPlanning&& other) noexcept : waiting_(std::exchange(other.waiting_, nullptr)) {}
    WriteInPlanning& operator=(WriteInPlanning&& other) noexcept {
        WriteInPlanning ended(std::exchange(waiting_, std::exchange(other.waiting_, nullptr)), Ended{});
        return *this;
    }

  private:
    struct Ended {};
    WriteInPlanning(std::atomic<std::uint32_t>* waiting, Ended) noexcept : waiting_(waiting) {}

    std::atomic<std::uint32_t>* waiting_ = nullptr;
};

/// The callers with writes at the readers: one counter for each of many slots, so two callers in one slot only take the longer
/// path. Thread-safe.
class WritesInPlanning {
  public:
    WriteInPlanning add(const Caller& caller) { return WriteInPlanning(place_of(caller)); }
    bool any(const Caller& caller) { return place_of(caller) != 0; }

  private:
    std::atomic<std::uint32_t>& place_of(const Caller& caller) {
        const std::size_t user = std::hash<std::string>{}(caller.user_reference());
        return places_[(user * 31 + std::hash<WorkspaceId>{}(caller.workspace())) % places_.size()];
    }

    std::array<std::atomic<std::uint32_t>, 4096> places_{};
};

}  // namespace cariosan::engine
