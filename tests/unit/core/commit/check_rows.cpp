#include "unit/core/commit/check_rows.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace cariosan::test {
namespace {

Preferences preferences_of(const StoredMember& stored, std::int64_t last_seq) {
    commit::MemberRow row;
    row.last_read_seq = stored.last_read_seq;
    row.muted = stored.muted;
    row.pinned = stored.pinned;
    row.archived_seq = stored.archived_seq;
    row.unread_mark = stored.unread_mark;
    row.preferences_rev = stored.preferences_rev;
    return row.preferences(last_seq);
}

void check_stored_member(const StoredMember& stored, const ModelMember& expected, std::int64_t last_seq) {
    REQUIRE(stored.present == expected.present);
    REQUIRE(stored.rev == expected.rev);
    if (!expected.present) return;
    REQUIRE(stored.role == expected.role);
    REQUIRE(preferences_of(stored, last_seq) == expected.preferences);
    REQUIRE(stored.last_read_seq == expected.last_read_seq);
    REQUIRE(stored.last_delivered_seq == expected.last_delivered_seq);
    REQUIRE(stored.receipt_rev == expected.receipt_rev);
}

void check_stored_message(const MemoryRows& rows, const StoredMessage& stored, const ModelMessage& expected) {
    REQUIRE(stored.uuid == expected.id);
    REQUIRE(rows.users.at(stored.author).uuid == expected.author);
    REQUIRE(stored.rev == expected.rev);
    REQUIRE(stored.content == expected.content);
    REQUIRE(stored.key == expected.key);
    REQUIRE(stored.created_at == expected.created_at);
    REQUIRE(stored.edited_at.has_value() == expected.edited);
    REQUIRE(stored.deleted_at.has_value() == expected.deleted);
    REQUIRE(stored.pinned_at.has_value() == expected.pinned);
    REQUIRE(stored.parent.has_value() == expected.parent.has_value());
    if (stored.parent) REQUIRE(rows.messages.at(*stored.parent).uuid == *expected.parent);
    std::vector<mutation::MentionedUser> mentions;
    for (const auto& [user, spans] : stored.mentions) mentions.emplace_back(rows.users.at(user).uuid, spans);
    REQUIRE(mentions == expected.mentions);
    REQUIRE(stored.emoji.size() == expected.reactions.size());
    for (const ModelReaction& reaction : expected.reactions) {
        const auto counted = stored.emoji.find(reaction.emoji);
        REQUIRE(counted != stored.emoji.end());
        REQUIRE(counted->second.count == static_cast<std::int64_t>(reaction.users.size()));
    }
    for (const auto& [user, reaction] : stored.reactions) {
        REQUIRE(expected.reaction_of(rows.users.at(user).uuid) == reaction.emoji);
    }
}

void check_stored_channel(const MemoryRows& rows, RowId id, const StoredChannel& stored, const ModelChannel& expected) {
    REQUIRE(stored.deleted == expected.deleted);
    if (expected.deleted) return;
    REQUIRE(stored.rev == expected.rev);
    REQUIRE(stored.settings_rev == expected.settings_rev);
    REQUIRE(stored.receipt_rev == expected.receipt_rev);
    REQUIRE(stored.last_seq == expected.last_seq());
    REQUIRE(stored.member_count == expected.member_count());
    REQUIRE(stored.name == expected.name);
    REQUIRE(stored.slow_mode_seconds == expected.slow_mode_seconds);
    REQUIRE(stored.frozen == expected.frozen);
    std::size_t members = 0;
    for (auto entry = rows.members.lower_bound({id, 0}); entry != rows.members.end() && entry->first.first == id; ++entry) {
        const auto member = expected.members.find(rows.users.at(entry->first.second).uuid);
        REQUIRE(member != expected.members.end());
        check_stored_member(entry->second, member->second, expected.last_seq());
        ++members;
    }
    REQUIRE(members == expected.members.size());
}

bool is_silence(const Model& model, UserId user, const std::optional<ChannelId>& channel,
                const StoredSilence& silence) {
    const auto found = model.silences.find({user, channel});
    return found != model.silences.end() && found->second == silence.until;
}

}  // namespace

