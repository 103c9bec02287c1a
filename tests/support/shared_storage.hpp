#pragma once

#include <cariosan/storage.hpp>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace cariosan::test {

/// One storage shared by several engines of the process, like a separate database: each engine gets a `SharedStorage` with
/// the same `Shared`. Writes take turns.
class SharedStorage final : public Storage {
  public:
    struct Shared {
        explicit Shared(std::unique_ptr<Storage> opened) : storage(std::move(opened)) {}
        std::unique_ptr<Storage> storage;
        std::mutex writing;
    };

    explicit SharedStorage(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

    std::vector<Result<Committed>> commit(std::span<const Mutation> batch) override {
        const std::lock_guard lock(shared_->writing);
        return inner().commit(batch);
    }
    Result<bool> maintain() override {
        const std::lock_guard lock(shared_->writing);
        return inner().maintain();
    }
    Result<Done> probe() override {
        const std::lock_guard lock(shared_->writing);
        return inner().probe();
    }
    Result<std::unique_ptr<Reader>> open_reader() override { return inner().open_reader(); }
    std::string epoch() const override { return inner().epoch(); }
    Result<std::string> rotate_epoch() override {
        const std::lock_guard lock(shared_->writing);
        return inner().rotate_epoch();
    }
    Result<std::unique_ptr<Backup>> begin_backup(const std::string& path) override {
        const std::lock_guard lock(shared_->writing);
        return inner().begin_backup(path);
    }

  private:
    Storage& inner() const { return *shared_->storage; }

    std::shared_ptr<Shared> shared_;
};

}  // namespace cariosan::test
