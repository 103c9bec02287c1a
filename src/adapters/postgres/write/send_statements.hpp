/// The statements of a connection that writes which a send or a deletion needs: what it reads is loaded for a whole batch at once,
/// and what it writes is sent for a whole batch at once.
#pragma once

#include <cariosan/commit_footprint.hpp>
#include <cstddef>
#include <string_view>

#include "adapters/postgres/read/pg_rows.hpp"
#include "adapters/postgres/write/held_rows.hpp"
#include "adapters/postgres/write/loaded_query.hpp"
#include "adapters/postgres/write/message_insert.hpp"
#include "adapters/postgres/write/pg_outbox_statements.hpp"
#include "adapters/postgres/write/stored_messages.hpp"

namespace cariosan::postgres {

struct SendStatements : HeldWrites, StoredMessages {
    explicit SendStatements(Connection& c) : StoredMessages(c, find_sent, find_parent, find_parent_by_key), connection(c) {
        connection.hold(this);
    }
    ~SendStatements() override { connection.hold(nullptr); }
    SendStatements(const SendStatements&) = delete;
    SendStatements& operator=(const SendStatements&) = delete;

    Connection& connection;

    /// Locks and finds the channels of the footprint in one query, without waiting. Those that are only read are locked as well.
    void lock_channels(const commit::Footprint& footprint);
    /// Asks for whatever else the rules will ask of the footprint, without waiting. `sends`: how many messages there may be.
    void load(const commit::Footprint& footprint, std::size_t sends);
    void send() override;
    void drop() noexcept override;

    /// For each row of `f`, alias `c`: its channel. Written so, with LIMIT, every row is looked up by index: of an ordinary join the
    /// server may think that reading the whole table is cheaper, as long as it does not know how large that has become.
    static constexpr std::string_view kChannelOfEach =
        " CROSS JOIN LATERAL (SELECT id, workspace_id FROM channels WHERE uuid = f.channel LIMIT 1) c";
    LoadedQuery find_channel{
        connection, 2,
        {"SELECT c.id, c.workspace_id, c.last_message_id, c.last_activity, ", kChannelColumns,
         " FROM channels c JOIN workspaces w ON w.id = c.workspace_id"
         " WHERE c.uuid = $1 AND w.uuid = $2 AND c.deleted_at IS NULL AND w.deleted_at IS NULL"},
        // Locks them in the order of the list. LIMIT is there for the same reason as in `kChannelOfEach`.
        {"SELECT c.uuid, w.uuid, true, c.id, c.workspace_id, c.last_message_id, c.last_activity, ", kChannelColumns,
         " FROM unnest($1::uuid[]) f(channel) CROSS JOIN LATERAL"
         " (SELECT * FROM channels WHERE uuid = f.channel LIMIT 1 FOR UPDATE) c"
         " JOIN workspaces w ON w.id = c.workspace_id WHERE c.deleted_at IS NULL AND w.deleted_at IS NULL"}};
    /// Asked of direct channels only.
    LoadedQuery deleted_peer{
        connection, 1,
        {"SELECT 1 FROM channels c JOIN users u ON u.id IN (c.direct_low, c.direct_high)"
         " WHERE c.id = $1 AND u.deleted_at IS NOT NULL"},
        {"SELECT c.id, EXISTS (SELECT 1 FROM users u WHERE u.id IN (c.direct_low, c.direct_high)"
         " AND u.deleted_at IS NOT NULL), 1 FROM channels c WHERE c.uuid = ANY ($1) AND c.type = 0"}};
    /// Alias `x`.
    static constexpr std::string_view kPlaceColumns =
        ", x.present, x.role, x.muted, x.rev, x.joined_rev, x.joined_at, x.last_read_seq, x.last_read_at,"
        " x.last_delivered_seq, x.last_delivered_at, x.receipt_rev, x.pinned, x.archived_seq, x.unread_mark,"
        " x.preferences_rev, x.last_sent_at";
    /// Finds the user and, if there is one, the user's row in a channel.
    LoadedQuery find_member{
        connection, 3,
        {"SELECT u.id, u.mute_count, u.block_count, u.suspended_at, u.suspended_until, u.preferences_rev, ", kSummaryColumns, kPlaceColumns,
         " FROM users u LEFT JOIN members x ON x.user_id = u.id AND x.channel_id = $3"
         " WHERE u.uuid = $1 AND u.workspace_id = $2"},
        {"SELECT f.usr, c.workspace_id, c.id, u.id IS NOT NULL,"
         " u.id, u.mute_count, u.block_count, u.suspended_at, u.suspended_until, u.preferences_rev, ", kSummaryColumns, kPlaceColumns,
         " FROM unnest($1::uuid[], $2::uuid[]) f(channel, usr)", kChannelOfEach,
         " LEFT JOIN LATERAL (SELECT * FROM users WHERE uuid = f.usr AND workspace_id = c.workspace_id LIMIT 1) u ON true"
         " LEFT JOIN LATERAL (SELECT * FROM members WHERE user_id = u.id AND channel_id = c.id LIMIT 1) x ON true"}};
    LoadedQuery find_sent{
        connection, 3,
        {"SELECT m.id, m.request_hash FROM messages m WHERE m.idempotency_key = $1 AND m.user_id = $2 AND m.channel_id = $3"},
        // Hardly any key was used before, so whose it is, and where, is not looked for. Others may have used the same one any number
        // of times: where that hides one, it is asked for singly.
        {"SELECT f.key, coalesce(m.user_id, 0), coalesce(m.channel_id, 0), m.id IS NOT NULL, m.id, m.request_hash"
         " FROM unnest($1::text[]) f(key) LEFT JOIN LATERAL (SELECT id, user_id, channel_id, request_hash FROM messages"
         " WHERE idempotency_key = f.key LIMIT 4) m ON true"},
        LoadedQuery::RestsOn::first_argument};
    /// Aliases `p` (messages) and `u`, its author.
    static constexpr std::string_view kParentColumns =
        "p.id, p.uuid, p.type, p.deleted_at IS NOT NULL OR u.deletion = 2, substr(p.content, 1, 200), u.uuid, u.name";
    LoadedQuery find_parent{
        connection, 2,
        {"SELECT ", kParentColumns,
         " FROM messages p JOIN users u ON u.id = p.user_id WHERE p.uuid = $1 AND p.channel_id = $2"},
        {"SELECT p.uuid, p.channel_id, true, p.id, ", kParentColumns,
         " FROM messages p JOIN users u ON u.id = p.user_id WHERE p.uuid = ANY ($1)"},
        LoadedQuery::RestsOn::row};
    /// The first one, if several authors used the same key.
    LoadedQuery find_parent_by_key{
        connection, 2,
        {"SELECT ", kParentColumns,
         " FROM messages p JOIN users u ON u.id = p.user_id WHERE p.idempotency_key = $1 AND p.channel_id = $2"
         " ORDER BY p.seq LIMIT 1"},
        {"SELECT f.key, c.id, p.id IS NOT NULL, p.id, ", kParentColumns,
         " FROM unnest($1::uuid[], $2::text[]) f(channel, key)", kChannelOfEach,
         " LEFT JOIN LATERAL (SELECT * FROM messages m WHERE m.idempotency_key = f.key AND m.channel_id = c.id"
         " ORDER BY m.seq LIMIT 1) p ON true LEFT JOIN users u ON u.id = p.user_id"},
        LoadedQuery::RestsOn::row};
    LoadedQuery push_pending{connection, 0, {"SELECT pending FROM push_queue"}, {"SELECT true, pending FROM push_queue"}};

