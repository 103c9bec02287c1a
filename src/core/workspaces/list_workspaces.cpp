#include "core/access.hpp"
#include "core/paging.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Outcome> read(const ListWorkspaces& command, const Caller& caller, Context& context) {
    const auto actor = authorize<ListWorkspaces>(caller, context);
    if (!actor) return actor.error();
    auto shape = Fields(context.limits).range(command.range).result();
    if (!shape) return std::move(shape).error();
    const auto after = decode_cursor<WorkspaceId>(ListOf::workspaces, command.range.cursor);
    if (!after) return after.error();

    auto workspaces = context.reader.workspaces().list(*after, command.range.limit + 1);
    if (!workspaces) return std::move(workspaces).error();
    return Outcome{.answer =
                       make_page(std::move(*workspaces), command.range.limit, [](const Workspace& last) {
                           return encode_cursor(ListOf::workspaces, last.id.uuid);
                       })};
}

}  // namespace cariosan::core
