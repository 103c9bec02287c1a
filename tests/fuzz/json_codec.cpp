// Parsing JSON: whatever is accepted has a canonical text, which parses to itself.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "protocol/json/json_metadata_check.hpp"
#include "protocol/json/json_reader.hpp"
#include "protocol/json/json_writer.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cariosan;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    protocol::JsonDocument document;
    if (document.parse(text)) {
        const std::string canonical = protocol::canonical_json(document.root());
        protocol::JsonDocument again;
        if (!again.parse(canonical)) std::abort();
        if (protocol::canonical_json(again.root()) != canonical) std::abort();
        if (protocol::json_depth(again.root()) != protocol::json_depth(document.root())) std::abort();
    }

    protocol::JsonMetadataCheck check;
    if (const auto metadata = check.canonical(text, Limits{})) {
        const auto twice = check.canonical(*metadata, Limits{});
        if (!twice || *twice != *metadata) std::abort();
    }

    // Any bytes become a JSON string; UTF-8 without NUL comes back unchanged.
    std::string written;
    protocol::append_json_string(written, text);
    protocol::JsonDocument string;
    if (string.parse(written)) {
        const auto& read = string.root().get_string();
        if (std::string_view(read.data(), read.size()) != text) std::abort();
    }
    return 0;
}
