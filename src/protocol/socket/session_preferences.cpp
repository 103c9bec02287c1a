// Changes to the user's own preferences, sent with the `unread_total` that they leave.
#include <utility>

#include "protocol/json/json_objects.hpp"
#include "protocol/socket/client_session.hpp"

namespace cariosan::protocol {
namespace {

constexpr std::size_t kMaxWaiting = 64;

}  // namespace

/// One read at a time serves all changes that waited when it began. None is dropped, since the client numbers them: beyond the
/// bound they are sent without the count, which follows with `unread`.
void ClientSession::preferences_changed(ChannelId channel, const Preferences& preferences) {
    if (state_ != State::open) return;
    const bool is_counting = preferences_ != nullptr;
    if (!is_counting) preferences_ = std::make_unique<WaitingPreferences>();
    preferences_->changes.push_back({channel, preferences});
    if (!is_counting) return count_for_preferences();
    if (preferences_->changes.size() <= kMaxWaiting) return;
    preferences_->counted = 0;
    send_preferences(preferences_->changes.size(), std::nullopt);
}

void ClientSession::count_for_preferences() {
    count_in_turn([this] {
        preferences_->counted = preferences_->changes.size();
        read(GetMe{}, [this](const Result<Outcome>& me) {
            std::optional<std::int64_t> unread_total;
            if (me) unread_total = std::get<Me>(me->answer).unread_total;
            send_preferences(std::exchange(preferences_->counted, 0), unread_total);
            if (!open()) return;
            if (preferences_->changes.empty()) {
                preferences_.reset();
            } else {
                count_for_preferences();
            }
            counted();
        });
    });
}

void ClientSession::send_preferences(std::size_t count, std::optional<std::int64_t> unread_total) {
    std::vector<ChannelPreferences>& waiting = preferences_->changes;
    const auto end = waiting.begin() + static_cast<std::ptrdiff_t>(count);
    const std::vector<ChannelPreferences> ready(waiting.begin(), end);
    waiting.erase(waiting.begin(), end);
    for (const ChannelPreferences& each : ready) {
        send(object_frame("channel.preferences", {}, [&](ObjectWriter& data) {
            write_channel_preferences(data, each.channel_id, each.preferences);
            if (unread_total) data.integer("unread_total", *unread_total);
        }));
        if (!unread_total) lane_.hub().mark_unread(*this, each.channel_id);
    }
}

}  // namespace cariosan::protocol
