#include "adapters/postgres/postgres_storage.hpp"

#include <fmt/format.h>

#include <random>
#include <utility>

#include "adapters/postgres/connection_string.hpp"
#include "adapters/postgres/pg_failures.hpp"
#include "adapters/postgres/pg_migrate.hpp"
#include "adapters/postgres/read/pg_reader.hpp"
#include "adapters/postgres/write/pg_tables.hpp"

namespace cariosan {

Result<std::unique_ptr<Storage>> open_postgres(PostgresOptions options) {
    return postgres::PostgresStorage::open(std::move(options));
}

namespace postgres {
namespace {

using std::chrono::milliseconds;

/// How soon a node learns that another one has started a new epoch, or that a proxy leads to another server now.
constexpr milliseconds kHistoryInterval{1000};

/// 128 random bits as 32 hexadecimal digits.
std::string random_epoch() {
    std::random_device source;
    std::string name;
    for (int i = 0; i < 4; ++i) name += fmt::format("{:08x}", source());
    return name;
}

/// Numbers from 0 up to 1. For pauses only.
std::function<double()> random_shares() {
    return [engine = std::mt19937(std::random_device{}())]() mutable {
        return std::uniform_real_distribution<double>(0, 1)(engine);
    };
}

/// Where the epoch was made: the server, the database and the timeline, which a promoted replica and a restored server begin anew.
constexpr const char* kHistory =
    "SELECT m.epoch, m.history, (SELECT system_identifier FROM pg_control_system()) || '/' || (SELECT oid FROM pg_database"
    " WHERE datname = current_database()) || '/' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8)"
    " FROM meta m WHERE m.id = 1";

}  // namespace

/// Takes a lane and gives it back.
class PostgresStorage::LeasedLane {
  public:
    explicit LeasedLane(PostgresStorage& storage) : storage_(storage) {
        const std::lock_guard lock(storage_.lanes_mutex_);
        if (storage_.free_lanes_.empty()) return;
        lane_ = storage_.free_lanes_.back();
        storage_.free_lanes_.pop_back();
    }
    ~LeasedLane() {
        const std::lock_guard lock(storage_.lanes_mutex_);
        if (lane_ != nullptr) storage_.free_lanes_.push_back(lane_);
    }
    LeasedLane(const LeasedLane&) = delete;
    LeasedLane& operator=(const LeasedLane&) = delete;

    /// Ready to write, or why not.
    Result<Done> ready() {
        if (lane_ == nullptr) return Error(ErrorCode::misuse, "more threads write than the storage has lanes");
        return storage_.ready(*lane_);
    }
    Writer& writer() { return lane_->writer; }

