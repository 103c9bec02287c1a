#include "adapters/postgres/read/pg_reader.hpp"

#include <utility>

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

/// How long `begin` waits for a place.
constexpr std::chrono::milliseconds kReaderLimit{5000};

Error outside_snapshot() { return {ErrorCode::misuse, "the reader is not between begin and end"}; }

class PgReader final : public Reader {
  public:
    PgReader(ConnectionOptions options, std::shared_ptr<ReaderGate> gate)
        : connection_(std::move(options)), gate_(std::move(gate)) {
        connection_.fail(outside_snapshot());
    }
    ~PgReader() override { end(); }

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

  private:
    Result<Done> take_snapshot();

    Connection connection_;
    std::shared_ptr<ReaderGate> gate_;
    bool inside_ = false;
    /// PostgreSQL takes the snapshot with the first statement of a transaction.
    Statement touch_{connection_, "SELECT 1"};
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
};

Result<Done> PgReader::take_snapshot() {
    if (auto connected = connection_.ready(); !connected) return connected;
    if (connection_.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") && touch_.query().next()) return Done{};
    return connection_.failure();
}

Result<Done> PgReader::begin() {
    if (inside_) return Error(ErrorCode::misuse, "the reader is between begin and end already");
    if (!gate_->enter(kReaderLimit))
        return Error(ErrorCode::unavailable, "the server's storage is busy")
            .with("reason", "storage_busy")
            .because("all connections for reading are in use");
    inside_ = true;
    snapshot_.forget();
    const std::int64_t session = connection_.sessions();
    auto taken = take_snapshot();
    // The connection may have been lost long ago, which only sending shows. Nothing has been read yet, so a second attempt is safe.
    if (!taken && session > 0 && session == connection_.sessions()) taken = take_snapshot();
    if (!taken) end();
    return taken;
}

void PgReader::end() noexcept {
    if (!inside_) return;
    inside_ = false;
    // Ending a transaction that only read cannot lose anything.
    connection_.roll_back();
    // Until the next `begin` every read is refused.
    connection_.fail(outside_snapshot());
    gate_->leave();
}

}  // namespace

bool ReaderGate::enter(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, limit, [this] { return free_ > 0; })) return false;
    --free_;
    return true;
}

void ReaderGate::leave() {
    {
        const std::lock_guard lock(mutex_);
        ++free_;
    }
    changed_.notify_one();
}

std::unique_ptr<Reader> open_pg_reader(ConnectionOptions options, std::shared_ptr<ReaderGate> gate) {
    return std::make_unique<PgReader>(std::move(options), std::move(gate));
}

}  // namespace cariosan::postgres
