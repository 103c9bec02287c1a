#include "adapters/sqlite/purge/purge.hpp"

#include <optional>
#include <utility>

namespace cariosan::sqlite {
namespace {

std::optional<std::int64_t> first(Connection& connection, std::string_view sql,
                                  std::optional<std::int64_t> argument = std::nullopt) {
    Statement statement(connection, sql);
    Rows rows = argument ? statement.query(*argument) : statement.query();
    return rows.next() ? std::optional(rows.integer()) : std::nullopt;
}

using Pairs = std::vector<std::pair<std::int64_t, std::int64_t>>;

Pairs all(Connection& connection, std::string_view sql, std::int64_t argument) {
    Statement statement(connection, sql);
    Rows rows = statement.query(argument, kPurgeRows);
    Pairs out;
    while (rows.next()) {
        const std::int64_t key = rows.integer();
        out.emplace_back(key, rows.integer());
    }
    return out;
}

/// False if the channel has no messages left.
bool purge_messages(Connection& connection, std::int64_t channel) {
    const Pairs messages =
        all(connection, "SELECT id, mention_count + emoji_count FROM messages WHERE channel_id = ?1 ORDER BY seq LIMIT ?2",
            channel);
    if (messages.empty()) return false;
    Statement drop_mentions(connection, "DELETE FROM mentions WHERE message_id = ?1");
    Statement drop_counts(connection, "DELETE FROM reaction_counts WHERE message_id = ?1");
    Statement drop_reactions(connection,
                             "DELETE FROM reactions WHERE message_id = ?1 AND user_id IN"
                             " (SELECT user_id FROM reactions WHERE message_id = ?1 LIMIT ?2)");
    Statement index_job(connection,
                        "INSERT INTO search_jobs (message_id, channel_id, old_text)"
                        " SELECT id, channel_id, content FROM messages WHERE id = ?1 AND content <> ''");
    Statement(connection,
              "UPDATE purged_messages SET last_id = max(last_id, (SELECT max(id) FROM messages)) WHERE id = 1")
        .run();
    Statement keep_file(connection,
                        "INSERT INTO erased_files (url) SELECT attachment_url FROM messages WHERE id = ?1 AND attachment_url IS NOT NULL");
    Statement drop_message(connection, "DELETE FROM messages WHERE id = ?1");
    std::int64_t dropped = 0;
    for (const auto& [id, parts] : messages) {
        if (dropped > 0 && dropped + parts + 1 > kPurgeRows) break;
        if (parts > 0) {
            // A message can have as many reactions as there are members: it stays until the last of them is gone.
            const std::int64_t room = kPurgeRows - dropped;
            const std::int64_t gone = drop_reactions.change(id, room);
            dropped += gone;
            if (gone == room) break;
            drop_mentions.run(id);
            drop_counts.run(id);
        }
        index_job.run(id);
        keep_file.run(id);
        drop_message.run(id);
        dropped += parts + 1;
    }
    return true;
}

/// False if the channel has no members left.
bool purge_members(Connection& connection, std::int64_t channel) {
    const Pairs members =
        all(connection, "SELECT user_id, present FROM members WHERE channel_id = ?1 LIMIT ?2 / 2", channel);
    Statement drop(connection, "DELETE FROM members WHERE user_id = ?1 AND channel_id = ?2");
    Statement count(connection, "UPDATE users SET membership_count = membership_count - 1 WHERE id = ?1");
    for (const auto& [user, present] : members) {
        drop.run(user, channel);
        if (present != 0) count.run(user);
    }
    return !members.empty();
}

/// Users and channels of silences.
void drop_silences(Connection& connection, const Pairs& silences) {
    Statement drop(connection, "DELETE FROM mutes WHERE user_id = ?1 AND channel_id = ?2");
    Statement count(connection, "UPDATE users SET mute_count = mute_count - 1 WHERE id = ?1");
    for (const auto& [user, channel] : silences) {
        drop.run(user, channel);
        count.run(user);
    }
}

/// False if no silences are left in the channel.
bool purge_channel_silences(Connection& connection, std::int64_t channel) {
    const Pairs silences = all(connection,
                               "SELECT user_id, channel_id FROM mutes INDEXED BY mutes_of_channel"
                               " WHERE channel_id = ?1 AND channel_id <> 0 LIMIT ?2 / 2",
                               channel);
    drop_silences(connection, silences);
    return !silences.empty();
}

/// False if no records and no reports of the channel are left.
bool purge_records(Connection& connection, std::int64_t channel) {
    Statement drop(connection,
                   "DELETE FROM moderation_records WHERE id IN (SELECT id FROM moderation_records"
                   " INDEXED BY moderation_of_channel WHERE channel_id = ?1 LIMIT ?2)");
    if (drop.change(channel, kPurgeRows) > 0) return true;
    Statement reports(connection,
                      "DELETE FROM reports WHERE id IN (SELECT id FROM reports INDEXED BY reports_of_channel"
                      " WHERE channel_id = ?1 LIMIT ?2)");
    return reports.change(channel, kPurgeRows) > 0;
}

void purge_channel(Connection& connection, std::int64_t channel) {
    if (purge_messages(connection, channel) || purge_members(connection, channel) ||
        purge_channel_silences(connection, channel) || purge_records(connection, channel)) {
        return;
    }
    Statement(connection, "DELETE FROM channels WHERE id = ?1").run(channel);
}

/// A workspace whose channels are gone.
void purge_workspace(Connection& connection, std::int64_t workspace) {
    const Pairs silences = all(
        connection, "SELECT user_id, channel_id FROM mutes WHERE workspace_id = ?1 LIMIT ?2 / 2", workspace);
    drop_silences(connection, silences);
    if (!silences.empty()) return;
    Statement blocks(connection,
                     "DELETE FROM blocks WHERE (user_id, blocked_uuid) IN (SELECT user_id, blocked_uuid FROM blocks"
                     " WHERE workspace_id = ?1 LIMIT ?2)");
    if (blocks.change(workspace, kPurgeRows) > 0) return;
    if (purge_webhooks_of(connection, workspace)) return;
    Statement secrets(connection,
                      "DELETE FROM webhook_secrets WHERE id IN (SELECT id FROM webhook_secrets"
                      " INDEXED BY webhook_secrets_by_key WHERE workspace_id = ?1 LIMIT ?2)");
    if (secrets.change(workspace, kPurgeRows) > 0) return;
    Statement reports(connection,
                      "DELETE FROM reports WHERE id IN (SELECT id FROM reports INDEXED BY reports_listed"
                      " WHERE workspace_id = ?1 LIMIT ?2)");
    if (reports.change(workspace, kPurgeRows) > 0) return;
    Statement devices(connection,
                      "DELETE FROM devices WHERE id IN (SELECT id FROM devices WHERE workspace_id = ?1 LIMIT ?2)");
    if (devices.change(workspace, kPurgeRows) > 0) return;
    Statement users(connection,
                    "DELETE FROM users WHERE id IN (SELECT id FROM users WHERE workspace_id = ?1 LIMIT ?2)");
    if (users.change(workspace, kPurgeRows) > 0) return;
    Statement(connection, "DELETE FROM api_secrets WHERE workspace_id = ?1").run(workspace);
    Statement(connection, "DELETE FROM moderation_settings WHERE workspace_id = ?1").run(workspace);
    Statement(connection, "DELETE FROM workspaces WHERE id = ?1").run(workspace);
}

struct Work {
    std::optional<std::int64_t> channel;
    std::optional<std::int64_t> workspace;
    std::optional<OutboxWork> outbox;

