// Workspaces, their keys, and users.
#include <map>
#include <set>

#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

StoredApiKey key_of(World& world, const std::string& key) {
    return world.read([&](Reader& r) { return must_find(r.workspaces().find_api_key(key)); });
}

Digest filled(std::uint8_t byte) {
    Digest digest;
    digest.fill(byte);
    return digest;
}

/// The secrets of a key: the byte that fills each hash, and when it expires (0: the current one).
std::map<int, std::int64_t> secrets_of(World& world, const std::string& key) {
    std::map<int, std::int64_t> secrets;
    for (const StoredSecret& secret : key_of(world, key).secrets) {
        CHECK(secret.hash == filled(secret.hash[0]));
        secrets[secret.hash[0]] = secret.expires_at.value_or(Timestamp{}).milliseconds;
    }
    return secrets;
}

std::optional<Workspace> find(World& world, WorkspaceId id) {
    return world.read([&](Reader& r) { return must(r.workspaces().find(id)); });
}

mutation::UpsertUser upsert(World& world, const std::string& external_id) {
    return {.workspace = world.workspace,
            .new_id = world.next_id<UserId>(),
            .external_id = external_id,
            .name = "Name",
            .metadata = "{}",
            .at = world.tick()};
}

}  // namespace

STORAGE_TEST("a workspace is stored with all its fields") {
    World world(kind.make());
    auto create = world.workspace_mutation();
    create.workspace.name = kOddText;
    create.workspace.test = true;
    create.workspace.read_receipts_enabled = false;
    create.workspace.edit_window_seconds = 900;
    const Committed done = world.run(create);
    CHECK(done.created);
    CHECK(object<Workspace>(done).name == kOddText);
    world.reopen();
    const auto found = find(world, create.workspace.id);
    REQUIRE(found);
    CHECK(found->name == kOddText);
    CHECK(found->test);
    CHECK_FALSE(found->read_receipts_enabled);
    CHECK(found->edit_window_seconds == 900);
    CHECK(found->created_at == create.workspace.created_at);
    const auto secret =
        world.read([&](Reader& r) { return must(r.workspaces().idempotency_secret(create.workspace.id)); });
    CHECK(secret == create.idempotency_secret);
    const StoredApiKey key = key_of(world, create.api_key);
    CHECK(key.workspace.id == create.workspace.id);
    REQUIRE(key.secrets.size() == 1);
    CHECK(key.secrets[0].hash == create.secret_hash);
    CHECK_FALSE(key.secrets[0].expires_at);
    world.read([&](Reader& r) {
        CHECK(must(r.workspaces().present_api_key(create.workspace.id)) == create.api_key);
        CHECK_FALSE(must(r.workspaces().present_api_key(id_of<WorkspaceId>(999))));
        return 0;
    });
}

STORAGE_TEST("workspaces are listed by id in pages") {
    World world(kind.make());
    std::vector<WorkspaceId> ids{world.workspace};
    for (int i = 0; i < 4; ++i) ids.push_back(world.add_workspace());
    std::vector<WorkspaceId> listed;
    std::optional<WorkspaceId> after;
    for (int pages = 0; pages < 10; ++pages) {
        const auto page = world.read([&](Reader& r) { return must(r.workspaces().list(after, 2)); });
        if (page.empty()) break;
        for (const Workspace& one : page) listed.push_back(one.id);
        after = listed.back();
    }
    CHECK(listed == ids);
}

STORAGE_TEST("a workspace is only updated if something differs") {
    World world(kind.make());
    mutation::UpdateWorkspace update{.workspace = world.workspace};
    CHECK_FALSE(world.run(update).changed);
    update.name = "Other";
    update.read_receipts_enabled = false;
    update.edit_window_seconds = std::optional<std::int64_t>(60);
    const Committed done = world.run(update);
    CHECK(done.changed);
    CHECK(done.settings_changed);
    CHECK(object<WorkspaceSettings>(done).edit_window_seconds == 60);
    CHECK_FALSE(world.run(update).changed);
    CHECK(find(world, world.workspace)->name == "Other");
    mutation::UpdateWorkspace unlimited{.workspace = world.workspace};
    unlimited.edit_window_seconds = std::optional<std::int64_t>();
    CHECK(world.run(unlimited).settings_changed);
    CHECK_FALSE(find(world, world.workspace)->edit_window_seconds);
    CHECK(find(world, world.workspace)->name == "Other");
    update.name = "Third";
    update.edit_window_seconds.reset();
    const Committed renamed = world.run(update);
    CHECK(renamed.changed);
    CHECK_FALSE(renamed.settings_changed);  // the same ones
    CHECK(code_of(world.attempt(mutation::UpdateWorkspace{.workspace = id_of<WorkspaceId>(999)})) ==
          ErrorCode::not_found);
}

