// The secrets of webhooks: made under keys, replaced, signing side by side for a while, and forgotten.
#include <string>
#include <vector>

#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

constexpr std::int64_t kDay = 24 * 3600 * 1000;

mutation::RequestKey key_of(std::string text, std::uint8_t request) {
    mutation::RequestKey key{.text = std::move(text)};
    key.hash.fill(request);
    return key;
}

struct SecretsWorld {
    explicit SecretsWorld(std::unique_ptr<StorageKind> kind)
        : world(std::move(kind)), users(world.add_users(2)), group(world.add_group(users)) {
        hook = object<WebhookCredentials>(world.run(creating("first"))).id;
    }

    mutation::CreateWebhook creating(std::string secret, std::optional<mutation::RequestKey> key = std::nullopt) {
        mutation::CreateWebhook create = world.webhook(WebhookEvents::of_bits(0xffff));
        create.secret = std::move(secret);
        create.key = std::move(key);
        return create;
    }
    mutation::RotateWebhookSecret rotating(std::string secret, std::optional<mutation::RequestKey> key = std::nullopt) {
        return {.workspace = world.workspace, .webhook = hook, .secret = std::move(secret), .at = world.tick(), .key = std::move(key)};
    }
    /// What a worker would sign with, in this order, and when each of them ends.
    std::vector<SigningSecret> signing() {
        world.send(group, users[0]);
        const Timestamp now = world.tick();
        for (const LeasedWebhook& each : object<LeasedWebhooks>(world.run(mutation::LeaseWebhooks{me, now, {now.milliseconds + 1}, 10})).webhooks) {
            if (each.id == hook) return each.secrets;
        }
        FAIL("the webhook was not leased");
        return {};
    }
    std::int64_t webhooks() {
        return std::ssize(world.read([&](Reader& r) { return must(r.outbox().list(world.workspace, std::nullopt, 100)); }));
    }

    World world;
    std::vector<UserId> users;
    ChannelId group;
    WebhookId hook;
    const Uuid me = id_of<UserId>(1'000'001).uuid;
};

}  // namespace

STORAGE_TEST("a replaced secret signs for another day, after the new one, and so does each of several") {
    SecretsWorld shop(kind.make());
    CHECK(shop.signing() == std::vector<SigningSecret>{{.text = "first"}});
    const mutation::RotateWebhookSecret second = shop.rotating("second");
    const Committed done = shop.world.run(second);
    CHECK(done.changed);
    CHECK(done.outbox);
    const auto& told = object<WebhookCredentials>(done);
    CHECK(told.id == shop.hook);
    CHECK(told.url == "https://shop.example/hook");
    CHECK(told.signing_secret == "second");
    CHECK(told.updated_at == second.at);
    const Timestamp first_ends{second.at.milliseconds + kDay};
    CHECK(shop.signing() == std::vector<SigningSecret>{{.text = "second"}, {.text = "first", .expires_at = first_ends}});
    const mutation::RotateWebhookSecret third = shop.rotating("third");
    shop.world.run(third);
    const Timestamp second_ends{third.at.milliseconds + kDay};
    CHECK(shop.signing() == std::vector<SigningSecret>{{.text = "third"},
                                                      {.text = "second", .expires_at = second_ends},
                                                      {.text = "first", .expires_at = first_ends}});
}

STORAGE_TEST("only so many secrets sign at a time, and one that has expired makes room") {
    SecretsWorld shop(kind.make());
    std::int64_t first_retired = 0;
    for (std::int64_t n = 1; n < kWebhookMaxSecrets; ++n) {
        const mutation::RotateWebhookSecret rotate = shop.rotating("secret " + std::to_string(n));
        if (n == 1) first_retired = rotate.at.milliseconds;
        REQUIRE(shop.world.run(rotate).changed);
    }
    mutation::RotateWebhookSecret more = shop.rotating("more");
    const auto refused = shop.world.attempt(more);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == ErrorCode::conflict);
    CHECK(std::get<std::int64_t>(refused.error().detail("limit")->value) == kWebhookMaxSecrets);
    CHECK(std::ssize(shop.signing()) == kWebhookMaxSecrets);
    more.at = {first_retired + kDay - 1};
    CHECK(code_of(shop.world.attempt(more)) == ErrorCode::conflict);
    more.at = {first_retired + kDay};
    CHECK(shop.world.run(more).changed);
}

