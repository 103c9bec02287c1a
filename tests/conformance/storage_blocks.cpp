// Blocks: what a user who blocks another is not shown, wherever they look, and what others still are.
#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

BlockedUsers blocked_by(World& world, UserId user) {
    return world.read([&](Reader& r) { return must(r.blocks().of(world.workspace, user)); });
}

std::vector<Block> blocks_of(World& world, UserId user, std::optional<UserId> after = std::nullopt,
                             std::int64_t limit = 100) {
    return world.read([&](Reader& r) { return must(r.blocks().list(world.workspace, user, after, limit)); });
}

std::vector<std::int64_t> seqs(const std::vector<Message>& messages) {
    std::vector<std::int64_t> all;
    for (const Message& message : messages) all.push_back(message.seq);
    return all;
}

using Seqs = std::vector<std::int64_t>;

/// A group of three in which the first user has blocked the second.
struct Blocked {
    World world;
    std::vector<UserId> users;
    ChannelId group;

    explicit Blocked(std::unique_ptr<StorageKind> kind)
        : world(std::move(kind)), users(world.add_users(3)), group(world.add_group(users)) {
        world.run(world.blocking(users[0], users[1]));
    }
    std::vector<Message> page(UserId viewer, HistoryRange range) {
        return world.read([&](Reader& r) { return must(r.messages().page(group, range, viewer)); });
    }
};

}  // namespace

STORAGE_TEST("a list of blocks counts its changes") {
    World world(kind.make());
    auto users = world.add_users(4);
    CHECK(blocked_by(world, users[0]).rev == 0);
    const auto block = world.blocking(users[0], users[2]);
    const Committed done = world.run(block);
    CHECK(done.changed);
    CHECK(done.created);
    CHECK(done.rev == 0);
    const CommittedBlock made = object<CommittedBlock>(done);
    CHECK(made.blocked);
    CHECK(made.blocks_rev == 1);
    CHECK(made.block.user.id == users[2]);
    CHECK(made.block.user.name.starts_with("Name of"));
    CHECK(made.block.created_at == block.at);

    const Committed again = world.run(world.blocking(users[0], users[2]));
    CHECK_FALSE(again.changed);
    CHECK(object<CommittedBlock>(again).blocks_rev == 1);
    CHECK(object<CommittedBlock>(again).block.created_at == block.at);
    world.run(world.blocking(users[0], users[3]));
    world.run(world.blocking(users[0], users[1]));
    world.run(world.blocking(users[1], users[0]));
    CHECK(blocked_by(world, users[0]).rev == 3);
    CHECK(blocked_by(world, users[0]).users == std::vector{users[1], users[2], users[3]});
    CHECK(blocked_by(world, users[1]).users == std::vector{users[0]});
    CHECK(blocked_by(world, users[2]).users.empty());

    const auto first = blocks_of(world, users[0], std::nullopt, 2);
    REQUIRE(first.size() == 2);
    CHECK(first[0].user.id == users[1]);
    CHECK(first[1].created_at == block.at);
    const auto second = blocks_of(world, users[0], users[2]);
    REQUIRE(second.size() == 1);
    CHECK(second[0].user.id == users[3]);

    const Committed lifted = world.run(world.unblocking(users[0], users[2]));
    CHECK(lifted.changed);
    CHECK_FALSE(object<CommittedBlock>(lifted).blocked);
    CHECK(object<CommittedBlock>(lifted).blocks_rev == 4);
    CHECK_FALSE(world.run(world.unblocking(users[0], users[2])).changed);
    world.reopen();
    CHECK(blocked_by(world, users[0]).rev == 4);
    CHECK(blocks_of(world, users[0]).size() == 2);
}

STORAGE_TEST("only other users of the same workspace can be blocked, up to a limit") {
    World world(kind.make());
    const auto users = world.add_users(4);
    const UserId stranger = world.add_user("stranger", world.add_workspace());
    CHECK(code_of(world.attempt(world.blocking(users[0], stranger))) == ErrorCode::not_found);
    CHECK(code_of(world.attempt(world.unblocking(users[0], stranger))) == ErrorCode::not_found);
    CHECK(field_of(world.attempt(world.blocking(users[0], users[0]))) == "user");
    auto limited = world.blocking(users[0], users[1]);
    limited.max_blocks = 2;
    CHECK(world.attempt(limited).ok());
    limited.blocked = users[2];
    CHECK(world.attempt(limited).ok());
    limited.blocked = users[3];
    const auto refused = world.attempt(limited);
    CHECK(code_of(refused) == ErrorCode::validation_error);
    CHECK(refused.error().detail("limit") != nullptr);
    limited.blocked = users[2];
    CHECK_FALSE(world.run(limited).changed);
    CHECK(blocked_by(world, users[0]).rev == 2);
}