STORAGE_TEST("rotating a secret keeps the public key, and old secrets until they expire") {
    World world(kind.make());
    auto create = world.workspace_mutation();
    create.secret_hash = filled(1);
    world.run(create);
    mutation::RotateSecret rotate{.workspace = create.workspace.id,
                                  .api_key = create.api_key,
                                  .secret_hash = filled(2),
                                  .at = {5000},
                                  .old_expire_at = {9000}};
    CHECK(object<Workspace>(world.run(rotate)).id == create.workspace.id);
    CHECK(secrets_of(world, create.api_key) == std::map<int, std::int64_t>{{1, 9000}, {2, 0}});

    // A secret that expires earlier is unchanged; an expired one is removed.
    rotate.secret_hash = filled(3);
    rotate.at = {6000};
    rotate.old_expire_at = {20000};
    world.run(rotate);
    CHECK(secrets_of(world, create.api_key) == std::map<int, std::int64_t>{{1, 9000}, {2, 20000}, {3, 0}});
    world.reopen();
    CHECK(secrets_of(world, create.api_key) == std::map<int, std::int64_t>{{1, 9000}, {2, 20000}, {3, 0}});
    rotate.secret_hash = filled(4);
    rotate.at = {9000};
    rotate.old_expire_at = {9000};
    world.run(rotate);
    CHECK(secrets_of(world, create.api_key) == std::map<int, std::int64_t>{{4, 0}});
    CHECK(world.read([&](Reader& r) { return must(r.workspaces().present_api_key(create.workspace.id)); }) ==
          create.api_key);
}

STORAGE_TEST("if there are too many secrets, those that expire first are removed at once") {
    World world(kind.make());
    auto create = world.workspace_mutation();
    create.secret_hash = filled(1);
    world.run(create);
    for (std::uint8_t i = 2; i <= 6; ++i) {
        world.run(mutation::RotateSecret{.workspace = create.workspace.id,
                                         .api_key = create.api_key,
                                         .secret_hash = filled(i),
                                         .max_secrets = 3,
                                         .at = {1000},
                                         .old_expire_at = {2000 + i}});
        CHECK(secrets_of(world, create.api_key).size() == std::min<std::size_t>(i, 3));
    }
    CHECK(secrets_of(world, create.api_key) == std::map<int, std::int64_t>{{4, 2005}, {5, 2006}, {6, 0}});
}

STORAGE_TEST("a deleted workspace disappears for every reader at once and is purged later") {
    World world(kind.make());
    const auto create = world.workspace_mutation();
    world.run(create);
    const WorkspaceId other = create.workspace.id;
    const UserId user = world.add_user("u", other);
    mutation::CreateChannel channel = world.group({user});
    channel.workspace = other;
    world.run(channel);
    mutation::SendMessage message = world.message(channel.new_id, user);
    message.workspace = other;
    world.run(message);

    const auto gone = [&](Reader& r) {
        CHECK_FALSE(must(r.workspaces().find(other)));
        CHECK_FALSE(must(r.workspaces().find_api_key(create.api_key)));
        CHECK_FALSE(must(r.workspaces().present_api_key(other)));
        CHECK(code_of(r.workspaces().idempotency_secret(other)) == ErrorCode::not_found);
        CHECK(must(r.workspaces().list(std::nullopt, 10)).size() == 1);
        CHECK_FALSE(must(r.users().find(other, user)));
        CHECK_FALSE(must(r.users().find_external(other, "u")));
        CHECK(must(r.users().list(other, std::nullopt, 10)).empty());
        CHECK_FALSE(must(r.channels().find(other, channel.new_id)));
        CHECK_FALSE(must(r.channels().find_external(other, *channel.external_id)));
        CHECK(must(r.channels().list(other, std::nullopt, 10)).empty());
        CHECK(must(r.channels().list_of(other, user, {.limit = 10, .members = 5})).empty());
        CHECK_FALSE(must(r.channels().find_of(other, user, channel.new_id, 5)));
        CHECK(must(r.channels().positions_of(other, user)).empty());
        CHECK(must(r.channels().unread_total(other, user)) == 0);
        CHECK_FALSE(must(r.members().find(channel.new_id, user)));
        CHECK(must(r.members().list(channel.new_id, std::nullopt, 10)).empty());
        CHECK_FALSE(must(r.messages().find(channel.new_id, message.id)));
        CHECK(must(r.messages().page(channel.new_id, {.from = 1, .to = 100})).empty());
        CHECK(must(r.changes().count(channel.new_id, 0, 10)) == 0);
        return 0;
    };
    // A batch that continues after its deletion does not find it either.
    mutation::SendMessage late = world.message(channel.new_id, user);
    late.workspace = other;
    mutation::UpsertUser newcomer = upsert(world, "late");
    newcomer.workspace = other;
    const auto answers =
        world.commit({mutation::DeleteWorkspace{.workspace = other, .at = world.tick()}, late, newcomer,
                      mutation::DeleteWorkspace{.workspace = other, .at = world.tick()}});
    CHECK(answers[0].ok());
    for (std::size_t i = 1; i < 4; ++i) CHECK(code_of(answers[i]) == ErrorCode::not_found);
    world.read(gone);
    while (must(world.storage().maintain())) {
    }
    world.read(gone);
    world.reopen();
    world.read(gone);
    CHECK(find(world, world.workspace));
}

