/// Short ways to create the mutations that tests commit, in one workspace.
#pragma once

#include <cariosan/mutations.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cariosan::test {

/// Text that breaks careless code: emoji of four bytes, joined emoji, combining marks, both directions, controls.
extern const std::string kOddText;

/// The id for a number; higher numbers have higher ids.
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

/// Creates ascending ids and times.
class MutationMaker {
  public:
    template <class IdType>
    IdType next_id() {
        return id_of<IdType>(++ids_);
    }
    Timestamp tick() { return {now_.milliseconds += 7}; }

    mutation::CreateWorkspace workspace_mutation();
    /// A new user with the name "Name of <external_id>".
    mutation::UpsertUser upserting(const std::string& external_id, std::optional<WorkspaceId> in = std::nullopt);
    /// A group whose first member is its admin.
    mutation::CreateChannel group(const std::vector<UserId>& members);
    mutation::SendMessage message(ChannelId channel, UserId author, std::string content = "hello");
    mutation::AddMembers adding(ChannelId channel, std::vector<UserId> users);
    mutation::RemoveMember removing(ChannelId channel, UserId user);
    mutation::UpdateMember role(ChannelId channel, UserId user, Role role);
    mutation::MoveReceipt reading(ChannelId channel, UserId user,
                                     std::optional<std::int64_t> seq = std::nullopt);
    mutation::MoveReceipt delivering(ChannelId channel, UserId user,
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

    WorkspaceId workspace;

  protected:
    std::uint64_t ids_ = 0;

  private:
    Timestamp now_{1'790'000'000'000};  // where `ManualClock` starts
};

}  // namespace cariosan::test
