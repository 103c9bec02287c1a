#include "support/model/mutation_maker.hpp"

#include <utility>

namespace cariosan::test {

// Wide emoji, a family joined by U+200D, a flag, e + U+0301, Hebrew in an override, a zero-width space, U+0001, U+FFFF.
const std::string kOddText =
    "\xF0\x9F\x98\x80 \xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7 "
    "\xF0\x9F\x87\xAE\xF0\x9F\x87\xA9 e\xCC\x81 \xE2\x80\xAE\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D\xE2\x80\xAC "
    "\xE2\x80\x8B\x01\xEF\xBF\xBF 'quote\" \\ %_";

mutation::CreateWorkspace MutationMaker::workspace_mutation() {
    mutation::CreateWorkspace create;
    create.workspace.id = next_id<WorkspaceId>();
    create.workspace.name = "Shop " + std::to_string(ids_);
    create.workspace.created_at = tick();
    create.api_key = "pk_live_" + std::to_string(ids_);
    create.secret_hash.fill(static_cast<std::uint8_t>(ids_));
    create.idempotency_secret.fill(static_cast<std::uint8_t>(ids_ + 1));
    return create;
}

mutation::UpsertUser MutationMaker::upserting(const std::string& external_id, std::optional<WorkspaceId> in) {
    return {.workspace = in.value_or(workspace),
            .new_id = next_id<UserId>(),
            .external_id = external_id,
            .name = "Name of " + external_id,
            .metadata = "{}",
            .at = tick()};
}

mutation::CreateChannel MutationMaker::group(const std::vector<UserId>& members) {
    mutation::CreateChannel create;
    create.workspace = workspace;
    create.new_id = next_id<ChannelId>();
    create.external_id = "group" + std::to_string(ids_);
    create.name = "Group";
    create.metadata = "{}";
    create.members = members;
    if (!members.empty()) create.admin = members.front();
    create.at = tick();
    return create;
}

mutation::SendMessage MutationMaker::message(ChannelId channel, UserId author, std::string content) {
    mutation::SendMessage send;
    send.workspace = workspace;
    send.channel = channel;
    send.id = next_id<MessageId>();
    send.author = author;
    send.content = std::move(content);
    send.metadata = "{}";
    send.at = tick();
    return send;
}

mutation::AddMembers MutationMaker::adding(ChannelId channel, std::vector<UserId> users) {
    mutation::AddMembers add;
    add.workspace = workspace;
    add.channel = channel;
    add.users = std::move(users);
    add.at = tick();
    return add;
}

mutation::RemoveMember MutationMaker::removing(ChannelId channel, UserId user) {
    return {.workspace = workspace, .channel = channel, .actor = {}, .user = user, .at = tick()};
}

mutation::UpdateMember MutationMaker::role(ChannelId channel, UserId user, Role role) {
    return {
        .workspace = workspace, .channel = channel, .actor = {}, .user = user, .role = role, .at = tick()};
}

mutation::MoveReceipt MutationMaker::reading(ChannelId channel, UserId user, std::optional<std::int64_t> seq) {
    return {.workspace = workspace,
            .channel = channel,
            .user = user,
            .kind = ReceiptKind::read,
            .seq = seq,
            .at = tick()};
}

mutation::MoveReceipt MutationMaker::delivering(ChannelId channel, UserId user, std::optional<std::int64_t> seq) {
    auto move = reading(channel, user, seq);
    move.kind = ReceiptKind::delivered;
    return move;
}

mutation::EditMessage MutationMaker::editing(const Message& message, UserId actor, std::string content) {
    return {.workspace = workspace,
            .channel = message.channel_id,
            .message = message.id,
            .actor = actor,
            .content = std::move(content),
            .at = tick()};
}

mutation::DeleteMessage MutationMaker::deleting(const Message& message, std::optional<UserId> actor) {
    return {.workspace = workspace,
            .channel = message.channel_id,
            .message = message.id,
            .actor = actor,
            .at = tick()};
}

mutation::AddReaction MutationMaker::reacting(const Message& message, UserId user, std::string emoji) {
    return {.workspace = workspace,
            .channel = message.channel_id,
            .message = message.id,
            .user = user,
            .emoji = std::move(emoji)};
}

mutation::RemoveReaction MutationMaker::unreacting(const Message& message, UserId user, std::string emoji) {
    return {.workspace = workspace,
            .channel = message.channel_id,
            .message = message.id,
            .user = user,
            .emoji = std::move(emoji)};
}

mutation::SilenceUser MutationMaker::silencing(UserId user, std::optional<ChannelId> channel) {
    return {.workspace = workspace, .user = user, .channel = channel, .at = tick()};
}

mutation::UnsilenceUser MutationMaker::unsilencing(UserId user, std::optional<ChannelId> channel) {
    return {.workspace = workspace, .user = user, .channel = channel};
}

mutation::BlockUser MutationMaker::blocking(UserId user, UserId blocked) {
    return {.workspace = workspace, .user = user, .blocked = blocked, .at = tick()};
}

mutation::UnblockUser MutationMaker::unblocking(UserId user, UserId blocked) {
    return {.workspace = workspace, .user = user, .blocked = blocked};
}

mutation::CreateWebhook MutationMaker::webhook(WebhookEvents events, std::optional<WorkspaceId> in) {
    return {.workspace = in.value_or(workspace),
            .id = next_id<WebhookId>(),
            .url = "https://shop.example/hook",
            .events = events,
            .secret = "whsec_secret",
            .at = tick()};
}

mutation::RegisterDevice MutationMaker::registering(UserId user, std::string token) {
    return {.workspace = workspace, .user = user, .token = std::move(token), .at = tick()};
}

mutation::RemoveDevice MutationMaker::unregistering(UserId user, std::string token) {
    return {.workspace = workspace, .user = user, .token = std::move(token)};
}

}  // namespace cariosan::test
