// Webhook secrets, base64 and percent-encoding: the same bytes always have the same text, and no other text is accepted.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "adapters/webhook/signature.hpp"
#include "encoding/base64.hpp"
#include "encoding/percent.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cariosan;
    const std::string_view input(reinterpret_cast<const char*>(data), size);

    if (encoding::decode_base64(encoding::encode_base64(input)) != input) std::abort();
    if (encoding::percent_decode(encoding::percent_encode(input)) != input) std::abort();
    if (const auto bytes = encoding::decode_base64(input)) {
        if (encoding::encode_base64(*bytes) != input) std::abort();
    }
    if (const auto bytes = encoding::percent_decode(input)) {
        if (encoding::percent_encode(*bytes) != input) std::abort();
    }
    if (const auto secret = webhook::Secret::parse(input)) {
        if (secret->text != input || "whsec_" + encoding::encode_base64(secret->bytes) != input) std::abort();
    }
    return 0;
}
