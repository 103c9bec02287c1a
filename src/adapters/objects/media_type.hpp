/// The content types that a store can sign.
#pragma once

#include <string_view>

namespace cariosan::objects {

/// A type with its parameters, as "audio/ogg; codecs=opus". It is signed as a header's value, of which several spaces would
/// count as one.
bool is_media_type(std::string_view text);

}  // namespace cariosan::objects
