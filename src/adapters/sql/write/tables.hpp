/// The tables that the rules of writing work on (`cariosan/commit_tables.hpp`), implemented by the statements of an adapter's
/// writing connection. After a failure of SQL the connection keeps the error, and every later step reads as "no row" and does
/// nothing.
#pragma once

#include <cariosan/commit_tables.hpp>
#include <cstdint>
#include <span>

#include "adapters/sql/write/channel_tables.hpp"
#include "adapters/sql/write/message_tables.hpp"
#include "adapters/sql/write/outbox_tables.hpp"
#include "adapters/sql/write/user_tables.hpp"
#include "adapters/sql/write/workspace_tables.hpp"

namespace cariosan::sql {

/// The tables share the statements and do not own them. Beside statements, `Statements` has:
/// - `before_text_changes(message)`, called for every message whose text changes or is removed;
/// - `randomize(bytes)`;
/// - if there is something to load or lock for a batch, `prepare(batch)`.
template <class Statements>
class Tables : public commit::Tables {
  public:
    explicit Tables(Statements& sql)
        : sql_(sql),
          workspaces_(sql),
          users_(sql),
          channels_(sql),
          members_(sql),
          messages_(sql),
          reactions_(sql),
          moderation_(sql),
          blocks_(sql),
          webhooks_(sql),
          deliveries_(sql),
          devices_(sql),
          push_(sql) {}

    commit::WorkspaceTable& workspaces() override { return workspaces_; }
    commit::UserTable& users() override { return users_; }
    commit::ChannelTable& channels() override { return channels_; }
    commit::MemberTable& members() override { return members_; }
    commit::MessageTable& messages() override { return messages_; }
    commit::ReactionTable& reactions() override { return reactions_; }
    commit::ModerationTable& moderation() override { return moderation_; }
    commit::BlockTable& blocks() override { return blocks_; }
    commit::WebhookTable& webhooks() override { return webhooks_; }
    commit::DeliveryTable& deliveries() override { return deliveries_; }
    commit::DeviceTable& devices() override { return devices_; }
    commit::PushTable& push() override { return push_; }
    void prepare(std::span<const Mutation> batch) override {
        if constexpr (requires { sql_.prepare(batch); }) sql_.prepare(batch);
    }
    void randomize(std::span<std::uint8_t> bytes) override { sql_.randomize(bytes); }
    bool failed() const override { return sql_.connection.failed(); }

  private:
    Statements& sql_;
    WorkspaceTable<Statements> workspaces_;
    UserTable<Statements> users_;
    ChannelTable<Statements> channels_;
    MemberTable<Statements> members_;
    MessageTable<Statements> messages_;
    ReactionTable<Statements> reactions_;
    ModerationTable<Statements> moderation_;
    BlockTable<Statements> blocks_;
    WebhookTable<Statements> webhooks_;
    DeliveryTable<Statements> deliveries_;
    DeviceTable<Statements> devices_;
    PushTable<Statements> push_;
};

}  // namespace cariosan::sql
