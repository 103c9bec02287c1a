#include <fmt/format.h>

#include <cariosan/adapters/move.hpp>
#include <utility>

#include "adapters/move/compare.hpp"
#include "adapters/move/move_errors.hpp"
#include "adapters/sqlite/statement.hpp"

namespace cariosan {
namespace move {
namespace {

using std::chrono::steady_clock;

/// A batch ends at this size, however few rows it has.
constexpr std::size_t kBatchBytes = 4 << 20;

std::chrono::milliseconds since(steady_clock::time_point start) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - start);
}

class Move {
  public:
    Move(const MoveOptions& options, Source& source, Target& target, std::vector<Table> tables)
        : options_(options), source_(source), target_(target), tables_(std::move(tables)) {
        for (const Table& table : tables_) progress_.all_rows += table.rows;
    }

    Result<MoveReport> run() {
        auto found = target_.claim(source_, tables_);
        if (!found) return told(found.error());
        report_.already_moved = *found == Found::moved_before;
        if (report_.already_moved) return report_;
        report_.continued = *found == Found::half_filled;
        Result<Done> done = copy_all();
        if (done) done = target_.set_next_ids(tables_, source_.connection());
        if (done) done = check_all();
        // In this order: if both databases could be opened, clients of one would take the other's revisions for theirs.
        if (done && report_.differences.empty()) done = source_.mark_as_copy();
        if (done && report_.differences.empty()) done = target_.release();
        if (!done) return told(done.error());
        return report_;
    }

  private:
    Result<Done> copy_all() {
        const auto start = steady_clock::now();
        const Position from = target_.position();
        for (std::int64_t number = from.table; number < static_cast<std::int64_t>(tables_.size()); ++number) {
            if (auto copied = copy_table(number, number == from.table ? from.rows : 0); !copied) return copied;
        }
        report_.copying = since(start);
        return Done{};
    }

    Result<Done> copy_table(std::int64_t number, std::int64_t done) {
        const Table& table = tables_[static_cast<std::size_t>(number)];
        if (!tell(MoveProgress::Stage::copying, table, done)) return stopped();
        sqlite::Statement select(source_.connection(), table.select_from_sqlite());
        auto rows = select.query(done);
        CopyData batch;
        CopyData words;
        while (rows.next()) {
            if (!batch.append(table, rows)) {
                return refused(fmt::format("PostgreSQL cannot hold row {} of {}: {}", done + batch.rows() + 1, table.name, batch.refused()));
            }
            if (table.has_words()) {
                rows.skip(1);
                words.append_words(rows);
            }
            if (batch.rows() < static_cast<std::int64_t>(options_.batch_rows) && batch.size() < kBatchBytes) continue;
            done += batch.rows();
            if (auto stored = store(table, batch, words, {number, done}); !stored) return stored;
            if (!tell(MoveProgress::Stage::copying, table, done)) return stopped();
        }
        if (source_.connection().failed()) return source_.connection().failure();
        return store(table, batch, words, {number + 1, 0});
    }

    Result<Done> store(const Table& table, CopyData& batch, CopyData& words, Position reached) {
        const std::int64_t count = batch.rows();
        auto stored = target_.store(table, batch, words, reached);
        if (stored) report_.rows_copied += count;
        return stored;
    }

    Result<Done> check_all() {
        const auto start = steady_clock::now();
        const Compared compared = [this](const Table& table, std::int64_t rows) { return tell(MoveProgress::Stage::checking, table, rows); };
        auto done = compare(source_, target_, tables_, *options_.crypto, compared, report_);
        report_.checking = since(start);
        return done;
    }

    bool tell(MoveProgress::Stage stage, const Table& table, std::int64_t done) {
        if (!options_.progress) return true;
        progress_.stage = stage;
        progress_.table = table.name;
        progress_.table_rows = table.rows;
        progress_.table_done = done;
        progress_.all_done = done;
        for (const Table& each : tables_) {
            if (each.name == table.name) break;
            progress_.all_done += each.rows;
        }
        return options_.progress(progress_);
    }

    const MoveOptions& options_;
    Source& source_;
    Target& target_;
    std::vector<Table> tables_;
    MoveProgress progress_;
    MoveReport report_;
};

}  // namespace
}  // namespace move

Result<MoveReport> move_sqlite_to_postgres(const MoveOptions& options) {
    if (options.crypto == nullptr) return Error(ErrorCode::misuse, "MoveOptions::crypto is missing");
    if (options.batch_rows < 1) return Error(ErrorCode::misuse, "MoveOptions::batch_rows is 0");
    auto source = move::Source::open(options.sqlite_path);
    if (!source) return source.error();
    auto target = move::Target::open(options.postgres, options.prepared_statements);
    if (!target) return target.error();
    auto tables = move::find_tables((*source)->connection(), (*target)->connection());
    if (!tables) return move::told(tables.error());
    return move::Move(options, **source, **target, *std::move(tables)).run();
}

}  // namespace cariosan
