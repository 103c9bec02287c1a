/// A storage with a workspace in it, and short ways to write to it and read from it.
#pragma once

#include <doctest/doctest.h>

#include <cariosan/storage.hpp>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "conformance/storage_kind.hpp"
#include "support/manual_clock.hpp"
#include "support/model/mutation_maker.hpp"

namespace cariosan::test {

/// A value as text, with everything in it, to compare and to print.
std::string show(const User& user);
std::string show(const Channel& channel);
std::string show(const Member& member);
std::string show(const Message& message);
std::string show(const MyChannel& mine);

class World : public MutationMaker {
  public:
    /// Opens the storage and creates the first workspace.
    explicit World(std::unique_ptr<StorageKind> kind, OpenOptions options = {});

    StorageKind& kind() { return *kind_; }
    Storage& storage() { return *storage_; }
    /// Closes the storage and opens it again. Does nothing for a storage that would lose everything.
    void reopen(OpenOptions options = {});
    void close();

    std::vector<Result<Committed>> commit(const std::vector<Mutation>& batch) {
        return storage_->commit(batch);
    }
    /// Commits one mutation; `run` requires that it succeeds.
    Result<Committed> attempt(Mutation mutation);
    Committed run(Mutation mutation);

    WorkspaceId add_workspace();
    UserId add_user(const std::string& external_id, std::optional<WorkspaceId> in = std::nullopt);
    std::vector<UserId> add_users(int count);
    /// A group whose first member is its admin.
    ChannelId add_group(const std::vector<UserId>& members);
    ChannelId add_direct(UserId one, UserId other);

    Message send(ChannelId channel, UserId author, std::string content = "hello");

    /// Runs `read` in one snapshot.
    template <class Read>
    auto read(Read read) {
        auto& reader = this->reader();
        REQUIRE(reader.begin().ok());
        auto value = read(reader);
        reader.end();
        return value;
    }
    std::unique_ptr<Reader> open_reader();
    Channel channel(ChannelId id);
    bool has_channel(ChannelId id);
    std::optional<Membership> membership(ChannelId channel, UserId user);
    std::vector<Member> members(ChannelId channel);
    std::vector<Message> messages(ChannelId channel, const Viewpoint& viewer = {});
    MyChannel mine(ChannelId channel, UserId user);
    std::vector<Receipt> receipts(ChannelId channel);
    ChangePage changes(ChannelId channel, UserId viewer, ChangeRange range);

    /// Everything a reader can find in a channel, as text. If two are equal, nothing has happened in between.
    std::string dump(ChannelId channel);

  private:
    Reader& reader();

    std::unique_ptr<StorageKind> kind_;
    std::unique_ptr<Storage> storage_;
    std::unique_ptr<Reader> reader_;
};

/// The value of a result, which must exist.
template <class T>
T must(Result<T> result) {
    if (!result) FAIL("unexpected error: " << result.error().message);
    return std::move(result).value();
}
template <class T>
T must_find(Result<std::optional<T>> result) {
    auto found = must(std::move(result));
    REQUIRE(found.has_value());
    return *std::move(found);
}
/// The object in the result of a commit.
template <class T>
T object(const Committed& committed) {
    const T* value = std::get_if<T>(&committed.object);
    REQUIRE(value != nullptr);
    return *value;
}
template <class T>
ErrorCode code_of(const Result<T>& result) {
    REQUIRE_FALSE(result.ok());
    return result.error().code;
}
/// The text of `details.field`.
std::string field_of(const Result<Committed>& result);

mutation::SendMessage with_key(mutation::SendMessage send, const std::string& key, std::uint8_t hash = 1);
/// The message as it is stored now.
Message stored_message(World& world, ChannelId channel, MessageId id);

}  // namespace cariosan::test
