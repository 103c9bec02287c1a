#include "adapters/redis/redis_bus.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "adapters/redis/redis_command.hpp"

namespace cariosan::redis {
namespace {

std::string_view text_of(const redisReply* reply) {
    return reply->str == nullptr ? std::string_view() : std::string_view(reply->str, reply->len);
}

LinkSettings used_for(LinkSettings settings, std::string use) {
    settings.use = std::move(use);
    return settings;
}

}  // namespace

void Subscriber::start(BusListener& listener) {
    listener_ = &listener;
    link_.start();
}

void Subscriber::subscribe_to(std::string_view verb, std::span<const BusTopic> topics, std::string& commands) const {
    constexpr std::size_t kPerCommand = 1000;
    for (std::size_t first = 0; first < topics.size(); first += kPerCommand) {
        CommandText command{verb};
        for (const BusTopic& topic : topics.subspan(first, std::min(kPerCommand, topics.size() - first))) {
            command.add(names_.channel_of(topic));
        }
        command.append_to(commands);
    }
}

void Subscriber::change(std::span<const BusTopic> topics, bool is_wanted) {
    const std::lock_guard lock(mutex_);
    for (const BusTopic& topic : topics) {
        if (is_wanted) {
            wanted_.insert(topic);
        } else {
            wanted_.erase(topic);
        }
    }
    // The link is up a moment before `connected` asks for all topics: one that changes in between would be subscribed twice.
    if (!is_subscribing_) return;
    std::string commands;
    subscribe_to(is_wanted ? "SUBSCRIBE" : "UNSUBSCRIBE", topics, commands);
    if (link_.unsent() + commands.size() > kMostUnsent) return link_.restart("it takes subscriptions too slowly");
    link_.send(commands);
}

void Subscriber::connected() {
    const std::lock_guard lock(mutex_);
    std::string commands;
    CommandText{"SUBSCRIBE", names_.losses()}.append_to(commands);
    subscribe_to("SUBSCRIBE", std::vector<BusTopic>(wanted_.begin(), wanted_.end()), commands);
    link_.send(commands);
    is_subscribing_ = true;
}

void Subscriber::disconnected() {
    const std::lock_guard lock(mutex_);
    is_subscribing_ = false;
}

void Subscriber::received(Reply reply) {
    if (reply->type == REDIS_REPLY_ERROR) return link_.restart("refused: " + std::string(text_of(reply.get())));
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 3) return;  // the answer to PING
    const std::string_view kind = text_of(reply->element[0]);
    const std::string_view channel = text_of(reply->element[1]);
    if (kind == "message") return take_message(channel, text_of(reply->element[2]));
    if (kind != "subscribe") return;
    const auto topic = names_.topic_of(channel);
    const std::lock_guard lock(mutex_);
    if (topic && wanted_.contains(*topic)) standing_.push_back(*topic);
}

void Subscriber::take_message(std::string_view channel, std::string_view message) {
    const auto envelope = Envelope::read(message);
    // One with several topics comes once for each that this node has subscribed to.
    if (!envelope || envelope->sender == self_ || *envelope == last_) return;
    last_ = *envelope;
    message.remove_prefix(Envelope::kSize);
    if (channel == names_.losses()) return take_losses(message);
    messages_.push_back(std::make_shared<const std::string>(message));
}

void Subscriber::take_losses(std::string_view bytes) {
    const auto topics = decode_topics(bytes);
    if (!topics) return;
    lost_all_ = lost_all_ || topics->empty();
    const std::lock_guard lock(mutex_);
    std::ranges::copy_if(*topics, std::back_inserter(lost_), [this](const BusTopic& topic) { return wanted_.contains(topic); });
}

void Subscriber::received_all() {
    if (!messages_.empty()) listener_->received(messages_);
    if (!standing_.empty()) listener_->subscribed(standing_);
    if (lost_all_) {
        listener_->lost_all();
    } else if (!lost_.empty()) {
        listener_->lost(lost_);
    }
    messages_.clear();
    standing_.clear();
    lost_.clear();
    lost_all_ = false;
}

void Subscriber::quiet() {
    std::string ping;
    CommandText{"PING"}.append_to(ping);
    link_.send(ping);
}

RedisBus::RedisBus(const LinkSettings& settings, const std::string& prefix, std::uint64_t self)
    : names_(prefix, settings.address.database),
      publisher_(used_for(settings, "publisher"), names_, self),
      subscriber_(used_for(settings, "subscriber"), names_, self) {}

void RedisBus::start(BusListener& listener) {
    publisher_.start();
    subscriber_.start(listener);
}

void RedisBus::stop() {
    subscriber_.stop();
    publisher_.stop();
}

}  // namespace cariosan::redis
