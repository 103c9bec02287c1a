#include "adapters/move/row_bytes.hpp"

#include <charconv>
#include <limits>
#include <optional>
#include <vector>

#include "adapters/postgres/search/pg_words.hpp"

namespace cariosan::move {
namespace {

using postgres::append_number;
using postgres::PgType;

/// What a binary COPY begins with: no flags, no extension.
constexpr std::string_view kCopySignature("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);

/// "[1,2,3]"
std::optional<std::vector<std::int64_t>> read_list(std::string_view json) {
    if (json.size() < 2 || json.front() != '[' || json.back() != ']') return std::nullopt;
    json = json.substr(1, json.size() - 2);
    std::vector<std::int64_t> numbers;
    while (!json.empty()) {
        std::int64_t number = 0;
        const auto [end, fault] = std::from_chars(json.data(), json.data() + json.size(), number);
        if (fault != std::errc()) return std::nullopt;
        numbers.push_back(number);
        json.remove_prefix(static_cast<std::size_t>(end - json.data()));
        if (json.empty()) break;
        if (json.front() != ',') return std::nullopt;
        json.remove_prefix(1);
    }
    return numbers;
}

/// The number as a field of the column's width; absent if it does not fit.
std::optional<std::string> number_field(PgType type, std::int64_t number) {
    std::string field;
    const auto fits = [number](auto least, auto most) { return number >= least && number <= most; };
    if (type == PgType::int8) {
        append_number(field, number);
    } else if (type == PgType::int4 && fits(std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max())) {
        append_number(field, static_cast<std::int32_t>(number));
    } else if (type == PgType::int2 && fits(std::numeric_limits<std::int16_t>::min(), std::numeric_limits<std::int16_t>::max())) {
        append_number(field, static_cast<std::int16_t>(number));
    } else if (type == PgType::boolean && fits(0, 1)) {
        field += static_cast<char>(number);
    } else {
        return std::nullopt;
    }
    return field;
}

}  // namespace

void CopyData::clear() {
    bytes_.assign(kCopySignature);
    rows_ = 0;
}

const std::string& CopyData::finish() {
    append_number(bytes_, std::int16_t{-1});
    return bytes_;
}

void CopyData::append_field(std::string_view bytes) {
    append_number(bytes_, static_cast<std::int32_t>(bytes.size()));
    bytes_ += bytes;
}

bool CopyData::append(const Table& table, sqlite::Rows& rows) {
    append_number(bytes_, static_cast<std::int16_t>(table.columns.size()));
    for (const Column& column : table.columns) {
        if (append_value(column, rows)) continue;
        refused_ = table.name + "." + column.name + refused_;
        return false;
    }
    ++rows_;
    return true;
}

void CopyData::append_words(sqlite::Rows& rows) {
    const std::int64_t message = rows.integer();
    const std::int64_t channel = rows.integer();
    const postgres::ListValue words = postgres::words_of(message, rows.text());
    if (words.bytes.empty()) return;
    append_number(bytes_, std::int16_t{3});
    for (const std::int64_t number : {message, channel}) {
        append_number(bytes_, std::int32_t{8});
        append_number(bytes_, number);
    }
    append_field(words.bytes);
    ++rows_;
}

bool CopyData::append_value(const Column& column, sqlite::Rows& rows) {
    if (rows.skip_null()) {
        append_number(bytes_, std::int32_t{-1});
        return true;
    }
    if (is_number(column.type)) {
        const auto field = number_field(column.type, rows.integer());
        if (field) append_field(*field);
        else refused_ = " is out of range";
        return field.has_value();
    }
    const std::string value = rows.blob();
    switch (column.type) {
        case PgType::text:
            if (!postgres::is_storable(value)) refused_ = " is not UTF-8, or has a character U+0000";
            break;
        case PgType::uuid:
            if (value.size() != 16) refused_ = " is no UUID";
            break;
        case PgType::int8_array:
            if (const auto numbers = read_list(value)) {
                append_field(postgres::list_value(std::span<const std::int64_t>(*numbers)).bytes);
                return true;
            }
            refused_ = " is no list of numbers";
            break;
        case PgType::bytes: break;
        default: refused_ = " has a type that is not known here";
    }
    if (refused_.empty()) append_field(value);
    return refused_.empty();
}

}  // namespace cariosan::move
