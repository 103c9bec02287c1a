// Which rows each mutation names before it reads or changes them, and that it touches no others.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "unit/core/commit/history.hpp"

namespace cariosan::test {
namespace {

using commit::Footprint;

const auto kShop = id_of<WorkspaceId>(1);
const auto kAnn = id_of<UserId>(11);
const auto kBob = id_of<UserId>(12);
const auto kCat = id_of<UserId>(13);
const auto kRoom = id_of<ChannelId>(21);
const auto kHello = id_of<MessageId>(31);
const auto kParent = id_of<MessageId>(32);
const auto kHook = id_of<WebhookId>(41);
const auto kEvent = id_of<EventId>(51);

Footprint of(const Mutation& mutation) { return commit::footprint_of({&mutation, 1}); }

/// Named by all mutations of a channel.
Footprint room(std::vector<UserId> members) {
    Footprint out{.workspaces = {{kShop, false}}, .channels = {{kRoom, true}}};
    for (const UserId& user : members) out.members.push_back({kRoom, user});
    return out;
}

/// Named by all mutations of a user.
Footprint user(UserId id) { return {.workspaces = {{kShop, false}}, .users = {{id, true}}}; }

Footprint with_silences(Footprint out, UserId user) {
    out.silences = {{user, std::nullopt}, {user, kRoom}};
    return out;
}

Footprint with_message(Footprint out, std::optional<UserId> viewer) {
    out.messages = {{kHello, true}};
    if (viewer) out.views = {{kHello, *viewer}};
    return out;
}

mutation::SendMessage send() {
    mutation::SendMessage out;
    out.workspace = kShop;
    out.channel = kRoom;
    out.author = kAnn;
    return out;
}

mutation::EditMessage edit() {
    return {.workspace = kShop, .channel = kRoom, .message = kHello, .actor = kAnn, .content = "text"};
}

}  // namespace

TEST_CASE("footprint: workspaces") {
    const Footprint changed{.workspaces = {{kShop, true}}};
    CHECK(of(mutation::CreateWorkspace{}) == Footprint{});
    CHECK(of(mutation::UpdateWorkspace{.workspace = kShop}) == changed);
    CHECK(of(mutation::DeleteWorkspace{.workspace = kShop}) == changed);
    CHECK(of(mutation::RotateSecret{.workspace = kShop}) == changed);
}

TEST_CASE("footprint: users") {
    Footprint named{.workspaces = {{kShop, false}}, .user_names = {{kShop, "ann"}}};
    CHECK(of(mutation::UpsertUser{.workspace = kShop, .external_id = "ann"}) == named);
    // A name that looks like an id may be somebody else's id.
    named.user_names = {{kShop, kBob.to_string()}};
    named.users = {{kBob, false}};
    CHECK(of(mutation::UpsertUser{.workspace = kShop, .external_id = kBob.to_string()}) == named);
    CHECK(of(mutation::UpdateUser{.workspace = kShop, .user = kAnn}) == user(kAnn));
    CHECK(of(mutation::DeleteUser{.workspace = kShop, .user = kAnn}) == user(kAnn));
    CHECK(of(mutation::FinishDeletion{.workspace = kShop, .user = kAnn}) == user(kAnn));
    CHECK(of(mutation::ForgetErasedFiles{{1}}) == Footprint{});
    CHECK(of(mutation::RecordLastSeen{{{kBob, {}}, {kAnn, {}}}}) == Footprint{.users = {{kAnn, true}, {kBob, true}}});
}

TEST_CASE("footprint: channels") {
    mutation::CreateChannel group{.workspace = kShop, .external_id = "room", .members = {kBob, kAnn}};
    Footprint made{.workspaces = {{kShop, false}}, .users = {{kAnn, true}, {kBob, true}}, .channel_names = {{kShop, "room"}}};
    CHECK(of(group) == made);
    group.external_id = kRoom.to_string();
    made.channel_names = {{kShop, kRoom.to_string()}};
    made.channels = {{kRoom, false}};
    CHECK(of(group) == made);
    mutation::CreateChannel direct{.workspace = kShop, .type = ChannelType::direct, .members = {kBob, kAnn}};
    CHECK(of(direct) ==
          Footprint{.workspaces = {{kShop, false}}, .users = {{kAnn, true}, {kBob, true}}, .pairs = {{kAnn, kBob}}});
    CHECK(of(mutation::UpdateChannel{.workspace = kShop, .channel = kRoom, .actor = kAnn}) == room({kAnn}));
    CHECK(of(mutation::UpdateChannel{.workspace = kShop, .channel = kRoom}) == room({}));
    CHECK(of(mutation::DeleteChannel{.workspace = kShop, .channel = kRoom}) == room({}));
}

TEST_CASE("footprint: members") {
    Footprint joined = room({kAnn, kBob, kCat});
    joined.users = {{kBob, true}, {kCat, true}};
    CHECK(of(mutation::AddMembers{.workspace = kShop, .channel = kRoom, .actor = kAnn, .users = {kCat, kBob}}) == joined);
    CHECK(of(mutation::UpdateMember{.workspace = kShop, .channel = kRoom, .actor = kAnn, .user = kBob}) == room({kAnn, kBob}));
    Footprint left = room({kAnn, kBob});
    left.users = {{kBob, true}};
    CHECK(of(mutation::RemoveMember{.workspace = kShop, .channel = kRoom, .actor = kAnn, .user = kBob}) == left);
    mutation::MoveReceipt move{.workspace = kShop, .channel = kRoom, .user = kAnn, .kind = ReceiptKind::delivered};
    CHECK(of(move) == room({kAnn}));
    Footprint counted = room({kAnn});
    counted.users = {{kAnn, true}};
    move.kind = ReceiptKind::read;
    CHECK(of(move) == counted);
    CHECK(of(mutation::SetPreferences{.workspace = kShop, .channel = kRoom, .user = kAnn}) == counted);
}

TEST_CASE("footprint: deliveries in several channels name each of them") {
    mutation::MoveDelivered move{.workspace = kShop, .user = kAnn};
    move.places = {{kRoom, 3}};
    CHECK(of(move) == room({kAnn}));
    move.places.push_back({ChannelId{kShop.uuid}, 4});
    CHECK(of(move).channels.size() == 2);
    CHECK(of(move).members.size() == 2);
}

TEST_CASE("footprint: a send names everything that its decision depends on") {
    CHECK(of(send()) == with_silences(room({kAnn}), kAnn));
    mutation::SendMessage trusted = send();
    trusted.as_user = false;
    CHECK(of(trusted) == room({kAnn}));
    mutation::SendMessage full = send();
    full.mentions = {{kCat, "", ""}, {kBob, "", ""}};
    full.parent = kParent;
    full.idempotency_key = "key";
    full.push = true;
    Footprint expected = with_silences(room({kAnn, kBob, kCat}), kAnn);
    expected.keys = {{kRoom, kAnn, "key"}};
    expected.messages = {{kParent, false}};
    expected.views = {{kParent, kAnn}};
    expected.push_pending = true;
    CHECK(of(full) == expected);
}

TEST_CASE("footprint: an import names its key, and that of its parent, whoever used them") {
    mutation::SendMessage import = send();
    import.imported = true;
    import.author_is_member = import.as_user = false;
    import.idempotency_key = "key";
    import.parent_key = "other";
    Footprint expected = room({kAnn});
    expected.keys = {{kRoom, std::nullopt, "key"}, {kRoom, std::nullopt, "other"}, {kRoom, kAnn, "key"}};
    CHECK(of(import) == expected);
}

TEST_CASE("footprint: changes of messages") {
    CHECK(of(edit()) == with_silences(with_message(room({kAnn}), kAnn), kAnn));
    mutation::EditMessage mentioning = edit();
    mentioning.mentions = {kBob};
    CHECK(of(mentioning) == with_silences(with_message(room({kAnn, kBob}), kAnn), kAnn));
    CHECK(of(mutation::DeleteMessage{.workspace = kShop, .channel = kRoom, .message = kHello, .actor = kAnn}) ==
          with_message(room({kAnn}), kAnn));
    CHECK(of(mutation::DeleteMessage{.workspace = kShop, .channel = kRoom, .message = kHello}) ==
          with_message(room({}), std::nullopt));
    CHECK(of(mutation::AddReaction{.workspace = kShop, .channel = kRoom, .message = kHello, .user = kAnn}) ==
          with_message(room({kAnn}), kAnn));
    CHECK(of(mutation::RemoveReaction{.workspace = kShop, .channel = kRoom, .message = kHello, .user = kAnn}) ==
          with_message(room({kAnn}), kAnn));
}

TEST_CASE("footprint: a refusal by moderation names what the refused mutation would have named, and the author for a silence") {
    CHECK(of(mutation::RecordModeration{.refused = send()}) == of(send()));
    CHECK(of(mutation::RecordModeration{.refused = edit()}) == of(edit()));
    for (Footprint expected : {of(send()), of(edit())}) {
        expected.users = {{kAnn, true}};
        const bool sent = expected.messages.empty();
        mutation::RecordModeration record{.silence_until = Timestamp{1}};
        if (sent) record.refused = send();
        if (!sent) record.refused = edit();
        CHECK(of(record) == expected);
    }
}

TEST_CASE("footprint: silences and blocks") {
    Footprint everywhere = user(kAnn);
    everywhere.silences = {{kAnn, std::nullopt}};
    CHECK(of(mutation::SilenceUser{.workspace = kShop, .user = kAnn}) == everywhere);
    CHECK(of(mutation::UnsilenceUser{.workspace = kShop, .user = kAnn}) == everywhere);
    Footprint here = user(kAnn);
    here.channels = {{kRoom, false}};
    here.silences = {{kAnn, kRoom}};
    CHECK(of(mutation::SilenceUser{.workspace = kShop, .user = kAnn, .channel = kRoom}) == here);
    CHECK(of(mutation::UnsilenceUser{.workspace = kShop, .user = kAnn, .channel = kRoom}) == here);
    Footprint pair = user(kAnn);
    pair.users.push_back({kBob, false});
    pair.blocks = {{kAnn, kBob}};
    CHECK(of(mutation::BlockUser{.workspace = kShop, .user = kAnn, .blocked = kBob}) == pair);
    CHECK(of(mutation::UnblockUser{.workspace = kShop, .user = kAnn, .blocked = kBob}) == pair);
}

TEST_CASE("footprint: the outbox") {
    const Footprint hook{.workspaces = {{kShop, false}}, .webhooks = {{kHook, true}}};
    CHECK(of(mutation::CreateWebhook{.workspace = kShop, .id = kHook}) == Footprint{.workspaces = {{kShop, true}}});
    mutation::CreateWebhook keyed{.workspace = kShop, .id = kHook};
    keyed.key = mutation::RequestKey{.text = "key", .hash = {}};
    CHECK(of(keyed) == Footprint{.workspaces = {{kShop, true}}, .webhook_keys = {{kShop, "key"}}});
    mutation::RotateWebhookSecret rotate{.workspace = kShop, .webhook = kHook};
    CHECK(of(rotate) == hook);
    rotate.key = keyed.key;
    Footprint rotated = hook;
    rotated.webhook_keys = {{kShop, "key"}};
    CHECK(of(rotate) == rotated);
    CHECK(of(mutation::UpdateWebhook{.workspace = kShop, .webhook = kHook}) == hook);
    CHECK(of(mutation::DeleteWebhook{.workspace = kShop, .webhook = kHook}) == hook);
    CHECK(of(mutation::PingWebhook{.workspace = kShop, .webhook = kHook}) == hook);
    Footprint retried = hook;
    retried.deliveries = {{kHook, kEvent}};
    CHECK(of(mutation::RetryDelivery{.workspace = kShop, .webhook = kHook, .event = kEvent}) == retried);
    CHECK(of(mutation::LeaseWebhooks{}) == Footprint{});
    CHECK(of(mutation::FinishDeliveries{.webhook = kHook, .results = {{.row = 8}, {.row = 7}}}) ==
          Footprint{.webhooks = {{kHook, true}}, .delivery_rows = {7, 8}});
    Footprint device = user(kAnn);
    device.device_tokens = {{kShop, "token"}};
    CHECK(of(mutation::RegisterDevice{.workspace = kShop, .user = kAnn, .token = "token"}) == device);
    CHECK(of(mutation::RemoveDevice{.workspace = kShop, .user = kAnn, .token = "token"}) == device);
    CHECK(of(mutation::LeasePushJobs{}) == Footprint{});
    mutation::FinishPushPart part;
    part.row = 9;
    CHECK(of(part) == Footprint{.push_jobs = {9}});
}

TEST_CASE("the footprint of a batch is sorted, names each row once, and locks what any of its mutations changes") {
    std::vector<Mutation> batch;
    for (std::uint64_t i = 0; i < 256; ++i) {
        mutation::SendMessage one = send();
        one.channel = id_of<ChannelId>(1000 - i % 64);
        one.author = id_of<UserId>(100 - i % 8);
        batch.emplace_back(one);
    }
    batch.emplace_back(mutation::SilenceUser{.workspace = kShop, .user = kAnn, .channel = id_of<ChannelId>(1000)});
    batch.emplace_back(mutation::BlockUser{.workspace = kShop, .user = kBob, .blocked = kAnn});
    const Footprint all = commit::footprint_of(batch);
    CHECK(all.workspaces == std::vector<Footprint::Row<WorkspaceId>>{{kShop, false}});
    CHECK(all.channels.size() == 64);
    CHECK(std::ranges::is_sorted(all.channels));
    CHECK(std::ranges::all_of(all.channels, &Footprint::Row<ChannelId>::changes));
    CHECK(all.members.size() == 64);
    CHECK(std::ranges::is_sorted(all.members));
    CHECK(all.users == std::vector<Footprint::Row<UserId>>{{kAnn, true}, {kBob, true}});
}

TEST_CASE("random histories touch nothing that was not named, and need each list of the footprint") {
    using Forget = std::pair<const char*, void (*)(Footprint&)>;
    static const auto unlock = [](auto& rows) {
        for (auto& row : rows) row.changes = false;
    };
    const std::vector<Forget> lists{
        {"workspaces", [](Footprint& out) { out.workspaces.clear(); }},
        {"user_names", [](Footprint& out) { out.user_names.clear(); }},
        {"users", [](Footprint& out) { out.users.clear(); }},
        {"channel_names", [](Footprint& out) { out.channel_names.clear(); }},
        {"pairs", [](Footprint& out) { out.pairs.clear(); }},
        {"channels", [](Footprint& out) { out.channels.clear(); }},
        {"members", [](Footprint& out) { out.members.clear(); }},
        {"keys", [](Footprint& out) { out.keys.clear(); }},
        {"messages", [](Footprint& out) { out.messages.clear(); }},
        {"views", [](Footprint& out) { out.views.clear(); }},
        {"silences", [](Footprint& out) { out.silences.clear(); }},
        {"blocks", [](Footprint& out) { out.blocks.clear(); }},
        {"webhooks", [](Footprint& out) { out.webhooks.clear(); }},
        {"webhook_keys", [](Footprint& out) { out.webhook_keys.clear(); }},
        {"deliveries", [](Footprint& out) { out.deliveries.clear(); }},
        {"delivery_rows", [](Footprint& out) { out.delivery_rows.clear(); }},
        {"device_tokens", [](Footprint& out) { out.device_tokens.clear(); }},
        {"push_jobs", [](Footprint& out) { out.push_jobs.clear(); }},
        {"push_pending", [](Footprint& out) { out.push_pending = false; }},
        {"workspaces that change", [](Footprint& out) { unlock(out.workspaces); }},
        {"users that change", [](Footprint& out) { unlock(out.users); }},
        {"channels that change", [](Footprint& out) { unlock(out.channels); }},
        {"messages that change", [](Footprint& out) { unlock(out.messages); }},
        {"webhooks that change", [](Footprint& out) { unlock(out.webhooks); }},
    };
    for (const Forget& list : lists) {
        CAPTURE(list.first);
        std::string fault;
        for (unsigned seed = 1; seed <= 400 && fault.empty(); ++seed) {
            History history(seed, list.second);
            history.run(48);
            fault = history.fault();
        }
        CHECK(fault != "");
    }
}

}  // namespace cariosan::test