STORAGE_TEST("a user is created once and updated afterwards") {
    World world(kind.make());
    mutation::UpsertUser first = upsert(world, "alice");
    first.name = kOddText;
    first.metadata = R"({"a":[1,2]})";
    const Committed made = world.run(first);
    CHECK(made.created);
    CHECK(made.changed);
    CHECK(object<CommittedUser>(made).user.id == first.new_id);
    CHECK(object<CommittedUser>(made).channels.empty());

    mutation::UpsertUser same = first;
    same.new_id = world.next_id<UserId>();
    same.at = world.tick();
    const Committed again = world.run(same);
    CHECK_FALSE(again.created);
    CHECK_FALSE(again.changed);
    CHECK(show(object<CommittedUser>(again).user) == show(object<CommittedUser>(made).user));
    CHECK(object<CommittedUser>(again).channels.empty());

    const UserId other = world.add_user("bob");
    const ChannelId one = world.add_group({first.new_id, other});
    const ChannelId two = world.add_group({other, first.new_id});
    const ChannelId left = world.add_group({other, first.new_id});
    world.run(world.removing(left, first.new_id));
    same.avatar_url = "https://example.org/a.png";
    same.at = world.tick();
    const Committed changed = world.run(same);
    CHECK_FALSE(changed.created);
    CHECK(changed.changed);
    const auto& committed = object<CommittedUser>(changed);
    CHECK(committed.user.id == first.new_id);
    CHECK(committed.user.updated_at == same.at);
    CHECK(committed.user.created_at == first.at);
    CHECK(std::set<ChannelId>(committed.channels.begin(), committed.channels.end()) ==
          std::set<ChannelId>{one, two});
    world.reopen();
    const User found =
        world.read([&](Reader& r) { return must_find(r.users().find_external(world.workspace, "alice")); });
    CHECK(show(found) == show(committed.user));
    CHECK(show(world.read([&](Reader& r) {
              return must_find(r.users().find(world.workspace, first.new_id));
          })) == show(found));
}

