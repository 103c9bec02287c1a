#pragma once

#include <cariosan/mutations.hpp>
#include <cstddef>

namespace cariosan::engine {

/// The same number for all mutations whose order must be kept: those of one channel, otherwise of one user, otherwise of one
/// workspace.
std::size_t route_of(const Mutation& mutation);

}  // namespace cariosan::engine
