#pragma once

#include "core/text/metadata_check.hpp"

namespace cariosan::protocol {

/// `metadata` as the use cases need it: checked, and in its canonical text.
class JsonMetadataCheck final : public core::MetadataCheck {
  public:
    Result<std::string> canonical(std::string_view json_text, const Limits& limits) override;
};

}  // namespace cariosan::protocol
