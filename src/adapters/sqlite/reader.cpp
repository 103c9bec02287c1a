#include "adapters/sqlite/reader.hpp"

#include <chrono>

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
#include "adapters/sqlite/read/channel_queries.hpp"
#include "adapters/sqlite/read/outbox_queries.hpp"
#include "adapters/sqlite/read/user_data_queries.hpp"
#include "adapters/sqlite/read/workspace_queries.hpp"
#include "adapters/sqlite/search/search_reader.hpp"

namespace cariosan::sqlite {
namespace {

/// How long `begin` waits at the gate. A checkpoint closes it for milliseconds.
constexpr std::chrono::milliseconds kGateLimit{5000};

class SqliteReader final : public Reader {
  public:
    SqliteReader(std::unique_ptr<Connection> connection, CheckpointGate& gate, SearchIndex* index)
        : connection_(std::move(connection)), gate_(gate), search_(snapshot_, index) {
        connection_->fail(kOutsideSnapshot);
    }
    ~SqliteReader() override { end(); }

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
    std::unique_ptr<Connection> connection_;
    CheckpointGate& gate_;
    bool inside_ = false;
    Statement begin_{*connection_, "BEGIN"};
    /// SQLite takes the snapshot with the first read of a transaction.
    Statement touch_{*connection_, "SELECT id FROM meta WHERE id = 1"};
    Statement end_{*connection_, "COMMIT"};
    Snapshot snapshot_{*connection_};
    SqlWorkspaces<WorkspaceQueries> workspaces_{snapshot_};
    SqlUsers<UserQueries> users_{snapshot_};
    SqlChannels<ChannelQueries> channels_{snapshot_};
    SqlMembers<MemberQueries> members_{snapshot_};
    SqlMessages<MessageQueries> messages_{snapshot_};
    SqlChanges<ChangeQueries> changes_{snapshot_};
    SqliteSearch search_;
    SqlSilences<SilenceQueries> silences_{snapshot_};
    SqlBlocks<BlockQueries> blocks_{snapshot_};
    SqlUserData<UserDataQueries> user_data_{snapshot_};
    SqlOutbox<OutboxQueries> outbox_{snapshot_};
    SqlModeration<ModerationQueries> moderation_{snapshot_};
    SqlPush<PushQueries> push_{snapshot_};
};

Result<Done> SqliteReader::begin() {
    if (inside_) return Error(ErrorCode::misuse, "the reader is between begin and end already");
    if (!gate_.enter(kGateLimit))
        return Error(ErrorCode::unavailable, "the server's storage is busy")
            .with("reason", "storage_busy")
            .because("a checkpoint takes too long");
    inside_ = true;
    connection_->clear_failure();
    snapshot_.forget();
    if (begin_.run() && touch_.run()) return Done{};
    Error reason = connection_->failure();
    end();
    return reason;
}

void SqliteReader::end() noexcept {
    if (!inside_) return;
    inside_ = false;
    connection_->clear_failure();
    if (connection_->in_transaction() && !end_.run()) {
        // Ending a read transaction cannot lose anything; only a step that a test makes fail gets here.
        sqlite3_exec(connection_->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
    // Until the next `begin` every read is refused.
    connection_->clear_failure();
    connection_->fail(kOutsideSnapshot);
    gate_.leave();
}

}  // namespace

Result<std::unique_ptr<Reader>> open_sqlite_reader(const std::string& path,
                                                   const std::shared_ptr<StepFaults>& faults,
                                                   CheckpointGate& gate, SearchIndex* index) {
    auto connection = Connection::open(path, Connection::Access::write, faults);
    if (!connection) return connection.error();
    sqlite3_db_config((*connection)->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    (*connection)
        ->execute(
            "PRAGMA query_only = ON; PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY; PRAGMA mmap_size "
            "= 0");
    if ((*connection)->failed()) return (*connection)->failure();
    return std::unique_ptr<Reader>(std::make_unique<SqliteReader>(*std::move(connection), gate, index));
}

}  // namespace cariosan::sqlite
