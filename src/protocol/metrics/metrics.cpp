#include "protocol/metrics/metrics.hpp"

#include <cariosan/cariosan.h>
#include <fmt/format.h>

#include <cstdint>
#include <iterator>
#include <optional>

namespace cariosan::protocol {
namespace {

constexpr double kMicrosecond = 1e-6;

/// The names of the outcomes, in the order of `DeliveryResult::Outcome` and `PushOutcome`.
constexpr std::string_view kWebhookOutcomes[] = {"delivered", "retried", "failed", "disabled"};
constexpr std::string_view kPushOutcomes[] = {"delivered", "device_dropped", "retried", "failed"};

/// Writes metrics one after the other. Their names are given with their prefix.
class Table {
  public:
    explicit Table(std::string& out) : out_(out) {}

    void head(std::string_view name, std::string_view type, std::string_view help) {
        fmt::format_to(std::back_inserter(out_), "# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
    }
    template <class Number>
    void value(std::string_view name, std::string_view labels, Number number) {
        fmt::format_to(std::back_inserter(out_), "{}{} {}\n", name, labels, number);
    }
    template <class Number>
    void one(std::string_view name, std::string_view type, std::string_view help, Number number) {
        head(name, type, help);
        value(name, "", number);
    }
    template <class Number>
    void one(std::string_view name, std::string_view type, std::string_view help, const std::optional<Number>& number) {
        if (number) one(name, type, help, *number);
    }

    /// `labels` end in a comma unless they are empty. `unit`: what a value of 1 is.
    void series(std::string_view name, std::string_view labels, const core::Histogram& histogram, double unit) {
        const auto counted = histogram.counted();
        std::uint64_t below = 0;
        for (std::size_t i = 0; i < histogram.bounds().size(); ++i) {
            below += counted.counts[i];
            fmt::format_to(std::back_inserter(out_), "{}_bucket{{{}le=\"{}\"}} {}\n", name, labels,
                           static_cast<double>(histogram.bounds()[i]) * unit, below);
        }
        const std::string_view bare = labels.substr(0, labels.empty() ? 0 : labels.size() - 1);
        const std::string braced = bare.empty() ? std::string() : fmt::format("{{{}}}", bare);
        fmt::format_to(std::back_inserter(out_), "{0}_bucket{{{1}le=\"+Inf\"}} {2}\n{0}_sum{3} {4}\n{0}_count{3} {2}\n", name,
                       labels, counted.total, braced, static_cast<double>(counted.sum) * unit);
    }

  private:
    std::string& out_;
};

/// All series of `cariosan_request_duration_seconds` that have counted something: there are hundreds of possible ones.
void add_request_times(Table& table, std::string_view name, const RequestTimes& requests) {
    for (const RequestTimes::Series& each : requests.all()) {
        for (std::size_t i = 0; i < each.by_class.size(); ++i) {
            if (each.by_class[i].counted().total == 0) continue;
            const std::string labels = fmt::format(R"(method="{}",route="{}",status="{}",)", each.method, each.route,
                                                   RequestTimes::kClasses[i]);
            table.series(name, labels, each.by_class[i], kMicrosecond);
        }
    }
}

template <std::size_t Outcomes>
void add_by_outcome(Table& table, std::string_view name, const std::array<core::Histogram, Outcomes>& times,
                    const std::string_view (&outcomes)[Outcomes]) {
    for (std::size_t i = 0; i < Outcomes; ++i) {
        table.series(name, fmt::format(R"(outcome="{}",)", outcomes[i]), times[i], kMicrosecond);
    }
}

void add_process(Table& table, const ProcessFigures& process) {
    table.one("process_cpu_seconds_total", "counter", "CPU time of the process, user and system.", process.cpu_seconds);
    table.one("process_resident_memory_bytes", "gauge", "Resident memory of the process.", process.resident_bytes);
    table.one("process_open_fds", "gauge", "Open file descriptors of the process.", process.open_descriptors);
    table.one("process_max_fds", "gauge", "How many file descriptors it may open.", process.most_descriptors);
    table.one("process_start_time_seconds", "gauge", "When the process started, in seconds since 1970.", process.started_at);
}

void add_histograms(Table& table, const MetricsSources& sources) {
    const auto head = [&](std::string_view name, std::string_view help) {
        table.head(name, "histogram", help);
        return name;
    };
    const auto duration = [&](std::string_view name, std::string_view help, const core::Histogram& times) {
        table.series(head(name, help), "", times, kMicrosecond);
    };
    add_request_times(table, head("cariosan_request_duration_seconds", "From a request's head to the response."),
                      sources.requests);
    table.series(head("cariosan_commit_batch_size", "Changes in a batch."), "", sources.engine.commit_batch, 1);
    duration("cariosan_commit_duration_seconds", "Commits of a batch.", sources.engine.commit_time);
    duration("cariosan_commit_wait_seconds", "From taking a command until its commit begins.", sources.engine.commit_wait);
    duration("cariosan_fan_out_duration_seconds", "From an event's commit until its frames are with the I/O threads.",
             sources.engine.fan_out);
    duration("cariosan_search_duration_seconds", "Searches, without waiting for the reader.", sources.engine.search_time);
    add_by_outcome(table, head("cariosan_webhook_duration_seconds", "Attempts to deliver a webhook."), sources.webhooks.times,
                   kWebhookOutcomes);
    add_by_outcome(table, head("cariosan_push_duration_seconds", "Notifications handed to a push service."),
                   sources.pushes.times, kPushOutcomes);
}

}  // namespace

std::string metrics_text(const MetricsSources& sources) {
    const Metrics& metrics = sources.metrics;
    std::string out;
    Table table(out);
    const auto counter = [&](std::string_view name, std::string_view help, std::uint64_t value) {
        table.one(name, "counter", help, value);
    };
    const auto gauge = [&](std::string_view name, std::string_view help, std::uint64_t value) {
        table.one(name, "gauge", help, value);
    };
    counter("cariosan_commands_total", "Commands taken.", metrics.commands);
    counter("cariosan_commands_refused_total", "Commands refused because a queue was full or the engine closing.",
            metrics.commands_refused);
    counter("cariosan_commands_abandoned_total", "Reads not begun because nobody waited for the answer any more.",
            metrics.commands_abandoned);
    counter("cariosan_commits_total", "Batches committed.", metrics.commits);
    counter("cariosan_mutations_total", "Changes in those batches.", metrics.mutations);
    counter("cariosan_commit_failures_total", "Batches that could not be committed.", metrics.commit_failures);
    counter("cariosan_events_total", "Events published.", metrics.events);
    counter("cariosan_events_lost_total", "Events dropped for slow subscribers.", metrics.events_lost);
    counter("cariosan_feed_gaps_total", "Holes in a channel's revisions that were read from storage.",
            metrics.feed_gaps);
    counter("cariosan_events_early_total", "Events that waited for an earlier one of another node.", metrics.events_early);
    counter("cariosan_frames_total", "Frames handed to sessions.", metrics.frames);
    counter("cariosan_sessions_opened_total", "WebSocket sessions opened.", metrics.sessions_opened);
    counter("cariosan_sessions_slow_total", "WebSocket sessions closed because they read too slowly.",
            metrics.sessions_slow);
    gauge("cariosan_sessions", "WebSocket sessions open now.", metrics.sessions);
    gauge("cariosan_waiting_requests", "Requests that wait for news now.", sources.waits.taken());
    gauge("cariosan_held_request_bytes", "Bodies of requests that are being read now.",
          static_cast<std::uint64_t>(sources.held.requests.bytes()));
    gauge("cariosan_held_output_bytes", "Frames and answers for clients, with the buffers kept for them; of a session from 64 KiB, else as of the last second.",
          static_cast<std::uint64_t>(sources.held.output.bytes()));
    gauge("cariosan_queued_commands", "Commands waiting now.", metrics.queued_commands);
    counter("cariosan_webhook_deliveries_total", "Webhook deliveries that an endpoint has accepted.", metrics.webhook_deliveries);
    counter("cariosan_webhook_failures_total", "Attempts to deliver a webhook that failed.", metrics.webhook_failures);
    gauge("cariosan_webhook_calls", "Attempts to deliver a webhook under way now.", metrics.webhook_calls);
    counter("cariosan_pushes_total", "Notifications that the push service took.", metrics.pushes);
    counter("cariosan_pushes_retried_total", "Notifications that it did not take, to be tried again.", metrics.pushes_retried);
    counter("cariosan_pushes_failed_total", "Notifications that were refused, given up, or too late.", metrics.pushes_failed);
    counter("cariosan_devices_dropped_total", "Devices that the push service does not know any more.", metrics.devices_dropped);
    gauge("cariosan_push_jobs", "Messages still to be pushed, as last read.", metrics.push_jobs);
    counter("cariosan_files_removed_total", "Files of attachments taken away: erased with their messages, or named by none for a day.",
            metrics.files_removed);
    counter("cariosan_files_not_removed_total", "Attempts to take a file away that failed, each to be tried again.", metrics.files_not_removed);
    counter("cariosan_bus_published_total", "Events handed to the bus for other nodes.", metrics.bus_published);
    counter("cariosan_bus_received_total", "Events of other nodes.", metrics.bus_received);
    counter("cariosan_bus_unreadable_total", "Messages of the bus in an encoding of another version.", metrics.bus_unreadable);
    gauge("cariosan_bus_away", "1: the bus to other nodes is unreachable.", metrics.bus_away);
    counter("cariosan_channels_missed_total", "Channels found changed by another node whose events never arrived.", metrics.channels_missed);
    counter("cariosan_counts_shared_total", "Rates and repeated texts of users, reported to other nodes.", metrics.counts_shared);
    gauge("cariosan_coordination_away", "1: nodes cannot count together now.", metrics.coordination_away);
    add_histograms(table, sources);
    table.head("cariosan_build_info", "gauge", "The library's version; always 1.");
    table.value("cariosan_build_info", "{version=\"" CARIOSAN_VERSION "\"}", 1);
    add_process(table, sources.process);
    return out;
}

}  // namespace cariosan::protocol
