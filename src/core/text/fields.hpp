/// The shape of a command: whether each field could be stored at all.
#pragma once

#include <cariosan/commands.hpp>
#include <cariosan/error.hpp>
#include <cariosan/limits.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/use_case.hpp"

namespace cariosan::core {

/// Seconds; ten years.
inline constexpr std::int64_t kLongestSilence = std::int64_t{10} * 366 * 24 * 3600;
/// Some thirty years: beyond that, say "unlimited".
inline constexpr std::int64_t kLongestEditWindow = 1'000'000'000;
/// Of the same text within the window of the flood rule, and the length of that window.
inline constexpr std::int64_t kMostRepeats = 100;
inline constexpr std::int64_t kLongestFloodWindow = 3600;
/// Bytes.
inline constexpr std::int64_t kLongestFileName = 255;
inline constexpr std::int64_t kLongestContentType = 255;

enum class Empty : std::uint8_t { refused, allowed };

/// Checks fields one by one and keeps the first fault. Every text must be UTF-8 without NUL.
class Fields {
  public:
    explicit Fields(const Limits& limits) : limits_(limits) {}

    /// An external id that may be stored already: 1 to `external_id_bytes` bytes, no control characters.
    Fields& external_id(std::string_view field, std::string_view text);
    /// A new external id: must contain something visible. Not "." or "..": clients remove these from paths, so they could not
    /// be requested.
    Fields& new_external_id(std::string_view field, std::string_view text);
    /// A list of at most `limit` external ids, and whether it may be empty.
    Fields& external_ids(std::string_view field, const std::vector<std::string>& texts, std::int64_t limit, Empty empty);
    /// The name of a channel or a user: not empty, and no longer than any id can be.
    Fields& reference(std::string_view field, std::string_view text);
    /// A line of at most `name_bytes`.
    Fields& name(std::string_view field, std::string_view text, Empty empty);
    /// Text shown on one line next to other text: no control characters or line separators, nothing that changes the
    /// direction of the text around it. A text with nothing visible counts as empty.
    Fields& line(std::string_view field, std::string_view text, std::int64_t limit, Empty empty);
    /// 1 to `limit` code points, no control characters.
    Fields& term(std::string_view field, std::string_view text, std::int64_t limit);
    /// 1 to `limit` bytes, with something visible.
    Fields& key(std::string_view field, std::string_view text, std::int64_t limit);
    /// At most `limit` bytes, otherwise unchecked.
    Fields& any_text(std::string_view field, std::string_view text, std::int64_t limit);
    /// An absolute http or https URL of at most `url_bytes`, whose host can exist, without user name:
    /// `judge_web_url`. May be absent.
    Fields& url(std::string_view field, const std::optional<std::string>& text);
    /// A whole number; above `high` is over the limit.
    Fields& number(std::string_view field, std::int64_t value, std::int64_t low, std::int64_t high);
    /// The length of a list; `unit` names its items.
    Fields& count(std::string_view field, std::size_t count, std::int64_t limit, std::string_view unit, Empty empty);
    /// The size of the page; the cursor is checked where it is read.
    Fields& range(const ListRange& range) { return page(range.limit); }
    /// Like `range`, but for a command without a cursor. If absent, `page_limit` decides.
    Fields& page(std::optional<std::int64_t> limit) { return number("limit", limit.value_or(1), 1, limits_.page); }
    /// How many members an item of "my channels" shows. If absent, `members_shown` decides.
    Fields& shown(std::optional<std::int64_t> members) {
        return number("members", members.value_or(1), 1, limits_.members_shown);
    }
    /// A condition of the command's own; `message` continues after the name of the field.
    Fields& require(bool condition, std::string_view field, std::string_view message);

    bool sound() const noexcept { return !fault_; }
    /// The first fault, if there was one.
    Result<Done> result();

  private:
    bool text(std::string_view field, std::string_view text);
    bool size(std::string_view field, std::string_view text, std::int64_t limit, Empty empty);
    void no_control(std::string_view field, std::string_view text);

    const Limits& limits_;
    std::optional<Error> fault_;
};

/// The text of a message; `payload_too_large` above `message_bytes`. If it must not be empty, it must contain something
/// visible.
Result<Done> check_text(std::string_view content, const Limits& limits, Empty empty = Empty::refused);

/// `payload_too_large`, with the limit.
Error message_too_long(std::string_view field, const Limits& limits);

/// The error for commands that need attachments while the engine has no store for them.
Error attachments_unavailable();

/// The stored form of `metadata`: checked, without white space, keys sorted.
Result<std::string> check_metadata(std::string_view json_text, Context& context);

}  // namespace cariosan::core
