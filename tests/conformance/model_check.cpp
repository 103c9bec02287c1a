#include "conformance/model_check.hpp"

#include <algorithm>

namespace cariosan::test {
namespace {

void check_message(const Message& message, const ModelMessage& expected, const ModelChannel& channel,
                   UserId viewer, const Model& model) {
    CHECK(message.id == expected.id);
    CHECK(message.rev == expected.rev);
    CHECK(message.user.id == expected.author);
    CHECK(message.content == expected.content);
    CHECK(message.idempotency_key == expected.key);
    CHECK(message.created_at == expected.created_at);
    CHECK(message.parent_id == expected.parent);
    if (expected.parent) {
        const ModelMessage& parent = *channel.find(*expected.parent);
        const bool hidden = model.hides(viewer, parent.author);
        CHECK(message.quoted_message->hidden == hidden);
        CHECK(message.quoted_message->user_id == (hidden ? UserId{} : parent.author));
        CHECK(message.quoted_message->content == (hidden ? "" : parent.content));
        CHECK(message.quoted_message->deleted == (!hidden && parent.deleted));
    }
    CHECK(message.edited_at.has_value() == expected.edited);
    CHECK(message.deleted_at.has_value() == expected.deleted);
    REQUIRE(message.reactions.size() == expected.reactions.size());
    for (std::size_t i = 0; i < expected.reactions.size(); ++i) {
        CHECK(message.reactions[i].emoji == expected.reactions[i].emoji);
        CHECK(message.reactions[i].count == static_cast<std::int64_t>(expected.reactions[i].users.size()));
        CHECK(message.reactions[i].reacted_by_me == expected.reactions[i].users.contains(viewer));
    }
    REQUIRE(message.mentions.size() == expected.mentions.size());
    for (std::size_t i = 0; i < expected.mentions.size(); ++i) {
        CHECK(message.mentions[i].user_id == expected.mentions[i].user);
        CHECK(message.mentions[i].spans == expected.mentions[i].spans);
    }
}

void check_member(World& world, ChannelId id, const ModelChannel& channel, UserId user,
                  const ModelMember& expected, const Model& model) {
    const auto membership = world.membership(id, user);
    REQUIRE(membership.has_value() == expected.present);
    if (!expected.present) return;
    CHECK(membership->role == expected.role);
    CHECK(membership->muted == expected.preferences.muted);
    CHECK(membership->rev == expected.rev);
    CHECK(membership->last_read_seq == expected.last_read_seq);
    if (!model.users.contains(user)) return;  // can no longer read
    std::int64_t mentions = 0;
    for (auto i = static_cast<std::size_t>(expected.last_read_seq); i < channel.messages.size(); ++i) {
        if (model.hides(user, channel.messages[i].author)) continue;
        mentions += std::ranges::count(channel.messages[i].mentions, user, &mutation::MentionedUser::user);
    }
    const MyChannel mine = world.mine(id, user);
    CHECK(mine.preferences == expected.preferences);
    CHECK(mine.mention_count == mentions);
    CHECK(mine.unread_count == model.unread(channel, user));
    const auto last = std::find_if(channel.messages.rbegin(), channel.messages.rend(), [&](const ModelMessage& message) {
        return !model.hides(user, message.author);
    });
    REQUIRE(mine.last_message.has_value() == (last != channel.messages.rend()));
    if (mine.last_message) CHECK(mine.last_message->id == last->id);
}

void check_history(World& world, ChannelId id, const ModelChannel& expected, UserId viewer, const Model& model) {
    const auto messages = world.messages(id, viewer);
    auto message = messages.begin();
    for (std::size_t i = 0; i < expected.messages.size(); ++i) {
        if (model.hides(viewer, expected.messages[i].author)) continue;
        REQUIRE(message != messages.end());
        CHECK(message->seq == static_cast<std::int64_t>(i) + 1);
        check_message(*message, expected.messages[i], expected, viewer, model);
        ++message;
    }
    CHECK(message == messages.end());
}

void check_channel(World& world, ChannelId id, const ModelChannel& expected, const Model& model) {
    const Channel channel = world.channel(id);
    CHECK(channel.rev == expected.rev);
    CHECK(channel.settings_rev == expected.settings_rev);
    CHECK(channel.receipt_rev == expected.receipt_rev);
    CHECK(channel.last_seq == expected.last_seq());
    CHECK(channel.member_count == expected.member_count());
    CHECK(channel.name == expected.name);
    CHECK(channel.slow_mode_seconds == expected.slow_mode_seconds);
    CHECK(channel.frozen == expected.frozen);
    CHECK(world.members(id).size() == static_cast<std::size_t>(expected.member_count()));
    for (const auto& [user, member] : expected.members) check_member(world, id, expected, user, member, model);
    for (const Receipt& receipt : world.receipts(id)) {
        const ModelMember& member = expected.members.at(receipt.user_id);
        CHECK(member.present);
        CHECK(receipt.last_read_seq == member.last_read_seq);
        CHECK(receipt.last_delivered_seq == member.last_delivered_seq);
        CHECK(receipt.receipt_rev == member.receipt_rev);
    }
    if (expected.members.empty()) return;
    check_history(world, id, expected, expected.members.begin()->first, model);
    check_history(world, id, expected, expected.members.rbegin()->first, model);
}

}  // namespace

void check_channels(World& world, const Model& model) {
    for (const auto& [id, expected] : model.channels) {
        REQUIRE(world.has_channel(id) == !expected.deleted);
        if (!expected.deleted) check_channel(world, id, expected, model);
    }
}

}  // namespace cariosan::test
