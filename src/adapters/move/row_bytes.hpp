/// Rows as bytes: as PostgreSQL's COPY takes them, and as both sides are compared.
#pragma once

#include <cariosan/error.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/move/moved_tables.hpp"
#include "adapters/postgres/pg_values.hpp"
#include "adapters/sqlite/statement.hpp"

namespace cariosan::move {

inline bool is_number(postgres::PgType type) {
    using postgres::PgType;
    return type == PgType::int8 || type == PgType::int2 || type == PgType::int4 || type == PgType::boolean;
}

/// Appends a row of either side in one form. Equal rows give equal bytes, different ones different bytes.
template <class Rows>
void append_compared(std::string& out, const Table& table, Rows& rows) {
    for (const Column& column : table.columns) {
        if (rows.skip_null()) {
            out += '\0';
            continue;
        }
        out += '\1';
        if (is_number(column.type)) {
            postgres::append_number(out, rows.integer());
            continue;
        }
        const std::string bytes = rows.blob();
        postgres::append_number(out, static_cast<std::int64_t>(bytes.size()));
        out += bytes;
    }
}

/// The rows of a COPY in binary format.
class CopyData {
  public:
    CopyData() { clear(); }

    /// Appends the present row. False if PostgreSQL cannot hold a value: `refused` says which.
    bool append(const Table& table, sqlite::Rows& rows);
    /// Appends the words of a message, whose id, channel and text are read next, as a row of the search index; nothing if it has none.
    void append_words(sqlite::Rows& rows);
    std::int64_t rows() const noexcept { return rows_; }
    std::size_t size() const noexcept { return bytes_.size(); }
    /// All of it, with its end. Call `clear` before the next row.
    const std::string& finish();
    void clear();
    /// "messages.content is not UTF-8", without any of the value.
    const std::string& refused() const noexcept { return refused_; }

  private:
    bool append_value(const Column& column, sqlite::Rows& rows);
    void append_field(std::string_view bytes);

    std::string bytes_;
    std::int64_t rows_ = 0;
    std::string refused_;
};

}  // namespace cariosan::move
