/// The interface through which the use cases check JSON: `metadata` is the only JSON they handle, and only as text.
#pragma once

#include <cariosan/error.hpp>
#include <cariosan/limits.hpp>
#include <string>
#include <string_view>

namespace cariosan::core {

/// Called from several threads at once.
class MetadataCheck {
  public:
    virtual ~MetadataCheck() = default;
    /// Checks that `json_text` is a JSON object of at most `limits.metadata_bytes` and `limits.metadata_depth`, without NUL,
    /// and returns it without white space and with sorted keys at every level: equal objects give equal text. Errors are
    /// `validation_error` about the field `metadata`.
    virtual Result<std::string> canonical(std::string_view json_text, const Limits& limits) = 0;
};

}  // namespace cariosan::core
