/// Pages of lists. A cursor is the key of the last item of the previous page: opaque text, bound to its list.
#pragma once

#include <algorithm>
#include <cariosan/commands.hpp>
#include <cariosan/error.hpp>
#include <cariosan/limits.hpp>
#include <cariosan/storage.hpp>
#include <cariosan/types.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/events/encoded_size.hpp"
#include "core/propagate.hpp"

namespace cariosan::core {

/// The first character of a cursor: the list it belongs to.
enum class ListOf : char {
    workspaces = 'w',
    users = 'u',
    channels = 'c',
    members = 'm',
    my_channels = 'a',
    receipts = 'r',
    silences = 'x',
    blocks = 'b',
    moderation = 'g',
    webhooks = 'h',
    deliveries = 'd',
    devices = 't',
    reactions = 'e',
    presence = 'p',
    reports = 'o'
};

/// A regular expression for the cursors of this list.
std::string cursor_pattern(ListOf list);

std::string encode_cursor(ListOf list, const Uuid& key);
std::string encode_cursor(ListOf list, std::int64_t place);
std::string encode_cursor(const ChannelReader::ActivityKey& key);
std::string encode_cursor(const SilenceReader::Key& key);

/// Absent for an empty cursor; `validation_error` about `cursor` for one of another list.
Result<std::optional<Uuid>> decode_cursor(ListOf list, std::string_view cursor);
/// For a list whose positions are numbers.
Result<std::optional<std::int64_t>> decode_number_cursor(ListOf list, std::string_view cursor);
Result<std::optional<ChannelReader::ActivityKey>> decode_activity_cursor(std::string_view cursor);
Result<std::optional<SilenceReader::Key>> decode_silence_cursor(std::string_view cursor);

template <class Identifier>
Result<std::optional<Identifier>> decode_cursor(ListOf list, std::string_view cursor) {
    CARIOSAN_TRY(auto key, decode_cursor(list, cursor));
    return key ? std::optional(Identifier{*key}) : std::nullopt;
}

/// How many a list has at most if the request names no limit.
inline constexpr std::int64_t kUsualPage = 50;
/// How many changes a page has at most if the request names no limit.
inline constexpr std::int64_t kUsualChanges = 100;

/// How many a page has at most: what was requested, otherwise as usual, and never more than is allowed.
inline std::int64_t page_limit(std::optional<std::int64_t> asked, const Limits& limits, std::int64_t usual = kUsualPage) {
    return std::min(asked.value_or(usual), limits.page);
}

/// How many members an item of "my channels" shows if the request names no number.
inline constexpr std::int64_t kUsualMembersShown = 5;

/// How many members such an item shows: what was requested, otherwise as usual, and never more than is allowed.
inline std::int64_t members_shown(std::optional<std::int64_t> asked, const Limits& limits) {
    return std::min(asked.value_or(kUsualMembersShown), limits.members_shown);
}

/// Makes a page of at most `limit` items and about `kPageBytes` out of a list that was read with one more. `cursor_of`
/// makes the cursor of the last item shown.
template <class T, class CursorOf>
Page<T> make_page(std::vector<T> items, std::int64_t limit, CursorOf cursor_of) {
    Page<T> page{.items = std::move(items), .next_cursor = {}};
    const bool more = std::cmp_greater(page.items.size(), limit);
    if (more) page.items.resize(static_cast<std::size_t>(limit));
    const bool cut = cut_to_page(page.items);
    if (more || cut) page.next_cursor = cursor_of(page.items.back());
    return page;
}

/// Like `make_page`, but for a list whose positions are the storage's own numbers. `read` returns the `RecordPage` of at most this
/// many records after a position.
template <class T, class Read>
Result<Page<T>> record_page(ListOf list, const std::optional<std::int64_t>& after, std::int64_t limit, Read read) {
    CARIOSAN_TRY(auto records, read(RecordPosition{.major = after.value_or(0)}, limit));
    Page<T> page{.items = std::move(records.records), .next_cursor = {}};
    if (!records.next) return page;
    // A full page may still be the last one.
    CARIOSAN_TRY(const auto more, read(*records.next, 1));
    if (!more.records.empty()) page.next_cursor = encode_cursor(list, records.next->major);
    return page;
}

}  // namespace cariosan::core
