// Creating, changing and deleting channels.
#include <algorithm>

#include "core/commit/checks.hpp"
#include "core/commit/decide.hpp"
#include "core/refusals.hpp"

namespace cariosan::commit {
namespace {

Committed existing_channel(BatchRows& rows, WorkspaceId workspace, ChannelId channel) {
    Committed done;
    done.changed = false;
    const ChannelRow* row = rows.find_channel(workspace, channel);
    if (row != nullptr) {
        done.rev = row->channel.rev;
        done.object = CommittedChannel{row->channel, {}};
    }
    return done;
}

Result<std::vector<UserRow>> find_first_members(BatchRows& rows, const mutation::CreateChannel& create, RowId workspace) {
    std::vector<UserRow> users;
    users.reserve(create.members.size());
    for (const UserId& id : create.members) {
        auto user = rows.users.find(workspace, id);
        if (!user) return not_found("user");
        users.push_back(*std::move(user));
    }
    return users;
}

/// The existing channel of this pair (`pair` is empty for a group) or external id, or why it cannot be created.
std::optional<Result<Committed>> known_channel(BatchRows& rows, const mutation::CreateChannel& create, RowId workspace,
                                               const std::vector<UserRow>& pair) {
    if (create.type == ChannelType::direct) {
        if (const auto known = rows.channels.find_direct(pair[0].id, pair[1].id)) {
            return existing_channel(rows, create.workspace, *known);
        }
    }
    if (!create.external_id) return std::nullopt;
    if (const auto known = rows.channels.find_external(workspace, *create.external_id)) {
        const bool groups = create.type == ChannelType::group && known->type == ChannelType::group;
        if (groups) return existing_channel(rows, create.workspace, known->id);
        return core::external_id_is_taken();
    }
    const auto as_id = ChannelId::parse(*create.external_id);
    if (as_id && rows.find_channel(create.workspace, *as_id) != nullptr) {
        return Error(ErrorCode::conflict, "the external_id is the id of another channel")
            .with("field", std::string("external_id"));
    }
    return std::nullopt;
}

Committed insert_channel(BatchRows& rows, const mutation::CreateChannel& create, RowId workspace,
                         const std::vector<UserRow>& users) {
    rows.channels.insert(workspace, create, users);
    rows.wrote();
    CommittedChannel out;
    if (const HeldChannel* channel = rows.find_channel(create.workspace, create.new_id)) {
        for (const UserRow& user : users) {
            HeldMember member;
            member.user = user.id;
            member.summary = user.summary;
            member.present = true;
            member.role = create.admin == user.summary.id ? Role::admin : Role::member;
            member.rev = member.joined_rev = 1;
            member.joined_at = create.at;
            rows.write_member(*channel, member);
            rows.members.add_memberships(user.id, 1);
            out.members.push_back(member.member());
        }
        out.channel = channel->channel;
    }
    Committed done;
    done.rev = 1;
    done.created = true;
    done.object = std::move(out);
    return done;
}

}  // namespace

Result<Committed> decide(BatchRows& rows, const mutation::CreateChannel& create) {
    const auto workspace = rows.workspaces.find(create.workspace);
    if (!workspace) return not_found("workspace");
    const bool direct = create.type == ChannelType::direct;
    if (direct && create.members.size() != 2) {
        return core::direct_channel_has_two("member_external_ids");
    }
    // Anyone may get a known group; a known direct channel is found only by its two users.
    if (!direct) {
        if (auto known = known_channel(rows, create, workspace->id, {})) return *std::move(known);
    }
    auto users = find_first_members(rows, create, workspace->id);
    if (!users) return users.error();
    if (direct) {
        if (auto known = known_channel(rows, create, workspace->id, *users)) return *std::move(known);
    }
    if (create.admin && std::ranges::find(create.members, *create.admin) == create.members.end()) {
        return invalid_field("created_by", "the first admin must be one of the members");
    }
    for (const UserRow& user : *users) {
        if (!has_room(rows, user.id, user.membership_count, create.max_memberships)) {
            return too_many_memberships("member_external_ids", create.max_memberships);
        }
    }
    return insert_channel(rows, create, workspace->id, *users);
}

Result<Committed> decide(BatchRows& rows, const mutation::UpdateChannel& update) {
    HeldChannel* row = rows.find_channel(update.workspace, update.channel);
    if (row == nullptr) return not_found("channel");
    if (auto allowed = check_actor(rows, *row, update.actor); !allowed) return allowed.error();
    if (update.actor) {
        if (auto open = check_open(rows, *row); !open) return open.error();
    }
    Channel& channel = row->channel;
    bool differs = take_if_new(channel.name, update.name);
    differs |= take_if_new(channel.avatar_url, update.avatar_url);
    differs |= take_if_new(channel.metadata, update.metadata);
    differs |= take_if_new(channel.slow_mode_seconds, update.slow_mode_seconds);
    differs |= take_if_new(channel.frozen, update.frozen);
    if (differs) {
        channel.settings_rev = BatchRows::next_rev(*row);
        rows.channels.update_settings(*row);
        rows.wrote();
    }
    Committed done;
    done.rev = channel.rev;
    done.changed = differs;
    done.object = CommittedChannel{channel, {}};
    return done;
}

Result<Committed> decide(BatchRows& rows, const mutation::DeleteChannel& remove) {
    HeldChannel* row = rows.find_channel(remove.workspace, remove.channel);
    if (row == nullptr) return not_found("channel");
    Committed done;
    done.rev = BatchRows::next_rev(*row);
    done.object = CommittedChannel{row->channel, {}};
    rows.flush();
    rows.channels.remove(row->id, remove.at);
    rows.forget_channel(remove.channel);
    rows.deleted();
    return done;
}

}  // namespace cariosan::commit
