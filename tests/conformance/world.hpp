/// A storage with a workspace in it, and short ways to write to it and read from it.
#pragma once

#include <doctest/doctest.h>

#include <cariosan/clock.hpp>
#include <cariosan/storage.hpp>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "conformance/storage_kind.hpp"

namespace cariosan::test {

/// A clock that stands still until it is moved.
class ManualClock final : public Clock {
  public:
    Timestamp now() override { return {1'700'000'000'000 + elapsed_.count()}; }
    std::chrono::milliseconds elapsed() override { return elapsed_; }
    void advance(std::chrono::milliseconds by) { elapsed_ += by; }

  private:
    std::chrono::milliseconds elapsed_{0};
};

/// Text that trips careless code: emoji of four bytes, joined emoji, combining marks, both directions, controls.
extern const std::string kOddText;

/// One value as text, to compare and to show. Everything that is in it.
std::string show(const User& user);
std::string show(const Channel& channel);
std::string show(const Member& member);
std::string show(const Message& message);
std::string show(const MyChannel& mine);

/// The id a number stands for; higher numbers, higher ids.
template <class IdType>
IdType id_of(std::uint64_t number) {
    IdType id;
    for (std::size_t i = 0; i < 8; ++i) {
        id.uuid.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
    }
    id.uuid.bytes[6] = 0x70;
    id.uuid.bytes[8] |= 0x80;
    return id;
}

class World {
  public:
    /// Opens the storage and makes the first workspace.
    explicit World(std::unique_ptr<StorageKind> kind, OpenOptions options = {});

    StorageKind& kind() { return *kind_; }
    Storage& storage() { return *storage_; }
    /// Closes the storage and opens it again; does nothing for one that would lose everything.
    void reopen(OpenOptions options = {});
    void close();

    template <class IdType>
    IdType next_id() {
        return id_of<IdType>(++ids_);
    }
    Timestamp tick() { return {now_.milliseconds += 7}; }

    std::vector<Result<Committed>> commit(const std::vector<Mutation>& batch) {
        return storage_->commit(batch);
    }
    /// Commits one mutation; the second form demands that it succeeds.
    Result<Committed> attempt(Mutation mutation);
    Committed run(Mutation mutation);

    mutation::CreateWorkspace workspace_mutation();
    WorkspaceId add_workspace();
    UserId add_user(const std::string& external_id, std::optional<WorkspaceId> in = std::nullopt);
    std::vector<UserId> add_users(int count);
    /// A group whose first member is its admin.
    ChannelId add_group(const std::vector<UserId>& members);
    ChannelId add_direct(UserId one, UserId other);

    mutation::CreateChannel group(const std::vector<UserId>& members);
    mutation::SendMessage message(ChannelId channel, UserId author, std::string content = "hello");
    mutation::AddMembers adding(ChannelId channel, std::vector<UserId> users);
    mutation::RemoveMember removing(ChannelId channel, UserId user);
    mutation::UpdateMember role(ChannelId channel, UserId user, Role role);
    mutation::MoveCursor reading(ChannelId channel, UserId user,
                                     std::optional<std::int64_t> seq = std::nullopt);
    mutation::MoveCursor delivering(ChannelId channel, UserId user,
                                    std::optional<std::int64_t> seq = std::nullopt);
    mutation::EditMessage editing(const Message& message, UserId actor, std::string content);
    mutation::DeleteMessage deleting(const Message& message, std::optional<UserId> actor);
    mutation::AddReaction reacting(const Message& message, UserId user, std::string emoji);
    mutation::RemoveReaction unreacting(const Message& message, UserId user, std::string emoji);
    mutation::SilenceUser silencing(UserId user, std::optional<ChannelId> channel = std::nullopt);
    mutation::UnsilenceUser unsilencing(UserId user, std::optional<ChannelId> channel = std::nullopt);
    mutation::BlockUser blocking(UserId user, UserId blocked);
    mutation::UnblockUser unblocking(UserId user, UserId blocked);
    mutation::CreateWebhook webhook(WebhookEvents events, std::optional<WorkspaceId> in = std::nullopt);
    mutation::RegisterDevice registering(UserId user, std::string token);
    mutation::RemoveDevice unregistering(UserId user, std::string token);
    Message send(ChannelId channel, UserId author, std::string content = "hello");

    /// Runs `read` inside one snapshot.
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

    /// Everything a reader can find in a channel, as text: two equal ones mean that nothing has happened between them.
    std::string dump(ChannelId channel);

    WorkspaceId workspace;

  private:
    Reader& reader();

    std::unique_ptr<StorageKind> kind_;
    std::unique_ptr<Storage> storage_;
    std::unique_ptr<Reader> reader_;
    std::uint64_t ids_ = 0;
    Timestamp now_{1'700'000'000'000};
};

/// The value of a result that must be there.
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
/// The object of a commit.
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

}  // namespace cariosan::test
