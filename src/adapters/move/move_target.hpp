/// The PostgreSQL database that a move fills. While it does, the database is closed to servers, and holds how far the move is.
#pragma once

#include <cariosan/error.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "adapters/move/move_source.hpp"
#include "adapters/move/moved_tables.hpp"
#include "adapters/move/row_bytes.hpp"
#include "adapters/postgres/pg_connection.hpp"

namespace cariosan::move {

/// The next row to copy: of which table, counted in the order of `find_tables`, and how many of its rows come before.
struct Position {
    std::int64_t table = 0;
    std::int64_t rows = 0;
};

/// What was found in PostgreSQL.
enum class Found : std::uint8_t { empty, half_filled, moved_before };

class Target {
  public:
    /// Connects, and makes the tables unless a move has begun.
    static Result<std::unique_ptr<Target>> open(const std::string& connection, bool prepared_statements);

    /// Takes the database for a move from this source: closes it to servers, or takes over from a move that was interrupted.
    /// `misuse` if it holds other data, if a server is connected, or if another source was moved there.
    Result<Found> claim(const Source& source, const std::vector<Table>& tables);
    const Position& position() const noexcept { return position_; }

    /// Stores rows of a table with their words, and that the move is there now, in one transaction. `misuse` if another move has taken over.
    Result<Done> store(const Table& table, CopyData& rows, CopyData& words, Position reached);
    /// When all rows are there: new rows get ids above those that the source has ever given.
    Result<Done> set_next_ids(const std::vector<Table>& tables, sqlite::Connection& source);
    /// Opens the database to servers.
    Result<Done> release();

    postgres::Connection& connection() noexcept { return connection_; }
    /// Runs `body` as one transaction. `body` reports errors through the connection.
    Result<Done> transaction(const std::function<void()>& body, const char* begin = "BEGIN");

  private:
    Target(const std::string& connection, bool prepared_statements);
    Result<Done> make_tables();
    bool is_begun();
    void take_over(const Source& source);
    bool holds_rows(const std::vector<Table>& tables);
    void begin(const Source& source);
    void refuse_if_used();

    postgres::Connection connection_;
    std::string run_;  ///< names this move, so that another one is noticed
    Position position_;
};

}  // namespace cariosan::move
