#include "support/memory_tables/named_rows.hpp"

#include <algorithm>

namespace cariosan::test {
namespace {

template <class Entry, class Name>
bool has(const std::vector<Entry>& entries, const Name& name) {
    return std::ranges::find(entries, Entry(name)) != entries.end();
}

template <class Key>
bool has_row(const std::vector<commit::Footprint::Row<Key>>& rows, const Key& key) {
    return std::ranges::any_of(rows, [&](const auto& row) { return row.key == key; });
}

template <class Key>
void add_changing(std::vector<commit::Footprint::Row<Key>>& to, const std::vector<commit::Footprint::Row<Key>>& from) {
    std::ranges::copy_if(from, std::back_inserter(to), [](const auto& row) { return row.changes; });
}

}  // namespace

void NamedRows::begin(std::span<const Mutation> batch) {
    changing_ = {};
    channels_led_to_.clear();
    users_led_to_.clear();
    webhooks_led_to_.clear();
    messages_led_to_.clear();
    name(batch);
}

void NamedRows::next(const Mutation& mutation) { name({&mutation, 1}); }

void NamedRows::name(std::span<const Mutation> mutations) {
    strict_ = true;
    named_ = commit::footprint_of(mutations);
    if (leave_out) leave_out(named_);
    add_changing(changing_.workspaces, named_.workspaces);
    add_changing(changing_.users, named_.users);
    add_changing(changing_.channels, named_.channels);
    add_changing(changing_.webhooks, named_.webhooks);
}

void NamedRows::need(bool is_named, const char* what) {
    if (strict_ && !is_named && fault.empty()) fault = what;
}

void NamedRows::need(bool is_named, bool is_led_to, const char* what) {
    if (!is_named && is_led_to) read_while_deciding();
    need(is_named || is_led_to, what);
}

void NamedRows::read_workspace(WorkspaceId id) { need(has_row(named_.workspaces, id), "reads a workspace"); }

void NamedRows::read_user(UserId id) { need(has_row(named_.users, id), users_led_to_.contains(id), "reads a user"); }

void NamedRows::read_user_name(RowId workspace, std::string_view name) {
    const commit::Footprint::Name wanted{rows_.workspaces.at(workspace).uuid, std::string(name)};
    need(has(named_.user_names, wanted), "reads a user by its name");
}

void NamedRows::read_channel(ChannelId id) {
    need(has_row(named_.channels, id), channels_led_to_.contains(id), "reads a channel");
}

void NamedRows::read_channel_name(RowId workspace, std::string_view name) {
    const commit::Footprint::Name wanted{rows_.workspaces.at(workspace).uuid, std::string(name)};
    need(has(named_.channel_names, wanted), "reads a channel by its name");
}

void NamedRows::read_pair(RowId one, RowId other) {
    const std::pair<UserId, UserId> pair = std::minmax(rows_.users.at(one).uuid, rows_.users.at(other).uuid);
    need(has(named_.pairs, pair), "reads the channel of a pair");
}

void NamedRows::read_member(ChannelId channel, UserId user) {
    need(has(named_.members, commit::Footprint::Place{channel, user}), "reads a member");
}

void NamedRows::read_key(RowId channel, std::optional<RowId> author, std::string_view key) {
    commit::Footprint::Key wanted{rows_.channels.at(channel).uuid, std::nullopt, std::string(key)};
    if (author) wanted.author = rows_.users.at(*author).uuid;
    need(has(named_.keys, wanted), "reads a message by its key");
}

void NamedRows::find_message(MessageId id) {
    need(has(named_.messages, commit::Footprint::Row<MessageId>{id, true}), "finds a message to be changed");
}

void NamedRows::read_message(MessageId id) {
    need(has_row(named_.messages, id), messages_led_to_.contains(id), "reads a message");
}

void NamedRows::read_reaction(RowId message, RowId user) {
    const commit::Footprint::View wanted{rows_.messages.at(message).uuid, rows_.users.at(user).uuid};
    need(has(named_.views, wanted), "reads a reaction");
}

void NamedRows::read_silence(RowId user, RowId channel) {
    commit::Footprint::Silenced wanted{rows_.users.at(user).uuid, std::nullopt};
    if (channel != 0) wanted.channel = rows_.channels.at(channel).uuid;
    need(has(named_.silences, wanted), "reads a silence");
}

bool NamedRows::shows(const StoredMessage& message, UserId author) const {
    if (rows_.users.at(message.author).uuid == author) return true;
    return message.parent && rows_.users.at(rows_.messages.at(*message.parent).author).uuid == author;
}

void NamedRows::read_block(RowId user, UserId blocked) {
    const UserId viewer = rows_.users.at(user).uuid;
    const auto is_shown_by = [&](const auto& fits) {
        return std::ranges::any_of(rows_.messages.rows, [&](const auto& entry) {
            return fits(entry.second.uuid) && shows(entry.second, blocked);
        });
    };
    const bool is_viewed = is_shown_by([&](MessageId id) { return has(named_.views, commit::Footprint::View{id, viewer}); });
    const bool is_led_to = is_shown_by([&](MessageId id) { return messages_led_to_.contains(id); });
    const bool is_named = is_viewed || has(named_.blocks, commit::Footprint::BlockPair{viewer, blocked});
    need(is_named, is_led_to, "reads a block");
}

void NamedRows::read_webhook(WebhookId id) {
    need(has_row(named_.webhooks, id), webhooks_led_to_.contains(id), "reads a webhook");
}

void NamedRows::read_webhook_key(RowId workspace, std::string_view key) {
    const commit::Footprint::Name wanted{rows_.workspaces.at(workspace).uuid, std::string(key)};
    need(has(named_.webhook_keys, wanted), "reads what was made under a key");
}

void NamedRows::read_delivery(RowId webhook, EventId event) {
    const commit::Footprint::DeliveryName wanted{rows_.webhooks.at(webhook).uuid, event};
    need(has(named_.deliveries, wanted), "reads a delivery");
}

void NamedRows::read_delivery_row(RowId row) { need(has(named_.delivery_rows, row), "reads the attempts of a delivery"); }

void NamedRows::read_device(RowId workspace, std::string_view token) {
    const commit::Footprint::Name wanted{rows_.workspaces.at(workspace).uuid, std::string(token)};
    need(has(named_.device_tokens, wanted), "reads a device");
}

void NamedRows::read_push_job(RowId row) { need(has(named_.push_jobs, row), "reads a push job"); }

void NamedRows::read_push_pending() { need(named_.push_pending, "reads how many push jobs are pending"); }

void NamedRows::change_workspace(RowId row) {
    need(has_row(changing_.workspaces, rows_.workspaces.at(row).uuid), "changes a workspace");
}

void NamedRows::change_user(RowId row) {
    const UserId id = rows_.users.at(row).uuid;
    need(has_row(changing_.users, id) || users_led_to_.contains(id), "changes a user");
}

void NamedRows::change_channel(RowId row) {
    const ChannelId id = rows_.channels.at(row).uuid;
    need(has_row(changing_.channels, id) || channels_led_to_.contains(id), "changes a channel");
}

void NamedRows::change_webhook(RowId row) {
    need(has_row(changing_.webhooks, rows_.webhooks.at(row).uuid), "changes a webhook");
}

}  // namespace cariosan::test
