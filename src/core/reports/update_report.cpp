#include "core/access.hpp"
#include "core/propagate.hpp"
#include "core/reports/reported.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Plan> plan(const UpdateReport& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<UpdateReport>(caller, context));
    Fields fields(context.limits);
    if (command.note) fields.any_text("note", *command.note, context.limits.report_note_bytes);
    CARIOSAN_TRY_DONE(fields.result());
    const auto id = ReportId::parse(command.report);
    if (!id) return not_found("report");
    CARIOSAN_TRY(auto report, find_report(context.reader, actor.workspace.id, *id));
    if (!report) return not_found("report");
    if (!command.status && !command.note) return answered(std::move(*report));
    return planned(mutation::UpdateReport{.workspace = actor.workspace.id,
                                          .id = *id,
                                          .status = command.status,
                                          .note = command.note,
                                          .at = context.now},
                   std::move(*report));
}

}  // namespace cariosan::core
