#include "protocol/metrics.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <iterator>

namespace cariosan::protocol {
namespace {

void append(std::string& out, std::string_view name, std::string_view type, std::string_view help,
            std::uint64_t value) {
    fmt::format_to(std::back_inserter(out),
                   "# HELP cariosan_{0} {2}\n# TYPE cariosan_{0} {1}\ncariosan_{0} {3}\n", name, type, help,
                   value);
}

}  // namespace

std::string metrics_text(const Metrics& metrics, const HeldTotals& held, const WaitPlaces& waits) {
    std::string out;
    const auto counter = [&](std::string_view name, std::string_view help, std::uint64_t value) {
        append(out, name, "counter", help, value);
    };
    const auto gauge = [&](std::string_view name, std::string_view help, std::uint64_t value) {
        append(out, name, "gauge", help, value);
    };
    counter("commands_total", "Commands taken.", metrics.commands);
    counter("commands_refused_total", "Commands refused because a queue was full or the engine closing.",
            metrics.commands_refused);
    counter("commands_abandoned_total", "Reads not begun because nobody waited for the answer any more.",
            metrics.commands_abandoned);
    counter("commits_total", "Batches committed.", metrics.commits);
    counter("mutations_total", "Changes in those batches.", metrics.mutations);
    counter("commit_failures_total", "Batches that could not be committed.", metrics.commit_failures);
    counter("events_total", "Events published.", metrics.events);
    counter("events_lost_total", "Events dropped for slow subscribers.", metrics.events_lost);
    counter("feed_gaps_total", "Holes in a channel's revisions that were read from storage.",
            metrics.feed_gaps);
    counter("events_early_total", "Events that waited for an earlier one of another node.", metrics.events_early);
    counter("frames_total", "Frames handed to sessions.", metrics.frames);
    counter("sessions_opened_total", "WebSocket sessions opened.", metrics.sessions_opened);
    counter("sessions_slow_total", "WebSocket sessions closed because they read too slowly.",
            metrics.sessions_slow);
    gauge("sessions", "WebSocket sessions open now.", metrics.sessions);
    gauge("waiting_requests", "Requests that wait for news now.", waits.taken());
    gauge("held_request_bytes", "Bodies of requests that are being read now.",
          static_cast<std::uint64_t>(held.requests.bytes()));
    gauge("held_output_bytes", "Frames and answers for clients, with the buffers kept for them; of a session from 64 KiB, else as of the last second.",
          static_cast<std::uint64_t>(held.output.bytes()));
    gauge("queued_commands", "Commands waiting now.", metrics.queued_commands);
    counter("webhook_deliveries_total", "Webhook deliveries that an endpoint has accepted.", metrics.webhook_deliveries);
    counter("webhook_failures_total", "Attempts to deliver a webhook that failed.", metrics.webhook_failures);
    gauge("webhook_calls", "Attempts to deliver a webhook under way now.", metrics.webhook_calls);
    counter("pushes_total", "Notifications that the push service took.", metrics.pushes);
    counter("pushes_retried_total", "Notifications that it did not take, to be tried again.", metrics.pushes_retried);
    counter("pushes_failed_total", "Notifications that were refused, given up, or too late.", metrics.pushes_failed);
    counter("devices_dropped_total", "Devices that the push service does not know any more.", metrics.devices_dropped);
    gauge("push_jobs", "Messages still to be pushed, as last read.", metrics.push_jobs);
    counter("bus_published_total", "Events handed to the bus for other nodes.", metrics.bus_published);
    counter("bus_received_total", "Events of other nodes.", metrics.bus_received);
    counter("bus_unreadable_total", "Messages of the bus in an encoding of another version.", metrics.bus_unreadable);
    gauge("bus_away", "1: the bus to other nodes is unreachable.", metrics.bus_away);
    counter("channels_missed_total", "Channels found changed by another node whose events never arrived.", metrics.channels_missed);
    counter("counts_shared_total", "Rates and repeated texts of users, reported to other nodes.", metrics.counts_shared);
    gauge("coordination_away", "1: nodes cannot count together now.", metrics.coordination_away);
    return out;
}

}  // namespace cariosan::protocol
