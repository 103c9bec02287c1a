#include "adapters/postgres/pg_values.hpp"

#include "encoding/utf8.hpp"

namespace cariosan::postgres {
namespace {

constexpr int kBinary = 1;

/// The head of an array of one dimension, numbered from 1.
void append_array_head(std::string& out, PgType element, std::size_t count, bool has_nulls = false) {
    append_number(out, std::int32_t{count == 0 ? 0 : 1});
    append_number(out, std::int32_t{has_nulls ? 1 : 0});
    append_number(out, static_cast<std::uint32_t>(element));
    if (count == 0) return;
    append_number(out, static_cast<std::int32_t>(count));
    append_number(out, std::int32_t{1});
}

PgType array_of(PgType element) {
    switch (element) {
        case PgType::text: return PgType::text_array;
        case PgType::bytes: return PgType::bytes_array;
        case PgType::uuid: return PgType::uuid_array;
        case PgType::tsvector: return PgType::tsvector_array;
        default: return PgType::int8_array;
    }
}

}  // namespace

std::optional<std::int64_t> read_number(std::string_view bytes) {
    std::uint64_t bits = 0;
    for (const char byte : bytes) bits = bits << 8 | static_cast<unsigned char>(byte);
    switch (bytes.size()) {
        case 1: return static_cast<std::int64_t>(bits);
        case 2: return static_cast<std::int16_t>(bits);
        case 4: return static_cast<std::int32_t>(bits);
        case 8: return static_cast<std::int64_t>(bits);
        default: return std::nullopt;
    }
}

ListValue list_value(std::span<const std::int64_t> numbers) {
    ListValue list{PgType::int8_array, {}};
    append_array_head(list.bytes, PgType::int8, numbers.size());
    for (const std::int64_t number : numbers) {
        append_number(list.bytes, std::int32_t{8});
        append_number(list.bytes, number);
    }
    return list;
}

ListValue list_value(std::span<const Uuid> uuids) {
    ListValue list{PgType::uuid_array, {}};
    append_array_head(list.bytes, PgType::uuid, uuids.size());
    for (const Uuid& uuid : uuids) {
        append_number(list.bytes, std::int32_t{16});
        list.bytes.append(reinterpret_cast<const char*>(uuid.bytes.data()), uuid.bytes.size());
    }
    return list;
}

std::optional<std::vector<std::int64_t>> read_list(std::string_view bytes) {
    constexpr std::size_t kHead = 20;
    constexpr std::size_t kElement = 12;
    std::vector<std::int64_t> numbers;
    const auto word = [&](std::size_t at) { return read_number(bytes.substr(at, 4)).value_or(-1); };
    if (bytes.empty() || (bytes.size() == 12 && word(0) == 0)) return numbers;
    if (bytes.size() < kHead || word(0) != 1 || word(8) != static_cast<std::int64_t>(PgType::int8)) return std::nullopt;
    if (const std::int64_t count = word(12); count < 0 || bytes.size() != kHead + kElement * static_cast<std::size_t>(count)) {
        return std::nullopt;
    }
    numbers.reserve((bytes.size() - kHead) / kElement);
    for (std::size_t at = kHead; at < bytes.size(); at += kElement) {
        if (word(at) != 8) return std::nullopt;
        numbers.push_back(*read_number(bytes.substr(at + 4, 8)));
    }
    return numbers;
}

bool is_storable(std::string_view text) { return encoding::is_utf8(text) && !encoding::has_nul(text); }

const char* const* Parameters::values() {
    values_.clear();
    for (const auto& offset : offsets_) values_.push_back(offset ? bytes_.data() + *offset : nullptr);
    return values_.data();
}

void Parameters::add_integer(std::int64_t value) {
    offsets_.emplace_back(bytes_.size());
    append_number(bytes_, value);
    types_.push_back(static_cast<unsigned int>(PgType::int8));
    lengths_.push_back(8);
    formats_.push_back(kBinary);
}

void Parameters::add_bytes(PgType type, const void* data, std::size_t size) {
    offsets_.emplace_back(bytes_.size());
    if (size > 0) bytes_.append(static_cast<const char*>(data), size);
    types_.push_back(static_cast<unsigned int>(type));
    lengths_.push_back(static_cast<int>(size));
    formats_.push_back(kBinary);
}

void Parameters::add_text(std::string_view text) {
    has_bad_text_ = has_bad_text_ || !is_storable(text);
    add_bytes(PgType::text, text.data(), text.size());
}

void Parameters::add_null(PgType type) {
    offsets_.emplace_back(std::nullopt);
    types_.push_back(static_cast<unsigned int>(type));
    lengths_.push_back(0);
    formats_.push_back(kBinary);
}

void Column::add_integer(std::int64_t value) {
    type_ = PgType::int8;
    append_number(elements_, std::int32_t{8});
    append_number(elements_, value);
    ++count_;
}

void Column::add_bytes(PgType type, const void* data, std::size_t size) {
    type_ = type;
    append_number(elements_, static_cast<std::int32_t>(size));
    if (size > 0) elements_.append(static_cast<const char*>(data), size);
    ++count_;
}

void Column::add_text(std::string_view text) {
    has_bad_text_ = has_bad_text_ || !is_storable(text);
    add_bytes(PgType::text, text.data(), text.size());
}

void Column::add_null(PgType type) {
    type_ = type;
    append_number(elements_, std::int32_t{-1});
    has_nulls_ = true;
    ++count_;
}

ListValue Column::list() const {
    ListValue list{array_of(type_), {}};
    append_array_head(list.bytes, type_, static_cast<std::size_t>(count_), has_nulls_);
    list.bytes += elements_;
    return list;
}

}  // namespace cariosan::postgres
