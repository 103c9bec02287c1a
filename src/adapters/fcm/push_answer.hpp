/// What FCM's answer means for the token, the message and the next attempt.
#pragma once

#include <cariosan/types.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cariosan::fcm {

enum class PushVerdict : std::uint8_t {
    delivered,    ///< FCM has it
    drop_token,   ///< the device is gone: forget its token
    retry,        ///< later, unchanged
    renew_token,  ///< the access token is not (or no longer) accepted: retry at once with a new one
    refused,      ///< never; the configuration or the message is at fault, and the log should say so
};

struct PushOutcome {
    PushVerdict verdict = PushVerdict::refused;
    /// The least time FCM asks us to wait; 1 second to 1 hour. For `retry` only.
    std::optional<std::chrono::seconds> retry_after{};
    std::string reason{};  ///< a line for the log; empty when delivered
};

/// `status` is 0 if there was no answer; `retry_after` is the header of this name, empty if absent; `now` turns a date in it
/// into a duration.
PushOutcome judge_answer(int status, std::string_view retry_after, std::string_view body, Timestamp now);

}  // namespace cariosan::fcm
