// Where messages name those they mention: stored with the mentions, and dropped when the text becomes another.
#include <string>
#include <vector>

#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

using Spans = std::vector<TextSpan>;

std::vector<Spans> spans_of(const Message& message) {
    std::vector<Spans> all;
    for (const Mention& mention : message.mentions) all.push_back(mention.spans);
    return all;
}

}  // namespace

STORAGE_TEST("the spans of mentions are read as they were sent, and edits change them") {
    World world(kind.make());
    const auto users = world.add_users(3);
    const ChannelId group = world.add_group(users);
    mutation::SendMessage send = world.message(group, users[0], "hi @b, @c and @b");
    send.mentions = {{users[1], "", "", {{3, 2}, {14, 2}}}, {users[2], "", ""}};
    const Message message = object<Message>(world.run(send));
    const std::vector<Spans> sent{{{3, 2}, {14, 2}}, {}};
    CHECK(spans_of(message) == sent);
    const auto stored = [&] { return stored_message(world, group, message.id); };
    CHECK(show(stored()) == show(message));
    world.reopen();
    CHECK(spans_of(stored()) == sent);
    CHECK(spans_of(world.changes(group, users[1], {}).messages.at(0)) == sent);

    // The same again changes nothing.
    auto edit = world.editing(message, users[0], send.content);
    edit.mentions = {{users[1], {{3, 2}, {14, 2}}}, users[2]};
    CHECK_FALSE(world.run(edit).changed);
    // Other spans alone are a change, of which nobody is told a mention.
    edit.mentions = {{users[1], {{3, 2}}}, {users[2], {{7, 2}}}};
    const Committed changed = world.run(edit);
    CHECK(changed.changed);
    CHECK(changed.mentioned == std::vector<UserId>());
    CHECK(object<Message>(changed).rev == message.rev + 1);
    CHECK(spans_of(stored()) == std::vector<Spans>{{{3, 2}}, {{7, 2}}});
    CHECK(world.mine(group, users[1]).mention_count == 1);
    // Mentions that stay are in another text now: nobody knows where.
    CHECK(spans_of(object<Message>(world.run(world.editing(message, users[0], "they are gone")))) == std::vector<Spans>{{}, {}});
    CHECK(spans_of(stored()) == std::vector<Spans>{{}, {}});
    // Given again with the text, they are places in it.
    edit.content = "@b again";
    edit.mentions = {{users[1], {{0, 2}}}, users[2]};
    CHECK(spans_of(object<Message>(world.run(edit))) == std::vector<Spans>{{{0, 2}}, {}});
    edit.content = "@b once more";
    CHECK(spans_of(object<Message>(world.run(edit))) == std::vector<Spans>{{{0, 2}}, {}});
}

}  // namespace cariosan::test
