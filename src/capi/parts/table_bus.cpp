#include "capi/parts/table_bus.hpp"

#include <array>
#include <cstddef>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cariosan::capi {
namespace {

constexpr std::array<std::pair<BusTopic::Kind, std::string_view>, 3> kTopicKinds = {{{BusTopic::Kind::channel, "channel:"},
                                                                                     {BusTopic::Kind::user, "user:"},
                                                                                     {BusTopic::Kind::workspace, "workspace:"}}};

std::string topic_text(const BusTopic& topic) {
    for (const auto& [kind, prefix] : kTopicKinds) {
        if (kind == topic.kind) return std::string(prefix) + topic.id.to_string();
    }
    return {};
}

std::optional<BusTopic> topic_of(const char* text) {
    if (text == nullptr) return std::nullopt;
    const std::string_view given = text;
    for (const auto& [kind, prefix] : kTopicKinds) {
        if (!given.starts_with(prefix)) continue;
        const auto id = Uuid::parse(given.substr(prefix.size()));
        return id ? std::optional(BusTopic{kind, *id}) : std::nullopt;
    }
    return std::nullopt;
}

std::vector<BusTopic> topics_of(const char* const* topics, std::size_t count) {
    std::vector<BusTopic> known;
    if (topics == nullptr) return known;
    for (std::size_t i = 0; i < count; ++i) {
        if (const auto topic = topic_of(topics[i])) known.push_back(*topic);
    }
    return known;
}

/// Topics as C gets them.
class TopicTexts {
  public:
    template <class Topics>
    explicit TopicTexts(const Topics& topics) {
        texts_.reserve(topics.size());
        for (const BusTopic& topic : topics) texts_.push_back(topic_text(topic));
        for (const std::string& text : texts_) pointers_.push_back(text.c_str());
    }
    const char* const* data() const { return pointers_.data(); }
    std::size_t size() const { return pointers_.size(); }

  private:
    std::vector<std::string> texts_;  // never grows: `pointers_` point into it
    std::vector<const char*> pointers_;
};

}  // namespace

void TableBus::start(BusListener& listener) {
    end_.listener = &listener;
    part_.start(part_.context, &end_);
}

void TableBus::stop() {
    if (end_.listener == nullptr) return;
    part_.stop(part_.context);
    // Whoever calls later, against the rules, finds nobody.
    end_.listener = nullptr;
}

void TableBus::subscribe(std::span<const BusTopic> topics) {
    const TopicTexts texts(topics);
    part_.subscribe(part_.context, texts.data(), texts.size());
}

void TableBus::unsubscribe(std::span<const BusTopic> topics) {
    const TopicTexts texts(topics);
    part_.unsubscribe(part_.context, texts.data(), texts.size());
}

void TableBus::publish(std::span<const BusMessage> messages) {
    std::vector<TopicTexts> topics;
    topics.reserve(messages.size());
    std::vector<cariosan_bus_message> given;
    given.reserve(messages.size());
    for (const BusMessage& message : messages) {
        const TopicTexts& texts = topics.emplace_back(message.topics);
        given.push_back({texts.data(), texts.size(), message.bytes->data(), message.bytes->size()});
    }
    part_.publish(part_.context, given.data(), given.size());
}

}  // namespace cariosan::capi

namespace {

/// Calls `tell` with the engine that the bus delivers to, if there is one. Without memory what was to be told is lost, which the
/// engine is told without any.
template <class Tell>
void tell_engine(cariosan_bus* bus, Tell&& tell) noexcept {
    cariosan::BusListener* const listener = bus == nullptr ? nullptr : bus->listener.load();
    if (listener == nullptr) return;
    try {
        tell(*listener);
    } catch (const std::bad_alloc&) {
        listener->lost_all();
    }
}

}  // namespace

void cariosan_bus_received(cariosan_bus* bus, const void* bytes, size_t length) {
    if (bytes == nullptr) return;
    tell_engine(bus, [&](cariosan::BusListener& listener) {
        const cariosan::BusBytes message = std::make_shared<const std::string>(static_cast<const char*>(bytes), length);
        listener.received({&message, 1});
    });
}

void cariosan_bus_subscribed(cariosan_bus* bus, const char* const* topics, size_t count) {
    tell_engine(bus, [&](cariosan::BusListener& listener) { listener.subscribed(cariosan::capi::topics_of(topics, count)); });
}

void cariosan_bus_lost(cariosan_bus* bus, const char* const* topics, size_t count) {
    tell_engine(bus, [&](cariosan::BusListener& listener) { listener.lost(cariosan::capi::topics_of(topics, count)); });
}

void cariosan_bus_lost_all(cariosan_bus* bus) {
    tell_engine(bus, [](cariosan::BusListener& listener) { listener.lost_all(); });
}
