/// How webhooks and push notifications leave the process. `adapters/webhook.hpp`, `adapters/fcm.hpp` and
/// `adapters/webpush.hpp` implement the usual ways; a host may provide its own.
///
/// Threads. `send` may be called from any thread, never waits, and calls `done` exactly once, on a thread of the
/// implementation or of the caller, possibly before it returns. When the sender is destroyed, unfinished sends are
/// reported as not sent before the destructor returns. The number of concurrent sends is bounded by the caller alone.
#pragma once

#include <cariosan/types.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cariosan {

/// One attempt to deliver one event to an endpoint. Holds secrets: never logged.
struct WebhookCall {
    std::string url{};                   ///< `http` or `https`
    std::vector<std::string> secrets{};  ///< `whsec_…`; at least one, the newest first: it is signed with each of them
    std::string event{};                 ///< "message.created"
    std::string event_id{};              ///< "evt_…"
    Timestamp at{};                      ///< of this attempt; signed
    std::string body{};                  ///< JSON
    std::string traceparent{};           ///< to be sent as this header; empty: none
};

/// Its result.
struct WebhookAnswer {
    int status = 0;       ///< of HTTP; 0: there was no answer
    std::string error{};  ///< if there was no answer: why, in one line without secret or body
};

class WebhookSender {
  public:
    virtual ~WebhookSender() = default;
    /// An attempt ends after 10 seconds at the latest.
    virtual void send(WebhookCall call, std::function<void(WebhookAnswer)> done) = 0;
};

/// One notification for one device: who sent something and where, never what.
struct PushCall {
    std::string device_token{};
    std::string sender_name{};
    ChannelId channel{};
    MessageId message{};
};

/// "Ani sent a message": what a notification shows. An empty name is "Someone".
inline std::string notification_title(std::string_view sender_name) {
    return std::string(sender_name.empty() ? "Someone" : sender_name) + " sent a message";
}

enum class PushOutcome : std::uint8_t {
    delivered,   ///< accepted by the service
    drop_token,  ///< the device is gone: forget its token
    retry,       ///< try again later, unchanged
    refused,     ///< permanently: a fault of the configuration or the message
};

struct PushAnswer {
    PushOutcome outcome = PushOutcome::refused;
    /// How long the service asks to wait; capped at `kPushLongestDelay`.
    std::optional<std::chrono::milliseconds> retry_after{};
    std::string reason{};  ///< a line for the log; empty when delivered
    /// Whether `retry_after` is for all devices, so that none is sent to meanwhile. False where it is for this one alone: users
    /// choose the servers of Web Push, and none of them may silence the others.
    bool pauses_all = true;
};

class PushSender {
  public:
    virtual ~PushSender() = default;
    virtual void send(PushCall call, std::function<void(PushAnswer)> done) = 0;
};

}  // namespace cariosan
