#include "adapters/move/compare.hpp"

#include <fmt/format.h>

#include <map>
#include <set>
#include <string>
#include <utility>

#include "adapters/move/move_errors.hpp"
#include "adapters/postgres/pg_statement.hpp"
#include "adapters/sqlite/statement.hpp"

namespace cariosan::move {
namespace {

constexpr std::size_t kMostDifferences = 100;
/// How many rows PostgreSQL sends at a time.
constexpr const char* kPage = "FETCH 2000 FROM moved_rows";
constexpr std::int64_t kRowsPerStep = 2000;

/// A digest of the rows of each channel, in the order of their keys. Channel 0: of the rows that belong to none.
class Digests {
  public:
    explicit Digests(Crypto& crypto) : crypto_(crypto) {}

    /// Adds the present row.
    template <class Rows>
    void add(const Table& table, Rows& rows) {
        row_.clear();
        append_compared(row_, table, rows);
        Digest& digest = channels_[rows.integer()];
        row_.append(digest.begin(), digest.end());
        digest = crypto_.sha256(row_);
        ++count_;
    }
    std::int64_t count() const noexcept { return count_; }
    const std::map<std::int64_t, Digest>& channels() const noexcept { return channels_; }

  private:
    Crypto& crypto_;
    std::string row_;
    std::map<std::int64_t, Digest> channels_;
    std::int64_t count_ = 0;
};

class Comparison {
  public:
    Comparison(Source& source, Target& target, Crypto& crypto, const Compared& compared, MoveReport& report)
        : source_(source), target_(target), crypto_(crypto), compared_(compared), report_(report) {}

    Result<Done> run(const std::vector<Table>& tables) {
        for (const Table& table : tables) {
            if (auto done = compare_table(table); !done) return done;
        }
        report_.channels = static_cast<std::int64_t>(channels_.size());
        return Done{};
    }

  private:
    Result<Done> compare_table(const Table& table) {
        Digests ours(crypto_);
        Digests theirs(crypto_);
        if (auto read = read_sqlite(table, ours); !read) return read;
        if (auto read = read_postgres(table, theirs); !read) return read;
        report_.tables.push_back({table.name, ours.count(), theirs.count()});
        if (ours.count() != theirs.count()) {
            differ(fmt::format("{}: {} rows in SQLite, {} in PostgreSQL", table.name, ours.count(), theirs.count()));
        }
        std::set<std::int64_t> different;
        const auto collect = [&](const Digests& one, const Digests& other) {
            for (const auto& [channel, digest] : one.channels()) {
                if (channel != 0) channels_.insert(channel);
                const auto found = other.channels().find(channel);
                if (found == other.channels().end() || found->second != digest) different.insert(channel);
            }
        };
        collect(ours, theirs);
        collect(theirs, ours);
        for (const std::int64_t channel : different) {
            differ(fmt::format("{}: the rows {} are not the same", table.name, channel == 0 ? "of no channel" : name_of(channel)));
        }
        return compared_(table, table.rows) ? Result<Done>(Done{}) : Result<Done>(stopped());
    }

    Result<Done> read_sqlite(const Table& table, Digests& digests) {
        sqlite::Statement select(source_.connection(), table.select_from_sqlite());
        auto rows = select.query(0);
        while (rows.next()) {
            digests.add(table, rows);
            if (digests.count() % kRowsPerStep == 0 && !compared_(table, digests.count() / 2)) return stopped();
        }
        if (source_.connection().failed()) return source_.connection().failure();
        return Done{};
    }

    Result<Done> read_postgres(const Table& table, Digests& digests) {
        bool going = true;
        auto read = target_.transaction(
            [&] {
                postgres::Statement(target_.connection(), {"DECLARE moved_rows NO SCROLL CURSOR FOR ", table.select_from_postgres()}).run();
                postgres::Statement fetch(target_.connection(), kPage);
                for (bool more = true; more && going;) {
                    postgres::Rows rows = fetch.query();
                    more = rows.count() > 0;
                    while (rows.next()) digests.add(table, rows);
                    going = compared_(table, (table.rows + digests.count()) / 2);
                }
            },
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
        return read && !going ? Result<Done>(stopped()) : read;
    }

    std::string name_of(std::int64_t channel) {
        sqlite::Statement find(source_.connection(), "SELECT uuid FROM channels WHERE id = ?1");
        auto rows = find.query(channel);
        return rows.next() ? "of channel " + rows.id<ChannelId>().to_string() : fmt::format("of a channel that is gone (id {})", channel);
    }

    void differ(std::string sentence) {
        if (report_.differences.size() < kMostDifferences) report_.differences.push_back(std::move(sentence));
    }

    Source& source_;
    Target& target_;
    Crypto& crypto_;
    const Compared& compared_;
    MoveReport& report_;
    std::set<std::int64_t> channels_;
};

}  // namespace

Result<Done> compare(Source& source, Target& target, const std::vector<Table>& tables, Crypto& crypto, const Compared& compared,
                     MoveReport& report) {
    return Comparison(source, target, crypto, compared, report).run(tables);
}

}  // namespace cariosan::move
