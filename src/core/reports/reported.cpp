#include "core/reports/reported.hpp"

#include "core/propagate.hpp"

namespace cariosan::core {

Result<std::optional<Report>> find_report(Reader& reader, WorkspaceId workspace, ReportId id) {
    CARIOSAN_TRY(auto report, reader.moderation().find_report(workspace, id));
    if (report) CARIOSAN_TRY_DONE(add_message(reader, *report));
    return report;
}

Result<Done> add_message(Reader& reader, Report& report) {
    if (!report.channel_id || !report.message_id) return Done{};
    CARIOSAN_TRY(report.message, reader.messages().find(*report.channel_id, *report.message_id));
    return Done{};
}

}  // namespace cariosan::core
