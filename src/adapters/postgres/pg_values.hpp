/// Values as PostgreSQL sends and takes them in its binary format.
#pragma once

#include <cariosan/types.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace cariosan::postgres {

/// The types of columns and parameters in use, as the server numbers them.
enum class PgType : std::uint32_t {
    boolean = 16,
    bytes = 17,
    int8 = 20,
    int2 = 21,
    int4 = 23,
    text = 25,
    bytes_array = 1001,
    text_array = 1009,
    int8_array = 1016,
    uuid = 2950,
    uuid_array = 2951,
    tsvector = 3614,
    tsvector_array = 3643,
};

/// Appends a big-endian number of this width.
template <class Integer>
void append_number(std::string& out, Integer value) {
    const auto bits = static_cast<std::make_unsigned_t<Integer>>(value);
    for (std::size_t byte = sizeof(Integer); byte-- > 0;) out += static_cast<char>(bits >> (8 * byte) & 0xff);
}

/// A big-endian number of 1, 2, 4 or 8 bytes, with its sign; absent if it has another length.
std::optional<std::int64_t> read_number(std::string_view bytes);

/// A list to be bound as one parameter, where the statement says `unnest($n)` or `ANY ($n)`.
struct ListValue {
    PgType type = PgType::int8_array;
    std::string bytes;
};
ListValue list_value(std::span<const std::int64_t> numbers);
ListValue list_value(std::span<const Uuid> uuids);

/// The numbers of an array of bigint, null for which is none; absent if it is no such array.
std::optional<std::vector<std::int64_t>> read_list(std::string_view bytes);

/// Whether PostgreSQL takes it as text: UTF-8 without U+0000.
bool is_storable(std::string_view text);

/// The type that a C++ type is sent as.
template <class T>
constexpr PgType type_of() {
    if constexpr (std::is_integral_v<T> || std::is_enum_v<T> || std::is_same_v<T, Timestamp>) {
        return PgType::int8;
    } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
        return PgType::text;
    } else if constexpr (std::is_same_v<T, Uuid> || requires(T value) { value.uuid.bytes; }) {
        return PgType::uuid;
    } else if constexpr (std::is_same_v<T, ListValue>) {
        return PgType::int8_array;
    } else {
        return PgType::bytes;
    }
}

/// Hands a value of any type that the tables hold to `add_integer`, `add_bytes`, `add_text` or `add_null` of a sink.
template <class Sink, class T>
void add_value(Sink& sink, const T& value) {
    if constexpr (requires { value.has_value(); *value; }) {
        if (value) {
            add_value(sink, *value);
        } else {
            sink.add_null(type_of<std::remove_cvref_t<decltype(*value)>>());
        }
    } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
        sink.add_integer(static_cast<std::int64_t>(value));
    } else if constexpr (std::is_same_v<T, Timestamp>) {
        sink.add_integer(value.milliseconds);
    } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
        sink.add_text(value);
    } else if constexpr (std::is_same_v<T, ListValue>) {
        sink.add_bytes(value.type, value.bytes.data(), value.bytes.size());
    } else if constexpr (std::is_same_v<T, Uuid>) {
        sink.add_bytes(PgType::uuid, value.bytes.data(), value.bytes.size());
    } else if constexpr (requires { value.uuid.bytes; }) {
        add_value(sink, value.uuid);
    } else {
        sink.add_bytes(PgType::bytes, value.data(), value.size());
    }
}

/// The parameters of one execution. Keeps copies.
class Parameters {
  public:
    template <class T>
    void add(const T& value) {
        add_value(*this, value);
    }
    void add_integer(std::int64_t value);
    void add_bytes(PgType type, const void* data, std::size_t size);
    void add_text(std::string_view text);
    void add_null(PgType type);

    /// Whether a text is among them that no column can hold.
    bool has_bad_text() const noexcept { return has_bad_text_; }

    int count() const noexcept { return static_cast<int>(types_.size()); }
    const unsigned int* types() const noexcept { return types_.data(); }
    const int* lengths() const noexcept { return lengths_.data(); }
    const int* formats() const noexcept { return formats_.data(); }
    /// Valid until the next `add`.
    const char* const* values();

  private:
    std::string bytes_;
    std::vector<std::optional<std::size_t>> offsets_;
    std::vector<const char*> values_;
    std::vector<unsigned int> types_;
    std::vector<int> lengths_;
    std::vector<int> formats_;
    bool has_bad_text_ = false;
};

/// The values of one column in many rows, to be bound as one parameter.
class Column {
  public:
    template <class T>
    void add(const T& value) {
        add_value(*this, value);
    }
    void add_integer(std::int64_t value);
    void add_bytes(PgType type, const void* data, std::size_t size);
    void add_text(std::string_view text);
    void add_null(PgType type);

    bool has_bad_text() const noexcept { return has_bad_text_; }
    /// Call only if there are values.
    ListValue list() const;

  private:
    std::string elements_;
    PgType type_ = PgType::int8;
    std::int32_t count_ = 0;
    bool has_nulls_ = false;
    bool has_bad_text_ = false;
};

}  // namespace cariosan::postgres
