#pragma once

#include <cariosan/mutations.hpp>
#include <cstddef>

namespace cariosan::engine {

/// A number that is the same for all mutations whose order is kept: those of one channel, else of one user, else of one
/// workspace.
std::size_t route_of(const Mutation& mutation);

}  // namespace cariosan::engine
