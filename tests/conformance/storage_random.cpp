// Random batches, compared with the model mutation by mutation and object by object. Clients that resume with `changes`
// must end up with the state of the model.
#include <algorithm>

#include "conformance/model_check.hpp"
#include "conformance/world.hpp"
#include "support/model/random_mutations.hpp"

namespace cariosan::test {
namespace {

/// A client: what it received from one channel, and up to which revision.
struct Client {
    UserId user;
    ChannelId channel;
    std::int64_t rev = 0;
    std::int64_t receipt_rev = 0;
    std::map<std::int64_t, std::string> messages{};
    std::map<UserId, std::int64_t> member_revs{};
    std::map<UserId, Role> members{};
    bool own_receipt_only = false;
    std::map<UserId, Receipt> receipts{};
    std::int64_t blocks_rev = 0;
};

/// Without the quote: when a message changes, its replies are not sent again.
std::string show_own(Message message) {
    message.quoted_message.reset();
    // Nor with names, which a deleted user loses.
    message.user = {.id = message.user.id};
    for (Mention& mention : message.mentions) mention = {.user_id = mention.user_id, .external_id = {}, .name = {}, .spans = mention.spans};
    return show(message);
}

class RandomRun {
  public:
    RandomRun(std::unique_ptr<StorageKind> kind, unsigned seed)
        : world_(std::move(kind), {.clock = clock_}), random_(world_, model_, seed) {
        users_ = world_.add_users(8);
        model_.users = {users_.begin(), users_.end()};
        random_.begin(users_);
        for (int i = 0; i < 3; ++i) commit({random_.new_channel()});
        for (const auto& [id, channel] : model_.channels) {
            for (std::size_t user = 0; user < 3; ++user)
                clients_.push_back({.user = users_[user], .channel = id, .own_receipt_only = user == 0});
        }
    }

    void step() {
        std::vector<Mutation> batch;
        const auto size = roll(10) == 0 ? 60 : roll(8);
        for (std::size_t i = 0; i < size; ++i) batch.push_back(random_.any());
        commit(batch);
        if (roll(4) == 0) compare();
        if (roll(3) == 0) catch_up(clients_[roll(clients_.size())]);
        if (roll(40) == 0) world_.reopen({.clock = clock_});
        if (roll(5) == 0) must(world_.storage().maintain());
    }

    void finish() {
        world_.reopen({.clock = clock_});
        compare();
        for (Client& client : clients_) catch_up(client);
    }

  private:
    std::size_t roll(std::size_t sides) { return random_.roll(sides); }

    void commit(const std::vector<Mutation>& batch) { check_answers(model_, batch, world_.commit(batch)); }
    void compare() { check_channels(world_, model_); }

    /// Reads the changes in pages of some size, and compares with the model.
    void catch_up(Client& client) {
        const ModelChannel& expected = model_.channels.at(client.channel);
        if (expected.deleted) return;
        refetch_if_blocks_changed(client);
        const auto items = static_cast<std::int64_t>(1 + roll(12));
        for (bool more = true; more;) {
            const ChangePage page = world_.changes(
                client.channel, client.user,
                {.since = client.rev,
                 .receipts_since = client.receipt_rev,
                 .own_receipt_only = client.own_receipt_only,
                 .max_items = items});
            for (const Message& message : page.messages) client.messages[message.seq] = show_own(message);
            for (const Member& member : page.members) {
                client.member_revs[member.user.id] = member.rev;
                if (member.left) forget(client, member.user.id);
                if (!member.left) client.members[member.user.id] = member.role;
            }
            for (const Receipt& receipt : page.receipts) client.receipts[receipt.user_id] = receipt;
            REQUIRE((page.rev > client.rev || !page.has_more));
            client.rev = page.rev;
            client.receipt_rev = page.receipt_rev;
            more = page.has_more;
        }
        CHECK(client.rev == expected.rev);
        CHECK(client.receipt_rev == expected.receipt_rev);
        const auto messages = world_.messages(client.channel, client.user);
        REQUIRE(client.messages.size() == messages.size());
        for (const Message& message : messages) CHECK(client.messages.at(message.seq) == show_own(message));
        CHECK(client.members.size() == static_cast<std::size_t>(expected.member_count()));
        for (const auto& [user, member] : expected.members) {
            CHECK(client.member_revs.at(user) == member.rev);
            if (member.present) CHECK(client.members.at(user) == member.role);
        }
        for (const auto& [user, member] : expected.members) {
            const bool visible = member.present && (!client.own_receipt_only || user == client.user);
            if (visible) check_receipt(client.receipts[user], user, member, expected);
        }
    }

    /// Drops messages of newly blocked users, and reads again those of users no longer blocked.
    void refetch_if_blocks_changed(Client& client) {
        const std::int64_t rev = model_.blocks_revs[client.user];
        if (std::exchange(client.blocks_rev, rev) == rev) return;
        client.messages.clear();
        for (const Message& message : world_.messages(client.channel, client.user)) {
            client.messages[message.seq] = show_own(message);
        }
    }

    static void forget(Client& client, UserId user) {
        client.members.erase(user);
        client.receipts.erase(user);
    }

    /// A client takes the higher of the receipt that it received and the user's newest message.
    static void check_receipt(const Receipt& known, UserId user, const ModelMember& member,
                              const ModelChannel& channel) {
        std::int64_t newest = 0;
        for (std::size_t i = 0; i < channel.messages.size(); ++i) {
            if (channel.messages[i].author == user) newest = static_cast<std::int64_t>(i) + 1;
        }
        CHECK(known.receipt_rev == member.receipt_rev);
        CHECK(std::max(known.last_read_seq, newest) == member.last_read_seq);
        CHECK(std::max(known.last_delivered_seq, newest) == member.last_delivered_seq);
    }

    // Stands still, so that nothing expires by the time of the mutations.
    std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>();
    World world_;
    Model model_;
    RandomMutations random_;
    std::vector<UserId> users_;
    std::vector<Client> clients_;
};

}  // namespace

STORAGE_TEST("random batches do what the model does") {
    for (const unsigned seed : {1U, 2U, 3U, 4U, 5U, 6U}) {
        if (seed > kind.most_seeds) break;
        CAPTURE(seed);
        RandomRun run(kind.make(), seed);
        for (int i = 0; i < 150; ++i) run.step();
        run.finish();
    }
}

}  // namespace cariosan::test
