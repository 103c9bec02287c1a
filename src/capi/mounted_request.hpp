#pragma once

#include <atomic>
#include <cariosan/http.hpp>
#include <cariosan/session.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "capi/items/outputs.hpp"

namespace cariosan::capi {

/// A request that the host passes on in parts. Known by its number from the moment its body is wanted until it is answered.
///
/// The counters may be used from any thread, the rest only on the polling thread.
struct MountedRequest {
    std::uint64_t number = 0;
    TicketRef ticket;

    std::atomic<std::size_t> bytes_in{0};  ///< of all parts so far
    std::atomic<bool> too_large{false};
    std::size_t most_bytes = 0;  ///< of the body; set before the request has a number

    /// Expires when nobody wants the answer any more.
    std::shared_ptr<Waiter> waiter;
    /// Null once the body is complete, or will not be.
    std::unique_ptr<PendingRequest> pending;
    std::string body;      ///< that `pending` has not taken
    bool in_parts = false;  ///< `pending` takes it as it comes
    bool taking = false;    ///< a part is with it
    bool ended = false;     ///< the last part is in `body`
    std::unique_ptr<Holding> holding;
};
using MountedRequestRef = std::shared_ptr<MountedRequest>;

}  // namespace cariosan::capi
