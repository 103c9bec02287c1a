// From a user's query to a search: the first line is the query, the rest a message that it is matched with.
#include <cariosan/adapters/sqlite.hpp>
#include <cariosan/limits.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sqlite/search/index_text.hpp"
#include "adapters/sqlite/sqlite_connection.hpp"
#include "adapters/sqlite/statement.hpp"
#include "core/search/search_text.hpp"
#include "core/text/text.hpp"

namespace {

/// An in-memory index with at most one message.
struct Index {
    Index() {
        connection->execute(cariosan::sqlite::kSearchTable);
        if (connection->failed()) std::abort();
    }
    std::unique_ptr<cariosan::sqlite::Connection> connection =
        *cariosan::sqlite::Connection::open(":memory:", cariosan::sqlite::Connection::Access::create, nullptr);
    cariosan::sqlite::Statement add{*connection, "INSERT INTO message_words (rowid, channel, text) VALUES (1, char(1) || '1', ?1)"};
    cariosan::sqlite::Statement take_back{
        *connection, "INSERT INTO message_words (message_words, rowid, channel, text) VALUES ('delete', 1, char(1) || '1', ?1)"};
    cariosan::sqlite::Statement find{*connection, "SELECT rowid FROM message_words WHERE message_words MATCH ?1"};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cariosan;
    static Index index;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    if (!core::is_utf8(input) || core::has_nul(input)) return 0;
    const std::string_view query = input.substr(0, input.find('\n'));
    const std::string_view text = query.size() < input.size() ? input.substr(query.size() + 1) : query;
    if (query.size() > 256) return 0;

    const auto terms = core::parse_query(query, Limits{});
    if (!terms) return 0;
    const auto match = core::match_text(text, *terms);
    SearchHit hit;
    core::cut_snippet(hit, text, match.highlights);
    std::int64_t end = 0;
    for (const auto& each : hit.highlights) {
        if (each.start < end || each.length < 1) std::abort();
        end = each.start + each.length;
    }
    if (!core::is_utf8(hit.snippet) || end > static_cast<std::int64_t>(core::count_code_points(hit.snippet))) {
        std::abort();
    }
    if (terms->empty()) return 0;
    // A text with highlights must be found by each of the query's tokens.
    const std::string words = sqlite::searchable_text(text);
    index.add.run(words);
    std::vector<SearchTerm> wanted;
    for (const auto& each : *terms) wanted.push_back(each.term);
    const auto tokens = sqlite::tokens_of(wanted);
    bool found = !tokens.empty();
    for (const auto& token : tokens) {
        sqlite::Rows rows = index.find.query(sqlite::match_expression(token));
        found = rows.next() && found;
    }
    for (const auto& token : sqlite::tokens_of({{.text = std::string(query), .prefix = true}})) {
        sqlite::Rows rows = index.find.query(sqlite::match_expression(token));
        rows.next();
    }
    index.take_back.run(words);
    if (index.connection->failed() || (match.complete && !found)) std::abort();
    return 0;
}
