// SQLite's search index: edits through jobs, a lost or damaged file, and text that must be removed.
#include <chrono>
#include <filesystem>
#include <fstream>

#include "conformance/indexed_file.hpp"
#include "conformance/searching.hpp"
#include "support/becomes_true.hpp"

namespace cariosan::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

/// Pages that FTS5 requests to find everything with the word, cached or not.
int pages_of_search(const std::string& index, const std::string& word) {
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(index.c_str(), &db) == SQLITE_OK);
    const std::string sql = "SELECT count(*) FROM message_words WHERE message_words MATCH '" + word + "'";
    const auto search = [&] { REQUIRE(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK); };
    const auto asked_for = [&](int kind) {
        int count = 0;
        int highest = 0;
        REQUIRE(sqlite3_db_status(db, kind, &count, &highest, 1) == SQLITE_OK);
        return count;
    };
    search();  // reads the schema
    asked_for(SQLITE_DBSTATUS_CACHE_HIT);
    asked_for(SQLITE_DBSTATUS_CACHE_MISS);
    search();
    const int pages = asked_for(SQLITE_DBSTATUS_CACHE_HIT) + asked_for(SQLITE_DBSTATUS_CACHE_MISS);
    sqlite3_close(db);
    return pages;
}

}  // namespace

TEST_CASE("sqlite search: a changed text is found only by its new words, and its job is dropped") {
    IndexedFile file;
    file.world.send(file.group, file.user, "before");
    REQUIRE(file.eventually("before", 1));
    file.change("before", "between");
    file.change("between", "after");
    file.world.send(file.group, file.user, "wakes the index");
    CHECK(file.eventually("after", 1));
    CHECK(file.count("before") == 0);
    CHECK(file.count("between") == 0);
    CHECK(becomes_true([&] {
        must(file.world.storage().maintain());
        return count_in(file.database, "SELECT count(*) FROM search_jobs") == 0;
    }));
    file.change("after", "");
    file.world.send(file.group, file.user, "wakes it again");
    CHECK(file.eventually("after", 0));
    file.world.close();
    run_sql(file.index, "INSERT INTO message_words (message_words) VALUES ('integrity-check')");
}

TEST_CASE("sqlite search: a deleted message is not found, whether or not the index knows about the deletion") {
    IndexedFile file;
    file.world.send(file.group, file.user, "regretted");
    REQUIRE(file.eventually("regretted", 1));
    run_sql(file.database, "UPDATE messages SET deleted_at = 1 WHERE content = 'regretted'");
    CHECK(file.count("regretted") == 0);
}

TEST_CASE("sqlite search: what was committed without an index is indexed later, once") {
    IndexedFile file;
    file.world.send(file.group, file.user, "first");
    REQUIRE(file.eventually("first", 1));
    file.world.reopen({.search = false});
    file.world.send(file.group, file.user, "second");
    file.change("first", "third");
    file.world.send(file.group, file.user, "fourth");
    file.change("fourth", "fifth");
    file.reopen();
    CHECK(file.eventually("second", 1));
    CHECK(file.eventually("third", 1));
    CHECK(file.eventually("fifth", 1));
    CHECK(file.count("first") == 0);
    CHECK(file.count("fourth") == 0);
    file.world.close();
    run_sql(file.index, "CREATE VIRTUAL TABLE terms USING fts5vocab (message_words, row)");
    for (const std::string word : {"second", "third", "fifth"}) {
        CAPTURE(word);
        CHECK(count_in(file.index, "SELECT doc FROM terms WHERE term = '" + word + "'") == 1);
    }
}

TEST_CASE("sqlite search: a change from before the index reached the message is not taken back") {
    IndexedFile file;
    REQUIRE(file.eventually_searchable());
    file.world.close();
    // An index that removes more than it holds would be damaged, and replaced.
    run_sql(file.index, "CREATE TABLE kept (id)");
    file.world.reopen({.search = false});
    file.world.send(file.group, file.user, "before");
    file.change("before", "after");
    file.reopen();
    CHECK(file.eventually("after", 1));
    CHECK(file.count("before") == 0);
    file.world.close();
    CHECK(count_in(file.index, "SELECT count(*) FROM sqlite_schema WHERE name = 'kept'") == 1);
    CHECK(count_in(file.index, "SELECT unclean FROM state") == 0);
    run_sql(file.index, "CREATE VIRTUAL TABLE terms USING fts5vocab (message_words, row)");
    CHECK(count_in(file.index, "SELECT count(*) FROM terms WHERE term = 'before'") == 0);
}

TEST_CASE("sqlite search: an index that missed dropped jobs is rebuilt") {
    IndexedFile file;
    file.world.send(file.group, file.user, "first");
    REQUIRE(file.eventually("first", 1));
    file.world.reopen({.search = false});
    file.change("first", "second");
    must(file.world.storage().maintain());
    REQUIRE(count_in(file.database, "SELECT count(*) FROM search_jobs") == 0);
    file.reopen();
    CHECK(file.eventually("second", 1));
    CHECK(file.count("first") == 0);
}

