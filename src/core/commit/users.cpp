// Creating, changing and deleting users.
#include <algorithm>
#include <utility>

#include "core/commit/checks.hpp"
#include "core/commit/decide.hpp"

namespace cariosan::commit {
namespace {

/// Applies the fields of a mutation to a user; returns whether anything changed.
template <class M>
bool change(User& user, const M& wanted) {
    bool differs = take_if_new(user.name, wanted.name);
    differs |= take_if_new(user.avatar_url, wanted.avatar_url);
    differs |= take_if_new(user.metadata, wanted.metadata);
    return differs;
}

Result<Committed> insert_user(BatchRows& rows, RowId workspace, const mutation::UpsertUser& upsert) {
    if (!upsert.name) return invalid_field("name", "name is required for a new user");
    const auto as_id = UserId::parse(upsert.external_id);
    if (as_id && rows.users.find(workspace, *as_id)) {
        return Error(ErrorCode::conflict, "the external_id is the id of another user")
            .with("field", std::string("external_id"));
    }
    CommittedUser out;
    out.user.id = upsert.new_id;
    out.user.external_id = upsert.external_id;
    out.user.created_at = out.user.updated_at = upsert.at;
    change(out.user, upsert);
    rows.users.insert(workspace, out.user);
    rows.wrote();
    Committed done;
    done.created = true;
    done.object = std::move(out);
    return done;
}

/// Updates an existing user, unless nothing would change.
template <class M>
Committed update_user(BatchRows& rows, ProfileRow row, const M& wanted) {
    CommittedUser out;
    Committed done;
    done.changed = change(row.user, wanted);
    if (done.changed) {
        // Of two copies the later must be the newer, also within a millisecond and after the clock was set back.
        row.user.updated_at.milliseconds = std::max(wanted.at.milliseconds, row.user.updated_at.milliseconds + 1);
        rows.users.update(row.id, row.user);
        rows.change_user(row.id, [&row](HeldMember& member) {
            member.summary.name = row.user.name;
            member.summary.avatar_url = row.user.avatar_url;
            member.summary.updated_at = row.user.updated_at;
        });
        out.channels = rows.channels.list_of(row.id);
        rows.wrote();
    }
    out.user = std::move(row.user);
    done.object = std::move(out);
    return done;
}

Result<Committed> write_suspension(BatchRows& rows, WorkspaceId workspace_id, UserId user,
                                   const std::optional<Suspension>& suspension) {
    const auto workspace = rows.workspaces.find(workspace_id);
    if (!workspace) return not_found("workspace");
    auto row = rows.users.find_profile(workspace->id, user);
    if (!row) return not_found("user");
    const std::optional<Suspension> before = std::exchange(row->user.suspension, suspension);
    Committed done;
    done.changed = before.has_value() != suspension.has_value() ||
                   (before && (before->until != suspension->until || before->reason != suspension->reason));
    if (done.changed) {
        rows.users.write_suspension(row->id, suspension);
        rows.change_user(row->id, [&suspension](HeldMember& member) { member.suspension = suspension; });
        rows.wrote();
    } else {
        row->user.suspension = before;
    }
    done.object = CommittedUser{std::move(row->user), {}};
    return done;
}

}  // namespace

Result<Committed> decide(BatchRows& rows, const mutation::UpsertUser& upsert) {
    const auto workspace = rows.workspaces.find(upsert.workspace);
    if (!workspace) return not_found("workspace");
    auto row = rows.users.find_profile(workspace->id, upsert.external_id);
    if (!row) return insert_user(rows, workspace->id, upsert);
    return update_user(rows, *std::move(row), upsert);
}

Result<Committed> decide(BatchRows& rows, const mutation::UpdateUser& update) {
    const auto workspace = rows.workspaces.find(update.workspace);
    if (!workspace) return not_found("workspace");
    auto row = rows.users.find_profile(workspace->id, update.user);
    if (!row) return not_found("user");
    return update_user(rows, *std::move(row), update);
}

Result<Committed> decide(BatchRows& rows, const mutation::SuspendUser& suspend) {
    return write_suspension(rows, suspend.workspace, suspend.user,
                            Suspension{.until = suspend.until, .reason = suspend.reason, .created_at = suspend.at});
}

Result<Committed> decide(BatchRows& rows, const mutation::RestoreUser& restore) {
    return write_suspension(rows, restore.workspace, restore.user, std::nullopt);
}

Result<Committed> decide(BatchRows& rows, const mutation::RecordLastSeen& record) {
    for (const LastSeen& each : record.users) rows.users.record_last_seen(each.user, each.at);
    Committed done;
    done.changed = !record.users.empty();
    if (done.changed) rows.wrote();
    return done;
}

Result<Committed> decide(BatchRows& rows, const mutation::DeleteUser& remove) {
    const auto workspace = rows.workspaces.find(remove.workspace);
    if (!workspace) return not_found("workspace");
    const auto user = rows.users.find(workspace->id, remove.user);
    if (!user) return not_found("user");
    CommittedUser out;
    out.user.id = remove.user;
    out.user.external_id = user->summary.external_id;
    out.user.name = user->summary.name;
    out.channels = rows.channels.list_of(user->id);
    rows.users.remove(user->id, remove.at,
                      remove.erase ? UnfinishedDeletion::memberships_and_texts : UnfinishedDeletion::memberships);
    rows.change_user(user->id, [&remove](HeldMember& member) {
        member.summary = UserSummary{};
        member.summary.id = remove.user;
        member.summary.deleted = true;
    });
    rows.blanked();
    Committed done;
    done.object = std::move(out);
    return done;
}

Result<Committed> decide(BatchRows& rows, const mutation::FinishDeletion& finish) {
    const auto workspace = rows.workspaces.find(finish.workspace);
    if (!workspace) return not_found("workspace");
    const auto user = rows.users.find_deleted(workspace->id, finish.user);
    Committed done;
    done.changed = user.has_value();
    if (!user) return done;
    rows.wrote();
    using Rest = UserTable::Rest;
    for (const Rest rest : {Rest::silences, Rest::blocks, Rest::devices, Rest::excerpts, Rest::reports}) {
        const bool texts = rest == Rest::excerpts || rest == Rest::reports;
        if (texts && user->left != UnfinishedDeletion::memberships_and_texts) continue;
        if (!rows.users.drop_some(user->id, rest)) continue;
        if (texts) rows.blanked();
        return done;
    }
    rows.users.finish_deletion(user->id);
    return done;
}

}  // namespace cariosan::commit
