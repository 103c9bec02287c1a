#pragma once

#include <cariosan/storage.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

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
    Result<std::vector<Channel>> list(WorkspaceId workspace, std::optional<ChannelId> after, std::int64_t limit) override {
        return inner().list(workspace, after, limit);
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

class HeldCountReader final : public Reader {
  public:
    HeldCountReader(std::unique_ptr<Reader> inner, std::shared_ptr<HeldCount> held)
        : inner_(std::move(inner)), channels_(*inner_, std::move(held)) {}

    Result<Done> begin() override { return inner_->begin(); }
    void end() noexcept override { inner_->end(); }
    ChannelReader& channels() override { return channels_; }
    WorkspaceReader& workspaces() override { return inner_->workspaces(); }
    UserReader& users() override { return inner_->users(); }
    MemberReader& members() override { return inner_->members(); }
    MessageReader& messages() override { return inner_->messages(); }
    ChangeReader& changes() override { return inner_->changes(); }
    SearchReader& search() override { return inner_->search(); }
    SilenceReader& silences() override { return inner_->silences(); }
    BlockReader& blocks() override { return inner_->blocks(); }
    UserDataReader& user_data() override { return inner_->user_data(); }
    OutboxReader& outbox() override { return inner_->outbox(); }
    ModerationReader& moderation() override { return inner_->moderation(); }
    PushReader& push() override { return inner_->push(); }

  private:
    std::unique_ptr<Reader> inner_;
    HeldCountChannels channels_;
};

class HeldCountStorage final : public Storage {
  public:
    HeldCountStorage(std::unique_ptr<Storage> inner, std::shared_ptr<HeldCount> held)
        : inner_(std::move(inner)), held_(std::move(held)) {}

    std::vector<Result<Committed>> commit(std::span<const Mutation> batch) override { return inner_->commit(batch); }
    Result<bool> maintain() override { return inner_->maintain(); }
    Result<Done> probe() override { return inner_->probe(); }
    Result<std::unique_ptr<Reader>> open_reader() override {
        auto reader = inner_->open_reader();
        if (!reader) return reader;
        return std::unique_ptr<Reader>(std::make_unique<HeldCountReader>(std::move(*reader), held_));
    }
    std::string epoch() const override { return inner_->epoch(); }
    Result<std::string> rotate_epoch() override { return inner_->rotate_epoch(); }
    Result<std::unique_ptr<Backup>> begin_backup(const std::string& path) override { return inner_->begin_backup(path); }

  private:
    std::unique_ptr<Storage> inner_;
    std::shared_ptr<HeldCount> held_;
};

}  // namespace cariosan::test
