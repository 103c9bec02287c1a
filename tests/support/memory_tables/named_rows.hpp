/// Checks that the rules of writing stay within their footprint (`cariosan/commit_footprint.hpp`). Each read of the memory
/// tables by a name is checked here; it is a fault if the name was neither named nor is in the contract's list of reads
/// while deciding.
#pragma once

#include <cariosan/commit_footprint.hpp>
#include <functional>
#include <set>
#include <string>

#include "support/memory_tables/memory_rows.hpp"

namespace cariosan::test {

class NamedRows {
  public:
    explicit NamedRows(const MemoryRows& rows) : rows_(rows) {}

    /// A batch begins: names from earlier ones do not count any more.
    void begin(std::span<const Mutation> batch);
    /// The next mutation of a batch built step by step: it may read what it names itself, and the batch, at its end, may
    /// change what all of its mutations name.
    void next(const Mutation& mutation);

    // Reads of the rules.
    void read_workspace(WorkspaceId id);
    void read_workspace(RowId row) { read_workspace(rows_.workspaces.at(row).uuid); }
    void read_user(UserId id);
    void read_user(RowId row) { read_user(rows_.users.at(row).uuid); }
    void read_user_name(RowId workspace, std::string_view name);
    void read_channel(ChannelId id);
    void read_channel(RowId row) { read_channel(rows_.channels.at(row).uuid); }
    void read_channel_name(RowId workspace, std::string_view name);
    void read_pair(RowId one, RowId other);
    void read_member(ChannelId channel, UserId user);
    void read_key(RowId channel, std::optional<RowId> author, std::string_view key);
    /// To be changed.
    void find_message(MessageId id);
    void read_message(MessageId id);
    void read_message(RowId row) { read_message(rows_.messages.at(row).uuid); }
    void read_reaction(RowId message, RowId user);
    void read_silence(RowId user, RowId channel);
    void read_block(RowId user, UserId blocked);
    void read_webhook(WebhookId id);
    void read_webhook_key(RowId workspace, std::string_view key);
    void read_delivery(RowId webhook, EventId event);
    void read_delivery_row(RowId row);
    void read_device(RowId workspace, std::string_view token);
    void read_push_job(RowId row);
    void read_push_pending();

    // Changes by the rules, which need locks.
    void change_workspace(RowId row);
    void change_user(RowId row);
    void change_channel(RowId row);
    void change_webhook(RowId row);

    /// A read that no footprint can name.
    void read_while_deciding() { ++while_deciding; }

    // Rows found by another name, or created, may be read and changed without being named.
    void lead_to(ChannelId channel) { channels_led_to_.insert(channel); }
    void lead_to(UserId user) { users_led_to_.insert(user); }
    void lead_to(WebhookId webhook) { webhooks_led_to_.insert(webhook); }
    void lead_to(MessageId message) { messages_led_to_.insert(message); }

    /// What was not named; empty if everything was.
    std::string fault;
    /// How many reads the contract allows although they were not named.
    std::size_t while_deciding = 0;
    /// Removes something from each footprint, to check that its absence is noticed.
    std::function<void(commit::Footprint&)> leave_out;

  private:
    void name(std::span<const Mutation> mutations);
    void need(bool is_named, const char* what);
    void need(bool is_named, bool is_led_to, const char* what);
    bool shows(const StoredMessage& message, UserId author) const;

    const MemoryRows& rows_;
    bool strict_ = false;
    commit::Footprint named_;
    commit::Footprint changing_;
    std::set<ChannelId> channels_led_to_;
    std::set<UserId> users_led_to_;
    std::set<WebhookId> webhooks_led_to_;
    std::set<MessageId> messages_led_to_;
};

}  // namespace cariosan::test
