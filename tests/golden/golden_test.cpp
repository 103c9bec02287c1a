// Replays every golden file in this folder through the gateway; see README.md.
#include <doctest/doctest.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "golden/scenario.hpp"
#include "protocol/commands/command_table.hpp"
#include "protocol/rest/router.hpp"
#include "protocol/socket/frame_types.hpp"
#include "support/source_folder.hpp"

// The same files on PostgreSQL are a program of its own: test_golden_postgres.
#ifdef CARIOSAN_POSTGRES_KIND
#include "conformance/postgres_kind.hpp"
#endif

namespace cariosan {
namespace {

namespace json = boost::json;

std::vector<std::filesystem::path> golden_files() {
    std::vector<std::filesystem::path> files;
    for (const auto& entry :
         std::filesystem::directory_iterator(test::source_folder() / "tests/golden")) {
        if (entry.path().extension() == ".json") files.push_back(entry.path());
    }
    std::ranges::sort(files);
    return files;
}

json::value read(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
}

#ifdef CARIOSAN_POSTGRES_KIND
bool can_replay() { return test::Postgres::available(); }
/// How recent a message is counts in the order of what a search finds, by its place in the index; PostgreSQL gives places out in
/// blocks, one for each connection, so that a few messages are not ordered like in SQLite.
bool differs(const std::filesystem::path& path) { return path.filename().string().starts_with("search"); }

/// Empties the database for each scenario.
test::OpenEmptyStorage storage_of_scenario() {
    return [kind = std::make_shared<test::Postgres>()](const std::shared_ptr<Clock>& clock) { return kind->open({.clock = clock}); };
}
#else
bool can_replay() { return true; }
bool differs(const std::filesystem::path&) { return false; }
test::OpenEmptyStorage storage_of_scenario() { return {}; }
#endif

TEST_CASE("golden files equal what happens") {
    if (!can_replay()) return;
    const bool record = std::getenv("CARIOSAN_GOLDEN_RECORD") != nullptr;
    const auto files = golden_files();
    REQUIRE(files.size() >= 10);
    for (const auto& path : files) {
        if (differs(path)) continue;
        CAPTURE(path.filename().string());
        const json::value file = read(path);
        // Kept until the scenario has ended: it holds the database.
        const test::OpenEmptyStorage open_storage = storage_of_scenario();
        const json::value happened = test::Scenario(file, open_storage).replay();
        if (record) std::ofstream(path, std::ios::binary) << test::pretty(happened);
        const json::array& expected = file.at("steps").as_array();
        const json::array& steps = happened.at("steps").as_array();
        for (std::size_t i = 0; !record && i < expected.size(); ++i) {
            CAPTURE(i);
            CHECK(json::serialize(expected[i]) == json::serialize(steps[i]));
        }
    }
}

TEST_CASE("golden files cover every path and every type of frame") {
    const protocol::CommandTable table;
    const protocol::Router router(table);
    std::set<std::string> shown;
    std::set<std::string> types;
    for (const auto& path : golden_files()) {
        const json::value file = read(path);
        for (const json::value& step : file.at("steps").as_array()) {
            const json::object& object = step.as_object();
            if (object.contains("request")) {
                const std::string line(object.at("request").as_string());
                const auto target = protocol::parse_target(line.substr(line.find(' ') + 1));
                if (!target) continue;
                const auto match = router.find(line.substr(0, line.find(' ')), target->segments);
                if (match && object.at("status").as_int64() < 300) shown.emplace(match->row->name);
            }
            if (object.contains("send")) types.emplace(object.at("send").at("type").as_string());
            if (!object.contains("receive")) continue;
            for (const json::value& frame : object.at("receive").as_array())
                types.emplace(frame.at("type").as_string());
        }
    }
    for (const protocol::CommandRow& row : table.rows()) {
        CAPTURE(row.name);
        if (!row.routes.empty()) CHECK(shown.contains(std::string(row.name)));
        if (row.ack != protocol::Ack::none) CHECK(types.contains(std::string(row.name)));
    }
    std::vector<std::string_view> wanted(protocol::kServerFrames.begin(), protocol::kServerFrames.end());
    wanted.insert(wanted.end(), protocol::kBuiltInFrames.begin(), protocol::kBuiltInFrames.end());
    for (const std::string_view type : wanted) {
        CAPTURE(type);
        CHECK(types.contains(std::string(type)));
    }
}

}  // namespace
}  // namespace cariosan
