/// Which tables a move copies, and how a column is called on each side.
#pragma once

#include <cariosan/error.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "adapters/postgres/pg_connection.hpp"
#include "adapters/sqlite/sqlite_connection.hpp"

namespace cariosan::move {

struct Column {
    std::string name;
    postgres::PgType type = postgres::PgType::int8;  ///< in PostgreSQL
    std::string in_sqlite;                           ///< what is read of SQLite, and copied
    std::string in_postgres;                         ///< what is read of PostgreSQL to compare it
};

struct Table {
    std::string name;
    std::vector<Column> columns;
    std::string key;      ///< the columns of its primary key, for ORDER BY
    std::string channel;  ///< which channel a row belongs to, as SQL for both sides; 0: none
    std::int64_t rows = 0;  ///< in SQLite

    /// Whether its rows are searched by their words.
    bool has_words() const { return name == "messages"; }

    /// Its rows in the order of the key, and the channel of each after the columns. Of SQLite, what `CopyData::append_words` reads
    /// follows if it `has_words`.
    std::string select_from_sqlite() const;
    std::string select_from_postgres() const;
    /// COPY … FROM STDIN of all columns, in PostgreSQL's binary format.
    std::string copy_to_postgres() const;
};

/// The tables of a SQLite database, with the columns that it says they have. `misuse` if PostgreSQL lacks one of them.
Result<std::vector<Table>> find_tables(sqlite::Connection& source, postgres::Connection& target);

}  // namespace cariosan::move
