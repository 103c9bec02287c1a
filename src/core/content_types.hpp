/// Which files may be uploaded, as `EngineOptions::attachment_types` says it.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace cariosan::core {

/// Whether it is "type/subtype" or "type/*", of visible ASCII.
bool is_content_type_pattern(std::string_view text);

/// Whether one of the patterns stands for the type. Case does not matter.
bool allows_content_type(std::span<const std::string> patterns, std::string_view type);

}  // namespace cariosan::core
