/// The header `traceparent` of W3C Trace Context.
#pragma once

#include <string>
#include <string_view>

namespace cariosan::core {

/// What to send on of a received value: a well-formed one as it is, that of a later version as one of version 00, of which it has
/// all fields. Empty if it is not well-formed.
std::string read_traceparent(std::string_view value);

}  // namespace cariosan::core
