#include "adapters/sqlite/sqlite_writer.hpp"

#include "adapters/sqlite/files/migrate.hpp"
#include "adapters/sql/write/tables.hpp"

namespace cariosan::sqlite {
namespace {

/// Must be set before the first page is written; has no effect on an existing database.
constexpr const char* kBeforeTables = "PRAGMA page_size = 4096";

/// `secure_delete` overwrites deleted text. `wal_autocheckpoint` is off because only `maintain` makes checkpoints.
constexpr const char* kSettings =
    "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -65536;"
    "PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0; PRAGMA secure_delete = ON";

Error not_committed(const Error& reason) {
    if (reason.code == ErrorCode::unavailable) return reason;
    return Error(ErrorCode::unavailable, "nothing was committed: " + reason.message)
        .with("reason", "storage_failing")
        .because(reason.cause);
}

}  // namespace

Result<std::unique_ptr<Writer>> Writer::open(WriterOptions options) {
    std::unique_ptr<Writer> writer(new Writer(std::move(options)));
    if (auto connected = writer->connect(); !connected) return connected.error();
    return writer;
}

Result<Done> Writer::connect() {
    auto opened = options_.durable
                      ? Connection::open_durable(options_.path, Connection::Access::create, options_.faults)
                      : Connection::open(options_.path, Connection::Access::create, options_.faults);
    if (!opened) return opened.error();
    Connection& connection = **opened;
    connection.execute(kBeforeTables);
    if (auto migrated = migrate(connection, options_.first_epoch); !migrated) return migrated;
    connection.execute(kSettings);
    if (!options_.durable) connection.execute("PRAGMA synchronous = OFF");
    const auto mode = connection.query_text("PRAGMA journal_mode");
    const auto commits = connection.query_integer("SELECT commits FROM meta WHERE id = 1");
    if (connection.failed()) return connection.failure();
    if (mode != "wal")
        return Error(ErrorCode::unavailable, "the file system does not support write-ahead logging");
    commits_ = commits.value_or(0);
    sqlite3_wal_hook(
        connection.handle(),
        [](void* self, sqlite3*, const char*, int pages) {
            static_cast<Writer*>(self)->log_pages_ = pages;
            return SQLITE_OK;
        },
        this);
    connection_ = std::move(*opened);
    sql_ = std::make_unique<WriteStatements>(*connection_);
    return Done{};
}

Result<Done> Writer::ready() {
    if (connection_ == nullptr) {
        if (auto connected = connect(); !connected) return connected;
    }
    connection_->clear_failure();
    // A transaction is still open only if an exception (out of memory) ended the last call.
    if (connection_->in_transaction()) roll_back();
    return connection_ == nullptr ? ready() : Done{};
}

void Writer::roll_back() {
    connection_->clear_failure();
    if (connection_->in_transaction()) sql_->roll_back.run();
    if (!connection_->failed() && !connection_->in_transaction()) return;
    // A connection that cannot even roll back is closed; the next call opens another one.
    options_.before_reopen();
    sql_.reset();
    connection_.reset();
}

bool Writer::finish_transaction(bool wrote) {
    if (!wrote) {
        // Nothing to make durable: the transaction only read.
        if (!connection_->failed()) sql_->roll_back.run();
        return !connection_->failed();
    }
    sql_->count_commit.run();
    if (!sql_->commit.run()) return false;
    ++commits_;
    return true;
}

Result<Committed> Writer::apply_isolated(commit::CommitBatch& batch, const Mutation& mutation) {
    auto before = batch.save();
    if (!sql_->isolate.run()) return connection_->failure();
    Result<Committed> answer = batch.apply(mutation);
    batch.flush();
    if (!connection_->failed()) {
        sql_->keep.run();
        return answer;
    }
    Error reason = connection_->failure();
    // Some failures make SQLite roll back the whole transaction, which ends it.
    if (!connection_->in_transaction()) return reason;
    connection_->clear_failure();
    sql_->undo.run();
    sql_->keep.run();
    batch.restore(std::move(before));
    return reason;
}

Writer::Attempt Writer::attempt(std::span<const Mutation> mutations, bool isolated, Answers& answers) {
    answers.clear();
    if (!sql_->begin.run()) return Attempt::failed;
    sql::Tables<WriteStatements> tables(*sql_);
    commit::CommitBatch batch(tables, mutations);
    for (const Mutation& mutation : mutations) {
        answers.push_back(isolated ? apply_isolated(batch, mutation) : batch.apply(mutation));
        if (connection_->failed()) return isolated ? Attempt::failed : Attempt::mutation_failed;
    }
    batch.flush();
    if (connection_->failed()) return isolated ? Attempt::failed : Attempt::mutation_failed;
    const commit::BatchEffects effects = batch.effects();
    if (!finish_transaction(effects.wrote)) return Attempt::failed;
    purge_wanted_ = purge_wanted_ || effects.deleted;
    text_blanked_ = text_blanked_ || effects.blanked;
    return Attempt::committed;
}

std::vector<Result<Committed>> Writer::commit(std::span<const Mutation> batch) {
    Answers answers;
    answers.reserve(batch.size());
    Result<Done> state = ready();
    for (const bool isolated : {false, true}) {
        if (!state) break;
        const Attempt outcome = attempt(batch, isolated, answers);
        if (outcome == Attempt::committed) return answers;
        state = connection_->failure();
        roll_back();
        if (outcome == Attempt::failed) break;
        // The batch runs once more with each mutation in its own savepoint, to find out which of them fails, or whether the
        // failure was transient.
        state = ready();
    }
    answers.clear();
    for (std::size_t i = 0; i < batch.size(); ++i) answers.push_back(not_committed(state.error()));
    return answers;
}

Result<Done> Writer::transaction(const std::function<void(WriteStatements&)>& body) {
    if (auto state = ready(); !state) return state;
    if (sql_->begin.run()) {
        body(*sql_);
        if (!connection_->failed() && finish_transaction(true)) return Done{};
    }
    Error reason = connection_->failure();
    roll_back();
    return reason;
}

}  // namespace cariosan::sqlite
