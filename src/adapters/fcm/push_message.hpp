/// One push notification: what is sent to FCM HTTP v1.
#pragma once

#include <cariosan/types.hpp>
#include <string>
#include <string_view>

namespace cariosan::fcm {

/// Section 9 of the protocol: who sent something and where, never what.
struct PushMessage {
    std::string device_token{};
    std::string sender_name{};  ///< UTF-8; empty: "Someone"
    ChannelId channel{};
    MessageId message{};
};

/// "/v1/projects/<project>/messages:send", to follow the base URL. `project_id` passes `is_project_id`.
std::string send_path(std::string_view project_id);

/// The JSON body.
std::string send_body(const PushMessage& message);

}  // namespace cariosan::fcm
