#include "move.hpp"

#ifdef CARIOSAN_SERVER_MOVE
#include <cariosan/adapters/move.hpp>
#include <cariosan/adapters/openssl.hpp>
#endif

#include <boost/json.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "admin_command.hpp"

namespace cariosan::server {

#ifdef CARIOSAN_SERVER_MOVE

namespace {

namespace json = boost::json;

using std::chrono::steady_clock;

std::string grouped(std::int64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
    return text;
}

std::int64_t per_second(std::int64_t rows, std::chrono::milliseconds time) { return rows * 1000 / std::max<std::int64_t>(time.count(), 1); }

/// On a terminal a line that is renewed each second; elsewhere a line for each stage and table, and one each half a minute.
class MoveView {
  public:
    explicit MoveView(Console& console) : console_(console) {}

    bool show(const MoveProgress& progress) {
        const auto now = steady_clock::now();
        const bool copying = progress.stage == MoveProgress::Stage::copying;
        const bool fresh = progress.stage != stage_ || progress.table != table_;
        if (progress.stage != stage_ || begun_ == steady_clock::time_point()) {
            begun_ = now;
            first_ = progress.all_done;
        }
        stage_ = progress.stage;
        table_ = progress.table;
        const std::string line = fmt::format("{} {}: {} of {} rows; {}% of all, {} rows/s", copying ? "copying" : "checking", table_,
                                             grouped(progress.table_done), grouped(progress.table_rows),
                                             progress.all_rows > 0 ? progress.all_done * 100 / progress.all_rows : 100,
                                             grouped(per_second(progress.all_done - first_, since(begun_))));
        if (now - shown_ >= std::chrono::seconds(1)) {
            console_.progress(line);
            shown_ = now;
        }
        const bool is_due = fresh ? progress.table_rows >= kLargeTable : now - reported_ >= std::chrono::seconds(30);
        if (terminal_ || !is_due) return !console_.cancelled();
        console_.report(line);
        reported_ = now;
        return !console_.cancelled();
    }

  private:
    static constexpr std::int64_t kLargeTable = 10'000;

    static std::chrono::milliseconds since(steady_clock::time_point start) {
        return std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - start);
    }

    Console& console_;
    const bool terminal_ = ::isatty(STDERR_FILENO) == 1;
    MoveProgress::Stage stage_ = MoveProgress::Stage::copying;
    std::string table_;
    steady_clock::time_point begun_{};
    steady_clock::time_point shown_{};
    steady_clock::time_point reported_{};
    std::int64_t first_ = 0;
};

void print_json(const MoveReport& report, Console& console) {
    json::object tables;
    for (const MoveReport::Table& table : report.tables) {
        tables[table.name] = json::object{{"sqlite", table.sqlite_rows}, {"postgres", table.postgres_rows}};
    }
    json::array differences;
    for (const std::string& difference : report.differences) differences.emplace_back(difference);
    console.print(json::serialize(json::object{{"already_moved", report.already_moved},
                                               {"continued", report.continued},
                                               {"rows_copied", report.rows_copied},
                                               {"copying_ms", report.copying.count()},
                                               {"rows_per_second", per_second(report.rows_copied, report.copying)},
                                               {"checking_ms", report.checking.count()},
                                               {"channels", report.channels},
                                               {"tables", std::move(tables)},
                                               {"differences", std::move(differences)}}));
}

void print_text(const MoveReport& report, Console& console) {
    if (report.already_moved) {
        console.print("nothing to do: the PostgreSQL database holds the history of this SQLite database already");
        return;
    }
    for (const MoveReport::Table& table : report.tables) {
        if (table.sqlite_rows > 0) console.print(fmt::format("{:<20} {:>14} rows", table.name, grouped(table.sqlite_rows)));
    }
    console.print(fmt::format("copied {} rows in {:.1f} s, {} rows/s{}; compared both sides in {:.1f} s, {} channels",
                              grouped(report.rows_copied), static_cast<double>(report.copying.count()) / 1000,
                              grouped(per_second(report.rows_copied, report.copying)), report.continued ? ", after an interrupted move" : "",
                              static_cast<double>(report.checking.count()) / 1000, grouped(report.channels)));
}

/// What is left to do for the operator.
void advise(const std::string& path, Console& console) {
    console.report("Set CARIOS_DATABASE_URL to the PostgreSQL database and start the server.");
    const std::string secret = path + ".jwt-secret";
    if (::access(secret.c_str(), F_OK) == 0) {
        console.report("Set CARIOS_JWT_SECRET to what " + secret + " holds, so that tokens stay valid.");
    }
    console.report(path + " is kept. A server that opens it again begins a new epoch, and knows nothing of what PostgreSQL gets from now on.");
}

Result<MoveReport> move(const MoveCommand& command, Console& console) {
    MoveView view(console);
    MoveOptions options;
    options.sqlite_path = command.from.substr(std::string_view("sqlite:").size());
    options.postgres = command.to;
    options.crypto = openssl_crypto();
    options.progress = [&view](const MoveProgress& progress) { return view.show(progress); };
    auto report = move_sqlite_to_postgres(options);
    if (!report) return report;
    command.json ? print_json(*report, console) : print_text(*report, console);
    if (report->differences.empty() && !report->already_moved && !command.json) advise(options.sqlite_path, console);
    return report;
}

}  // namespace

int run_move(const MoveCommand& command, Console& console) {
    const auto report = move(command, console);
    if (!report) {
        console.report("cariosan-server: " + report.error().message);
        return kExitFailed;
    }
    if (report->differences.empty()) return kExitDone;
    for (const std::string& difference : report->differences) console.report("cariosan-server: " + difference);
    console.report("cariosan-server: the two databases are not the same; no server can open the PostgreSQL database. Begin anew in an empty one");
    return kExitFailed;
}

#else

int run_move(const MoveCommand&, Console& console) {
    console.report("cariosan-server: PostgreSQL is not supported by this build");
    return kExitFailed;
}

#endif

}  // namespace cariosan::server
