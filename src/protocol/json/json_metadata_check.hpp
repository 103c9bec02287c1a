#pragma once

#include "core/text/metadata_check.hpp"

namespace cariosan::protocol {

/// Checks `metadata` and returns it as canonical text.
class JsonMetadataCheck final : public core::MetadataCheck {
  public:
    Result<std::string> canonical(std::string_view json_text, const Limits& limits) override;
};

}  // namespace cariosan::protocol
