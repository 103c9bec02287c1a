// Events from the bus: any bytes are refused, or decode to an event that can be encoded and decoded again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/events/event_codec.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cariosan;
    const auto sent = core::decode_event({reinterpret_cast<const char*>(data), size});
    if (!sent) return 0;
    const std::string bytes = core::encode_event(sent->node, sent->number, sent->event);
    const auto again = core::decode_event(bytes);
    if (!again || core::encode_event(again->node, again->number, again->event) != bytes) std::abort();
    return 0;
}
