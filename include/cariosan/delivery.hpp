/// How webhooks and push notifications leave the process. `adapters/webhook.hpp` and `adapters/fcm.hpp` have the usual ways;
/// a host may bring its own.
///
/// Threads. `send` may be called from any thread, never waits, and calls `done` exactly once, on a thread of the
/// implementation or of the caller, possibly before it returns. What is under way when the sender is destroyed is answered
/// as not sent, before the destructor returns. There is no bound on what is under way but the caller's.
#pragma once

#include <cariosan/types.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace cariosan {

/// One attempt to tell an endpoint one event. Holds a secret: not printed anywhere.
struct WebhookCall {
    std::string url{};       ///< `http` or `https`
    std::string secret{};    ///< `whsec_…`
    std::string event{};     ///< "message.created"
    std::string event_id{};  ///< "evt_…"
    Timestamp at{};          ///< of this attempt; signed
    std::string body{};      ///< JSON
};

/// What came of it.
struct WebhookAnswer {
    int status = 0;       ///< of HTTP; 0: there was no answer
    std::string error{};  ///< where there was no answer: why, in one line that shows neither secret nor body
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

enum class PushOutcome : std::uint8_t {
    delivered,   ///< the service has it
    drop_token,  ///< the device is gone: its token is to be forgotten
    retry,       ///< later, unchanged
    refused,     ///< never; the configuration or the message is at fault
};

struct PushAnswer {
    PushOutcome outcome = PushOutcome::refused;
    /// How long the service wants to be left alone. No more than `kPushLongestDelay` of it counts.
    std::optional<std::chrono::milliseconds> retry_after{};
    std::string reason{};  ///< a line for the log; empty when delivered
};

class PushSender {
  public:
    virtual ~PushSender() = default;
    virtual void send(PushCall call, std::function<void(PushAnswer)> done) = 0;
};

}  // namespace cariosan
