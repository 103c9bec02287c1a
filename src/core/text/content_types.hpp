/// Which files may be uploaded, according to `EngineOptions::attachment_types`.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace cariosan::core {

/// Whether it is "type/subtype" or "type/*", of visible ASCII.
bool is_content_type_pattern(std::string_view text);

/// Whether it is a media type (RFC 9110, section 8.3.1): "type/subtype", maybe with parameters. "*" is not allowed.
bool is_content_type(std::string_view text);

/// Whether one of the patterns matches the type. Case does not matter. `type` satisfies `is_content_type`.
bool allows_content_type(std::span<const std::string> patterns, std::string_view type);

}  // namespace cariosan::core
