#include "core/access.hpp"
#include "core/paging.hpp"
#include "core/propagate.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Outcome> read(const ListWorkspaces& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY_DONE(authorize<ListWorkspaces>(caller, context));
    CARIOSAN_TRY_DONE(Fields(context.limits).range(command.range).result());
    CARIOSAN_TRY(const auto after, decode_cursor<WorkspaceId>(ListOf::workspaces, command.range.cursor));

    const std::int64_t limit = page_limit(command.range.limit, context.limits);
    CARIOSAN_TRY(auto workspaces, context.reader.workspaces().list(after, limit + 1));
    return Outcome{.answer = make_page(std::move(workspaces), limit, [](const Workspace& last) {
                       return encode_cursor(ListOf::workspaces, last.id.uuid);
                   })};
}

}  // namespace cariosan::core
