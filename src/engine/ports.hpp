#pragma once

#include <memory>

#include "core/metadata_check.hpp"

namespace cariosan::engine {

/// The JSON side of `metadata`. Defined in src/protocol, which is the layer that knows JSON and part of this library.
std::unique_ptr<core::MetadataCheck> make_metadata_check();

}  // namespace cariosan::engine
