#include <algorithm>
#include <array>
#include <cariosan/webhooks.hpp>
#include <cstddef>

namespace cariosan {
namespace {

/// In the order of `WebhookEvent`.
constexpr std::array<std::string_view, kWebhookEvents> kEventNames = {"message.created",
                                                          "message.updated",
                                                          "message.deleted",
                                                          "message.reaction.added",
                                                          "message.reaction.removed",
                                                          "message.mentioned",
                                                          "message.moderated",
                                                          "channel.created",
                                                          "channel.updated",
                                                          "channel.deleted",
                                                          "member.joined",
                                                          "member.left",
                                                          "member.updated",
                                                          "user.created",
                                                          "user.updated",
                                                          "user.deleted",
                                                          "ping",
                                                          "user.suspended",
                                                          "user.restored",
                                                          "report.created"};

}  // namespace

std::string_view to_string(WebhookEvent event) noexcept { return kEventNames[static_cast<std::size_t>(event)]; }

std::optional<WebhookEvent> parse_webhook_event(std::string_view text) noexcept {
    const auto* const found = std::ranges::find(kEventNames, text);
    if (found == kEventNames.end()) return std::nullopt;
    return static_cast<WebhookEvent>(found - kEventNames.begin());
}

std::string_view to_string(DeliveryStatus status) noexcept {
    switch (status) {
        case DeliveryStatus::pending: return "pending";
        case DeliveryStatus::delivered: return "delivered";
        case DeliveryStatus::failed: return "failed";
    }
    return {};
}

}  // namespace cariosan
