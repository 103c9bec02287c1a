#include "adapters/webpush/web_push_message.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstddef>

#include "adapters/curl/retry_after.hpp"
#include "adapters/webpush/message_encryption.hpp"
#include "encoding/base64.hpp"

namespace cariosan::webpush {
namespace {

std::string json_with(std::string_view sender_name, const PushCall& call) {
    return boost::json::serialize(boost::json::object{{"channel_id", call.channel.to_string()},
                                                      {"message_id", call.message.to_string()},
                                                      {"title", notification_title(sender_name)}});
}

}  // namespace

std::string notification_json(const PushCall& call) {
    std::string json = json_with(call.sender_name, call);
    return json.size() <= kMaxPlainBytes ? json : json_with("", call);
}

std::string topic_of(ChannelId channel, const Subscription& to, Crypto& crypto) {
    // 24 characters; a topic may have 32.
    constexpr std::size_t kTopicBytes = 18;
    const Digest digest = crypto.hmac_sha256(to.auth, channel.to_string());
    return encoding::encode_base64url(std::string(digest.begin(), digest.begin() + kTopicBytes));
}

PushAnswer judge_push_answer(const curl::HttpAnswer& answer, std::string_view origin, Timestamp now) {
    PushAnswer judged{.outcome = PushOutcome::refused, .pauses_all = false};
    if (answer.status >= 200 && answer.status < 300) {
        judged.outcome = PushOutcome::delivered;
        return judged;
    }
    judged.reason = std::string(origin) + (answer.status == 0 ? ": " + answer.error : " answered " + std::to_string(answer.status));
    if (answer.status == 404 || answer.status == 410) {
        judged.outcome = PushOutcome::drop_token;
    } else if (answer.status == 0 || answer.status == 408 || answer.status == 429 || answer.status >= 500) {
        judged.outcome = PushOutcome::retry;
        judged.retry_after = curl::parse_retry_after(answer.retry_after, now);
    }
    return judged;
}

}  // namespace cariosan::webpush
