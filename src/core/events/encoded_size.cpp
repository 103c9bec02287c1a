#include "core/events/encoded_size.hpp"

#include <optional>
#include <string>

namespace cariosan::core {
namespace {

// The names, braces, ids, times and numbers of each object; the encoder's tests compare these with what is written.
constexpr std::size_t kUserSummary = 151;
constexpr std::size_t kUser = 200;
constexpr std::size_t kWorkspace = 300;
constexpr std::size_t kChannel = 420;
constexpr std::size_t kMember = 120;
constexpr std::size_t kMessage = 560;
constexpr std::size_t kQuote = 200;
constexpr std::size_t kMention = 100;
constexpr std::size_t kSpans = 11;
constexpr std::size_t kSpan = 24;
constexpr std::size_t kReaction = 72;
constexpr std::size_t kPin = 60;  // beside who pinned it
constexpr std::size_t kReceipt = 260;
constexpr std::size_t kMyChannel = 460;
constexpr std::size_t kHit = 140;
constexpr std::size_t kBlock = 60;
constexpr std::size_t kSilence = 200;
constexpr std::size_t kWebhook = 1'100;  // with all kinds of events listed

std::size_t size_or_null(const std::optional<std::string>& text) noexcept {
    return text ? encoded_size(*text) : std::size_t{4};
}

template <class T>
std::size_t sum(const std::vector<T>& items) noexcept {
    std::size_t bytes = 2;
    for (const T& item : items) bytes += encoded_size(item) + 1;
    return bytes;
}

std::size_t extras_size(const Message& message) noexcept {
    std::size_t bytes = 0;
    if (const auto& quote = message.quoted_message) {
        bytes += kQuote + encoded_size(quote->user_name) + encoded_size(quote->content);
    }
    for (const Mention& mention : message.mentions) {
        bytes += kMention + encoded_size(mention.external_id) + encoded_size(mention.name);
        if (!mention.spans.empty()) bytes += kSpans + mention.spans.size() * kSpan;
    }
    if (message.pin) bytes += kPin + encoded_size(message.pin->by);
    for (const Reaction& reaction : message.reactions) bytes += kReaction + encoded_size(reaction.emoji);
    return bytes;
}

}  // namespace

std::size_t encoded_size(std::string_view text) noexcept {
    std::size_t controls = 0;
    std::size_t marks = 0;
    for (const char c : text) {
        controls += static_cast<unsigned char>(c) < 0x20 ? 1U : 0U;
        marks += c == '"' || c == '\\' ? 1U : 0U;
    }
    return text.size() + 5 * controls + marks + 2;
}

std::size_t encoded_size(const UserSummary& user) noexcept {
    return kUserSummary + encoded_size(user.external_id) + encoded_size(user.name) + size_or_null(user.avatar_url);
}

std::size_t encoded_size(const User& user) noexcept {
    return kUser + encoded_size(user.external_id) + encoded_size(user.name) + size_or_null(user.avatar_url) +
           user.metadata.size();
}

std::size_t encoded_size(const Workspace& workspace) noexcept { return kWorkspace + encoded_size(workspace.name); }

std::size_t encoded_size(const Channel& channel) noexcept {
    return kChannel + size_or_null(channel.external_id) + encoded_size(channel.name) +
           size_or_null(channel.avatar_url) + channel.metadata.size();
}

std::size_t encoded_size(const Member& member) noexcept {
    return kMember + (member.left ? 0 : encoded_size(member.user));
}

std::size_t encoded_size(const Message& message) noexcept {
    std::size_t bytes = kMessage + size_or_null(message.channel_external_id) + encoded_size(message.user) +
                        size_or_null(message.idempotency_key);
    if (message.deleted_at) return bytes;
    bytes += encoded_size(message.content) + size_or_null(message.attachment_url) + message.metadata.size();
    return bytes + extras_size(message);
}

std::size_t encoded_size(const Receipt&) noexcept { return kReceipt; }

std::size_t encoded_size(const MyChannel& item) noexcept {
    return kMyChannel + encoded_size(item.channel) + sum(item.members) +
           (item.last_message ? encoded_size(*item.last_message) : 4);
}

std::size_t encoded_size(const SearchHit& hit) noexcept {
    return kHit + encoded_size(hit.message) + encoded_size(hit.snippet) + hit.highlights.size() * kSpan;
}

std::size_t encoded_size(const Block& block) noexcept { return kBlock + encoded_size(block.user); }

std::size_t encoded_size(const Silence& silence) noexcept {
    return kSilence + encoded_size(silence.user) + size_or_null(silence.channel_external_id) +
           size_or_null(silence.reason);
}

std::size_t encoded_size(const Webhook& webhook) noexcept {
    return kWebhook + encoded_size(webhook.url) + size_or_null(webhook.disabled_reason);
}

}  // namespace cariosan::core
