#include "adapters/postgres/read/pg_reader.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "adapters/postgres/pg_failures.hpp"
#include "adapters/postgres/read/pg_channel_queries.hpp"
#include "adapters/postgres/read/pg_outbox_queries.hpp"
#include "adapters/postgres/read/pg_user_data_queries.hpp"
#include "adapters/postgres/read/pg_workspace_queries.hpp"
#include "adapters/postgres/search/pg_search_reader.hpp"
#include "adapters/sql/read/read_blocks.hpp"
#include "adapters/sql/read/read_changes.hpp"
#include "adapters/sql/read/read_channels.hpp"
#include "adapters/sql/read/read_members.hpp"
#include "adapters/sql/read/read_messages.hpp"
#include "adapters/sql/read/read_moderation.hpp"
#include "adapters/sql/read/read_outbox.hpp"
#include "adapters/sql/read/read_push.hpp"
#include "adapters/sql/read/read_silences.hpp"
#include "adapters/sql/read/read_user_data.hpp"
#include "adapters/sql/read/read_users.hpp"
#include "adapters/sql/read/read_workspaces.hpp"

namespace cariosan::postgres {
namespace {

class PgReader final : public Reader {
  public:
    PgReader(ConnectionOptions options, EpochRead epoch_read)
        : connection_(std::move(options)), epoch_read_(std::move(epoch_read)) {}
    ~PgReader() override { end(); }

    /// The first connection, so that whoever opens a reader learns whether there is a server.
    Result<Done> connect();
    Result<Done> begin() override;
    void end() noexcept override;

    WorkspaceReader& workspaces() override { return workspaces_; }
    UserReader& users() override { return users_; }
    ChannelReader& channels() override { return channels_; }
    MemberReader& members() override { return members_; }
    MessageReader& messages() override { return messages_; }
    ChangeReader& changes() override { return changes_; }
    SearchReader& search() override { return search_; }
    SilenceReader& silences() override { return silences_; }
    BlockReader& blocks() override { return blocks_; }
    UserDataReader& user_data() override { return user_data_; }
    OutboxReader& outbox() override { return outbox_; }
    ModerationReader& moderation() override { return moderation_; }
    PushReader& push() override { return push_; }
    Result<MovedChannels> moved_channels(const std::string& since, std::size_t limit) override;

  private:
    Result<Done> take_snapshot();

    Connection connection_;
    const EpochRead epoch_read_;
    std::string epoch_;  ///< of the last snapshot
    bool inside_ = false;
    /// PostgreSQL takes the snapshot with the first statement of a transaction. Another node may have begun a new epoch.
    Statement find_epoch_{connection_, "SELECT epoch FROM meta WHERE id = 1"};
    Snapshot snapshot_{connection_};
    SqlWorkspaces<WorkspaceQueries> workspaces_{snapshot_};
    SqlUsers<UserQueries> users_{snapshot_};
    SqlChannels<ChannelQueries> channels_{snapshot_};
    SqlMembers<MemberQueries> members_{snapshot_};
    SqlMessages<MessageQueries> messages_{snapshot_};
    SqlChanges<ChangeQueries> changes_{snapshot_};
    PgSearch search_{snapshot_};
    SqlSilences<SilenceQueries> silences_{snapshot_};
    SqlBlocks<BlockQueries> blocks_{snapshot_};
    SqlUserData<UserDataQueries> user_data_{snapshot_};
    SqlOutbox<OutboxQueries> outbox_{snapshot_};
    SqlModeration<ModerationQueries> moderation_{snapshot_};
    SqlPush<PushQueries> push_{snapshot_};
    Statement find_mark_{connection_, "SELECT pg_current_snapshot()::text"};
    /// What a snapshot did not see: the transactions that were running, and all that began later. One row at least.
    Statement moved_{
        connection_,
        "WITH taken AS MATERIALIZED (SELECT t.id, m.removed FROM (SELECT channels, removed FROM moves"
        " WHERE xid >= pg_snapshot_xmax($1::text::pg_snapshot) UNION ALL SELECT channels, removed FROM moves"
        " WHERE xid = ANY (ARRAY(SELECT pg_snapshot_xip($1::text::pg_snapshot)))) m"
        " LEFT JOIN LATERAL unnest(m.channels) t(id) ON true LIMIT $2)"
        " SELECT pg_current_snapshot()::text, s.number, coalesce(c.uuid, d.removed), coalesce(c.rev, $3)"
        " FROM (SELECT count(*) AS number FROM taken) s LEFT JOIN (SELECT DISTINCT id, removed FROM taken) d ON s.number < $2"
        " LEFT JOIN LATERAL (SELECT uuid, rev FROM channels WHERE id = d.id LIMIT 1) c ON true"};
};

Result<Done> PgReader::take_snapshot() {
    if (auto connected = connection_.ready(); !connected) return connected;
    if (!connection_.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")) return connection_.failure();
    Rows rows = find_epoch_.query();
    if (!rows.next()) return connection_.failed() ? connection_.failure() : Error(ErrorCode::internal, "the database has no epoch");
    if (std::string epoch = rows.text(); epoch != epoch_) epoch_read_(epoch_ = std::move(epoch));
    return Done{};
}

Result<Done> PgReader::connect() {
    auto connected = connection_.ready();
    if (connected) connection_.fail(outside_snapshot());
    return connected;
}

Result<Done> PgReader::begin() {
    if (inside_) return Error(ErrorCode::misuse, "the reader is between begin and end already");
    inside_ = true;
    snapshot_.forget();
    const std::int64_t session = connection_.sessions();
    auto taken = take_snapshot();
    // The connection may have been lost long ago, which only sending shows. Nothing has been read yet, so a second attempt is safe.
    if (!taken && session > 0 && session == connection_.sessions()) taken = take_snapshot();
    if (!taken) end();
    return taken;
}

Result<MovedChannels> PgReader::moved_channels(const std::string& since, std::size_t limit) {
    MovedChannels moved;
    if (since.empty()) {
        Rows rows = find_mark_.query();
        if (rows.next()) moved.mark = rows.text();
        return snapshot_.checked(std::move(moved));
    }
    const std::int64_t too_many = static_cast<std::int64_t>(limit) + 1;
    Rows rows = moved_.query(since, too_many, std::numeric_limits<std::int64_t>::max());
    while (rows.next()) {
        moved.mark = rows.text();
        moved.all = rows.integer() == too_many;
        if (rows.skip_null()) continue;
        const auto channel = rows.id<ChannelId>();
        moved.channels.push_back({channel, rows.integer()});
    }
    return snapshot_.checked(std::move(moved));
}

void PgReader::end() noexcept {
    if (!inside_) return;
    inside_ = false;
    // Ending a transaction that only read cannot lose anything.
    connection_.end_reading();
    // Until the next `begin` every read is refused.
    connection_.fail(outside_snapshot());
}

}  // namespace

Result<std::unique_ptr<Reader>> open_pg_reader(ConnectionOptions options, EpochRead epoch_read) {
    auto reader = std::make_unique<PgReader>(std::move(options), std::move(epoch_read));
    if (auto connected = reader->connect(); !connected) return connected.error();
    return std::unique_ptr<Reader>(std::move(reader));
}

}  // namespace cariosan::postgres
