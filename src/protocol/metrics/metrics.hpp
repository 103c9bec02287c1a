/// /metrics in the Prometheus text format.
#pragma once

#include <cariosan/engine.hpp>
#include <string>
#include <string_view>

#include "engine/engine_counters.hpp"
#include "outbox/push_worker.hpp"
#include "outbox/webhook_worker.hpp"
#include "protocol/holdings.hpp"
#include "protocol/metrics/process_figures.hpp"
#include "protocol/metrics/request_times.hpp"
#include "protocol/polling/wait_places.hpp"

namespace cariosan::protocol {

inline constexpr std::string_view kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

/// Where the figures come from.
struct MetricsSources {
    Metrics metrics{};
    const HeldTotals& held;  ///< the bytes currently held for clients
    const WaitPlaces& waits;
    const engine::Counters& engine;
    const outbox::WebhookCounters& webhooks;
    const outbox::PushCounters& pushes;
    const RequestTimes& requests;
    ProcessFigures process{};
};

std::string metrics_text(const MetricsSources& sources);

}  // namespace cariosan::protocol
