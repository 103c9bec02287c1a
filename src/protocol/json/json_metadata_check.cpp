#include "protocol/json/json_metadata_check.hpp"

#include "engine/engine_ports.hpp"
#include "protocol/json/json_reader.hpp"

namespace cariosan::protocol {

Result<std::string> JsonMetadataCheck::canonical(std::string_view json_text, const Limits& limits) {
    if (json_text == "{}") return std::string("{}");
    JsonDocument document;
    if (auto parsed = document.parse(json_text); !parsed)
        return std::move(parsed).error().with("field", "metadata");
    if (!document.root().is_object()) return invalid_field("metadata", "metadata must be a JSON object");
    if (json_depth(document.root()) > static_cast<std::size_t>(limits.metadata_depth)) {
        return over_limit("metadata", limits.metadata_depth, "metadata is nested too deeply", "levels");
    }
    std::string text = canonical_json(document.root());
    if (text.size() > static_cast<std::size_t>(limits.metadata_bytes)) {
        return over_limit("metadata", limits.metadata_bytes, "metadata is too large", "bytes");
    }
    return text;
}

}  // namespace cariosan::protocol

namespace cariosan::engine {

std::unique_ptr<core::MetadataCheck> make_metadata_check() {
    return std::make_unique<protocol::JsonMetadataCheck>();
}

}  // namespace cariosan::engine
