/// One notification for a browser, and what the push service's answer to it means.
#pragma once

#include <cariosan/crypto.hpp>
#include <cariosan/delivery.hpp>
#include <string>
#include <string_view>

#include "adapters/curl/http_client.hpp"
#include "adapters/webpush/subscription.hpp"

namespace cariosan::webpush {

/// `{"channel_id","message_id","title"}`: who sent something and where, never what. Never too long to be encrypted: a sender's name
/// that would make it so is left out.
std::string notification_json(const PushCall& call);

/// Under which the push service keeps one notification per channel while the browser is away. It says nothing about the channel,
/// and is another one for each browser.
std::string topic_of(ChannelId channel, const Subscription& to, Crypto& crypto);

/// The answer to a request; `now` turns a date in it into a duration. Only 404 and 410 cost a browser its registration.
PushAnswer judge_push_answer(const curl::HttpAnswer& answer, std::string_view origin, Timestamp now);

}  // namespace cariosan::webpush
