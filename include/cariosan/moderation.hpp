/// Moderation: a workspace's rules for what its users write, the log of what was found, and a hook for the host's own
/// moderation. Section 7 of the protocol.
#pragma once

#include <cariosan/types.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cariosan {

/// The rule that was broken. If several rules of the same action match, the first in this order is reported.
/// `moderator` is the host's own `Moderator`, which is asked last.
enum class ModerationRule : std::uint8_t { profanity, blocklist, phone, link, flood, moderator };

/// What happens to the text, in ascending severity; the most severe of all matches applies.
enum class ModerationAction : std::uint8_t {
    flag,       ///< delivered and recorded
    mask,       ///< the spans are stored and delivered as `***`
    reject,     ///< no message is stored
    auto_mute,  ///< no message is stored, and the author is silenced in the whole workspace
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
    std::int64_t max_repeats = 3;  ///< 1–100: equal texts allowed within the window
    std::int64_t window_seconds = 30;  ///< 1–3,600
    bool operator==(const FloodRule&) const = default;
};

/// The rules of one workspace, as they are set. The defaults are the protocol's.
struct ModerationSettings {
    bool enabled = false;  ///< false: nothing is checked, whatever the rest says
    ProfanityRule profanity{};
    LinkRule link{};
    PhoneRule phone{};
    FloodRule flood{};
    /// Words and phrases that are matched like listed ones, whatever `profanity.enabled` says. No control characters:
    /// one term per line is stored.
    std::vector<std::string> blocklist{};
    /// Words and phrases that are never matched, and domains (with their subdomains) that do not count as links. No
    /// control characters.
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
    std::optional<std::vector<std::string>> blocklist{};  ///< replaces the whole list
    std::optional<std::vector<std::string>> allowlist{};  ///< replaces the whole list
    std::optional<std::int64_t> auto_mute_seconds{};
};

/// Changes `settings` as `patch` says. Pure; also for implementers of `Storage`.
void merge(ModerationSettings& settings, const ModerationPatch& patch);

using ModerationRecordId = Id<struct ModerationRecordTag>;

/// One match of a rule in a text, as recorded.
struct ModerationMatch {
    ModerationRecordId id{};
    ModerationRule rule = ModerationRule::profanity;
    ModerationAction action = ModerationAction::flag;  ///< of this rule; the most severe action of all matches applies
    /// About a hundred code points around the match, with every match masked. For `moderator`: its reason.
    std::string excerpt{};
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
    std::optional<MessageId> message_id{};  ///< absent: no message was stored
    std::string excerpt{};                 ///< empty once its author was deleted and their messages erased
};

using ReportId = Id<struct ReportTag>;

/// What became of a report.
enum class ReportStatus : std::uint8_t { open, resolved, dismissed };
/// "open", "resolved", "dismissed". Static storage.
std::string_view to_string(ReportStatus status) noexcept;
/// The reverse of `to_string`; absent for any other text.
std::optional<ReportStatus> parse_report_status(std::string_view text) noexcept;

/// A user's report of a message, or of another user. It is kept as long as its channel, or its workspace.
struct Report {
    ReportId id{};
    Timestamp at{};
    UserSummary reporter{};
    UserSummary user{};  ///< who is reported: the author of the message
    std::optional<ChannelId> channel_id{};
    std::optional<std::string> channel_external_id{};
    std::optional<MessageId> message_id{};
    std::optional<Message> message{};  ///< as it is now; left empty by storages
    std::string reason{};
    std::optional<std::string> reporter_note{};
    std::optional<std::string> moderator_note{};
    ReportStatus status = ReportStatus::open;
};

/// A text a user is about to send or edit, after the workspace's rules were applied.
struct ModerationDraft {
    WorkspaceId workspace{};
    ChannelId channel{};
    UserId user{};
    std::optional<MessageId> edited{};  ///< the message whose new text this is; absent: a new message
    std::string text{};
};

struct ModerationVerdict {
    enum class Kind : std::uint8_t {
        allow,
        change,  ///< `text` is stored and delivered instead
        flag,    ///< delivered, and recorded with `reason`
        refuse,  ///< recorded with `reason`; the author gets `message_rejected` with `details.rule` "moderator" and the reason
    };
    Kind kind = Kind::allow;
    /// Must be a valid text: UTF-8 without NUL, not empty, at most `Limits::message_bytes`; otherwise the message is
    /// refused.
    std::string text{};
    std::string reason{};  ///< truncated to 200 code points; dropped if not valid UTF-8
};

/// The host's own moderation, for all workspaces: judges each text a user sends or edits, after the workspace's rules
/// (even if moderation is off there) and before anything is stored. Backends and imports are trusted. If a send is
/// repeated before the first attempt is stored, the moderator is asked again.
///
/// Threads and order. `judge` is called where the host's callbacks run (`cariosan/engine.hpp`), for several drafts in
/// a row without waiting for a verdict: it should start its work and return. While a draft waits, up to 64 later
/// actions of its author in that channel queue behind it; nothing else waits. Permissions are checked again at the
/// commit: a user who was silenced or removed in the meantime gets that error.
class Moderator {
  public:
    virtual ~Moderator() = default;
    /// Call `done` with the verdict, from any thread, even before `judge` returns. Only the first call counts; a late
    /// one, or one after the engine was closed or destroyed, does nothing. Must not throw.
    virtual void judge(ModerationDraft draft, std::function<void(ModerationVerdict)> done) = 0;
};

/// What happens to a text that was not judged by the deadline.
enum class LateVerdict : std::uint8_t {
    deliver,  ///< as if allowed
    refuse,   ///< `unavailable`: the author may try again
};

}  // namespace cariosan