STORAGE_TEST("a request for a secret repeated under its key within a day makes nothing and answers the same secret") {
    SecretsWorld shop(kind.make());
    const mutation::CreateWebhook create = shop.creating("made", key_of("k1", 1));
    const Committed made = shop.world.run(create);
    CHECK(made.created);
    mutation::CreateWebhook again = shop.creating("another", key_of("k1", 1));
    again.max_webhooks = 2;  // there are as many: a repeat makes none
    const Committed repeated = shop.world.run(again);
    CHECK_FALSE(repeated.changed);
    CHECK_FALSE(repeated.created);
    CHECK(repeated.duplicate);
    CHECK(object<WebhookCredentials>(repeated).id == create.id);
    CHECK(object<WebhookCredentials>(repeated).signing_secret == "made");
    CHECK(shop.webhooks() == 2);

    const mutation::RotateWebhookSecret rotate = shop.rotating("second", key_of("k2", 2));
    shop.world.run(rotate);
    // Each answers what it made, even after another one.
    shop.world.run(shop.rotating("third"));
    const Committed rotated = shop.world.run(shop.rotating("fourth", key_of("k2", 2)));
    CHECK_FALSE(rotated.changed);
    CHECK(object<WebhookCredentials>(rotated).signing_secret == "second");
    CHECK(shop.signing().front().text == "third");

    // A day later the key is new.
    again.at = {create.at.milliseconds + kDay - 1};
    CHECK(shop.world.run(again).duplicate);
    again.at = {create.at.milliseconds + kDay};
    again.max_webhooks = 0;
    CHECK(shop.world.run(again).created);
    CHECK(object<WebhookCredentials>(shop.world.run(again)).signing_secret == "another");
}

STORAGE_TEST("another request under a key is refused, and keys of another workspace are others") {
    SecretsWorld shop(kind.make());
    shop.world.run(shop.creating("made", key_of("k", 1)));
    CHECK(code_of(shop.world.attempt(shop.creating("other", key_of("k", 2)))) == ErrorCode::conflict);
    CHECK(code_of(shop.world.attempt(shop.rotating("other", key_of("k", 3)))) == ErrorCode::conflict);
    CHECK(shop.webhooks() == 1 + 1);
    CHECK(shop.signing().front().text == "first");
    const WorkspaceId elsewhere = shop.world.add_workspace();
    mutation::CreateWebhook foreign = shop.creating("foreign", key_of("k", 2));
    foreign.workspace = elsewhere;
    CHECK(shop.world.run(foreign).created);
    mutation::RotateWebhookSecret stranger = shop.rotating("stranger");
    stranger.workspace = elsewhere;
    CHECK(code_of(shop.world.attempt(stranger)) == ErrorCode::not_found);
}

STORAGE_TEST("a repeat that comes after its webhook was deleted does not make it again") {
    SecretsWorld shop(kind.make());
    const mutation::CreateWebhook create = shop.creating("made", key_of("k", 1));
    shop.world.run(create);
    mutation::DeleteWebhook remove{.workspace = shop.world.workspace, .webhook = create.id, .at = shop.world.tick()};
    shop.world.run(remove);
    CHECK(code_of(shop.world.attempt(shop.creating("again", key_of("k", 1)))) == ErrorCode::not_found);
    CHECK(shop.webhooks() == 1);
}

STORAGE_TEST("secrets and their keys are there after a restart") {
    SecretsWorld shop(kind.make());
    shop.world.run(shop.rotating("second", key_of("k", 2)));
    const auto before = shop.signing();
    shop.world.reopen();
    CHECK(shop.signing() == before);
    CHECK(object<WebhookCredentials>(shop.world.run(shop.rotating("third", key_of("k", 2)))).signing_secret == "second");
}

}  // namespace cariosan::test
