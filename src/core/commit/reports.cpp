// What users report, and what became of it.
#include "core/commit/checks.hpp"
#include "core/commit/decide.hpp"
#include "core/commit/messages/message_target.hpp"

namespace cariosan::commit {
namespace {

/// Where the message is that is reported; 0: it is a user.
Result<RowId> find_reported(BatchRows& rows, const mutation::FileReport& report) {
    if (!report.channel || !report.message) return RowId{0};
    const auto target = find_target(rows, report.workspace, *report.channel, *report.message, report.reporter, false);
    if (!target) return target.error();
    return target->channel->id;
}

}  // namespace

Result<Committed> decide(BatchRows& rows, const mutation::FileReport& report) {
    const auto workspace = rows.workspaces.find(report.workspace);
    if (!workspace) return not_found("workspace");
    const auto reporter = rows.users.find(workspace->id, report.reporter);
    if (!reporter) return not_found("user");
    const auto channel = find_reported(rows, report);
    if (!channel) return channel.error();
    const auto user = rows.users.find(workspace->id, report.user);
    if (!user) return not_found("user").with("field", std::string("user"));
    Committed done;
    done.created = done.changed = !rows.moderation.has_report(reporter->id, report.thing());
    if (!done.changed) return done;
    rows.moderation.insert_report({.report = report,
                                   .workspace = workspace->id,
                                   .reporter = reporter->id,
                                   .user = user->id,
                                   .channel = *channel});
    rows.wrote();
    return done;
}

Result<Committed> decide(BatchRows& rows, const mutation::UpdateReport& update) {
    const auto workspace = rows.workspaces.find(update.workspace);
    if (!workspace) return not_found("workspace");
    auto row = rows.moderation.find_report(workspace->id, update.id);
    if (!row) return not_found("report");
    Committed done;
    done.changed = take_if_new(row->state.status, update.status);
    if (update.note && row->state.moderator_note != update.note) {
        row->state.moderator_note = update.note;
        done.changed = true;
    }
    if (done.changed) {
        rows.moderation.update_report(*row);
        rows.wrote();
    }
    done.object = std::move(row->state);
    return done;
}

}  // namespace cariosan::commit
