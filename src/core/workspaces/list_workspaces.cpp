#include "core/access.hpp"
#include "core/paging.hpp"
#include "core/propagate.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Outcome> read(const ListWorkspaces& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY_DONE(authorize<ListWorkspaces>(caller, context));
    CARIOSAN_TRY_DONE(Fields(context.limits).range(command.range).result());
    CARIOSAN_TRY(const auto after, decode_cursor<WorkspaceId>(ListOf::workspaces, command.range.cursor));

    CARIOSAN_TRY(auto workspaces, context.reader.workspaces().list(after, command.range.limit + 1));
    return Outcome{.answer = make_page(std::move(workspaces), command.range.limit, [](const Workspace& last) {
                       return encode_cursor(ListOf::workspaces, last.id.uuid);
                   })};
}

}  // namespace cariosan::core
