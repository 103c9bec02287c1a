#pragma once

#include <cariosan/storage.hpp>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
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
    };

    explicit SharedStorage(std::shared_ptr<Shared> shared)
        : ForwardingStorage(shared->storage), shared_(std::move(shared)) {}

    std::vector<Result<Committed>> commit(std::span<const Mutation> batch) override {
        const std::lock_guard lock(shared_->writing);
        return ForwardingStorage::commit(batch);
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
    std::shared_ptr<Shared> shared_;
};

}  // namespace cariosan::test
