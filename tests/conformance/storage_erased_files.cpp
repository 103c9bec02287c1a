// The files of messages: which are named, and which are to be taken away since their messages are gone.
#include <algorithm>

#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

const std::string kKey = "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b/2026/01/7f1c0f7e-8a53-4c0e-9b0a-2f8f3c1d5e6f/cat%20one.png";
const std::string kUrl = "https://chat.example.com/v1/files/" + kKey;

mutation::SendMessage with_file(World& world, ChannelId channel, UserId author, const std::string& url = kUrl) {
    mutation::SendMessage send = world.message(channel, author, "look");
    send.type = MessageType::file;
    send.attachment_url = url;
    return send;
}
Message send_file(World& world, ChannelId channel, UserId author, const std::string& url = kUrl) {
    return object<Message>(world.run(with_file(world, channel, author, url)));
}

std::vector<ErasedFile> erased(World& world, std::int64_t after = 0, std::int64_t limit = 10) {
    return world.read([&](Reader& r) { return must(r.messages().erased_files(after, limit)); });
}
std::vector<std::string> erased_urls(World& world) {
    std::vector<std::string> urls;
    for (const ErasedFile& file : erased(world)) urls.push_back(file.url);
    return urls;
}
bool is_named(World& world, const std::string& key) {
    return world.read([&](Reader& r) { return must(r.messages().names_file(key)); });
}
void purge(World& world) {
    for (int i = 0; i < 100 && must(world.storage().maintain()); ++i) {
    }
}

using Urls = std::vector<std::string>;

}  // namespace

STORAGE_TEST("the file of an unsent message waits to be taken away until it is forgotten") {
    World world(kind.make());
    const auto users = world.add_users(1);
    const ChannelId group = world.add_group(users);
    const Message text = world.send(group, users[0]);
    const Message first = send_file(world, group, users[0]);
    const Message second = send_file(world, group, users[0], kUrl + ".jpg");
    world.run(world.editing(first, users[0], "seen"));
    CHECK(erased(world).empty());

    world.run(world.deleting(text, users[0]));
    world.run(world.deleting(first, users[0]));
    CHECK_FALSE(world.run(world.deleting(first, users[0])).changed);
    world.run(world.deleting(second, std::nullopt));
    world.reopen();
    const auto files = erased(world);
    REQUIRE(files.size() == 2);
    CHECK(files[0].url == kUrl);
    CHECK(files[1].url == kUrl + ".jpg");
    CHECK(files[0].row < files[1].row);
    CHECK(erased(world, 0, 1).size() == 1);
    CHECK(erased(world, files[0].row, 5).size() == 1);

    CHECK_FALSE(world.run(mutation::ForgetErasedFiles{}).changed);
    CHECK(world.run(mutation::ForgetErasedFiles{{files[0].row}}).changed);
    world.reopen();
    CHECK(erased_urls(world) == Urls{kUrl + ".jpg"});
    world.run(mutation::ForgetErasedFiles{{files[0].row, files[1].row}});
    CHECK(erased(world).empty());
}

STORAGE_TEST("messages are sent and unsent with their files in one batch") {
    World world(kind.make());
    const auto users = world.add_users(1);
    const ChannelId group = world.add_group(users);
    const Message before = send_file(world, group, users[0]);
    const auto send = with_file(world, group, users[0], kUrl + ".a");
    Message sent;
    sent.channel_id = group;
    sent.id = send.id;
    const std::vector<Mutation> batch{send, world.deleting(before, users[0]), world.deleting(sent, users[0]),
                                      with_file(world, group, users[0], kUrl + ".b")};
    for (const auto& done : world.commit(batch)) REQUIRE(done.ok());
    Urls urls = erased_urls(world);
    std::ranges::sort(urls);
    CHECK(urls == Urls{kUrl, kUrl + ".a"});
}

STORAGE_TEST("the files of a deleted channel wait as soon as its messages are purged") {
    World world(kind.make());
    const auto users = world.add_users(1);
    const ChannelId group = world.add_group(users);
    const ChannelId other = world.add_group(users);
    for (int i = 0; i < 5; ++i) world.send(group, users[0]);
    const Message unsent = send_file(world, group, users[0], kUrl + ".unsent");
    send_file(world, group, users[0]);
    send_file(world, other, users[0], kUrl + ".other");
    world.run(world.deleting(unsent, users[0]));
    world.run(mutation::DeleteChannel{.workspace = world.workspace, .channel = group, .at = world.tick()});
    purge(world);
    CHECK(erased_urls(world) == Urls{kUrl + ".unsent", kUrl});
    CHECK_FALSE(is_named(world, kKey));
    CHECK(is_named(world, kKey + ".other"));

    world.run(mutation::DeleteWorkspace{.workspace = world.workspace, .at = world.tick()});
    purge(world);
    CHECK(erased_urls(world) == Urls{kUrl + ".unsent", kUrl, kUrl + ".other"});
}

STORAGE_TEST("a file is named while a message names it, wherever its address begins") {
    World world(kind.make());
    const auto users = world.add_users(1);
    const ChannelId group = world.add_group(users);
    world.send(group, users[0], kUrl);
    CHECK_FALSE(is_named(world, kKey));
    const Message first = send_file(world, group, users[0]);
    const Message second = send_file(world, group, users[0], "http://10.0.0.1:8080/chat/v1/files/" + kKey);
    world.run(world.editing(first, users[0], "still there"));
    CHECK(is_named(world, kKey));
    CHECK_FALSE(is_named(world, kKey + ".png"));
    CHECK_FALSE(is_named(world, kKey.substr(1)));
    std::string other = kKey;
    other[0] = '1';  // another workspace, the same uuid
    CHECK_FALSE(is_named(world, other));
    CHECK_FALSE(is_named(world, ""));
    CHECK_FALSE(is_named(world, "cat%20one.png"));

    world.run(world.deleting(first, users[0]));
    CHECK(is_named(world, kKey));
    world.run(world.deleting(second, users[0]));
    CHECK_FALSE(is_named(world, kKey));
}

}  // namespace cariosan::test
