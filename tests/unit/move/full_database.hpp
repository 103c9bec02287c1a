/// A SQLite database with rows in every table.
#pragma once

#include <cariosan/adapters/sqlite.hpp>
#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "support/temporary_folder.hpp"

namespace cariosan::test {

/// Runs SQL on a file, and returns the first column of each row.
inline std::vector<std::string> run_sqlite(const std::string& path, const std::string& sql) {
    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READWRITE, nullptr);
    const std::unique_ptr<sqlite3, int (*)(sqlite3*)> handle(opened, sqlite3_close);
    if (code != SQLITE_OK) throw std::runtime_error("cannot open " + path);
    std::vector<std::string> values;
    const auto collect = [](void* out, int, char** columns, char**) {
        static_cast<std::vector<std::string>*>(out)->emplace_back(columns[0] == nullptr ? "" : columns[0]);
        return 0;
    };
    if (sqlite3_exec(handle.get(), sql.c_str(), collect, &values, nullptr) != SQLITE_OK) {
        throw std::runtime_error(sqlite3_errmsg(handle.get()));
    }
    return values;
}

/// Its values say nothing; but each column has large and small ones, and nulls where it may.
class FullDatabase {
  public:
    static constexpr int kRows = 10;

    FullDatabase() {
        if (!open_sqlite({.path = path(), .search = false})) throw std::runtime_error("no database");
        for (const std::string& table : tables()) {
            for (int row = 1; row <= kRows; ++row) run(insert_into(table, row));
        }
        run("UPDATE push_queue SET pending = 7; UPDATE purged_messages SET last_id = 500");
        run("INSERT INTO devices (id, workspace_id, user_id, platform, created_at, token) VALUES (900, 1, 1, 1, 1, 'gone')");
        run("DELETE FROM devices WHERE id = 900");
    }

    std::string path() const { return folder_ / "chat.db"; }
    std::vector<std::string> run(const std::string& sql) const { return run_sqlite(path(), sql); }
    std::string value(const std::string& sql) const { return run(sql).at(0); }

    /// All but those of one row, and those of SQLite's search.
    std::vector<std::string> tables() const {
        return run("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
                   " AND name NOT IN ('meta', 'search_jobs', 'purged_messages', 'push_queue') ORDER BY name");
    }

  private:
    std::string insert_into(const std::string& table, int row) const {
        std::string names;
        std::string values;
        const std::string of_table = " FROM pragma_table_info('" + table + "') ORDER BY cid";
        const auto columns = run("SELECT name" + of_table);
        const auto types = run("SELECT type" + of_table);
        const auto nullable = run("SELECT pk = 0 AND \"notnull\" = 0" + of_table);
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const bool null = nullable[i] == "1" && (row + static_cast<int>(i)) % 3 == 0;
            names += (i == 0 ? "\"" : ", \"") + columns[i] + "\"";
            values += (i == 0 ? "" : ", ") + (null ? "NULL" : make_value(columns[i], types[i], row));
        }
        return "INSERT INTO " + table + " (" + names + ") VALUES (" + values + ")";
    }

    static std::string make_value(const std::string& column, const std::string& type, int row) {
        const auto ends = [&column](std::string_view end) { return column.ends_with(end); };
        if (column == "devices") return row % 2 == 0 ? "'[]'" : "'[" + std::to_string(row) + ",30000000000]'";
        if (type == "BLOB") return "x'" + std::string(column.size() % 2 == 0 ? "00ff" : "80c3") + std::string(27, '0') + std::to_string(row % 10) + "'";
        if (type == "TEXT") return "'" + column + " " + std::to_string(row) + " é\n😀 '";
        if (column == "id" || ends("_id") || ends("seq") || column.starts_with("direct_")) return std::to_string(row);
        if (ends("_at") || ends("rev") || column == "until") return std::to_string(1'700'000'000'000 + row);
        return std::to_string(row % 3);
    }

    TemporaryFolder folder_;
};

}  // namespace cariosan::test
