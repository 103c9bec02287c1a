#include <boost/json/object.hpp>

#include "core/propagate.hpp"
#include "protocol/commands/input.hpp"
#include "protocol/socket/sync_runner.hpp"

namespace cariosan::protocol {
namespace {

/// Null counts as absent.
template <class T>
Result<Done> read_given(const Input& input, std::string_view name, T& out) {
    const InputValue value = input.find(name);
    return value.absent() || value.null() ? Done{} : read_value(name, value, out);
}

}  // namespace

Result<SyncRequest> read_sync_request(const boost::json::object* data) {
    const Input input(data, {});
    SyncRequest request;
    CARIOSAN_TRY_DONE(read_given(input, "epoch", request.epoch));
    CARIOSAN_TRY_DONE(read_given(input, "complete", request.complete));
    CARIOSAN_TRY_DONE(read_given(input, "channels", request.channels));
    return request;
}

}  // namespace cariosan::protocol
