#include "core/access.hpp"
#include "core/paging.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Outcome> read(const ListDevices& command, const Caller& caller, Context& context) {
    const auto actor = authorize<ListDevices>(caller, context);
    if (!actor) return actor.error();
    auto shape = Fields(context.limits).range(command.range).result();
    if (!shape) return std::move(shape).error();
    const auto after = decode_number_cursor(ListOf::devices, command.range.cursor);
    if (!after) return after.error();
    auto page = record_page<Device>(ListOf::devices, *after, command.range.limit, [&](RecordPosition from, std::int64_t limit) {
        return context.reader.user_data().devices(actor->workspace.id, actor->user->id, from, limit);
    });
    if (!page) return std::move(page).error();
    return Outcome{.answer = std::move(*page)};
}

}  // namespace cariosan::core
