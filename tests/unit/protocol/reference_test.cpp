// The protocol reference (src/protocol/reference) describes everything the code does, and nothing else.
#include <cariosan/webhooks.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <boost/json/stream_parser.hpp>
#include <boost/json/value.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "protocol/commands/command_table.hpp"
#include "protocol/describe/openapi.hpp"
#include "protocol/errors.hpp"
#include "protocol/rest/router.hpp"
#include "protocol/socket/frame_types.hpp"
#include "support/source_folder.hpp"

namespace cariosan::protocol {
namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

const fs::path kRoot = test::source_folder();
const fs::path kReference = kRoot / "src/protocol/reference";

std::string text_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    REQUIRE(file);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// The files of the reference by name.
const std::map<std::string, std::string>& pages() {
    static const std::map<std::string, std::string> all = [] {
        std::map<std::string, std::string> found;
        for (const auto& entry : fs::directory_iterator(kReference)) {
            found[entry.path().filename().string()] = text_of(entry.path());
        }
        return found;
    }();
    return all;
}

std::vector<std::smatch> matches(const std::string& text, const std::regex& pattern) {
    return {std::sregex_iterator(text.begin(), text.end(), pattern), {}};
}

std::vector<std::string> cells_of(const std::string& line) {
    std::vector<std::string> cells;
    std::istringstream stream(line.substr(line.find('|') + 1));
    for (std::string cell; std::getline(stream, cell, '|');) {
        const auto begin = cell.find_first_not_of(' ');
        cells.push_back(begin == std::string::npos ? "" : cell.substr(begin, cell.find_last_not_of(' ') - begin + 1));
    }
    return cells;
}

/// The rows of all tables whose first column has this title, without header and separator.
std::vector<std::vector<std::string>> rows_under(const std::string& title) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& [name, text] : pages()) {
        std::istringstream stream(text);
        bool inside = false;
        for (std::string line; std::getline(stream, line);) {
            if (!line.starts_with('|')) {
                inside = false;
            } else if (line.starts_with("| " + title + " |")) {
                inside = true;
            } else if (inside && !line.starts_with("| ---")) {
                rows.push_back(cells_of(line));
            }
        }
    }
    return rows;
}

/// The first column of those tables, without backticks. A name must not occur twice.
Names documented(const std::string& title) {
    Names names;
    for (const auto& cells : rows_under(title)) {
        std::string name = cells.front();
        std::erase(name, '`');
        CAPTURE(name);
        CHECK(names.insert(name).second);
    }
    return names;
}

void check_same(const Names& written, const Names& real) {
    for (const std::string& name : real) {
        CAPTURE(name);
        CHECK_MESSAGE(written.contains(name), "in the code, but not in the reference");
    }
    for (const std::string& name : written) {
        CAPTURE(name);
        CHECK_MESSAGE(real.contains(name), "in the reference, but not in the code");
    }
}

std::string line_of(const Route& route) { return std::string(route.method) + " " + std::string(route.path); }

/// The row about this route; empty if there is none.
std::string row_of(const std::string& page, const Route& route) {
    const std::size_t begin = page.find("\n| `" + line_of(route) + "` ");
    return begin == std::string::npos ? "" : page.substr(begin + 1, page.find('\n', begin + 1) - begin - 1);
}

bool is_open_path(const std::string& path) {
    static const Names open = {"/healthz", "/readyz", "/metrics", "/openapi.json", "/asyncapi.json", "/v1/ws"};
    return open.contains(path);
}

TEST_CASE("reference: each route is in the right part, with all its fields") {
    const CommandTable table;
    const std::string& backend = pages().at("backend.md");
    const std::string& client = pages().at("client.md");
    for (const CommandRow& row : table.rows()) {
        for (const Route& route : row.routes) {
            CAPTURE(line_of(route));
            const std::string for_backend = row_of(backend, route);
            const std::string for_client = row_of(client, route);
            CHECK(!for_backend.empty() == row.callers.contains(Caller::Kind::backend));
            CHECK(!for_client.empty() == row.callers.contains(Caller::Kind::user));
            for (const Field& field : row.fields) {
                CAPTURE(field.name);
                const std::string name(field.header.empty() ? field.name : field.header);
                if (route.path.find("{" + name + "}") != std::string_view::npos) continue;
                CHECK((for_backend + for_client).find("`" + name) != std::string::npos);
            }
        }
    }
}

