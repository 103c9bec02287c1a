/// A storage and a reader that pass everything on to another one: the base of those in which a test changes one thing.
#pragma once

#include <cariosan/storage.hpp>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace cariosan::test {

class ForwardingReader : public Reader {
  public:
    explicit ForwardingReader(std::unique_ptr<Reader> inner) : inner_(std::move(inner)) {}

    Result<Done> begin() override { return inner_->begin(); }
    void end() noexcept override { inner_->end(); }
    WorkspaceReader& workspaces() override { return inner_->workspaces(); }
    UserReader& users() override { return inner_->users(); }
    ChannelReader& channels() override { return inner_->channels(); }
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
    Result<MovedChannels> moved_channels(const std::string& since, std::size_t limit) override {
        return inner_->moved_channels(since, limit);
    }

  protected:
    Reader& inner() noexcept { return *inner_; }

  private:
    std::unique_ptr<Reader> inner_;
};

/// The inner storage may be shared with others.
class ForwardingStorage : public Storage {
  public:
    explicit ForwardingStorage(std::shared_ptr<Storage> inner) : inner_(std::move(inner)) {}

    std::vector<Result<Committed>> commit(std::span<const Mutation> batch) override { return inner_->commit(batch); }
    std::size_t writer_lanes() const override { return inner_->writer_lanes(); }
    Result<bool> maintain() override { return inner_->maintain(); }
    Result<Done> probe() override { return inner_->probe(); }
    Result<std::string> rotate_epoch() override { return inner_->rotate_epoch(); }
    Result<std::unique_ptr<Backup>> begin_backup(const std::string& path) override { return inner_->begin_backup(path); }
    Result<std::unique_ptr<Reader>> open_reader() override { return inner_->open_reader(); }
    std::string epoch() const override { return inner_->epoch(); }

  private:
    std::shared_ptr<Storage> inner_;
};

}  // namespace cariosan::test
