/// The events of a commit. Section 5 of the protocol.
#pragma once

#include <cariosan/events.hpp>
#include <cariosan/storage.hpp>
#include <vector>

namespace cariosan::core {

/// The events of one committed mutation, in the order of publication; at most one of them has a `rev`. None if nothing changed.
/// The content of `committed` is copied once, into the event.
std::vector<EventRef> events_of(const Mutation& mutation, const Committed& committed);

}  // namespace cariosan::core
