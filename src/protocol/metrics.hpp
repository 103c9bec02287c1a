/// /metrics in the Prometheus text format.
#pragma once

#include <cariosan/engine.hpp>
#include <string>
#include <string_view>

#include "protocol/holdings.hpp"
#include "protocol/polling/wait_places.hpp"

namespace cariosan::protocol {

inline constexpr std::string_view kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

/// `held`: the bytes currently held for clients.
std::string metrics_text(const Metrics& metrics, const HeldTotals& held, const WaitPlaces& waits);

}  // namespace cariosan::protocol