STORAGE_TEST("pages of history are full even without messages of blocked users") {
    Blocked scene(kind.make());
    World& world = scene.world;
    for (int i = 0; i < 4; ++i) {
        world.send(scene.group, scene.users[0]);
        world.send(scene.group, scene.users[1]);
        world.send(scene.group, scene.users[1]);
    }
    const Message last = world.messages(scene.group).back();
    CHECK(seqs(scene.page(scene.users[0], {.from = 1, .to = 12, .limit = 3})) == Seqs{10, 7, 4});
    CHECK(seqs(scene.page(scene.users[0], {.from = 2, .to = 12, .limit = 2, .ascending = true})) == Seqs{4, 7});
    CHECK(seqs(scene.page(scene.users[0], {.from = 11, .to = 12, .limit = 5})) == Seqs{});
    CHECK(seqs(scene.page(scene.users[1], {.from = 1, .to = 12, .limit = 3})) == Seqs{12, 11, 10});
    CHECK(seqs(scene.page(scene.users[2], {.from = 1, .to = 12, .limit = 3})) == Seqs{12, 11, 10});
    const auto find = [&](std::optional<UserId> viewer) {
        Viewpoint viewpoint;
        viewpoint.user = viewer;
        return world.read([&](Reader& r) { return must(r.messages().find(scene.group, last.id, viewpoint)); });
    };
    CHECK_FALSE(find(scene.users[0]));
    CHECK(find(scene.users[2]));
    CHECK(find(std::nullopt));
    world.run(world.unblocking(scene.users[0], scene.users[1]));
    CHECK(seqs(scene.page(scene.users[0], {.from = 1, .to = 12, .limit = 3})) == Seqs{12, 11, 10});
}

STORAGE_TEST("changes skip what blocked users wrote and still reach the revision") {
    Blocked scene(kind.make());
    World& world = scene.world;
    for (int i = 0; i < 10; ++i) world.send(scene.group, scene.users[1]);
    const Message own = world.send(scene.group, scene.users[0]);
    const std::int64_t rev = world.channel(scene.group).rev;
    ChangeRange range{.since = 1, .max_items = 4};
    Seqs seen;
    int pages = 0;
    for (bool more = true; more; ++pages) {
        const ChangePage page = world.changes(scene.group, scene.users[0], range);
        REQUIRE(page.rev > range.since);
        for (const Message& message : page.messages) seen.push_back(message.seq);
        range.since = page.rev;
        more = page.has_more;
    }
    CHECK(pages == 3);
    CHECK(range.since == rev);
    CHECK(seen == Seqs{own.seq});
    CHECK(world.changes(scene.group, scene.users[2], {.since = 1}).messages.size() == 11);
}

STORAGE_TEST("last message, mentions and unread counts cover only what is shown") {
    Blocked scene(kind.make());
    World& world = scene.world;
    const auto mention = [&](UserId author, UserId whom) {
        mutation::SendMessage send = world.message(scene.group, author);
        send.mentions = {{whom, "", ""}};
        return object<Message>(world.run(send));
    };
    mention(scene.users[1], scene.users[0]);
    MyChannel mine = world.mine(scene.group, scene.users[0]);
    CHECK_FALSE(mine.last_message);
    CHECK(mine.mention_count == 0);
    CHECK(mine.unread_count == 0);
    const Message shown = mention(scene.users[2], scene.users[0]);
    mention(scene.users[1], scene.users[0]);
    mention(scene.users[1], scene.users[0]);
    mine = world.mine(scene.group, scene.users[0]);
    REQUIRE(mine.last_message);
    CHECK(mine.last_message->id == shown.id);
    CHECK(mine.mention_count == 1);
    CHECK(mine.unread_count == 1);
    const auto list = world.read(
        [&](Reader& r) { return must(r.channels().list_of(world.workspace, scene.users[0], {.limit = 10, .members = 5})); });
    CHECK(show(list.at(0).last_message.value()) == show(*mine.last_message));
    CHECK(list.at(0).mention_count == 1);
    const CommittedReceipt moved = object<CommittedReceipt>(world.run(world.reading(scene.group, scene.users[0], 1)));
    CHECK(moved.state.mention_count == 1);
    CHECK(moved.state.unread_count == 1);
    world.run(world.unblocking(scene.users[0], scene.users[1]));
    mine = world.mine(scene.group, scene.users[0]);
    CHECK(mine.last_message->seq == 4);
    CHECK(mine.mention_count == 3);
    CHECK(mine.unread_count == 3);
}

