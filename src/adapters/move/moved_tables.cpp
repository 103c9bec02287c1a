#include "adapters/move/moved_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "adapters/move/move_errors.hpp"
#include "adapters/postgres/pg_statement.hpp"
#include "adapters/sqlite/statement.hpp"

namespace cariosan::move {
namespace {

using postgres::PgType;

/// Of the file itself, and of SQLite's search index.
constexpr std::array<std::string_view, 3> kNotMoved{"meta", "search_jobs", "purged_messages"};

/// A column that is not copied as it stands.
struct Rule {
    std::string_view table;
    std::string_view column;
    std::string_view in_sqlite;
};
/// Leases end as when the file is opened: their holders are gone.
constexpr std::array<Rule, 4> kRules{{
    {"webhooks", "lease_owner", "NULL"},
    {"webhooks", "leased_until", "0"},
    {"push_jobs", "owner", "NULL"},
    {"push_jobs", "due_at", "CASE WHEN owner IS NULL THEN due_at ELSE created_at END"},
}};

std::string in_quotes(std::string_view name) { return fmt::format("\"{}\"", name); }

std::string read_of_sqlite(const std::string& table, const std::string& column) {
    for (const Rule& rule : kRules) {
        if (rule.table == table && rule.column == column) return std::string(rule.in_sqlite);
    }
    return in_quotes(column);
}

/// SQLite keeps a list of numbers as JSON.
std::string read_of_postgres(const std::string& column, PgType type) {
    return type == PgType::int8_array ? fmt::format("array_to_json({})::text", in_quotes(column)) : in_quotes(column);
}

bool has(const Table& table, std::string_view name) { return std::ranges::find(table.columns, name, &Column::name) != table.columns.end(); }

std::string channel_of(const Table& table) {
    if (table.name == "channels") return in_quotes("id");
    if (has(table, "channel_id")) return in_quotes("channel_id");
    if (!has(table, "message_id")) return "0";
    return fmt::format("coalesce((SELECT m.channel_id FROM messages m WHERE m.id = {}.message_id), 0)", in_quotes(table.name));
}

std::vector<Table> tables_of(sqlite::Connection& source) {
    std::vector<Table> tables;
    sqlite::Statement find(source, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
                                   " ORDER BY name");
    auto rows = find.query();
    while (rows.next()) {
        Table table;
        table.name = rows.text();
        if (std::ranges::find(kNotMoved, table.name) == kNotMoved.end()) tables.push_back(std::move(table));
    }
    return tables;
}

void read_columns(sqlite::Connection& source, Table& table) {
    sqlite::Statement columns(source, "SELECT name FROM pragma_table_info(?1) ORDER BY cid");
    auto rows = columns.query(table.name);
    while (rows.next()) {
        Column column;
        column.name = rows.text();
        column.in_sqlite = read_of_sqlite(table.name, column.name);
        table.columns.push_back(std::move(column));
    }
    sqlite::Statement keys(source, "SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk");
    auto key = keys.query(table.name);
    while (key.next()) table.key += (table.key.empty() ? "" : ", ") + in_quotes(key.text());
    table.channel = channel_of(table);
    sqlite::Statement count(source, {"SELECT count(*) FROM ", in_quotes(table.name)});
    auto counted = count.query();
    if (counted.next()) table.rows = counted.integer();
}

Result<Done> read_types(postgres::Connection& target, Table& table) {
    postgres::Statement type(target, "SELECT atttypid::bigint FROM pg_attribute WHERE attrelid = to_regclass($1)"
                                     " AND attname = $2 AND NOT attisdropped AND attnum > 0");
    for (Column& column : table.columns) {
        postgres::Rows rows = type.query(table.name, column.name);
        if (target.failed()) return target.failure();
        if (!rows.next()) {
            return refused(fmt::format("the versions do not match: PostgreSQL's tables have no {}.{}", table.name, column.name));
        }
        column.type = static_cast<PgType>(rows.integer());
        column.in_postgres = read_of_postgres(column.name, column.type);
    }
    return Done{};
}

/// Of a message, also what its words are made of.
std::string_view searched(const Table& table) {
    return table.has_words() ? ", id, channel_id, CASE WHEN deleted_at IS NULL THEN content ELSE '' END" : "";
}

template <class Text>
std::string joined(const std::vector<Column>& columns, Text text) {
    std::string list;
    for (const Column& column : columns) {
        if (!list.empty()) list += ", ";
        list += text(column);
    }
    return list;
}

}  // namespace

std::string Table::select_from_sqlite() const {
    return fmt::format("SELECT {}, {}{} FROM {} ORDER BY {} LIMIT -1 OFFSET ?1",
                       joined(columns, [](const Column& column) { return column.in_sqlite; }), channel, searched(*this), in_quotes(name), key);
}

std::string Table::select_from_postgres() const {
    return fmt::format("SELECT {}, {} FROM {} ORDER BY {}", joined(columns, [](const Column& column) { return column.in_postgres; }),
                       channel, in_quotes(name), key);
}

std::string Table::copy_to_postgres() const {
    return fmt::format("COPY {} ({}) FROM STDIN (FORMAT binary)", in_quotes(name),
                       joined(columns, [](const Column& column) { return in_quotes(column.name); }));
}

Result<std::vector<Table>> find_tables(sqlite::Connection& source, postgres::Connection& target) {
    std::vector<Table> tables = tables_of(source);
    for (Table& table : tables) {
        read_columns(source, table);
        if (source.failed()) return source.failure();
        if (auto known = read_types(target, table); !known) return known.error();
    }
    if (source.failed()) return source.failure();
    return tables;
}

}  // namespace cariosan::move
