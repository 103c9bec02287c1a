#include "core/messages/request_hash.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <set>

#include "unit/core/stage.hpp"

using namespace cariosan;
using core::encode_request;
using test::Stage;

namespace {

Mention mention(std::uint8_t user) {
    Mention made;
    made.user_id.uuid.bytes[15] = user;
    return made;
}

mutation::SendMessage request() {
    mutation::SendMessage send;
    send.content = "Halo";
    send.metadata = "{}";
    send.mentions = {mention(1), mention(2)};
    send.idempotency_key = "key";
    return send;
}

}  // namespace

TEST_CASE("every part of a request counts") {
    using Change = std::function<void(mutation::SendMessage&)>;
    const std::vector<Change> changes{
        [](auto&) {},
        [](auto& send) { send.type = MessageType::system; },
        [](auto& send) { send.content = "Halo!"; },
        [](auto& send) { send.attachment_url = ""; },
        [](auto& send) { send.attachment_url = "https://a"; },
        [](auto& send) { send.parent = MessageId{}; },
        [](auto& send) { send.parent = MessageId{mention(3).user_id.uuid}; },
        [](auto& send) { send.mentions.pop_back(); },
        [](auto& send) { send.mentions.push_back(mention(3)); },
        [](auto& send) { send.metadata = R"({"a":1})"; },
        [](auto& send) { send.imported = true; },
        [](auto& send) { send.imported = true, send.at = {1}; },
        [](auto& send) { send.imported = true, send.parent_key = "p"; },
    };
    std::set<std::string> seen;
    for (const Change& change : changes) {
        mutation::SendMessage send = request();
        change(send);
        seen.insert(encode_request(send));
    }
    CHECK(seen.size() == changes.size());
}

TEST_CASE("what the server adds does not count") {
    mutation::SendMessage later = request();
    later.id = {mention(9).user_id.uuid};
    later.at = {99};
    later.mentions[0].name = "renamed";
    CHECK(encode_request(later) == encode_request(request()));
}

TEST_CASE("neither the order of mentions nor repeated ones count") {
    mutation::SendMessage send = request();
    std::swap(send.mentions[0], send.mentions[1]);
    CHECK(encode_request(send) == encode_request(request()));
    send.mentions.push_back(mention(1));
    CHECK(encode_request(send) == encode_request(request()));
}

TEST_CASE("text cannot move from one part to the next") {
    mutation::SendMessage one = request();
    mutation::SendMessage other = request();
    one.mentions.clear();
    other.mentions.clear();
    one.content = "ab";
    one.metadata = "c";
    other.content = "a";
    other.metadata = "bc";
    CHECK(encode_request(one) != encode_request(other));
}

TEST_CASE("the hash depends on the secret of the workspace") {
    Stage stage;
    auto context = stage.context();
    const Digest before = core::hash_request(request(), context).value();
    CHECK(core::hash_request(request(), context).value() == before);
    stage.world.idempotency_secret[31] = 1;
    CHECK(core::hash_request(request(), context).value() != before);
}
