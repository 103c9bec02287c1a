// Rows for commands of moderators: mutes, suspensions, the log of moderation, and what users report.
#include "protocol/commands/command_rows.hpp"

namespace cariosan::protocol {
namespace {

constexpr Shape kWhereSilenced{"The channel's internal id or external_id; the whole workspace if absent.",
                               "ChannelReference"};

/// What users report, and what becomes of it.
void add_reports(std::vector<CommandRow>& rows) {
    constexpr Shape kReason{"The reason: one line.", "Name"};
    constexpr Shape kNote{"What else there is to say.", "ReportNote"};
    rows.push_back({.name = "message.report",
                    .summary = "Reports a message to the moderators; once per caller and message.",
                    .routes = {{"POST", "/v1/channels/{channel}/messages/{message_id}/report"}},
                    .callers = kUser,
                    .fields = {required("channel", &ReportMessage::channel, kChannelReference),
                               required("message_id", &ReportMessage::message_id, kMessageReference),
                               required("reason", &ReportMessage::reason, kReason),
                               optional("note", &ReportMessage::note, kNote)},
                    .make = make<ReportMessage>,
                    .answer = {Status::no_content, ""},
                    .errors = {ErrorCode::not_found}});
    rows.push_back({.name = "user.report",
                    .summary = "Reports a user to the moderators; once per caller and user.",
                    .routes = {{"POST", "/v1/users/{user}/report"}},
                    .callers = kUser,
                    .fields = {required("user", &ReportUser::user, kUserReference),
                               required("reason", &ReportUser::reason, kReason),
                               optional("note", &ReportUser::note, kNote)},
                    .make = make<ReportUser>,
                    .answer = {Status::no_content, ""},
                    .errors = {ErrorCode::not_found}});
    rows.push_back({.name = "report.list",
                    .summary = "The users' reports, newest first.",
                    .routes = {{"GET", "/v1/reports"}},
                    .callers = kBackend,
                    .fields = range_and(&ListReports::range, core::ListOf::reports,
                                        {optional("status", &ListReports::status, "Only these.")}),
                    .make = make<ListReports>,
                    .answer = {Status::ok, "ReportList"}});
    rows.push_back({.name = "report.update",
                    .summary = "Says what became of a report; absent fields stay unchanged.",
                    .routes = {{"PATCH", "/v1/reports/{report}"}},
                    .callers = kBackend,
                    .fields = {required("report", &UpdateReport::report, "The report's id."),
                               optional("status", &UpdateReport::status, "What became of it."),
                               optional("note", &UpdateReport::note, {"The moderator's note.", "ReportNote"})},
                    .make = make<UpdateReport>,
                    .answer = {Status::ok, "Report"},
                    .errors = {ErrorCode::not_found}});
}

}  // namespace

void add_moderation(std::vector<CommandRow>& rows) {
    rows.push_back({.name = "mute.set",
                    .summary = "Stops a user from sending and editing, in one channel or everywhere.",
                    .routes = {{"PUT", "/v1/users/{user}/mute"}},
                    .callers = kBackend,
                    .fields = {required("user", &SilenceUser::user, kUserReference),
                               optional("channel", &SilenceUser::channel, kWhereSilenced),
                               optional("seconds", &SilenceUser::seconds,
                                        {"The duration; if absent, until it is lifted.", "MuteSeconds"}),
                               optional("reason", &SilenceUser::reason, {"The reason: one line.", "Line"})},
                    .make = make<SilenceUser>,
                    .answer = {Status::ok, "Mute"},
                    .errors = {ErrorCode::not_found}});
    rows.push_back({.name = "mute.lift",
                    .summary = "Lifts a mute.",
                    .routes = {{"DELETE", "/v1/users/{user}/mute"}},
                    .callers = kBackend,
                    .fields = {required("user", &UnsilenceUser::user, kUserReference),
                               optional("channel", &UnsilenceUser::channel, kWhereSilenced)},
                    .make = make<UnsilenceUser>,
                    .answer = {Status::no_content, ""},
                    .errors = {ErrorCode::not_found}});
    rows.push_back({.name = "mute.list",
                    .summary = "The mutes in force.",
                    .routes = {{"GET", "/v1/mutes"}},
                    .callers = kBackend,
                    .fields = range_and(&ListSilences::range, core::ListOf::silences),
                    .make = make<ListSilences>,
                    .answer = {Status::ok, "MuteList"}});
    rows.push_back(
        {.name = "moderation.list",
         .summary = "What moderation found in the last 90 days, newest first.",
         .routes = {{"GET", "/v1/moderation/actions"}},
         .callers = kBackend,
         .fields = range_and(&ListModerationActions::range, core::ListOf::moderation,
                             {optional("user", &ListModerationActions::user, {"Only messages of this user.", "UserReference"}),
                              optional("channel", &ListModerationActions::channel,
                                       {"Only messages in this channel.", "ChannelReference"})}),
         .make = make<ListModerationActions>,
         .answer = {Status::ok, "ModerationActionList"},
         .errors = {ErrorCode::not_found}});
    rows.push_back({.name = "moderation.check",
                    .summary = "What the workspace's rules would do with a text; nothing is stored.",
                    .routes = {{"POST", "/v1/moderation/check"}},
                    .callers = kBackend,
                    .fields = {required("content", &CheckText::content, {"The text.", "MessageText"})},
                    .make = make<CheckText>,
                    .answer = {Status::ok, "TextVerdict"},
                    .errors = {ErrorCode::payload_too_large}});
    rows.push_back({.name = "user.suspend",
                    .summary = "Keeps a user out: their tokens are refused, and their connections are closed.",
                    .routes = {{"PUT", "/v1/users/{user}/suspension"}},
                    .callers = kBackend,
                    .fields = {required("user", &SuspendUser::user, kUserReference),
                               optional("seconds", &SuspendUser::seconds,
                                        {"The duration; if absent, until it is lifted.", "MuteSeconds"}),
                               optional("reason", &SuspendUser::reason, {"The reason: one line.", "Line"})},
                    .make = make<SuspendUser>,
                    .answer = {Status::ok, "User"},
                    .errors = {ErrorCode::not_found}});
    rows.push_back({.name = "user.restore",
                    .summary = "Lifts a suspension.",
                    .routes = {{"DELETE", "/v1/users/{user}/suspension"}},
                    .callers = kBackend,
                    .fields = {required("user", &RestoreUser::user, kUserReference)},
                    .make = make<RestoreUser>,
                    .answer = {Status::ok, "User"},
                    .errors = {ErrorCode::not_found}});
    add_reports(rows);
}

}  // namespace cariosan::protocol