STORAGE_TEST("a quote of a blocked user only keeps its id") {
    Blocked scene(kind.make());
    World& world = scene.world;
    const Message original = world.send(scene.group, scene.users[1], "secret");
    mutation::SendMessage reply = world.message(scene.group, scene.users[2]);
    reply.parent = original.id;
    const Message quoting = object<Message>(world.run(reply));
    CHECK_FALSE(quoting.quoted_message->hidden);
    const auto is_hidden = [&](const Message& message) {
        const Quote& quote = message.quoted_message.value();
        CHECK(quote.id == original.id);
        CHECK(message.parent_id == original.id);
        if (quote.hidden) CHECK((quote.content.empty() && quote.user_id.is_nil() && quote.user_name.empty()));
        return quote.hidden;
    };
    CHECK(is_hidden(world.messages(scene.group, scene.users[0]).at(0)));
    CHECK_FALSE(is_hidden(world.messages(scene.group, scene.users[2]).at(1)));
    CHECK_FALSE(is_hidden(world.messages(scene.group).at(1)));
    CHECK(is_hidden(world.mine(scene.group, scene.users[0]).last_message.value()));
    CHECK(is_hidden(world.changes(scene.group, scene.users[0], {.since = 1}).messages.at(0)));
    CHECK(is_hidden(world.read(
        [&](Reader& r) { return must_find(r.messages().find(scene.group, quoting.id, scene.users[0])); })));

    // A reply to somebody whom its author has blocked: hidden from that author, with the text for others.
    mutation::SendMessage own = world.message(scene.group, scene.users[0]);
    own.parent = original.id;
    own.idempotency_key = "key";
    const Message answered = object<Message>(world.run(own));
    CHECK(answered.quoted_message->hidden);
    CHECK(answered.quoted_message->content == "secret");
    CHECK(object<Message>(world.run(own)).quoted_message->hidden);
    CHECK(is_hidden(world.read([&](Reader& r) {
        return must(r.messages().find_sent(scene.group, scene.users[0], "key")).value().message;
    })));
    const Message edited = object<Message>(world.run(world.editing(answered, scene.users[0], "x")));
    CHECK(edited.quoted_message->hidden);
    CHECK(edited.quoted_message->content == "secret");
    CHECK_FALSE(object<Message>(world.run(world.reacting(answered, scene.users[2], "a"))).quoted_message->hidden);
}

STORAGE_TEST("a message of a blocked user cannot be reacted to, but an admin may delete it") {
    Blocked scene(kind.make());
    World& world = scene.world;
    const Message message = world.send(scene.group, scene.users[1]);
    CHECK(code_of(world.attempt(world.reacting(message, scene.users[0], "a"))) == ErrorCode::not_found);
    CHECK(code_of(world.attempt(world.unreacting(message, scene.users[0], "a"))) == ErrorCode::not_found);
    CHECK(world.run(world.reacting(message, scene.users[2], "a")).changed);
    const Message own = world.send(scene.group, scene.users[0]);
    CHECK(world.run(world.reacting(own, scene.users[1], "a")).changed);
    CHECK(world.messages(scene.group, scene.users[0]).at(0).reactions.at(0).count == 1);
    CHECK(world.run(world.deleting(message, scene.users[0])).changed);
    CHECK(world.messages(scene.group, scene.users[0]).size() == 1);
}

STORAGE_TEST("a block applies to later mutations of its own batch") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    const Message message = world.send(group, users[1]);
    const auto answers = world.commit({world.reacting(message, users[0], "a"), world.blocking(users[0], users[1]),
                                       world.reacting(message, users[0], "b"), world.unblocking(users[0], users[1]),
                                       world.reacting(message, users[0], "c")});
    CHECK(answers[0].ok());
    CHECK(code_of(answers[2]) == ErrorCode::not_found);
    CHECK(answers[4].ok());
}

STORAGE_TEST("blocks are deleted with their workspace") {
    World world(kind.make());
    const auto users = world.add_users(2);
    world.run(world.blocking(users[0], users[1]));
    world.run(mutation::DeleteWorkspace{.workspace = world.workspace, .at = world.tick()});
    CHECK(blocked_by(world, users[0]).users.empty());
    while (must(world.storage().maintain())) {
    }
    world.reopen();
    CHECK(blocked_by(world, users[0]).users.empty());
}

}  // namespace cariosan::test
