#pragma once

#include <algorithm>
#include <cariosan/storage.hpp>
#include <cstddef>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "support/forwarding_storage.hpp"

namespace cariosan::test {

/// One storage shared by several engines of the process, like a separate database, or by several lanes: each engine gets a
/// `SharedStorage` with the same `Shared`. Writes take turns.
class SharedStorage : public ForwardingStorage {
  public:
    struct Shared {
        explicit Shared(std::unique_ptr<Storage> opened) : storage(std::move(opened)) {}
        const std::shared_ptr<Storage> storage;
        std::mutex writing;
        // With `writing` held.
        std::vector<MovedChannels::Each> moved;  ///< by messages, in order
        std::size_t most_listed = std::numeric_limits<std::size_t>::max();  ///< if more moved, they are not listed
    };

    explicit SharedStorage(std::shared_ptr<Shared> shared)
        : ForwardingStorage(shared->storage), shared_(std::move(shared)) {}

    std::vector<Result<Committed>> commit(std::span<const Mutation> batch) override {
        const std::lock_guard lock(shared_->writing);
        std::vector<Result<Committed>> results = ForwardingStorage::commit(batch);
        for (const Result<Committed>& each : results) {
            const auto* message = each && each->changed ? std::get_if<Message>(&each->object) : nullptr;
            if (message != nullptr) shared_->moved.push_back({message->channel_id, each->rev});
        }
        return results;
    }
    Result<std::unique_ptr<Reader>> open_reader() override {
        auto reader = ForwardingStorage::open_reader();
        if (!reader) return reader.error();
        return std::unique_ptr<Reader>(std::make_unique<MovedReader>(*std::move(reader), shared_));
    }
    Result<bool> maintain() override {
        const std::lock_guard lock(shared_->writing);
        return ForwardingStorage::maintain();
    }
    Result<Done> probe() override {
        const std::lock_guard lock(shared_->writing);
        return ForwardingStorage::probe();
    }
    Result<std::string> rotate_epoch() override {
        const std::lock_guard lock(shared_->writing);
        return ForwardingStorage::rotate_epoch();
    }
    Result<std::unique_ptr<Backup>> begin_backup(const std::string& path) override {
        const std::lock_guard lock(shared_->writing);
        return ForwardingStorage::begin_backup(path);
    }

  private:
    /// A mark is how many channels had moved.
    class MovedReader final : public ForwardingReader {
      public:
        MovedReader(std::unique_ptr<Reader> inner, std::shared_ptr<Shared> shared)
            : ForwardingReader(std::move(inner)), shared_(std::move(shared)) {}
        Result<MovedChannels> moved_channels(const std::string& since, std::size_t limit) override {
            const std::lock_guard lock(shared_->writing);
            const auto& all = shared_->moved;
            MovedChannels moved{.mark = std::to_string(all.size())};
            if (since.empty()) return moved;
            const std::size_t seen = std::stoul(since);
            moved.all = all.size() - seen > std::min(limit, shared_->most_listed);
            if (!moved.all) moved.channels.assign(all.begin() + static_cast<std::ptrdiff_t>(seen), all.end());
            return moved;
        }

      private:
        const std::shared_ptr<Shared> shared_;
    };

    std::shared_ptr<Shared> shared_;
};

}  // namespace cariosan::test