  private:
    PostgresStorage& storage_;
    Lane* lane_ = nullptr;
};

PostgresStorage::PostgresStorage(PostgresOptions options) : options_(std::move(options)) {
    if (!options_.clock) options_.clock = system_clock();
    faults_ = std::make_shared<sql::StepFaults>(options_.fail_step);
    std::function<Timestamp()> own_time;
    if (options_.use_own_time) own_time = [clock = options_.clock] { return clock->now(); };
    housekeeping_.emplace(options_.clock, std::move(own_time));
    for (std::size_t i = 0; i < options_.writer_lanes; ++i) {
        lanes_.push_back(std::make_unique<Lane>(WriterOptions{.connection = connection_options(),
                                                              .make_tables = make_tables,
                                                              .database_time = !options_.use_own_time}));
        free_lanes_.push_back(lanes_.back().get());
    }
}

Result<std::unique_ptr<Storage>> PostgresStorage::open(PostgresOptions options) {
    if (auto readable = check_connection_string(options.connection); !readable) return readable.error();
    if (options.writer_lanes < 1 || options.writer_lanes > 64) {
        return Error(ErrorCode::misuse, "PostgresOptions::writer_lanes must be 1 to 64");
    }
    std::unique_ptr<PostgresStorage> storage(new PostgresStorage(std::move(options)));
    if (auto connected = storage->first_connection(); !connected) return opening_error(connected.error());
    return std::unique_ptr<Storage>(std::move(storage));
}

ConnectionOptions PostgresStorage::connection_options() const {
    return {.connection = options_.connection,
            .connect_timeout = options_.connect_timeout,
            .statement_timeout = options_.statement_timeout,
            .lock_timeout = options_.lock_timeout,
            .prepared_statements = options_.prepared_statements,
            .clock = options_.clock,
            .random = random_shares(),
            .faults = faults_};
}

Result<Done> PostgresStorage::first_connection() {
    Lane& lane = *lanes_.front();
    if (auto migrated = migrate(lane.writer.connection(), random_epoch()); !migrated) return migrated;
    return ready(lane);
}

Result<Done> PostgresStorage::ready(Lane& lane) {
    if (auto state = lane.writer.ready(); !state) return state;
    if (lane.checked_session == lane.writer.connection().sessions()) return Done{};
    if (auto checked = check_history(lane.writer); !checked) return checked;
    lane.checked_session = lane.writer.connection().sessions();
    return Done{};
}

Result<Done> PostgresStorage::check_history(Writer& writer) {
    std::string epoch;
    auto done = writer.transaction([&](Connection& connection) {
        Statement find(connection, kHistory);
        Statement write(connection, "UPDATE meta SET epoch = $1, history = $2 WHERE id = 1 AND history = $3");
        Rows rows = find.query();
        if (!rows.next()) return;
        epoch = rows.text();
        const std::string known = rows.text();
        const std::string present = rows.text();
        if (known == present) return;
        // A new database keeps the epoch that it was made with. Another node may do the same at this moment.
        const std::string fresh = known.empty() ? epoch : random_epoch();
        if (write.change(fresh, present, known) == 1) {
            epoch = fresh;
        } else if (Rows now = find.query(); now.next()) {
            epoch = now.text();
        }
    });
    if (done) set_epoch(std::move(epoch));
    return done;
}

Result<Done> PostgresStorage::check_history_if_due(Writer& writer) {
    const milliseconds moment = options_.clock->elapsed();
    if (moment < history_due_) return Done{};
    auto checked = check_history(writer);
    if (checked) history_due_ = moment + kHistoryInterval;
    return checked;
}

void PostgresStorage::set_epoch(std::string epoch) {
    const std::lock_guard lock(epoch_mutex_);
    epoch_ = std::move(epoch);
}

std::string PostgresStorage::epoch() const {
    const std::lock_guard lock(epoch_mutex_);
    return epoch_;
}

std::vector<Result<Committed>> PostgresStorage::commit(std::span<const Mutation> batch) {
    LeasedLane lane(*this);
    if (auto state = lane.ready(); !state) {
        return std::vector<Result<Committed>>(batch.size(), Result<Committed>(state.error()));
    }
    return lane.writer().commit(batch);
}

Result<bool> PostgresStorage::maintain() {
    LeasedLane lane(*this);
    if (auto state = lane.ready(); !state) return state.error();
    if (auto checked = check_history_if_due(lane.writer()); !checked) return checked.error();
    return housekeeping_->step(lane.writer());
}

Result<Done> PostgresStorage::probe() {
    LeasedLane lane(*this);
    if (auto state = lane.ready(); !state) return state;
    return lane.writer().transaction([](Connection& connection) {
        Statement(connection, "UPDATE meta SET version = version WHERE id = 1").run();
    });
}

Result<std::string> PostgresStorage::rotate_epoch() {
    LeasedLane lane(*this);
    if (auto state = lane.ready(); !state) return state.error();
    const std::string fresh = random_epoch();
    const auto done = lane.writer().transaction([&](Connection& connection) {
        Statement(connection, "UPDATE meta SET epoch = $1 WHERE id = 1").run(fresh);
    });
    if (!done) return done.error();
    set_epoch(fresh);
    return fresh;
}

Result<std::unique_ptr<Backup>> PostgresStorage::begin_backup(const std::string&) {
    return Error(ErrorCode::unavailable, "a PostgreSQL database is backed up with PostgreSQL's own tools, such as pg_basebackup");
}

Result<std::unique_ptr<Reader>> PostgresStorage::open_reader() {
    return open_pg_reader(connection_options(), [this](const std::string& epoch) { set_epoch(epoch); });
}

}  // namespace postgres
}  // namespace cariosan