    MessageInsert insert_message{connection, find_sent, find_parent, find_parent_by_key};
    HeldRows insert_mention{
        connection,
        "INSERT INTO mentions (message_id, position, user_id, channel_id, seq, spans)"
        " SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[])"};
    /// Due at once, even if the clock of this node is ahead of the database's, by which jobs are leased.
    HeldRows insert_push_job{connection,
                             "INSERT INTO push_jobs (message_id, created_at, due_at, attempts, after_user)"
                             " SELECT n.message, n.at, LEAST(n.at, (extract(epoch FROM now()) * 1000)::bigint), 0,"
                             " '00000000-0000-0000-0000-000000000000'"
                             " FROM unnest($1::bigint[], $2::bigint[]) n(message, at)"};
    /// With ANY every channel is looked up by index: of the join alone the server thinks that reading a small table is cheaper, whose
    /// rows of earlier batches it then reads as well.
    HeldRows update_channel{
        connection,
        "WITH moved AS (INSERT INTO moves (channels) VALUES ($1::bigint[]))"
        " UPDATE channels c SET rev = n.rev, receipt_rev = n.receipt_rev, last_seq = n.last_seq,"
        " last_message_id = n.last_message, last_activity = n.at, member_count = n.members"
        " FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])"
        " n(id, rev, receipt_rev, last_seq, last_message, at, members) WHERE c.id = n.id AND c.id = ANY ($1)"};
    HeldRows update_receipts{
        connection,
        "UPDATE members x SET last_read_seq = n.read, last_read_at = n.read_at, last_delivered_seq = n.delivered,"
        " last_delivered_at = n.delivered_at, receipt_rev = n.receipt_rev, last_sent_at = n.sent_at"
        " FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[])"
        " n(usr, channel, read, read_at, delivered, delivered_at, receipt_rev, sent_at)"
        " WHERE x.user_id = n.usr AND x.channel_id = n.channel"};
    HeldRows add_push_pending{connection,
                              "UPDATE push_queue SET pending = pending + (SELECT sum(n)::bigint FROM unnest($1::bigint[]) n)"
                              " WHERE id = 1"};

    OutboxStatements outbox{connection};
};

}  // namespace cariosan::postgres
