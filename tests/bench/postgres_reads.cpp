// What reading from PostgreSQL costs: history, my channels, changes, searches. Prints figures and judges nothing.
//
//   postgres_reads CONNECTION [MESSAGES [CALLS]]
//
// CONNECTION names a database for it alone, which is filled unless it already has a workspace: 1,000 users and channels, fifty of each
// other's, and a million messages unless told otherwise. Their words are ASCII, so that SQL can index them.
#include <cariosan/adapters/postgres.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "adapters/postgres/pg_statement.hpp"
#include "bench/bench.hpp"
#include "bench/commit_bench.hpp"
#include "core/search/search_text.hpp"

using namespace cariosan;
using namespace cariosan::bench;

namespace {

template <class Id>
Id made_id(std::uint8_t group, int number) {
    Id id;
    id.uuid.bytes[6] = 0x70;
    id.uuid.bytes[8] = 0x80;
    id.uuid.bytes[9] = group;
    id.uuid.bytes[14] = static_cast<std::uint8_t>(number >> 8);
    id.uuid.bytes[15] = static_cast<std::uint8_t>(number & 255);
    return id;
}

const WorkspaceId kWorkspace = made_id<WorkspaceId>(0, 1);
int user_number(int call) { return 1 + call * 37 % 1000; }
UserId user(int call) { return made_id<UserId>(1, user_number(call)); }
/// One of the user's channels.
ChannelId channel(int call) { return made_id<ChannelId>(2, 1 + (user_number(call) * 7 + call % 50 * 20) % 1000); }

void fill(const std::string& connection, const std::string& messages) {
    std::ifstream file(CARIOSAN_SOURCE_DIR "/tests/bench/postgres_reads.sql");
    std::string sql{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    for (std::size_t at = 0; (at = sql.find(":messages", at)) != sql.npos;) sql.replace(at, 9, messages);
    postgres::Connection database({.connection = connection, .statement_timeout = std::chrono::hours(2), .clock = system_clock(),
                                   .random = [] { return 0.5; }, .faults = {}});
    must(database.ready());
    std::printf("filling the database\n");
    std::fflush(stdout);
    if (!database.execute(sql) || !database.execute("VACUUM ANALYZE")) {
        std::fprintf(stderr, "%s\n", database.failure().cause.c_str());
        std::exit(1);
    }
}

/// The CPU time that the server's processes have spent on a database, if the server is on this machine: hardly anything else on it
/// changes that.
class ServerCpu {
  public:
    explicit ServerCpu(const std::string& connection)
        : database_({.connection = connection, .clock = system_clock(), .random = [] { return 0.5; }, .faults = {}}) {
        must(database_.ready());
        postgres::Rows pids = postgres::Statement(database_, "SELECT pid::bigint FROM pg_stat_activity WHERE datname = current_database()").query();
        while (pids.next()) files_.push_back("/proc/" + std::to_string(pids.integer()) + "/schedstat");
    }
    double microseconds() const {
        double sum = 0;
        for (const std::string& file : files_) {
            double nanoseconds = 0;
            std::ifstream(file) >> nanoseconds;
            sum += nanoseconds / 1'000;
        }
        return sum;
    }

  private:
    postgres::Connection database_;
    std::vector<std::string> files_;
};

struct Measured {
    Reader& reader;
    const ServerCpu& server;
    int calls;
};

template <class Call>
void measure(const Measured& on, const std::string& what, Call call) {
    const double before = on.server.microseconds();
    auto times = time_each(on.calls, [&](int i) {
        must(on.reader.begin());
        call(i);
        on.reader.end();
    });
    std::printf("%-40s least %7.0f us   p50 %7.0f us   p99 %7.0f us   server's CPU %7.0f us\n", what.c_str(), times.front(),
                percentile(times, 0.5), percentile(times, 0.99), (on.server.microseconds() - before) / on.calls);
    std::fflush(stdout);
}

void measure_lists(const Measured& on) {
    Reader& reader = on.reader;
    measure(on, "a snapshot", [](int) {});
    measure(on, "history, 50 messages", [&](int i) {
        must(reader.channels().find(kWorkspace, channel(i)));
        must(reader.messages().page(channel(i), {.from = 1, .to = 1000 - i * 13 % 900, .limit = 50, .ascending = false}, user(i)));
    });
    measure(on, "my channels, 50 with 5 members", [&](int i) {
        must(reader.channels().list_of(kWorkspace, user(i), {.after = {}, .limit = 50, .members = 5, .archived = false}));
    });
    measure(on, "unread total of 50 channels", [&](int i) { must(reader.channels().unread_total(kWorkspace, user(i))); });
    measure(on, "unread channels with messages of one",
            [&](int i) { must(reader.channels().unread_by(kWorkspace, user(i), user(i + 1), 50)); });
    measure(on, "changes, 10 missed", [&](int i) {
        const auto found = must(reader.channels().find(kWorkspace, channel(i)));
        must(reader.changes().page(*found, user(i), {.since = found->rev - 10, .receipts_since = 1}));
    });
    measure(on, "changes, 100 of many", [&](int i) {
        const auto found = must(reader.channels().find(kWorkspace, channel(i)));
        must(reader.changes().page(*found, user(i), {.since = 100 + i * 7 % 800, .receipts_since = 1}));
    });
    measure(on, "who of 100 shares a channel", [&](int i) {
        std::vector<UserId> users;
        for (int k = 0; k < 100; ++k) users.push_back(made_id<UserId>(1, 1 + (i * 31 + k) % 1000));
        WorkBudget budget(50'000);
        must(reader.users().sharing(kWorkspace, user(i), users, budget));
    });
}

void measure_search(const Measured& on, const std::string& what, const SearchRange& range) {
    std::vector<core::QueryTerm> terms;
    for (const SearchTerm& term : range.terms) terms.push_back({term, search_words(term.text)});
    std::size_t found = 0;
    measure(on, what, [&](int i) {
        WorkBudget budget(50'000);
        SearchRange there = range;
        if (range.channel) there.channel = channel(i);
        found = must(on.reader.search().candidates(kWorkspace, user(i), there, budget, [&](const SearchCandidate& candidate) {
                    const core::TextMatch match = core::match_text(candidate.content, terms);
                    budget.spend(match.words / 8 + match.compared / 128);
                    return match.complete;
                })).found.size();
    });
    std::printf("    %zu found\n", found);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: postgres_reads CONNECTION [MESSAGES [CALLS]]\n");
        return 2;
    }
    const std::string connection = argv[1];
    const auto storage = must(open_postgres({.connection = connection}));
    const auto reader = must(storage->open_reader());
    must(reader->begin());
    const bool filled = must(reader->workspaces().find(kWorkspace)).has_value();
    reader->end();
    if (!filled) fill(connection, argc > 2 ? argv[2] : "1000000");
    const int calls = argc > 3 ? std::atoi(argv[3]) : 300;
    const ServerCpu server(connection);
    const Measured on{*reader, server, calls};
    measure_lists(on);
    const auto word = [](const char* text, bool prefix = false) { return SearchTerm{text, prefix}; };
    measure_search(on, "search: the commonest word", {.terms = {word("the")}, .channel = {}});
    measure_search(on, "search: it and another", {.terms = {word("the"), word("w10")}, .channel = {}});
    measure_search(on, "search: a word of rank 1,000", {.terms = {word("w1000")}, .channel = {}});
    measure_search(on, "search: a rare word", {.terms = {word("w19999")}, .channel = {}});
    measure_search(on, "search: no such word", {.terms = {word("zebra")}, .channel = {}});
    measure_search(on, "search: a phrase that hardly occurs", {.terms = {word("the the the")}, .channel = {}});
    measure_search(on, "search: w...", {.terms = {word("w", true)}, .channel = {}});
    measure_search(on, "search: the commonest word in a channel", {.terms = {word("the")}, .channel = ChannelId{}});
}