STORAGE_TEST("fields omitted from an upsert or update of a user stay as they are") {
    World world(kind.make());
    mutation::UpsertUser first = upsert(world, "alice");
    first.avatar_url = "https://example.org/a.png";
    first.metadata = R"({"a":1})";
    world.run(first);
    const ChannelId group = world.add_group({first.new_id});
    const auto stored = [&] {
        return world.read([&](Reader& r) { return must_find(r.users().find(world.workspace, first.new_id)); });
    };
    // By external_id: the name only, then nothing at all.
    const mutation::UpsertUser rename{.workspace = world.workspace,
                                      .new_id = world.next_id<UserId>(),
                                      .external_id = "alice",
                                      .name = "Alicia",
                                      .at = world.tick()};
    const Committed renamed = world.run(rename);
    CHECK(renamed.changed);
    CHECK_FALSE(renamed.created);
    CHECK(show(object<CommittedUser>(renamed).user) == show(stored()));
    CHECK(stored().name == "Alicia");
    CHECK(stored().avatar_url == "https://example.org/a.png");
    CHECK(stored().metadata == R"({"a":1})");
    CHECK(stored().updated_at == rename.at);
    auto nothing = rename;
    nothing.name.reset();
    nothing.at = world.tick();
    CHECK_FALSE(world.run(nothing).changed);
    CHECK(stored().updated_at == rename.at);

    // By internal id: clears the avatar only, then the metadata.
    mutation::UpdateUser update{.workspace = world.workspace,
                                .user = first.new_id,
                                .avatar_url = std::optional<std::string>(),
                                .at = world.tick()};
    const Committed cleared = world.run(update);
    CHECK(cleared.changed);
    CHECK(object<CommittedUser>(cleared).channels == std::vector<ChannelId>{group});
    CHECK_FALSE(stored().avatar_url);
    CHECK(stored().name == "Alicia");
    CHECK_FALSE(world.run(update).changed);
    update.metadata = "{}";
    CHECK(world.run(update).changed);
    CHECK(stored().metadata == "{}");
    // The next mutation in the same batch sees it.
    update = {.workspace = world.workspace, .user = first.new_id, .name = "Al", .at = world.tick()};
    const auto answers = world.commit({world.message(group, first.new_id), update, world.message(group, first.new_id)});
    CHECK(object<Message>(must(answers[0])).user.name == "Alicia");
    CHECK(object<Message>(must(answers[2])).user.name == "Al");
    world.reopen();
    CHECK(stored().name == "Al");
}

STORAGE_TEST("a new user needs a name, and only existing users can be updated") {
    World world(kind.make());
    mutation::UpsertUser nameless = upsert(world, "alice");
    nameless.name.reset();
    const auto refused = world.attempt(nameless);
    CHECK(code_of(refused) == ErrorCode::validation_error);
    CHECK(field_of(refused) == "name");
    const UserId bob = world.add_user("bob");
    mutation::UpdateUser update{.workspace = world.workspace, .user = id_of<UserId>(555555), .name = "x", .at = world.tick()};
    CHECK(code_of(world.attempt(update)) == ErrorCode::not_found);
    update.user = bob;
    update.workspace = world.add_workspace();
    CHECK(code_of(world.attempt(update)) == ErrorCode::not_found);
    world.run(mutation::DeleteUser{.workspace = world.workspace, .user = bob, .at = world.tick()});
    update.workspace = world.workspace;
    CHECK(code_of(world.attempt(update)) == ErrorCode::not_found);
}

STORAGE_TEST("an external_id that is another user's id is refused") {
    World world(kind.make());
    const UserId alice = world.add_user("alice");
    const auto refused = world.attempt(upsert(world, alice.to_string()));
    CHECK(code_of(refused) == ErrorCode::conflict);
    CHECK(field_of(refused) == "external_id");
    // In another workspace the id means nothing.
    mutation::UpsertUser elsewhere = upsert(world, alice.to_string());
    elsewhere.workspace = world.add_workspace();
    CHECK(world.run(elsewhere).created);
    CHECK(world.run(upsert(world, id_of<UserId>(123456).to_string())).created);
}

STORAGE_TEST("users of another workspace are not found") {
    World world(kind.make());
    const UserId alice = world.add_user("alice");
    const WorkspaceId other = world.add_workspace();
    const UserId namesake = world.add_user("alice", other);
    CHECK(namesake != alice);
    world.read([&](Reader& r) {
        CHECK_FALSE(must(r.users().find(other, alice)));
        CHECK(must_find(r.users().find_external(other, "alice")).id == namesake);
        CHECK(must_find(r.users().find_external(world.workspace, "alice")).id == alice);
        CHECK_FALSE(must(r.users().find_external(other, "Alice")));
        CHECK(must(r.channels().list_of(other, alice, {.limit = 10, .members = 5})).empty());
        return 0;
    });
    mutation::UpsertUser nowhere = upsert(world, "x");
    nowhere.workspace = id_of<WorkspaceId>(999);
    CHECK(code_of(world.attempt(nowhere)) == ErrorCode::not_found);
}

STORAGE_TEST("users are listed by id in pages") {
    World world(kind.make());
    world.add_user("elsewhere", world.add_workspace());
    const std::vector<UserId> ids = world.add_users(5);
    std::vector<UserId> listed;
    std::optional<UserId> after;
    for (int pages = 0; pages < 10; ++pages) {
        const auto page =
            world.read([&](Reader& r) { return must(r.users().list(world.workspace, after, 2)); });
        if (page.empty()) break;
        for (const User& one : page) listed.push_back(one.id);
        after = listed.back();
    }
    CHECK(listed == ids);
}

}  // namespace cariosan::test
