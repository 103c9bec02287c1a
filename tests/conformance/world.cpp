#include "conformance/world.hpp"

#include <fmt/format.h>

#include <limits>

namespace cariosan::test {

namespace {

std::string show(const std::optional<std::string>& text) { return text ? "'" + *text + "'" : "none"; }
std::string show(const std::optional<Timestamp>& time) {
    return time ? std::to_string(time->milliseconds) : "none";
}
std::string show(const UserSummary& user) {
    return fmt::format("{}/{}/{}/{}/{}/{}", user.id.to_string(), user.external_id, user.name,
                       show(user.avatar_url), user.deleted, user.updated_at.milliseconds);
}

}  // namespace

std::string show(const User& user) {
    return fmt::format("user {} {} {} {} {} {} {} suspended {}", user.id.to_string(), user.external_id, user.name,
                       show(user.avatar_url), user.metadata, user.created_at.milliseconds,
                       user.updated_at.milliseconds, user.suspension ? show(user.suspension->reason) : "no");
}

std::string show(const Channel& channel) {
    return fmt::format(
        "channel {} {} type {} name {} {} {} slow {} frozen {} members {} rev {} settings {} receipts {} seq {} at {}",
        channel.id.to_string(), show(channel.external_id), static_cast<int>(channel.type), channel.name,
        show(channel.avatar_url), channel.metadata, channel.slow_mode_seconds, channel.frozen, channel.member_count, channel.rev, channel.settings_rev,
        channel.receipt_rev, channel.last_seq, channel.created_at.milliseconds);
}

std::string show(const Member& member) {
    if (member.left) return fmt::format("left {} rev {}", member.user.id.to_string(), member.rev);
    return fmt::format("member {} role {} joined {} rev {}", show(member.user), static_cast<int>(member.role),
                       member.joined_at.milliseconds, member.rev);
}

std::string show(const Message& message) {
    std::string text = fmt::format(
        "message {} in {} {} seq {} rev {} by {} type {} '{}' {} {} key {} at {} {} {}",
        message.id.to_string(), message.channel_id.to_string(), show(message.channel_external_id),
        message.seq, message.rev, show(message.user), static_cast<int>(message.type), message.content,
        show(message.attachment_url), message.metadata, show(message.idempotency_key),
        message.created_at.milliseconds, show(message.edited_at), show(message.deleted_at));
    if (message.parent_id) text += " parent " + message.parent_id->to_string();
    if (message.quoted_message) {
        const Quote& quote = *message.quoted_message;
        text += fmt::format(" quote {} by {}/{} '{}' {} {} {}", quote.id.to_string(), quote.user_id.to_string(),
                            quote.user_name, quote.content, static_cast<int>(quote.type), quote.deleted, quote.hidden);
    }
    for (const Mention& mention : message.mentions) {
        text += fmt::format(" @{}/{}/{}", mention.user_id.to_string(), mention.external_id, mention.name);
        for (const TextSpan& span : mention.spans) text += fmt::format(" {}+{}", span.start, span.length);
    }
    if (message.pin) text += fmt::format(" pinned {} by {}", message.pin->at.milliseconds, message.pin->by.id.to_string());
    for (const Reaction& reaction : message.reactions) {
        text += fmt::format(" {}x{}{}", reaction.count, reaction.emoji, reaction.reacted_by_me ? " mine" : "");
    }
    return text;
}

std::string show(const MyChannel& mine) {
    std::string text =
        fmt::format("{} role {} muted {} archived {} pinned {} marked {} changed {} read {} unread {} mentions {} active {}", show(mine.channel),
                    static_cast<int>(mine.role), mine.preferences.muted, mine.preferences.archived, mine.preferences.pinned,
                    mine.preferences.marked_unread, mine.preferences.preferences_rev, mine.last_read_seq, mine.unread_count,
                    mine.mention_count, mine.last_activity.milliseconds);
    for (const Member& member : mine.members) text += " " + show(member);
    if (mine.last_message) text += " last " + show(*mine.last_message);
    return text;
}

World::World(std::unique_ptr<StorageKind> kind, OpenOptions options) : kind_(std::move(kind)) {
    storage_ = must(kind_->open(std::move(options)));
    workspace = add_workspace();
}

void World::reopen(OpenOptions options) {
    if (!kind_->persistent()) return;
    close();
    storage_ = must(kind_->open(std::move(options)));
}

void World::close() {
    reader_.reset();
    storage_.reset();
}

Result<Committed> World::attempt(Mutation mutation) {
    auto answers = storage_->commit(std::span(&mutation, 1));
    REQUIRE(answers.size() == 1);
    return std::move(answers.front());
}

Committed World::run(Mutation mutation) { return must(attempt(std::move(mutation))); }

WorkspaceId World::add_workspace() {
    const auto create = workspace_mutation();
    run(create);
    return create.workspace.id;
}

UserId World::add_user(const std::string& external_id, std::optional<WorkspaceId> in) {
    return object<CommittedUser>(run(upserting(external_id, in))).user.id;
}

std::vector<UserId> World::add_users(int count) {
    std::vector<UserId> users;
    for (int i = 0; i < count; ++i) users.push_back(add_user("user" + std::to_string(ids_)));
    return users;
}

ChannelId World::add_group(const std::vector<UserId>& members) {
    return object<CommittedChannel>(run(group(members))).channel.id;
}

ChannelId World::add_direct(UserId one, UserId other) {
    mutation::CreateChannel create = group({one, other});
    create.type = ChannelType::direct;
    create.external_id.reset();
    create.admin.reset();
    return object<CommittedChannel>(run(create)).channel.id;
}

Message World::send(ChannelId channel, UserId author, std::string content) {
    return object<Message>(run(message(channel, author, std::move(content))));
}

std::unique_ptr<Reader> World::open_reader() { return must(storage_->open_reader()); }

Reader& World::reader() {
    if (!reader_) reader_ = open_reader();
    return *reader_;
}

Channel World::channel(ChannelId id) {
    return read([&](Reader& r) { return must_find(r.channels().find(workspace, id)); });
}

bool World::has_channel(ChannelId id) {
    return read([&](Reader& r) { return must(r.channels().find(workspace, id)).has_value(); });
}

std::optional<Membership> World::membership(ChannelId channel, UserId user) {
    return read([&](Reader& r) { return must(r.members().find(channel, user)); });
}

std::vector<Member> World::members(ChannelId channel) {
    return read([&](Reader& r) { return must(r.members().list(channel, std::nullopt, 1000)); });
}

std::vector<Message> World::messages(ChannelId channel, const Viewpoint& viewer) {
    constexpr std::int64_t kAll = std::numeric_limits<std::int64_t>::max();
    return read([&](Reader& r) {
        return must(r.messages().page(channel, {.from = 1, .to = kAll, .limit = 100'000, .ascending = true}, viewer));
    });
}

MyChannel World::mine(ChannelId channel, UserId user) {
    return read([&](Reader& r) { return must_find(r.channels().find_of(workspace, user, channel, 20)); });
}

std::vector<Receipt> World::receipts(ChannelId channel) {
    return read([&](Reader& reader) { return must(reader.members().receipts(channel, std::nullopt, 1000)); });
}

ChangePage World::changes(ChannelId channel, UserId viewer, ChangeRange range) {
    return read([&](Reader& r) {
        const Channel present = must_find(r.channels().find(workspace, channel));
        return must(r.changes().page(present, viewer, range));
    });
}

std::string World::dump(ChannelId id) {
    return read([&](Reader& r) {
        const auto found = must(r.channels().find(workspace, id));
        if (!found) return std::string("no channel");
        std::string text = show(*found) + "\n";
        for (const Member& member : must(r.members().list(id, std::nullopt, 1000))) {
            text += show(member) + "\n";
            text += show(must_find(r.channels().find_of(workspace, member.user.id, id, 20))) + "\n";
        }
        const ChangeRange all{.max_items = 1'000'000, .max_bytes = 1'000'000'000};
        const ChangePage page = must(r.changes().page(*found, UserId{}, all));
        for (const Message& message : page.messages) text += show(message) + "\n";
        for (const Member& member : page.members) text += show(member) + "\n";
        return text;
    });
}

std::string field_of(const Result<Committed>& result) {
    REQUIRE_FALSE(result.ok());
    const ErrorDetail* detail = result.error().detail("field");
    if (detail == nullptr) return "";
    const auto* text = std::get_if<std::string>(&detail->value);
    return text == nullptr ? "" : *text;
}

mutation::SendMessage with_key(mutation::SendMessage send, const std::string& key, std::uint8_t hash) {
    send.idempotency_key = key;
    send.request_hash.fill(hash);
    return send;
}

Message stored_message(World& world, ChannelId channel, MessageId id) {
    return world.read([&](Reader& r) { return must_find(r.messages().find(channel, id)); });
}

}  // namespace cariosan::test
