/// Columns of a type that the caller names. `Rows` is one execution of an adapter's statement.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace cariosan::sql {

template <class Id, class Rows>
Id read_id(Rows& rows) {
    return {rows.uuid()};
}

template <class Enum, class Rows>
Enum read_code(Rows& rows) {
    return static_cast<Enum>(rows.integer());
}

template <std::size_t Size, class Rows>
std::array<std::uint8_t, Size> read_bytes(Rows& rows) {
    return rows.template bytes<Size>();
}

/// Asks a query whose rows are read later: what is returned is called for them, once. An adapter that waits for a server sends it
/// now, so that what is asked before the first of these calls costs one round trip.
template <class Statement, class... Args>
auto ask(Statement& statement, Args... args) {
    if constexpr (requires { statement.start(args...); }) {
        return [pending = statement.start(args...)]() mutable { return pending.rows(); };
    } else {
        return [&statement, args...] { return statement.query(args...); };
    }
}

}  // namespace cariosan::sql
