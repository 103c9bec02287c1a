// Random batches, compared with the model mutation by mutation and object by object; clients that resume by `changes`
// must end with what the model holds.
#include <algorithm>
#include <random>

#include "conformance/model_check.hpp"
#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

/// A client: what it was told of one channel, and up to where.
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

/// Without the quote, which follows its own message: a change of that one does not bring its replies again.
std::string show_own(Message message) {
    message.quoted_message.reset();
    // Nor do names, which a deleted user loses.
    message.user = {.id = message.user.id};
    for (Mention& mention : message.mentions) mention = {.user_id = mention.user_id};
    return show(message);
}

class RandomRun {
  public:
    RandomRun(std::unique_ptr<StorageKind> kind, unsigned seed)
        : world_(std::move(kind), {.clock = clock_}), random_(seed) {
        users_ = world_.add_users(8);
        model_.users = {users_.begin(), users_.end()};
        users_.push_back(id_of<UserId>(555555));  // nobody
        for (int i = 0; i < 3; ++i) commit({new_channel()});
        for (const auto& [id, channel] : model_.channels) {
            for (std::size_t user = 0; user < 3; ++user)
                clients_.push_back({.user = users_[user], .channel = id, .own_receipt_only = user == 0});
        }
    }

    void step() {
        std::vector<Mutation> batch;
        const auto size = roll(10) == 0 ? 60 : roll(8);
        for (std::size_t i = 0; i < size; ++i) batch.push_back(any());
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
    std::size_t roll(std::size_t sides) {
        return std::uniform_int_distribution<std::size_t>(0, sides - 1)(random_);
    }
    UserId any_user() { return users_[roll(users_.size())]; }
    std::optional<UserId> any_actor() { return roll(3) == 0 ? std::optional<UserId>() : any_user(); }
    ChannelId any_channel() {
        if (roll(40) == 0) return id_of<ChannelId>(555555);
        return std::next(model_.channels.begin(), static_cast<std::ptrdiff_t>(roll(model_.channels.size())))
            ->first;
    }

    Mutation new_channel() {
        std::vector<UserId> members;
        for (const UserId& user : users_) {
            if (roll(2) == 0 && members.size() < 5) members.push_back(user);
        }
        mutation::CreateChannel create = world_.group(members);
        if (members.size() == 2) {
            create.type = ChannelType::direct;
            create.admin.reset();
            create.external_id.reset();
        }
        return create;
    }

    Mutation any_send() {
        mutation::SendMessage send = world_.message(any_channel(), any_user(), kOddText);
        send.at.milliseconds -= static_cast<std::int64_t>(roll(100));
        if (roll(40) == 0) send.at.milliseconds += static_cast<std::int64_t>(roll(120'000));
        if (roll(2) == 0) {
            send.idempotency_key = "key" + std::to_string(roll(200));
            send.request_hash.fill(static_cast<std::uint8_t>(roll(8) == 0));
        }
        for (const UserId& user : users_) {
            if (roll(20) == 0) send.mentions.push_back({user, "", ""});
        }
        const auto found = model_.channels.find(roll(15) == 0 ? any_channel() : send.channel);
        if (roll(3) == 0 && found != model_.channels.end() && !found->second.messages.empty()) {
            send.parent = found->second.messages[roll(found->second.messages.size())].id;
        }
        return send;
    }

    Mutation any_edit(mutation::EditMessage edit) {
        if (roll(4) == 0) edit.if_rev = static_cast<std::int64_t>(roll(20));
        if (roll(2) == 0) return edit;
        edit.mentions.emplace();
        for (const UserId& user : users_) {
            if (roll(8) == 0) edit.mentions->push_back(user);
        }
        return edit;
    }

    Mutation any_message_change() {
        Message message;
        message.channel_id = any_channel();
        message.id = id_of<MessageId>(555555);
        UserId user = any_user();
        const auto found = model_.channels.find(message.channel_id);
        if (found != model_.channels.end() && !found->second.messages.empty()) {
            const auto& messages = found->second.messages;
            const ModelMessage& chosen = messages[messages.size() - 1 - roll(std::min<std::size_t>(messages.size(), 4))];
            message.id = chosen.id;
            if (roll(2) == 0) user = chosen.author;
        }
        const std::string emoji = "emoji" + std::to_string(roll(3));
        switch (roll(6)) {
            case 0: return any_edit(world_.editing(message, user, "edit" + std::to_string(roll(2))));
            case 1: return world_.deleting(message, roll(4) == 0 ? std::optional<UserId>() : user);
            case 2: return world_.unreacting(message, user, emoji);
            default: {
                auto add = world_.reacting(message, user, emoji);
                if (roll(3) == 0) add.max_emoji = 2;
                return add;
            }
        }
    }

    Mutation any_cursor_move() {
        const auto seq = roll(3) == 0 ? std::nullopt : std::optional(static_cast<std::int64_t>(roll(60)));
        mutation::MoveCursor move = world_.reading(any_channel(), any_user(), seq);
        if (roll(2) == 0) move.kind = ReceiptKind::delivered;
        return move;
    }

    Mutation any_block() {
        if (roll(2) == 0) return world_.unblocking(any_user(), any_user());
        mutation::BlockUser block = world_.blocking(any_user(), any_user());
        if (roll(3) == 0) block.max_blocks = 2;
        return block;
    }

    Mutation any_silence() {
        const auto channel = roll(2) == 0 ? std::optional<ChannelId>() : any_channel();
        if (roll(3) != 0) return world_.unsilencing(any_user(), channel);
        mutation::SilenceUser silence = world_.silencing(any_user(), channel);
        if (roll(4) != 0)
            silence.until = Timestamp{silence.at.milliseconds + static_cast<std::int64_t>(roll(400))};
        return silence;
    }

    Mutation any() {
        if (roll(300) == 0) {
            return mutation::DeleteUser{.workspace = world_.workspace, .user = any_user(), .at = world_.tick()};
        }
        switch (roll(26)) {
            case 0: {
                mutation::AddMembers add = world_.adding(any_channel(), {});
                for (const UserId& user : users_) {
                    if (roll(4) == 0) add.users.push_back(user);
                }
                add.actor = any_actor();
                add.role = roll(3) == 0 ? Role::admin : Role::member;
                if (roll(3) == 0) add.max_members = 5;
                return add;
            }
            case 1: {
                auto update =
                    world_.role(any_channel(), any_user(), roll(2) == 0 ? Role::admin : Role::member);
                update.actor = any_actor();
                return update;
            }
            case 2: {
                auto remove = world_.removing(any_channel(), any_user());
                remove.actor = roll(3) == 0 ? remove.user : any_actor();
                return remove;
            }
            case 3:
            case 4:
            case 5: return any_cursor_move();
            case 6:
                return mutation::MuteChannel{.workspace = world_.workspace,
                                             .channel = any_channel(),
                                             .user = any_user(),
                                             .muted = roll(2) == 0};
            case 7: {
                mutation::UpdateChannel update{.workspace = world_.workspace, .channel = any_channel()};
                update.actor = any_actor();
                update.name = "name" + std::to_string(roll(3));
                update.at = world_.tick();
                return update;
            }
            case 8:
                if (roll(10) == 0) {
                    return mutation::DeleteChannel{
                        .workspace = world_.workspace, .channel = any_channel(), .at = world_.tick()};
                }
                return new_channel();
            case 9:
            case 10:
            case 11:
            case 12:
            case 13:
            case 14: return any_message_change();
            case 15: return any_silence();
            case 16: return any_block();
            default: return any_send();
        }
    }

    void commit(const std::vector<Mutation>& batch) { check_answers(model_, batch, world_.commit(batch)); }
    void compare() { check_channels(world_, model_); }

    /// Reads what changed, in pages of some size, and compares with the model.
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
            const bool told = member.present && (!client.own_receipt_only || user == client.user);
            if (told) check_receipt(client.receipts[user], user, member, expected);
        }
    }

    /// What newly blocked users wrote goes, and what others wrote who are no longer blocked comes by reading again.
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

    /// What a client knows of a cursor is the higher of what it was told and the user's newest message.
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

    // Stands still: what is over by the clock of the mutations stays.
    std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>();
    World world_;
    Model model_;
    std::mt19937 random_;
    std::vector<UserId> users_;
    std::vector<Client> clients_;
};

}  // namespace

STORAGE_TEST("random batches do what the model does") {
    for (const unsigned seed : {1U, 2U, 3U, 4U, 5U, 6U}) {
        CAPTURE(seed);
        RandomRun run(std::make_unique<Kind>(), seed);
        for (int i = 0; i < 150; ++i) run.step();
        run.finish();
    }
}

}  // namespace cariosan::test
