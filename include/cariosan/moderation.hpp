/// Moderation: what a workspace wants of the texts its users write, and what was found in them. Section 7 of the protocol.
#pragma once

#include <cariosan/types.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cariosan {

/// What was broken. In the order in which rules of one action are named: the first wins.
enum class ModerationRule : std::uint8_t { profanity, blocklist, phone, link, flood };

/// What follows; ascending, the severest of all matches wins.
enum class ModerationAction : std::uint8_t {
    flag,       ///< delivered and recorded
    mask,       ///< the spans are stored and delivered as `***`
    reject,     ///< no message is stored
    auto_mute,  ///< no message is stored, and the author is muted in the whole workspace
};

/// How bad a listed word is.
enum class ModerationSeverity : std::uint8_t { mild, strong, extreme };

/// The wire names, such as "auto_mute". Static storage.
std::string_view to_string(ModerationRule rule) noexcept;
std::string_view to_string(ModerationAction action) noexcept;
std::string_view to_string(ModerationSeverity severity) noexcept;
std::optional<ModerationAction> parse_moderation_action(std::string_view text) noexcept;
std::optional<ModerationSeverity> parse_moderation_severity(std::string_view text) noexcept;

struct ProfanityRule {
    bool enabled = true;
    ModerationAction action = ModerationAction::mask;                ///< also for words of the blocklist
    ModerationSeverity min_severity = ModerationSeverity::strong;    ///< milder words pass
    bool operator==(const ProfanityRule&) const = default;
};
struct LinkRule {
    bool enabled = false;
    ModerationAction action = ModerationAction::flag;
    bool operator==(const LinkRule&) const = default;
};
struct PhoneRule {
    bool enabled = false;
    ModerationAction action = ModerationAction::mask;
    bool operator==(const PhoneRule&) const = default;
};
struct FloodRule {
    bool enabled = true;
    ModerationAction action = ModerationAction::reject;  ///< `mask` masks the whole text
    std::int64_t max_repeats = 3;  ///< 1–100: so many equal texts pass within the window; the next one does not
    std::int64_t window_seconds = 30;  ///< 1–3,600
    bool operator==(const FloodRule&) const = default;
};

/// The rules of one workspace, as they are set. The defaults are the protocol's.
struct ModerationSettings {
    bool enabled = false;  ///< false: nothing is looked at, whatever the others say
    ProfanityRule profanity{};
    LinkRule link{};
    PhoneRule phone{};
    FloodRule flood{};
    /// Words and phrases that are matched like listed ones, whatever `profanity.enabled` says. None holds a control character,
    /// so that a line each can be stored.
    std::vector<std::string> blocklist{};
    /// Words and phrases that are never matched, and domains that are no links (with those below them). Likewise.
    std::vector<std::string> allowlist{};
    std::int64_t auto_mute_seconds = 600;  ///< 1 to ten years
    bool operator==(const ModerationSettings&) const = default;
};

// A change of the settings: what is absent stays as it is.

struct RulePatch {
    std::optional<bool> enabled{};
    std::optional<ModerationAction> action{};
};
struct ProfanityPatch {
    RulePatch rule{};
    std::optional<ModerationSeverity> min_severity{};
};
struct FloodPatch {
    RulePatch rule{};
    std::optional<std::int64_t> max_repeats{};
    std::optional<std::int64_t> window_seconds{};
};
struct ModerationPatch {
    std::optional<bool> enabled{};
    ProfanityPatch profanity{};
    RulePatch link{};
    RulePatch phone{};
    FloodPatch flood{};
    std::optional<std::vector<std::string>> blocklist{};  ///< takes the place of the whole list
    std::optional<std::vector<std::string>> allowlist{};  ///< likewise
    std::optional<std::int64_t> auto_mute_seconds{};
};

/// Changes `settings` as `patch` says. Pure; also for implementers of `Storage`.
void merge(ModerationSettings& settings, const ModerationPatch& patch);

using ModerationRecordId = Id<struct ModerationRecordTag>;

/// One place of a text that broke a rule, as it is to be recorded.
struct ModerationMatch {
    ModerationRecordId id{};
    ModerationRule rule = ModerationRule::profanity;
    ModerationAction action = ModerationAction::flag;  ///< of this rule; what became of the text is the severest of all
    std::string excerpt{};  ///< what stands around it, about a hundred code points, every match in it masked
};

/// One line of the log of moderation. It is kept for 90 days, or as long as its channel.
struct ModerationRecord {
    ModerationRecordId id{};
    Timestamp at{};
    ModerationRule rule = ModerationRule::profanity;
    ModerationAction action = ModerationAction::flag;
    ChannelId channel_id{};
    std::optional<std::string> channel_external_id{};
    UserSummary user{};                    ///< who wrote it
    std::optional<MessageId> message_id{};  ///< nothing: no message was stored
    std::string excerpt{};                 ///< empty once its author was deleted with all it wrote
};

}  // namespace cariosan
