/// Prepared statements with typed binding and typed columns.
#pragma once

#include <array>
#include <cariosan/types.hpp>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "adapters/sqlite/sqlite_connection.hpp"

namespace cariosan::sqlite {

namespace detail {

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

inline int bind_blob(sqlite3_stmt* statement, int index, const void* data, std::size_t size,
                     sqlite3_destructor_type lifetime) {
    return sqlite3_bind_blob64(statement, index, data, size, lifetime);
}

/// Binds any type the tables hold. `lifetime` says whether text and blobs are copied or outlive the execution.
template <class T>
int bind(sqlite3_stmt* statement, int index, const T& value, sqlite3_destructor_type lifetime) {
    if constexpr (IsOptional<T>::value) {
        return value ? bind(statement, index, *value, lifetime) : sqlite3_bind_null(statement, index);
    } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
        return sqlite3_bind_int64(statement, index, static_cast<std::int64_t>(value));
    } else if constexpr (std::is_same_v<T, Timestamp>) {
        return sqlite3_bind_int64(statement, index, value.milliseconds);
    } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
        const std::string_view text = value;
        // A view without data would be bound as null.
        const char* data = text.data() == nullptr ? "" : text.data();
        return sqlite3_bind_text64(statement, index, data, text.size(), lifetime, SQLITE_UTF8);
    } else if constexpr (requires { value.uuid.bytes; }) {
        return bind_blob(statement, index, value.uuid.bytes.data(), value.uuid.bytes.size(), lifetime);
    } else if constexpr (requires { value.bytes; }) {
        return bind_blob(statement, index, value.bytes.data(), value.bytes.size(), lifetime);
    } else {
        return bind_blob(statement, index, value.data(), value.size(), lifetime);
    }
}

}  // namespace detail

class Statement;

/// One execution of a query: its rows, from left to right. Gives the statement back when destroyed.
class Rows {
  public:
    ~Rows() { sqlite3_reset(statement_); }
    Rows(const Rows&) = delete;
    Rows& operator=(const Rows&) = delete;

    /// Goes to the next row and its first column. False at the end and after a failure.
    bool next() {
        column_ = 0;
        return statement_ != nullptr && connection_.step(statement_) == SQLITE_ROW;
    }

    // Each reads the next column of the row.
    std::int64_t integer() { return sqlite3_column_int64(statement_, column_++); }
    bool flag() { return integer() != 0; }
    Timestamp timestamp() { return {integer()}; }
    template <class Enum>
    Enum code() {
        return static_cast<Enum>(integer());
    }
    std::string text() {
        const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column_));
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column_));
        ++column_;
        return data == nullptr ? std::string() : std::string(data, size);
    }
    std::optional<std::string> optional_text() { return skip_null() ? std::nullopt : std::optional(text()); }
    std::optional<std::int64_t> optional_integer() {
        return skip_null() ? std::nullopt : std::optional(integer());
    }
    std::optional<Timestamp> optional_timestamp() {
        return skip_null() ? std::nullopt : std::optional(timestamp());
    }
    /// A blob of fixed size; zeros if it has another.
    template <std::size_t Size>
    std::array<std::uint8_t, Size> bytes() {
        std::array<std::uint8_t, Size> out{};
        const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column_));
        if (data != nullptr && sqlite3_column_bytes(statement_, column_) == static_cast<int>(Size)) {
            std::copy(data, data + Size, out.begin());
        }
        ++column_;
        return out;
    }
    /// A blob of any size; empty for null.
    std::string blob() {
        const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column_));
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column_));
        ++column_;
        return data == nullptr ? std::string() : std::string(data, size);
    }
    Uuid uuid() { return {bytes<16>()}; }
    template <class IdType>
    IdType id() {
        return {uuid()};
    }
    /// Whether the next column is null; if so, it is passed over.
    bool skip_null() {
        if (sqlite3_column_type(statement_, column_) != SQLITE_NULL) return false;
        ++column_;
        return true;
    }
    void skip(int columns) { column_ += columns; }

  private:
    friend class Statement;
    Rows(Connection& connection, sqlite3_stmt* statement) : connection_(connection), statement_(statement) {}

    Connection& connection_;
    sqlite3_stmt* statement_;
    int column_ = 0;
};

/// A statement, prepared at its first use and kept. One execution at a time.
class Statement {
  public:
    /// The text is the parts joined.
    Statement(Connection& connection, std::initializer_list<std::string_view> parts)
        : connection_(connection) {
        for (const std::string_view part : parts) sql_ += part;
    }
    Statement(Connection& connection, std::string_view sql) : Statement(connection, {sql}) {}
    ~Statement() { sqlite3_finalize(statement_); }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    /// Starts a query. The arguments are bound in order and copied.
    template <class... Args>
    Rows query(const Args&... args) {
        return {connection_, bind_all(SQLITE_TRANSIENT, args...) ? statement_ : nullptr};
    }
    /// Runs a statement that has no rows to its end. False if it failed.
    template <class... Args>
    bool run(const Args&... args) {
        if (!bind_all(SQLITE_STATIC, args...)) return false;
        while (connection_.step(statement_) == SQLITE_ROW) {
        }
        sqlite3_reset(statement_);
        return !connection_.failed();
    }
    /// Runs a statement and says how many rows it changed; none if it failed.
    template <class... Args>
    std::int64_t change(const Args&... args) {
        return run(args...) ? sqlite3_changes64(connection_.handle()) : 0;
    }
    /// Runs an INSERT of one row and returns its rowid; 0 if it failed.
    template <class... Args>
    std::int64_t insert(const Args&... args) {
        return run(args...) ? sqlite3_last_insert_rowid(connection_.handle()) : 0;
    }
    /// Numbers as one argument, where the statement says `json_each(?)`.
    static std::string list(std::span<const std::int64_t> numbers) {
        std::string json = "[";
        for (const std::int64_t number : numbers) {
            if (json.size() > 1) json += ',';
            json += std::to_string(number);
        }
        return json + "]";
    }

    const std::string& sql() const noexcept { return sql_; }
    /// How many steps of SQLite's machine it has taken since this was asked last.
    std::int64_t take_steps() noexcept {
        return statement_ == nullptr ? 0 : sqlite3_stmt_status(statement_, SQLITE_STMTSTATUS_VM_STEP, 1);
    }

  private:
    template <class... Args>
    bool bind_all(sqlite3_destructor_type lifetime, const Args&... args) {
        if (connection_.failed() || !prepare()) return false;
        int index = 0;
        int code = SQLITE_OK;
        [[maybe_unused]] const auto bind_next = [&](const auto& value) {
            if (code == SQLITE_OK) code = detail::bind(statement_, ++index, value, lifetime);
        };
        (bind_next(args), ...);
        if (code != SQLITE_OK) connection_.fail(code);
        return code == SQLITE_OK;
    }
    bool prepare() {
        if (statement_ != nullptr) return true;
        const int code = sqlite3_prepare_v3(connection_.handle(), sql_.data(), static_cast<int>(sql_.size()),
                                            SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
        if (code != SQLITE_OK) connection_.fail(code);
        return code == SQLITE_OK;
    }

    Connection& connection_;
    std::string sql_;
    sqlite3_stmt* statement_ = nullptr;
};

}  // namespace cariosan::sqlite
