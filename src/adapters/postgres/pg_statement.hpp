/// Statements with typed parameters, and their rows with typed columns.
#pragma once

#include <array>
#include <cariosan/types.hpp>
#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/postgres/pg_connection.hpp"

namespace cariosan::postgres {

/// The rows of one execution of a query, each read from left to right. They are all in memory: statements that may find many have
/// a LIMIT. Other statements may run meanwhile.
class Rows {
  public:
    /// No rows.
    explicit Rows(Connection& connection) : connection_(&connection) {}
    Rows(Connection& connection, std::shared_ptr<Answer> answer) : connection_(&connection), answer_(std::move(answer)) {}
    /// Some rows of an answer, without its first columns.
    Rows(Connection& connection, std::shared_ptr<Answer> answer, int first_row, int rows, int first_column)
        : connection_(&connection),
          answer_(std::move(answer)),
          row_(first_row - 1),
          end_(first_row + rows),
          first_column_(first_column),
          column_(first_column) {}
    Rows(Rows&&) = default;
    Rows& operator=(Rows&&) = default;
    Rows(const Rows&) = delete;
    Rows& operator=(const Rows&) = delete;

    /// Goes to the next row and its first column. False at the end and after a failure.
    bool next() {
        column_ = first_column_;
        return ++row_ < (end_ < 0 ? count() : readable() ? end_ : 0);
    }
    /// How many rows the answer has.
    int count() const { return readable() ? PQntuples(answer_->result.get()) : 0; }
    /// The bytes of the next column as the server sent them; none for null.
    std::string_view raw() { return take(); }

    // Each reads the next column of the row.
    std::int64_t integer();
    bool flag() { return integer() != 0; }
    Timestamp timestamp() { return {integer()}; }
    template <class Enum>
    Enum code() {
        return static_cast<Enum>(integer());
    }
    std::string text() { return std::string(take()); }
    std::optional<std::string> optional_text() { return skip_null() ? std::nullopt : std::optional(text()); }
    std::optional<std::int64_t> optional_integer() { return skip_null() ? std::nullopt : std::optional(integer()); }
    std::optional<Timestamp> optional_timestamp() { return skip_null() ? std::nullopt : std::optional(timestamp()); }
    /// Bytes of fixed size; zeros if there are more or fewer.
    template <std::size_t Size>
    std::array<std::uint8_t, Size> bytes() {
        std::array<std::uint8_t, Size> out{};
        const std::string_view data = take();
        if (data.size() == Size) std::copy(data.begin(), data.end(), out.begin());
        return out;
    }
    /// Bytes of any size; empty for null.
    std::string blob() { return text(); }
    /// An array of bigint; empty for null.
    std::vector<std::int64_t> integers();
    Uuid uuid() { return {bytes<16>()}; }
    template <class IdType>
    IdType id() {
        return {uuid()};
    }
    /// Whether the next column is null; if so, it is passed over.
    bool skip_null();
    void skip(int columns) { column_ += columns; }

  private:
    bool readable() const { return answer_ != nullptr && answer_->result != nullptr && !connection_->failed(); }
    /// The bytes of the next column; none for null.
    std::string_view take();

    Connection* connection_;
    std::shared_ptr<Answer> answer_;
    int row_ = -1;
    int end_ = -1;  ///< below 0: the last row of the answer is the last
    int first_column_ = 0;
    int column_ = 0;
};

/// A query that was sent and not waited for: several of them cost one round trip.
class Pending {
  public:
    Pending(Connection& connection, std::shared_ptr<Answer> answer) : connection_(&connection), answer_(std::move(answer)) {}
    /// Waits if need be.
    Rows rows() {
        if (answer_ != nullptr) connection_->wait(*answer_);
        return Rows(*connection_, answer_);
    }
    /// What its rows are read from; null if it was not sent. Waits if need be.
    const std::shared_ptr<Answer>& answer() {
        if (answer_ != nullptr) connection_->wait(*answer_);
        return answer_;
    }

  private:
    Connection* connection_;
    std::shared_ptr<Answer> answer_;
};

/// When the server plans a statement: once for a session, or at each execution in a transaction, for the values of its parameters.
enum class Planned : std::uint8_t { once, each_time };

/// A statement. One that is planned once is prepared by the server at its first use in a session.
class Statement {
  public:
    /// The text is the parts joined.
    Statement(Connection& connection, std::initializer_list<std::string_view> parts, Planned planned = Planned::once)
        : connection_(connection), planned_(planned) {
        for (const std::string_view part : parts) sql_ += part;
    }
    Statement(Connection& connection, std::string_view sql, Planned planned = Planned::once)
        : Statement(connection, {sql}, planned) {}
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    /// A list to bind where the statement says `unnest($n)`.
    static ListValue list(std::span<const std::int64_t> numbers) { return list_value(numbers); }
    static ListValue list(std::span<const Uuid> uuids) { return list_value(uuids); }

    /// Sends a query without waiting for it.
    template <class... Args>
    Pending start(const Args&... args) {
        return {connection_, send(true, args...)};
    }
    template <class... Args>
    Rows query(const Args&... args) {
        Rows rows = start(args...).rows();
        rows_read_ += rows.count();
        return rows;
    }
    /// Sends a statement without waiting for it: its failure shows later. False after a failure.
    template <class... Args>
    bool run(const Args&... args) {
        return send(false, args...) != nullptr;
    }
    /// Sends a statement whose parameters are the columns of many rows.
    bool write_lists(std::span<const Column> columns);
    /// How many rows it changed.
    template <class... Args>
    std::int64_t change(const Args&... args) {
        const auto answer = send(false, args...);
        return answer != nullptr && connection_.wait(*answer) ? changed_rows(*answer) : 0;
    }
    /// The id of the row it made, which it returns: "… RETURNING id".
    template <class... Args>
    std::int64_t insert(const Args&... args) {
        const auto answer = send(false, args...);
        if (answer == nullptr || !connection_.wait(*answer)) return 0;
        Rows rows(connection_, answer);
        return rows.next() ? rows.integer() : 0;
    }

    const std::string& sql() const noexcept { return sql_; }
    /// How many rows it has read since this was asked last, and one for each query.
    std::int64_t take_steps() noexcept { return std::exchange(rows_read_, 0); }

  private:
    /// A text that PostgreSQL cannot hold equals none in it: a query for one finds nothing. Writing one is an error.
    template <class... Args>
    std::shared_ptr<Answer> send(bool query, const Args&... args) {
        Parameters parameters;
        (parameters.add(args), ...);
        if (query) {
            ++rows_read_;
        } else {
            connection_.count_change();
        }
        if (parameters.has_bad_text()) return refuse(query);
        return planned_ == Planned::once ? connection_.send(sql_, parameters, true) : connection_.send_planned(sql_, parameters);
    }
    std::shared_ptr<Answer> refuse(bool query);
    static std::int64_t changed_rows(const Answer& answer);

    Connection& connection_;
    std::string sql_;
    Planned planned_;
    std::int64_t rows_read_ = 0;
};

}  // namespace cariosan::postgres