    bool any() const { return channel || workspace || outbox; }
};

Work find_work(Connection& connection) {
    Work work;
    work.channel = first(connection, "SELECT id FROM channels WHERE deleted_at IS NOT NULL LIMIT 1");
    if (work.channel) return work;
    work.workspace = first(connection, "SELECT id FROM workspaces WHERE deleted_at IS NOT NULL LIMIT 1");
    if (!work.workspace) {
        work.outbox = find_outbox_work(connection);
        return work;
    }
    work.channel =
        first(connection, "SELECT id FROM channels WHERE workspace_id = ?1 LIMIT 1", work.workspace);
    return work;
}

}  // namespace

Result<bool> purge_step(Writer& writer) {
    if (auto state = writer.ready(); !state) return state.error();
    const Work work = find_work(writer.connection());
    if (writer.connection().failed()) return writer.connection().failure();
    if (!work.any()) return false;
    const auto done = writer.transaction([&](WriteStatements& sql) {
        if (work.channel) {
            purge_channel(sql.connection, *work.channel);
        } else if (work.outbox) {
            purge_outbox(sql.connection, *work.outbox);
        } else {
            purge_workspace(sql.connection, *work.workspace);
        }
    });
    if (!done) return done.error();
    writer.set_text_blanked(true);
    return true;
}

Result<bool> drop_records(Writer& writer, Timestamp before) {
    if (auto state = writer.ready(); !state) return state.error();
    const auto oldest = first(writer.connection(), "SELECT id FROM moderation_records WHERE at < ?1 LIMIT 1",
                              before.milliseconds);
    if (writer.connection().failed()) return writer.connection().failure();
    if (!oldest) return false;
    const auto done = writer.transaction([&](WriteStatements& sql) {
        Statement(sql.connection,
                  "DELETE FROM moderation_records WHERE id IN (SELECT id FROM moderation_records"
                  " INDEXED BY moderation_by_time WHERE at < ?1 LIMIT ?2)")
            .run(before, kPurgeRows);
    });
    if (!done) return done.error();
    writer.set_text_blanked(true);
    return true;
}

Result<bool> purge_silences(Writer& writer, Timestamp now) {
    if (auto state = writer.ready(); !state) return state.error();
    const Pairs over = all(writer.connection(),
                           "SELECT user_id, channel_id FROM mutes INDEXED BY mutes_by_end WHERE until <= ?1 LIMIT ?2 / 2",
                           now.milliseconds);
    if (writer.connection().failed()) return writer.connection().failure();
    if (over.empty()) return false;
    const auto done = writer.transaction([&](WriteStatements& sql) { drop_silences(sql.connection, over); });
    if (!done) return done.error();
    return true;
}

}  // namespace cariosan::sqlite
