// Whatever has happened, a count equals the number of messages that its viewer finds when they read the pages. There is no
// model here: the counts are compared with the storage's own history.
#include <algorithm>
#include <iterator>
#include <random>

#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

class UnreadRun {
  public:
    UnreadRun(std::unique_ptr<StorageKind> kind, unsigned seed) : world_(std::move(kind)), random_(seed) {
        users_ = world_.add_users(6);
        for (int i = 0; i < 3; ++i) channels_.push_back(world_.add_group(users_));
    }

    void step() {
        std::vector<Mutation> batch;
        for (std::size_t left = 1 + roll(5); left > 0; --left) batch.push_back(any());
        world_.commit(batch);  // some are refused
        if (roll(25) == 0) delete_a_user();
        if (roll(2) == 0) go_on_deleting();
        if (roll(60) == 0) replace_a_channel();
        if (roll(30) == 0) world_.reopen();
        if (roll(10) == 0) must(world_.storage().maintain());
    }

    void check() {
        for (const UserId& user : users_) check_user(user);
    }

    /// How often a not yet unsent message of a user being erased was above a viewer's read position.
    int seen_while_erased() const { return seen_while_erased_; }

  private:
    struct Counts {
        std::int64_t unread = 0;
        std::int64_t mentions = 0;
        bool operator==(const Counts&) const = default;
    };

    std::size_t roll(std::size_t sides) { return std::uniform_int_distribution<std::size_t>(0, sides - 1)(random_); }
    template <class T>
    const T& any_of(const std::vector<T>& list) {
        return list[roll(list.size())];
    }
    std::vector<UserId> some_users() {
        std::vector<UserId> some;
        std::ranges::copy_if(users_, std::back_inserter(some), [this](UserId) { return roll(4) == 0; });
        return some;
    }

    Mutation any_send() {
        mutation::SendMessage send = world_.message(any_of(channels_), any_of(users_));
        send.author_is_member = roll(4) != 0;  // a backend may send for any user
        for (const UserId& user : some_users()) send.mentions.push_back({user, "", ""});
        sent_.push_back({send.channel, send.id, send.author});
        return send;
    }

    Mutation any_change_of_message() {
        if (sent_.empty()) return any_send();
        const Sent& sent = sent_[sent_.size() - 1 - roll(std::min<std::size_t>(sent_.size(), 12))];
        Message message;
        message.channel_id = sent.channel;
        message.id = sent.id;
        if (roll(2) == 0) return world_.deleting(message, sent.author);
        mutation::EditMessage edit = world_.editing(message, sent.author, "edited");
        const auto users = some_users();
        edit.mentions.emplace(users.begin(), users.end());
        return edit;
    }

    Mutation any() {
        switch (roll(16)) {
            case 0:
            case 1: return world_.blocking(any_of(users_), any_of(users_));
            case 2: return world_.unblocking(any_of(users_), any_of(users_));
            case 3: return world_.reading(any_of(channels_), any_of(users_), static_cast<std::int64_t>(roll(40)));
            case 4: return world_.removing(any_of(channels_), any_of(users_));
            case 5: return world_.adding(any_of(channels_), some_users());
            case 6:
                return mutation::SetPreferences{.workspace = world_.workspace,
                                             .channel = any_of(channels_),
                                             .user = any_of(users_),
                                             .muted = roll(2) == 0};
            case 7:
            case 8:
            case 9: return any_change_of_message();
            default: return any_send();
        }
    }

    void delete_a_user() {
        const UserId user = any_of(users_);
        std::erase(users_, user);
        world_.run(mutation::DeleteUser{
            .workspace = world_.workspace, .user = user, .erase = roll(4) != 0, .at = world_.tick()});
        users_.push_back(world_.add_user("late" + std::to_string(++late_)));
        for (const ChannelId channel : channels_) world_.run(world_.adding(channel, {users_.back()}));
    }

    /// Only a part, so that the checks see deletions at every stage.
    void go_on_deleting() {
        const auto pending = world_.read([](Reader& r) { return must(r.user_data().deletions(1)); });
        if (pending.empty()) return;
        const WorkspaceId workspace = pending.front().workspace;
        const UserId user = pending.front().user;
        const auto ending =
            world_.read([&](Reader& r) { return must(r.user_data().ending_memberships(workspace, user, 1)); });
        if (!ending.empty()) {
            if (ending[0].successor) world_.run(world_.role(ending[0].channel, *ending[0].successor, Role::admin));
            world_.run(world_.removing(ending[0].channel, user));
            return;
        }
        const auto left = world_.read(
            [&](Reader& r) { return must(r.user_data().erasable_messages(workspace, user, {}, 1'000)).records; });
        if (!pending.front().erase || left.empty()) {
            world_.run(mutation::FinishDeletion{workspace, user});
            return;
        }
        Message message;
        for (std::size_t i = 0; i < std::min<std::size_t>(left.size(), 1 + roll(3)); ++i) {
            message.channel_id = left[i].channel;
            message.id = left[i].message;
            world_.run(world_.deleting(message, std::nullopt));
        }
        if (left.size() > 3) ++seen_while_erased_;
    }

    void replace_a_channel() {
        ChannelId& channel = channels_[roll(channels_.size())];
        world_.run(mutation::DeleteChannel{.workspace = world_.workspace, .channel = channel, .at = world_.tick()});
        channel = world_.add_group(users_);
    }

    Counts readable(ChannelId channel, UserId user, std::int64_t above) {
        Counts counts;
        for (const Message& message : world_.messages(channel, user)) {
            if (message.seq <= above || message.deleted_at) continue;
            ++counts.unread;
            counts.mentions += std::ranges::count(message.mentions, user, &Mention::user_id);
        }
        return counts;
    }

    void check_user(UserId user) {
        CAPTURE(user.to_string());
        const auto list = world_.read(
            [&](Reader& r) { return must(r.channels().list_of(world_.workspace, user, {.limit = 100, .members = 0})); });
        std::int64_t total = 0;
        for (const MyChannel& mine : list) {
            const ChannelId channel = mine.channel.id;
            const Counts expected = readable(channel, user, mine.last_read_seq);
            CHECK(Counts{mine.unread_count, mine.mention_count} == expected);
            const MyChannel found = world_.mine(channel, user);
            CHECK(Counts{found.unread_count, found.mention_count} == expected);
            const ReceiptState state = object<CommittedReceipt>(world_.run(world_.reading(channel, user, 0))).state;
            CHECK(Counts{state.unread_count, state.mention_count} == expected);
            if (!mine.preferences.muted) total += expected.unread;
        }
        CHECK(world_.read([&](Reader& r) { return must(r.channels().unread_total(world_.workspace, user)); }) == total);
    }

    struct Sent {
        ChannelId channel;
        MessageId id;
        UserId author;
    };

    World world_;
    std::mt19937 random_;
    std::vector<UserId> users_;
    std::vector<ChannelId> channels_;
    std::vector<Sent> sent_;
    int late_ = 0;
    int seen_while_erased_ = 0;
};

}  // namespace

STORAGE_TEST("every count is the number of messages that its viewer can read, whatever has happened") {
    int cut = 0;
    for (const unsigned seed : {1U, 2U, 3U, 4U}) {
        if (seed > kind.most_seeds) break;
        CAPTURE(seed);
        UnreadRun run(kind.make(), seed);
        for (int i = 0; i < 150; ++i) {
            run.step();
            if (i % 3 == 0) run.check();
        }
        cut += run.seen_while_erased();
    }
    // The histories must include unfinished deletions.
    CHECK(cut > 2);
}

}  // namespace cariosan::test
