// Reports of messages and of users.
#include "core/access.hpp"
#include "core/messages/message_reference.hpp"
#include "core/propagate.hpp"
#include "core/refusals.hpp"
#include "core/resolve.hpp"
#include "core/text/fields.hpp"
#include "core/text/visible_text.hpp"

namespace cariosan::core {
namespace {

template <AnyCommand C>
Result<Done> check_report(const C& command, const Limits& limits) {
    Fields fields(limits);
    fields.name("reason", command.reason, Empty::refused);
    if (command.note) fields.any_text("note", *command.note, limits.report_note_bytes);
    return fields.result();
}

template <AnyCommand C>
mutation::FileReport report_of(const C& command, const Actor& actor, Context& context) {
    mutation::FileReport report{.workspace = actor.workspace.id,
                                .id = context.ids.make<ReportId>(),
                                .reporter = actor.user->id,
                                .reason = command.reason,
                                .at = context.now};
    if (command.note && !shows_nothing(*command.note)) report.note = command.note;
    return report;
}

}  // namespace

Result<Plan> plan(const ReportMessage& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<ReportMessage>(caller, context));
    CARIOSAN_TRY_DONE(check_report(command, context.limits));
    CARIOSAN_TRY(const auto place, open_message<ReportMessage>(actor, command.channel, command.message_id, context));
    CARIOSAN_TRY(const auto message, find_message(place, actor, context));
    if (message.deleted_at) return message_is_missing("message_id");
    if (message.user.id == actor.user->id) return nobody_reports_itself();
    mutation::FileReport report = report_of(command, actor, context);
    report.channel = place.channel;
    report.message = place.message;
    report.user = message.user.id;
    return planned(std::move(report));
}

Result<Plan> plan(const ReportUser& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<ReportUser>(caller, context));
    CARIOSAN_TRY_DONE(Fields(context.limits).reference("user", command.user).result());
    CARIOSAN_TRY_DONE(check_report(command, context.limits));
    CARIOSAN_TRY(const auto user, resolve_user(actor.workspace.id, command.user, "user", context));
    if (user.id == actor.user->id) return nobody_reports_itself();
    mutation::FileReport report = report_of(command, actor, context);
    report.user = user.id;
    return planned(std::move(report));
}

}  // namespace cariosan::core