std::string callers_of(const CommandRow& row) {
    std::string callers;
    const auto add = [&](Caller::Kind kind, const char* name) {
        if (row.callers.contains(kind)) callers.append(callers.empty() ? "" : ", ").append(name);
    };
    add(Caller::Kind::host, "host");
    add(Caller::Kind::backend, "backend");
    add(Caller::Kind::user, "user");
    return callers;
}

TEST_CASE("reference: the names of all commands, with their routes and callers") {
    const CommandTable table;
    Names real;
    for (const CommandRow& row : table.rows()) real.emplace(row.name);
    check_same(documented("command"), real);
    for (const auto& cells : rows_under("command")) {
        const std::string name = cells.at(0).substr(1, cells.at(0).size() - 2);
        CAPTURE(name);
        const CommandRow* row = table.find(name);
        if (row == nullptr) continue;
        std::string routes;
        for (const Route& route : row->routes) {
            routes.append(routes.empty() ? "" : "; ").append("`" + line_of(route) + "`");
        }
        CHECK(cells.at(1) == (routes.empty() ? "–" : routes));
        CHECK(cells.at(2) == callers_of(*row));
    }
}

/// Names of members in golden files and schemas.
Names known_members() {
    static const std::regex kMember(R"re("([a-z_-]+)"\s*:)re");
    Names known;
    std::string text = openapi_document(CommandTable(), Limits{}, {});
    for (const auto& entry : fs::directory_iterator(kRoot / "tests/golden")) {
        if (entry.path().extension() == ".json") text += text_of(entry.path());
    }
    for (const std::smatch& match : matches(text, kMember)) known.insert(match[1]);
    return known;
}

void check_members(const boost::json::value& value, const Names& known) {
    if (const auto* array = value.if_array()) {
        for (const auto& item : *array) check_members(item, known);
    } else if (const auto* object = value.if_object()) {
        for (const auto& [name, member] : *object) {
            const std::string text(name);
            CAPTURE(text);
            CHECK((known.contains(text) || text.starts_with("0190")));
            check_members(member, known);
        }
    }
}

TEST_CASE("reference: the examples are JSON with existing members") {
    const Names known = known_members();
    static const std::regex kBlock(R"(```json\n([^`]*)```)");
    std::size_t seen = 0;
    for (const auto& [page, text] : pages()) {
        // Lines of a file, not objects of the protocol.
        if (page == "import.md") continue;
        const std::string& file = page;
        CAPTURE(file);
        for (const std::smatch& match : matches(text, kBlock)) {
            // Several values may follow each other.
            std::string rest = match[1];
            CAPTURE(rest);
            while (rest.find_first_not_of(" \n") != std::string::npos) {
                boost::json::stream_parser parser;
                boost::json::error_code error;
                const std::size_t used = parser.write_some(rest.data(), rest.size(), error);
                REQUIRE(!error);
                REQUIRE(parser.done());
                check_members(parser.release(), known);
                rest.erase(0, used);
                ++seen;
            }
        }
    }
    CHECK(seen >= 15);
}

TEST_CASE("reference: no route is mentioned that does not exist") {
    const CommandTable table;
    const Router router(table);
    Names templates;
    for (const CommandRow& row : table.rows()) {
        for (const Route& route : row.routes) templates.insert(line_of(route));
    }
    static const std::regex kRoute(R"((GET|HEAD|POST|PUT|PATCH|DELETE) (/[^\s`|)?]*))");
    std::size_t seen = 0;
    for (const auto& [page, text] : pages()) {
        for (const std::smatch& match : matches(text, kRoute)) {
            const std::string line = match[0];
            const std::string path = match[2];
            const std::string& file = page;
            CAPTURE(file);
            CAPTURE(line);
            ++seen;
            if (is_open_path(path)) {
                CHECK(match[1] == "GET");
            } else if (path.find('{') != std::string::npos) {
                CHECK(templates.contains(line));
            } else {
                const auto target = parse_target(path);
                REQUIRE(target);
                CHECK(router.find(match[1].str(), target->segments));
            }
        }
    }
    CHECK(seen > templates.size());
}

