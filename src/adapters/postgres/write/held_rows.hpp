/// Rows that wait to be written together.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "adapters/postgres/pg_statement.hpp"

namespace cariosan::postgres {

/// A statement that takes any number of rows, each column as a list: "… FROM unnest($1::bigint[], $2::text[])". `run` keeps a row,
/// `send` writes all that were kept. A statement that updates must not be given the same row twice before it is sent.
class HeldRows {
  public:
    HeldRows(Connection& connection, std::initializer_list<std::string_view> parts)
        : connection_(connection), statement_(connection, parts) {}
    HeldRows(Connection& connection, std::string_view sql) : HeldRows(connection, {sql}) {}

    template <class... Values>
    bool run(const Values&... values) {
        static_assert(sizeof...(Values) <= kMaxColumns);
        if (connection_.failed()) return false;
        columns_.resize(sizeof...(Values));
        std::size_t column = 0;
        (columns_[column++].add(values), ...);
        return true;
    }
    void send();
    void drop() noexcept { columns_.clear(); }

  private:
    static constexpr std::size_t kMaxColumns = 16;

    Connection& connection_;
    Statement statement_;
    std::vector<Column> columns_;
};

}  // namespace cariosan::postgres