TEST_CASE("sqlite search: a missing, damaged or foreign file is rebuilt") {
    IndexedFile file;
    file.world.send(file.group, file.user, "lasting");
    REQUIRE(file.eventually("lasting", 1));
    file.world.close();
    SUBCASE("missing") { fs::remove(file.index); }
    SUBCASE("not a database") { std::ofstream(file.index, std::ios::binary) << std::string(8192, 'x'); }
    SUBCASE("empty") { std::ofstream(file.index, std::ios::binary) << ""; }
    SUBCASE("truncated") { fs::resize_file(file.index, 4096); }
    SUBCASE("overwritten") {
        std::fstream damage(file.index, std::ios::binary | std::ios::in | std::ios::out);
        damage.seekp(4096);
        damage << std::string(fs::file_size(file.index) - 4096, '\xA5');
    }
    SUBCASE("of another epoch") {
        run_sql(file.index, "UPDATE state SET epoch = 'another', position = 1000");
    }
    SUBCASE("of another version") { run_sql(file.index, "UPDATE state SET version = 0, position = 1000"); }
    file.reopen();
    file.world.send(file.group, file.user, "later");
    CHECK(file.eventually("lasting", 1));
    CHECK(file.eventually("later", 1));
}

TEST_CASE("sqlite search: a new epoch keeps the index") {
    IndexedFile file;
    file.world.send(file.group, file.user, "lasting");
    REQUIRE(file.eventually("lasting", 1));
    must(file.world.storage().rotate_epoch());
    file.world.send(file.group, file.user, "later");
    CHECK(file.eventually("later", 1));
    CHECK(file.eventually("lasting", 1));
}

TEST_CASE("sqlite search: deleted text leaves the files of the index") {
    IndexedFile file;
    file.world.send(file.group, file.user, "unmistakable");
    for (int i = 0; i < 50; ++i) file.world.send(file.group, file.user, "ordinary");
    REQUIRE(file.eventually("unmistakable", 1));
    REQUIRE((file_holds(file.index, "unmistakable") || file_holds(file.index + "-wal", "unmistakable")));
    file.change("unmistakable", "");
    file.world.send(file.group, file.user, "wakes the index");
    CHECK(file.leaves_files("unmistakable"));
    CHECK(file.count("ordinary") == 50);
}

TEST_CASE("sqlite search: deleted text left behind in the index leaves the files when it is opened again") {
    constexpr std::chrono::hours kLater(1);
    IndexedFile file(kLater);
    file.world.send(file.group, file.user, "unmistakable");
    REQUIRE(file.eventually("unmistakable", 1));
    file.change("unmistakable", "");
    file.world.send(file.group, file.user, "marker");
    REQUIRE(file.eventually("marker", 1));
    REQUIRE((file_holds(file.index, "unmistakable") || file_holds(file.index + "-wal", "unmistakable")));
    file.reopen(kLater);
    CHECK(file.leaves_files("unmistakable"));
    CHECK(file.count("marker") == 1);
}

