/// Input: the size limit in units of 16 bytes, then a compressed message from a client. Whatever comes out keeps the limit, and
/// comes back unchanged when it is compressed here. The same bytes are also read as a `Sec-WebSocket-Extensions`.
#include "transport/websocket/deflate.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

#include "transport/websocket/deflate_offer.hpp"

using namespace cariosan::transport;

namespace {

void demand(bool holds) {
    if (!holds) std::abort();
}

void check_message(std::string_view message, std::size_t limit) {
    Inflater inflater;
    const Inflated found = inflater.inflate(message, limit);
    if (found.verdict != Inflated::Verdict::done) return;
    demand(found.text.size() <= limit);
    const std::string text(found.text);
    std::string again;
    if (!Deflater().deflate(text, again)) return;
    demand(again.size() < text.size());
    const Inflated same = inflater.inflate(again, limit);
    demand(same.verdict == Inflated::Verdict::done && same.text == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    check_message(bytes, std::size_t{data[0]} * 16);
    const ExtensionOffers offers = read_extension_offers({{"Sec-WebSocket-Extensions", bytes}});
    demand(!(offers.malformed && offers.terms));
    if (offers.terms) demand(offers.terms->window_bits() >= 8 && offers.terms->window_bits() <= 15);
    return 0;
}
