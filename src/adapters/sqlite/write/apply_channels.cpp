// Mutations of channels.
#include <algorithm>

#include "adapters/sqlite/write/batch.hpp"

namespace cariosan::sqlite {
namespace {

Error taken_external_id(std::string message) {
    return Error(ErrorCode::conflict, std::move(message)).with("field", std::string("external_id"));
}

}  // namespace

Committed Batch::existing_channel(WorkspaceId workspace, ChannelId channel) {
    Committed done;
    done.changed = false;
    const ChannelRow* row = find_channel(workspace, channel);
    if (row != nullptr) {
        done.rev = row->channel.rev;
        done.object = CommittedChannel{row->channel, {}};
    }
    return done;
}

Result<std::vector<Batch::UserRow>> Batch::creation_members(const mutation::CreateChannel& create,
                                                            std::int64_t workspace) {
    std::vector<UserRow> users;
    users.reserve(create.members.size());
    for (const UserId& id : create.members) {
        auto user = find_user(workspace, id);
        if (!user) return not_found("user");
        users.push_back(std::move(*user));
    }
    return users;
}

std::optional<Result<Committed>> Batch::known_channel(const mutation::CreateChannel& create,
                                                      std::int64_t workspace,
                                                      const std::vector<UserRow>& direct) {
    if (create.type == ChannelType::direct) {
        const auto [low, high] = std::minmax(direct[0].id, direct[1].id);
        Rows rows = sql_.find_direct.query(low, high);
        if (rows.next()) return existing_channel(create.workspace, rows.id<ChannelId>());
    }
    if (!create.external_id) return std::nullopt;
    {
        Rows rows = sql_.find_channel_external.query(workspace, *create.external_id);
        if (rows.next()) {
            const auto id = rows.id<ChannelId>();
            const bool same =
                create.type == ChannelType::group && rows.code<ChannelType>() == ChannelType::group;
            if (same) return existing_channel(create.workspace, id);
            return taken_external_id("the external_id belongs to another channel");
        }
    }
    const auto as_id = ChannelId::parse(*create.external_id);
    if (as_id && find_channel(create.workspace, *as_id) != nullptr) {
        return taken_external_id("the external_id is the id of another channel");
    }
    return std::nullopt;
}

Result<Committed> Batch::apply(const mutation::CreateChannel& create) {
    const auto workspace = find_workspace(create.workspace);
    if (!workspace) return not_found("workspace");
    const bool direct = create.type == ChannelType::direct;
    if (direct && create.members.size() != 2) {
        return invalid_field("member_external_ids", "a direct channel has exactly two members");
    }
    // A known group is answered whoever the body names; a known pair cannot be told without its users.
    if (!direct) {
        if (auto known = known_channel(create, workspace->id, {})) return *std::move(known);
    }
    auto users = creation_members(create, workspace->id);
    if (!users) return users.error();
    if (direct) {
        if (auto known = known_channel(create, workspace->id, *users)) return *std::move(known);
    }
    if (create.admin && std::ranges::find(create.members, *create.admin) == create.members.end()) {
        return invalid_field("created_by", "the first admin must be one of the members");
    }
    for (const UserRow& user : *users) {
        if (!has_room(user.id, user.membership_count, create.max_memberships)) {
            return too_many("member_external_ids", create.max_memberships, "memberships of a user");
        }
    }
    return insert_channel(create, workspace->id, *users);
}

Committed Batch::insert_channel(const mutation::CreateChannel& create, std::int64_t workspace,
                                const std::vector<UserRow>& users) {
    std::optional<std::int64_t> low;
    std::optional<std::int64_t> high;
    if (create.type == ChannelType::direct) {
        low = std::min(users[0].id, users[1].id);
        high = std::max(users[0].id, users[1].id);
    }
    const auto count = static_cast<std::int64_t>(users.size());
    sql_.insert_channel.run(create.new_id, workspace, create.at, count, create.type, low, high,
                            create.external_id, create.name, create.avatar_url, create.metadata);
    state_.wrote = true;

    CommittedChannel out;
    if (ChannelRow* row = find_channel(create.workspace, create.new_id)) {
        for (const UserRow& user : users) {
            MemberRow member;
            member.user = user.id;
            member.summary = user.summary;
            member.present = true;
            member.role = create.admin == user.summary.id ? Role::admin : Role::member;
            member.rev = member.joined_rev = 1;
            member.joined_at = create.at;
            write_member(*row, member);
            add_membership(user.id, 1);
            out.members.push_back(member.member());
        }
        out.channel = row->channel;
    }
    Committed done;
    done.rev = 1;
    done.created = true;
    done.object = std::move(out);
    return done;
}

Result<Committed> Batch::apply(const mutation::UpdateChannel& update) {
    ChannelRow* row = find_channel(update.workspace, update.channel);
    if (row == nullptr) return not_found("channel");
    if (auto allowed = check_actor(*row, update.actor); !allowed) return allowed.error();
    if (update.actor) {
        if (auto open = check_open(*row); !open) return open.error();
    }
    Channel& channel = row->channel;
    const bool differs = (update.name && *update.name != channel.name) ||
                         (update.avatar_url && *update.avatar_url != channel.avatar_url) ||
                         (update.metadata && *update.metadata != channel.metadata);
    if (differs) {
        channel.settings_rev = next_rev(*row);
        if (update.name) channel.name = *update.name;
        if (update.avatar_url) channel.avatar_url = *update.avatar_url;
        if (update.metadata) channel.metadata = *update.metadata;
        sql_.update_settings.run(row->id, channel.settings_rev, channel.name, channel.avatar_url,
                                 channel.metadata);
        state_.wrote = true;
    }
    Committed done;
    done.rev = channel.rev;
    done.changed = differs;
    done.object = CommittedChannel{channel, {}};
    return done;
}

Result<Committed> Batch::apply(const mutation::DeleteChannel& remove) {
    ChannelRow* row = find_channel(remove.workspace, remove.channel);
    if (row == nullptr) return not_found("channel");
    Committed done;
    done.rev = next_rev(*row);
    done.object = CommittedChannel{row->channel, {}};
    flush();
    sql_.delete_channel.run(row->id, remove.at);
    state_.channels.erase(remove.channel);
    state_.wrote = true;
    state_.deleted = true;
    return done;
}

}  // namespace cariosan::sqlite