TEST_CASE("sqlite search: the remains of very many unsent messages are cleaned away early") {
    IndexedFile file(std::chrono::hours(1));
    file.send_many(file.group, file.user, 20'000, [](int) { return "needle"; });
    file.world.send(file.group, file.user, "marker");
    REQUIRE(file.eventually("marker", 1));
    file.change("needle", "");
    file.world.send(file.group, file.user, "wakes the index");
    REQUIRE(file.eventually("wakes", 1));
    CHECK(file.eventually_clean());
    CHECK(pages_of_search(file.index, "needle") < 10);
    CHECK(file.count("needle") == 0);
    CHECK(file.count("marker") == 1);
}

TEST_CASE("sqlite search: what is committed during a round of cleaning can be found meanwhile") {
    IndexedFile file(milliseconds(0));
    file.world.send(file.group, file.user, "unmistakable");
    file.send_many(file.group, file.user, 800, [](int number) {
        std::string text;
        for (int i = 0; i < 700; ++i) text += std::to_string((number * 7919 + i * 104'729) % 999'983) + " ";
        return text;
    });
    file.world.send(file.group, file.user, "filled");
    REQUIRE(file.eventually("filled", 1));
    const auto unclean = [&] { return count_in(file.index, "SELECT unclean FROM state") == 1; };
    REQUIRE_FALSE(unclean());
    file.change("unmistakable", "");
    // One transaction removes the text and adds this one; then the merge begins.
    file.world.send(file.group, file.user, "begins");
    REQUIRE(file.eventually("begins", 1));
    file.world.send(file.group, file.user, "meanwhile");
    CHECK(file.eventually("meanwhile", 1));
    CHECK(unclean());
    CHECK(file.leaves_files("unmistakable"));
    file.world.close();
    CHECK_FALSE(unclean());
    run_sql(file.index, "INSERT INTO message_words (message_words) VALUES ('integrity-check')");
}

TEST_CASE("sqlite search: an index that cannot be opened for the moment is left as it is") {
    IndexedFile file;
    file.world.send(file.group, file.user, "lasting");
    REQUIRE(file.eventually("lasting", 1));
    file.world.close();
    run_sql(file.index, "CREATE TABLE kept (id); PRAGMA wal_checkpoint(TRUNCATE)");
    // The log cannot be opened, as if there were no more descriptors. The thread tries once before it ends.
    REQUIRE_FALSE(fs::exists(file.index + "-wal"));
    fs::create_directory(file.index + "-wal");
    file.reopen();
    file.world.close();
    fs::remove(file.index + "-wal");
    file.reopen();
    file.world.send(file.group, file.user, "later");
    CHECK(file.eventually("later", 1));
    CHECK(file.count("lasting") == 1);
    CHECK(count_in(file.index, "SELECT count(*) FROM sqlite_schema WHERE name = 'kept'") == 1);
}

TEST_CASE("sqlite search: a match in one of many channels is found behind any number of others' matches") {
    IndexedFile file;
    std::vector<ChannelId> groups;
    for (int i = 0; i < 450; ++i) groups.push_back(file.world.add_group({file.user}));
    const UserId stranger = file.world.add_user("stranger");
    const ChannelId foreign = file.world.add_group({stranger});
    for (const std::size_t each : {444UL, 3UL, 333UL, 222UL}) {
        file.world.send(groups[each], file.user, "needle in " + std::to_string(each));
    }
    file.send_many(foreign, stranger, 21'000, [](int) { return "needle"; });
    file.world.send(groups[1], file.user, "needle above all");
    file.world.send(groups[2], file.user, "marker");
    REQUIRE(file.eventually("marker", 1));

    const auto find = [&](std::int64_t limit, std::int64_t newest) {
        const SearchRange range{.terms = {{"needle", true}}, .channel = {}, .newest = newest, .limit = limit};
        std::vector<std::string> texts;
        const auto found = file.world.read(
            [&](Reader& reader) { return search(reader, file.world.workspace, file.user, range); });
        for (const SearchCandidate& each : must(found).found) texts.push_back(each.content);
        return texts;
    };
    using Texts = std::vector<std::string>;
    const Texts all{"needle above all", "needle in 222", "needle in 333", "needle in 3", "needle in 444"};
    CHECK(find(500, INT64_MAX) == all);
    CHECK(find(3, INT64_MAX) == Texts(all.begin(), all.begin() + 3));
    CHECK(find(2, 3) == Texts(all.begin() + 2, all.begin() + 4));
}

TEST_CASE("sqlite search: no query costs more than its budget and one message") {
    constexpr std::int64_t kSteps = 12'000;  // less than from one common message of even and odd to the next
    IndexedFile file;
    std::string letters;
    for (int i = 0; i < 4'095; ++i) letters += "a ";
    std::string particles;
    for (int i = 0; i < 2'700; ++i) particles += "的";
    file.send_many(file.group, file.user, 60, [&](int) { return letters; });
    file.send_many(file.group, file.user, 60, [&](int) { return particles; });
    // Two words that rarely occur together; between those messages, each is in every second one.
    file.send_many(file.group, file.user, 30'000, [](int i) { return i % 10'000 == 0 ? "even odd" : i % 2 == 0 ? "even" : "odd"; });
    file.world.send(file.group, file.user, "marker");
    REQUIRE(file.eventually("marker", 1));

    std::string fifteen;
    for (int i = 0; i < 15; ++i) fifteen += "a ";
    std::string eighty_five;
    for (int i = 0; i < 85; ++i) eighty_five += "的";
    const std::vector<std::pair<std::vector<SearchTerm>, std::size_t>> queries{
        {std::vector<SearchTerm>(8, {fifteen, false}), 60},
        {{{eighty_five, false}}, 60},
        {{{"的", false}}, 60},
        {{{"even", false}, {"odd", false}}, 3},
        {{{"ev", true}, {"od", true}}, 3},
    };
    for (const auto& query : queries) {
        const auto& terms = query.first;
        CAPTURE(terms.front().text);
        SearchRange range{.terms = terms, .channel = {}, .oldest = 0, .newest = INT64_MAX, .limit = 500};
        std::size_t found = 0;
        int parts = 0;
        for (; parts < 1'000; ++parts) {
            WorkBudget budget(kSteps);
            const auto part = file.world.read([&](Reader& reader) {
                return search(reader, file.world.workspace, file.user, range, budget);
            });
            const std::int64_t left = budget.left();
            found += must(part).found.size();
            CHECK(left > -2'000);
            if (!part->cut_at) break;
            CHECK(left <= 0);
            REQUIRE(*part->cut_at <= range.newest);
            range.newest = *part->cut_at - 1;
        }
        CHECK(found == query.second);
        CHECK(parts > 0);
        CHECK(parts < 40);
    }
}

TEST_CASE("sqlite search: unavailable without an index") {
    World world(std::make_unique<SqliteFile>());
    const UserId user = world.add_user("someone");
    const auto found = world.read([&](Reader& reader) {
        return search(reader, world.workspace, user, {.terms = {{"word", false}}, .channel = {}});
    });
    CHECK(code_of(found) == ErrorCode::unavailable);
}

}  // namespace cariosan::test