TEST_CASE("reference: the frames in both directions") {
    const CommandTable table;
    Names client(kBuiltInFrames.begin(), kBuiltInFrames.end());
    for (const CommandRow& row : table.rows()) {
        if (row.ack != Ack::none) client.emplace(row.name);
    }
    check_same(documented("client frame"), client);
    check_same(documented("server frame"), Names(kServerFrames.begin(), kServerFrames.end()));
}

TEST_CASE("reference: error codes with their statuses") {
    std::map<std::string, std::string> real;
    std::map<std::string, std::string> meanings;
    for (int number = 0; number <= static_cast<int>(ErrorCode::misuse); ++number) {
        const auto code = static_cast<ErrorCode>(number);
        const std::string name(to_string(code));
        // A code that never leaves the process is reported as another one.
        if (error_envelope(Error(code, ""), "").find("\"" + name + "\"") != std::string::npos) {
            real[name] = std::to_string(http_status(code));
            meanings[name] = meaning_of(code);
        }
    }
    Names names;
    for (const auto& [name, status] : real) names.insert(name);
    check_same(documented("code"), names);
    for (const auto& cells : rows_under("code")) {
        CAPTURE(cells.front());
        const std::string name = cells.front().substr(1, cells.front().size() - 2);
        CHECK(cells.at(1) == real[name]);
        CHECK(cells.at(2) == meanings[name]);
    }
    static const std::regex kCode(R"(`([A-Z]+(_[A-Z]+)+)`)");
    for (const auto& [page, text] : pages()) {
        for (const std::smatch& match : matches(text, kCode)) {
            const std::string& file = page;
            CAPTURE(file);
            CAPTURE(match[1].str());
            CHECK((match[1].str().starts_with("CARIOS_") || names.contains(match[1])));
        }
    }
}

TEST_CASE("reference: the close codes") {
    static const std::regex kConstant(R"(inline constexpr std::uint16_t \w+ = (\d+);(.*))");
    const std::string header = text_of(kRoot / "include/cariosan/session.hpp");
    Names real;
    for (const std::smatch& match : matches(header, kConstant)) {
        if (match[2].str().find("never on the wire") == std::string::npos) real.insert(match[1]);
    }
    check_same(documented("close code"), real);
}

TEST_CASE("reference: webhook events") {
    Names real;
    for (unsigned number = 0; number < kWebhookEvents; ++number) {
        real.emplace(to_string(static_cast<WebhookEvent>(number)));
    }
    check_same(documented("webhook event"), real);
}

TEST_CASE("reference: every section that a comment refers to exists, and every link has a target") {
    Names sections;
    for (const auto& cells : rows_under("section")) {
        std::istringstream numbers(cells.front());
        for (std::string number; numbers >> number;) sections.insert(number.substr(0, number.find(',')));
    }
    // An integer that only exists in parts, and 3.3, which shares a page.
    sections.insert("3.3");
    static const std::regex kSection(R"([Ss]ection (\d+(\.\d+)?) of[\s/]+the\s+protocol)");
    for (const char* folder : {"src", "include", "examples"}) {
        for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder)) {
            const std::string kind = entry.path().extension().string();
            if (kind != ".hpp" && kind != ".cpp" && kind != ".h" && kind != ".md") continue;
            const std::string text = text_of(entry.path());
            for (const std::smatch& match : matches(text, kSection)) {
                CAPTURE(entry.path().string());
                CAPTURE(match[1].str());
                CHECK(sections.contains(match[1]));
            }
        }
    }
    static const std::regex kLink(R"(\]\(([^)#:]+)(#[^)]*)?\))");
    for (const auto& [page, text] : pages()) {
        for (const std::smatch& match : matches(text, kLink)) {
            const std::string& file = page;
            CAPTURE(file);
            CAPTURE(match[1].str());
            CHECK(fs::exists(kReference / match[1].str()));
        }
    }
}

}  // namespace
}  // namespace cariosan::protocol
