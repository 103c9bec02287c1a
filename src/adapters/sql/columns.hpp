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

}  // namespace cariosan::sql
