#pragma once

#include <atomic>
#include <cariosan/engine.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "capi/items/item.hpp"

namespace cariosan::capi {

class MountedConnection;

/// A line of the log as JSON; `dropped` are missing before it.
std::string log_line(const LogRecord& record, std::int64_t dropped);

/// One of the `max_tickets` that may be unanswered at a time; given back when its last owner is destroyed.
class Ticket {
  public:
    Ticket(std::atomic<std::size_t>& open, std::uint64_t number) : open_(open), number_(number) {}
    ~Ticket() { --open_; }
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;
    std::uint64_t number() const noexcept { return number_; }

  private:
    std::atomic<std::size_t>& open_;
    const std::uint64_t number_;
};
using TicketRef = std::shared_ptr<const Ticket>;

/// A subscription of the host; its events refer to it.
struct SubscriptionHandle {
    std::uint64_t number = 0;
    std::atomic<bool> ended{false};
};
using SubscriptionHandleRef = std::shared_ptr<SubscriptionHandle>;

// Output waiting for `cariosan_poll`. Events and texts are shared until then, so dropped ones are never encoded or copied.

struct ReadyOutput {
    ItemPtr item;
    TicketRef ticket;
    std::function<void()> polled{};  ///< called on the polling thread, if set
};
/// Made when it is polled, so that it says what is so then. Null: there is nothing to say any more.
struct LateOutput {
    std::function<ItemPtr()> make;
};
struct EventOutput {
    SubscriptionHandleRef subscription;
    EventRef event;
};
struct TextOutput {
    std::shared_ptr<MountedConnection> session;
    FrameRef frame;
    std::string_view payload;  ///< points into `frame`
};
struct PingOutput {
    std::shared_ptr<MountedConnection> session;
};
struct CloseOutput {
    std::shared_ptr<MountedConnection> session;
    std::uint16_t code = 0;
    std::string reason;
};
struct LogOutput {
    std::string line;
};
using Output = std::variant<ReadyOutput, LateOutput, EventOutput, TextOutput, PingOutput, CloseOutput, LogOutput>;

/// The queue of all output for `cariosan_poll`, in order. Thread-safe.
///
/// It needs no bound of its own, since tickets, subscriptions, sessions, log lines and imports each have one.
class Outputs {
  public:
    /// `filled` is called when the queue stops being empty.
    Outputs(std::size_t max_tickets, std::function<void()> filled)
        : max_tickets_(max_tickets), filled_(std::move(filled)) {}

    /// `unavailable` if too many are unanswered.
    Result<TicketRef> take_ticket(std::uint64_t number);

    void push(Output output);
    std::optional<Output> pop();
    /// Drops the waiting texts of a session and returns their size in bytes.
    std::size_t drop_texts(const MountedConnection& session);
    bool empty() const;

    /// Queues a log line, or drops it if too many are waiting. Does not throw.
    void log(const LogRecord& record) noexcept;

  private:
    const std::size_t max_tickets_;
    const std::function<void()> filled_;
    std::atomic<std::size_t> open_tickets_{0};
    std::atomic<std::size_t> lines_{0};
    std::atomic<std::int64_t> dropped_lines_{0};
    mutable std::mutex mutex_;
    std::deque<Output> waiting_;
};

}  // namespace cariosan::capi
