#include "unit/core/fakes.hpp"

#include <algorithm>

namespace cariosan::test {
Digest FakeCrypto::sha256(std::string_view data) {
    Digest digest{};
    for (std::size_t lane = 0; lane < 4; ++lane) {
        std::uint64_t hash = 0xCBF29CE484222325U + lane;
        for (const char c : data) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001B3U;
        for (std::size_t i = 0; i < 8; ++i) digest[lane * 8 + i] = static_cast<std::uint8_t>(hash >> (8 * i));
    }
    return digest;
}

Digest FakeCrypto::hmac_sha256(std::string_view key, std::string_view data) {
    return sha256(std::string(key).append(data));
}

void FakeCrypto::random(std::span<std::uint8_t> out) {
    ++fills;
    for (std::uint8_t& byte : out) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        byte = static_cast<std::uint8_t>(state >> 56U);
    }
}

Result<std::string> FakeMetadata::canonical(std::string_view json_text, const Limits&) {
    if (json_text.size() < 2 || json_text.front() != '{' || json_text.back() != '}') {
        return invalid_field("metadata", "metadata must be a JSON object");
    }
    std::vector<std::string> members(1);
    for (const char c : json_text.substr(1, json_text.size() - 2)) {
        if (c == ',') {
            members.emplace_back();
        } else if (c != ' ') {
            members.back().push_back(c);
        }
    }
    std::sort(members.begin(), members.end());
    std::string text;
    for (const std::string& member : members) text += (text.empty() ? "" : ",") + member;
    return "{" + text + "}";
}

Uuid World::next_id() {
    Uuid id;
    id.bytes[0] = 1;
    id.bytes[6] = 0x70;
    id.bytes[8] = 0x80;
    id.bytes[15] = ++made_;
    return id;
}

WorkspaceId World::add_workspace() {
    Workspace workspace;
    workspace.id = {next_id()};
    workspace.name = "Shop";
    workspaces.push_back(workspace);
    return workspace.id;
}

User World::add_user(WorkspaceId workspace, const std::string& external_id) {
    User user;
    user.id = {next_id()};
    user.external_id = external_id;
    user.name = "The " + external_id;
    users.emplace_back(workspace, user);
    return user;
}

Channel& World::add_channel(WorkspaceId workspace, ChannelType type, std::optional<std::string> external_id) {
    FakeChannel row;
    row.workspace = workspace;
    row.channel.id = {next_id()};
    row.channel.type = type;
    row.channel.external_id = std::move(external_id);
    row.channel.rev = 1;
    row.channel.settings_rev = 1;
    channels.push_back(std::move(row));
    return channels.back().channel;
}

void World::add_member(ChannelId channel, const User& user, Role role) {
    FakeChannel& to = row(channel);
    ++to.channel.rev;
    ++to.channel.member_count;
    ++to.channel.receipt_rev;
    Member member;
    member.user = {.id = user.id, .external_id = user.external_id, .name = user.name, .avatar_url = {}};
    member.role = role;
    member.rev = to.channel.rev;
    to.members.push_back(member);
    to.memberships[user.id] = {.role = role, .last_read_seq = to.channel.last_seq, .rev = to.channel.rev};
    to.receipts.push_back({.user_id = user.id,
                           .last_read_seq = to.channel.last_seq,
                           .last_delivered_seq = to.channel.last_seq,
                           .receipt_rev = to.channel.receipt_rev});
}

Message World::add_message(ChannelId channel, const User& author, std::string content) {
    FakeChannel& to = row(channel);
    Message message;
    message.id = {next_id()};
    message.channel_id = channel;
    message.channel_external_id = to.channel.external_id;
    message.seq = ++to.channel.last_seq;
    message.rev = ++to.channel.rev;
    message.user.id = author.id;
    message.content = std::move(content);
    to.messages.push_back(message);
    return message;
}

FakeChannel& World::row(ChannelId channel) {
    return *std::find_if(channels.begin(), channels.end(),
                         [&](const FakeChannel& row) { return row.channel.id == channel; });
}

}  // namespace cariosan::test
