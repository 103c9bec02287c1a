// The order of a channel: its messages have the seq 1, 2, 3 …, each used once, whatever happened.
#include <algorithm>
#include <map>
#include <random>

#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

/// All messages of a channel, in the order of `seq`.
std::vector<Message> whole_history(World& world, ChannelId channel) {
    return world.read([&](Reader& reader) {
        return must(reader.messages().page(channel, {.from = INT64_MIN, .to = INT64_MAX, .limit = 1'000'000, .ascending = true}));
    });
}

/// Sends of every kind, several to a channel in one batch, mixed with what uses no seq: repeats, refusals, dry runs.
class PlacesRun {
  public:
    PlacesRun(std::unique_ptr<StorageKind> kind, unsigned seed) : world_(std::move(kind)), random_(seed) {
        users_ = world_.add_users(3);
        for (int i = 0; i < 3; ++i) channels_.push_back(world_.add_group(users_));
        users_.push_back(world_.add_user("member of nothing"));
    }

    void step() {
        std::vector<Mutation> batch;
        for (std::size_t size = roll(12); size > 0; --size) batch.push_back(any());
        const auto done = world_.commit(batch);
        for (std::size_t i = 0; i < batch.size(); ++i) {
            const auto* send = std::get_if<mutation::SendMessage>(&batch[i]);
            if (send == nullptr || !done[i].ok() || !done[i]->changed || send->dry_run) continue;
            const Message& message = object<Message>(*done[i]);
            CHECK(placed_[message.channel_id].emplace(message.seq, message.id).second);
        }
        if (roll(10) == 0) must(world_.storage().maintain());
        if (roll(15) != 0) return;
        world_.reopen();
        check();
    }

    void check() {
        for (const ChannelId channel : channels_) {
            std::map<std::int64_t, MessageId> stored;
            std::int64_t expected = 0;
            for (const Message& message : whole_history(world_, channel)) {
                CHECK(message.seq == ++expected);
                stored[message.seq] = message.id;
            }
            CHECK(world_.channel(channel).last_seq == expected);
            CHECK(stored == placed_[channel]);
        }
    }
    std::size_t count() const {
        std::size_t all = 0;
        for (const auto& entry : placed_) all += entry.second.size();
        return all;
    }

  private:
    std::size_t roll(std::size_t sides) { return std::uniform_int_distribution<std::size_t>(0, sides - 1)(random_); }

    Mutation any() {
        const ChannelId channel = channels_[roll(channels_.size())];
        const auto& known = placed_[channel];
        if (!known.empty() && roll(6) == 0) {
            Message message;
            message.channel_id = channel;
            message.id = std::next(known.begin(), static_cast<std::ptrdiff_t>(roll(known.size())))->second;
            return world_.deleting(message, std::nullopt);
        }
        auto send = world_.message(channel, users_[roll(users_.size())]);
        send.imported = roll(3) == 0;
        send.dry_run = roll(8) == 0;
        // So few that many are already known, some from the same batch.
        if (roll(2) == 0) send.idempotency_key = "key " + std::to_string(roll(200));
        return send;
    }

    World world_;
    std::mt19937 random_;
    std::vector<UserId> users_;
    std::vector<ChannelId> channels_;
    std::map<ChannelId, std::map<std::int64_t, MessageId>> placed_;
};

}  // namespace

STORAGE_TEST("no two messages of a channel have the same seq, and none is skipped") {
    for (const unsigned seed : {1U, 2U, 3U}) {
        CAPTURE(seed);
        PlacesRun run(kind.make(), seed);
        for (int i = 0; i < 150; ++i) run.step();
        run.check();
        CHECK(run.count() > 200);
    }
}

}  // namespace cariosan::test
