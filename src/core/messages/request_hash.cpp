#include "core/messages/request_hash.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "core/propagate.hpp"
#include "core/refusals.hpp"
#include "core/resolve.hpp"

namespace cariosan::core {
namespace {

/// A prefix, so that a later encoding cannot be mistaken for this one.
constexpr std::string_view kForm = "send/1";

template <class Bytes>
std::string_view as_text(const Bytes& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class Encoder {
  public:
    void number(std::uint64_t value) {
        for (int i = 0; i < 8; ++i, value >>= 8U) bytes_.push_back(static_cast<char>(value & 0xFFU));
    }
    void text(std::string_view value) {
        number(value.size());
        bytes_.append(value);
    }
    void optional(const std::optional<std::string_view>& value) {
        number(value ? 1 : 0);
        if (value) text(*value);
    }
    std::string take() && { return std::move(bytes_); }

  private:
    std::string bytes_;
};

std::optional<std::string_view> view(const std::optional<std::string>& text) {
    return text ? std::optional<std::string_view>(*text) : std::nullopt;
}

}  // namespace

std::string encode_request(const mutation::SendMessage& send) {
    Encoder encoder;
    encoder.text(kForm);
    encoder.text(to_string(send.type));
    encoder.text(send.content);
    encoder.optional(view(send.attachment_url));
    encoder.optional(send.parent ? std::optional(as_text(send.parent->uuid.bytes)) : std::nullopt);

    std::vector<UserId> mentioned;
    for (const Mention& mention : send.mentions) mentioned.push_back(mention.user_id);
    std::ranges::sort(mentioned);
    mentioned.erase(std::unique(mentioned.begin(), mentioned.end()), mentioned.end());
    encoder.number(mentioned.size());
    for (const UserId& user : mentioned) encoder.text(as_text(user.uuid.bytes));

    encoder.text(send.metadata);
    encoder.number(send.imported ? 1 : 0);
    if (send.imported) {
        encoder.number(static_cast<std::uint64_t>(send.at.milliseconds));
        encoder.optional(view(send.parent_key));
    }
    return std::move(encoder).take();
}

std::string encode_request(const mutation::CreateWebhook& create) {
    Encoder encoder;
    encoder.text("webhook/1");
    encoder.text(create.url);
    encoder.number(create.events.bits());
    return std::move(encoder).take();
}

std::string encode_request(const mutation::RotateWebhookSecret& rotate) {
    Encoder encoder;
    encoder.text("rotate/1");
    encoder.text(as_text(rotate.webhook.uuid.bytes));
    return std::move(encoder).take();
}

Result<Digest> hash_request(WorkspaceId workspace, std::string_view encoded, Context& context) {
    CARIOSAN_TRY(const auto secret, find_idempotency_secret(workspace, context));
    return context.crypto.hmac_sha256(as_text(secret), encoded);
}

Result<Digest> hash_request(const mutation::SendMessage& send, Context& context) {
    return hash_request(send.workspace, encode_request(send), context);
}

Result<std::optional<Outcome>> find_known_send(const mutation::SendMessage& send, std::int64_t channel_rev,
                                               Context& context) {
    CARIOSAN_TRY(auto known,
                 context.reader.messages().find_sent(send.channel, send.author, *send.idempotency_key));
    if (!known) return std::optional<Outcome>();
    if (!context.crypto.equal(as_text(known->request_hash), as_text(send.request_hash))) {
        return key_was_used();
    }
    Outcome outcome{.answer = std::move(known->message), .duplicate = true, .rev = channel_rev};
    return std::optional(std::move(outcome));
}

}  // namespace cariosan::core
