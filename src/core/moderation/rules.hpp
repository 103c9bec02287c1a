/// What a workspace wants moderated: section 7 of the protocol.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cariosan::core::moderation {

/// What was broken. In the order in which rules of one action are named: the first wins.
enum class Rule : std::uint8_t { profanity, blocklist, phone, link, flood };

/// What follows; ascending, the severest of all matches wins.
enum class Action : std::uint8_t {
    flag,       ///< delivered and recorded
    mask,       ///< the spans are stored and delivered as `***`
    reject,     ///< no message is stored
    auto_mute,  ///< no message is stored, and the author is muted
};

/// How bad a listed word is.
enum class Severity : std::uint8_t { mild, strong, extreme };

/// The wire names, such as "auto_mute". Static storage.
std::string_view to_string(Rule rule) noexcept;
std::string_view to_string(Action action) noexcept;
std::string_view to_string(Severity severity) noexcept;

struct ProfanityRule {
    bool enabled = true;
    Action action = Action::mask;                ///< also for words of the blocklist
    Severity min_severity = Severity::strong;    ///< milder words pass
    bool operator==(const ProfanityRule&) const = default;
};
struct LinkRule {
    bool enabled = false;
    Action action = Action::flag;
    bool operator==(const LinkRule&) const = default;
};
struct PhoneRule {
    bool enabled = false;
    Action action = Action::mask;
    bool operator==(const PhoneRule&) const = default;
};
struct FloodRule {
    bool enabled = true;
    Action action = Action::reject;     ///< `mask` masks the whole text
    std::int64_t max_repeats = 3;       ///< so many equal texts pass within the window; the next one does not
    std::int64_t window_seconds = 30;
    bool operator==(const FloodRule&) const = default;
};

/// The rules of one workspace, as they are set. The defaults are the protocol's.
struct Rules {
    bool enabled = false;
    ProfanityRule profanity;
    LinkRule link;
    PhoneRule phone;
    FloodRule flood;
    /// Words and phrases that are matched like listed ones, whatever `profanity.enabled` says.
    std::vector<std::string> blocklist;
    /// Words and phrases that are never matched, and domains that are no links (with those below them).
    std::vector<std::string> allowlist;
    std::int64_t auto_mute_seconds = 600;
    bool operator==(const Rules&) const = default;
};

}  // namespace cariosan::core::moderation
