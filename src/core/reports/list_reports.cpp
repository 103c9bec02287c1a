#include "core/access.hpp"
#include "core/paging.hpp"
#include "core/propagate.hpp"
#include "core/reports/reported.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Outcome> read(const ListReports& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<ListReports>(caller, context));
    CARIOSAN_TRY_DONE(Fields(context.limits).range(command.range).result());
    ReportRange range{.status = command.status, .limit = page_limit(command.range.limit, context.limits)};
    CARIOSAN_TRY(range.before, decode_number_cursor(ListOf::reports, command.range.cursor));
    CARIOSAN_TRY(auto page, context.reader.moderation().reports(actor.workspace.id, range));
    for (Report& report : page.reports) CARIOSAN_TRY_DONE(add_message(context.reader, report));
    Page<Report> answer{.items = std::move(page.reports)};
    if (page.next) answer.next_cursor = encode_cursor(ListOf::reports, *page.next);
    return Outcome{.answer = std::move(answer)};
}

}  // namespace cariosan::core
