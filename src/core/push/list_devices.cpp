#include "core/access.hpp"
#include "core/paging.hpp"
#include "core/propagate.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

Result<Outcome> read(const ListDevices& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<ListDevices>(caller, context));
    CARIOSAN_TRY_DONE(Fields(context.limits).range(command.range).result());
    CARIOSAN_TRY(const auto after, decode_number_cursor(ListOf::devices, command.range.cursor));
    CARIOSAN_TRY(auto page, record_page<Device>(ListOf::devices, after, page_limit(command.range.limit, context.limits),
                                                [&](RecordPosition from, std::int64_t limit) {
                                                    return context.reader.user_data().devices(
                                                        actor.workspace.id, actor.user->id, from, limit);
                                                }));
    return Outcome{.answer = std::move(page)};
}

}  // namespace cariosan::core
