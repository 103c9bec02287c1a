#pragma once

#include <cariosan/storage.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "support/forwarding_storage.hpp"

namespace cariosan::test {

/// Holds back one `unread_total` between its reading and its answer, so that other reads can overtake it.
class HeldCount {
  public:
    void hold_next() {
        const std::lock_guard lock(mutex_);
        holds_ = true;
    }
    void wait_until_held() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return held_; });
    }
    void let_go() {
        const std::lock_guard lock(mutex_);
        held_ = false;
        changed_.notify_all();
    }
    void pass() {
        std::unique_lock lock(mutex_);
        if (!std::exchange(holds_, false)) return;
        held_ = true;
        changed_.notify_all();
        changed_.wait(lock, [this] { return !held_; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool holds_ = false;
    bool held_ = false;
};

class HeldCountChannels final : public ChannelReader {
  public:
    HeldCountChannels(Reader& inner, std::shared_ptr<HeldCount> held) : inner_(inner), held_(std::move(held)) {}

    Result<std::int64_t> unread_total(WorkspaceId workspace, UserId user) override {
        auto total = inner().unread_total(workspace, user);
        held_->pass();
        return total;
    }
    Result<std::optional<Channel>> find(WorkspaceId workspace, ChannelId id) override { return inner().find(workspace, id); }
    Result<std::optional<Channel>> find_external(WorkspaceId workspace, std::string_view external_id) override {
        return inner().find_external(workspace, external_id);
    }
    Result<std::vector<Channel>> list(WorkspaceId workspace, std::optional<ChannelId> after, std::int64_t limit,
                                      const ChannelFilter& filter) override {
        return inner().list(workspace, after, limit, filter);
    }
    Result<std::vector<MyChannel>> list_of(WorkspaceId workspace, UserId user, const MyChannelRange& range) override {
        return inner().list_of(workspace, user, range);
    }
    Result<std::optional<MyChannel>> find_of(WorkspaceId workspace, UserId user, ChannelId channel,
                                             std::int64_t members) override {
        return inner().find_of(workspace, user, channel, members);
    }
    Result<std::vector<ChannelPosition>> positions_of(WorkspaceId workspace, UserId user) override {
        return inner().positions_of(workspace, user);
    }
    Result<PreferencesRead> preferences_of(WorkspaceId workspace, UserId user, std::int64_t since,
                                           std::int64_t limit) override {
        return inner().preferences_of(workspace, user, since, limit);
    }
    Result<std::vector<ChannelId>> unread_by(WorkspaceId workspace, UserId user, std::optional<UserId> author,
                                             std::int64_t limit) override {
        return inner().unread_by(workspace, user, author, limit);
    }

  private:
    ChannelReader& inner() { return inner_.channels(); }

    Reader& inner_;
    std::shared_ptr<HeldCount> held_;
};

class HeldCountReader final : public ForwardingReader {
  public:
    HeldCountReader(std::unique_ptr<Reader> inner, std::shared_ptr<HeldCount> held)
        : ForwardingReader(std::move(inner)), channels_(this->inner(), std::move(held)) {}

    ChannelReader& channels() override { return channels_; }

  private:
    HeldCountChannels channels_;
};

class HeldCountStorage final : public ForwardingStorage {
  public:
    HeldCountStorage(std::unique_ptr<Storage> inner, std::shared_ptr<HeldCount> held)
        : ForwardingStorage(std::move(inner)), held_(std::move(held)) {}

    Result<std::unique_ptr<Reader>> open_reader() override {
        auto reader = ForwardingStorage::open_reader();
        if (!reader) return reader;
        return std::unique_ptr<Reader>(std::make_unique<HeldCountReader>(std::move(*reader), held_));
    }

  private:
    std::shared_ptr<HeldCount> held_;
};

}  // namespace cariosan::test