void check_rows(const MemoryRows& rows, const Model& model) {
    for (const auto& [id, channel] : rows.channels.rows) {
        const auto expected = model.channels.find(channel.uuid);
        REQUIRE(expected != model.channels.end());
        check_stored_channel(rows, id, channel, expected->second);
    }
    REQUIRE(rows.channels.rows.size() == model.channels.size());
    std::map<RowId, std::size_t> messages;
    for (const auto& [id, message] : rows.messages.rows) {
        const ModelChannel& channel = model.channels.at(rows.channels.at(message.channel).uuid);
        const std::size_t place = messages[message.channel]++;
        if (channel.deleted) continue;
        REQUIRE(place < channel.messages.size());
        REQUIRE(message.seq == static_cast<std::int64_t>(place) + 1);
        check_stored_message(rows, message, channel.messages[place]);
    }
    for (const auto& [key, silence] : rows.silences) {
        std::optional<ChannelId> channel;
        if (key.second != 0) channel = rows.channels.at(key.second).uuid;
        REQUIRE(is_silence(model, rows.users.at(key.first).uuid, channel, silence));
    }
    for (const auto& [key, since] : rows.blocks) REQUIRE(model.hides(rows.users.at(key.first).uuid, key.second));
    for (const auto& [id, user] : rows.users.rows) {
        REQUIRE(user.deleted_at.has_value() == !model.users.contains(user.uuid));
        REQUIRE(user.being_erased() == model.erased.contains(user.uuid));
        if (user.deleted_at) continue;
        REQUIRE(user.suspension.has_value() == model.suspensions.contains(user.uuid));
        const auto blocks = model.blocks_revs.find(user.uuid);
        REQUIRE(user.blocks_rev == (blocks == model.blocks_revs.end() ? 0 : blocks->second));
        const auto preferences = model.preferences_revs.find(user.uuid);
        REQUIRE(user.preferences_rev == (preferences == model.preferences_revs.end() ? 0 : preferences->second));
    }
}

void check_invariants(const MemoryRows& rows) {
    std::map<RowId, StoredUser> counted;
    for (const auto& [key, silence] : rows.silences) ++counted[key.first].silence_count;
    for (const auto& [key, since] : rows.blocks) ++counted[key.first].block_count;
    for (const auto& [key, member] : rows.members) {
        if (member.present) ++counted[key.second].membership_count;
        REQUIRE(member.last_read_seq <= member.last_delivered_seq);
        REQUIRE(member.last_delivered_seq <= rows.channels.at(key.first).last_seq);
        REQUIRE(member.rev <= rows.channels.at(key.first).rev);
    }
    for (const auto& [id, user] : rows.users.rows) {
        REQUIRE(user.membership_count == counted[id].membership_count);
        if (user.deleted_at) continue;
        REQUIRE(user.silence_count == counted[id].silence_count);
        REQUIRE(user.block_count == counted[id].block_count);
    }
    for (const auto& [id, message] : rows.messages.rows) {
        std::int64_t reactions = 0;
        for (const auto& [key, emoji] : message.emoji) reactions += emoji.count;
        REQUIRE(reactions == static_cast<std::int64_t>(message.reactions.size()));
        REQUIRE(message.emoji_count == static_cast<std::int64_t>(message.emoji.size()));
        REQUIRE(message.rev <= rows.channels.at(message.channel).rev);
    }
    std::map<RowId, std::int64_t> pending;
    for (const auto& [id, delivery] : rows.deliveries.rows) {
        if (delivery.status == DeliveryStatus::pending) ++pending[delivery.webhook];
    }
    for (const auto& [id, webhook] : rows.webhooks.rows) REQUIRE(webhook.pending == rows.first_pending + pending[id]);
    REQUIRE(rows.push_pending == static_cast<std::int64_t>(rows.push_jobs.rows.size()));
}

}  // namespace cariosan::test
