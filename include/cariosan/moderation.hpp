/// Moderation: what a workspace wants of the texts its users write, what was found in them, and how a host has its own say.
/// Section 7 of the protocol.
#pragma once

#include <cariosan/types.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cariosan {

/// What was broken. In the order in which rules of one action are named: the first wins. `moderator` is what the host's own
/// `Moderator` says, which is asked last.
enum class ModerationRule : std::uint8_t { profanity, blocklist, phone, link, flood, moderator };

/// What follows; ascending, the severest of all matches wins.
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
    /// What stands around it, about a hundred code points, every match in it masked. Of `moderator`: the reason it gave.
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
    std::optional<MessageId> message_id{};  ///< nothing: no message was stored
    std::string excerpt{};                 ///< empty once its author was deleted with all it wrote
};

/// What a user is about to say, as the rules of the workspace have left it.
struct ModerationDraft {
    WorkspaceId workspace{};
    ChannelId channel{};
    UserId user{};
    std::optional<MessageId> edited{};  ///< the message whose new text this is; nothing: a new message
    std::string text{};
};

struct ModerationVerdict {
    enum class Kind : std::uint8_t {
        allow,
        change,  ///< `text` is stored and delivered instead
        flag,    ///< delivered, and recorded with `reason`
        refuse,  ///< recorded with `reason`; its author is told `message_rejected`, `details.rule` "moderator" and the reason
    };
    Kind kind = Kind::allow;
    /// Must be what a client could send: UTF-8 without NUL, not empty, at most `Limits::message_bytes`. Else it is refused.
    std::string text{};
    std::string reason{};  ///< of which the first 200 code points are kept; dropped if it is not UTF-8
};

/// A host's own moderation, of all workspaces: asked about each text a user sends or edits, also where the workspace has
/// moderation off, after its rules and before anything is stored. A backend and imports are trusted. A repeated send whose
/// first try is not yet stored is asked about again.
///
/// Threads and order. `judge` is called where the host's callbacks run (`cariosan/engine.hpp`), for several drafts in a row
/// without waiting for a verdict: it should start its work and return. While a draft waits, what its author does next in
/// that channel waits behind it, at most 64 things; everybody and everything else passes. What is written is checked again
/// when it is committed: a user that was silenced or removed meanwhile is told so.
class Moderator {
  public:
    virtual ~Moderator() = default;
    /// `done` takes the verdict: from any thread, also before `judge` returns. The first call counts; one that comes too
    /// late, or after the engine was closed or destroyed, does nothing. Must not throw.
    virtual void judge(ModerationDraft draft, std::function<void(ModerationVerdict)> done) = 0;
};

/// What becomes of a text whose verdict has not come by the deadline.
enum class LateVerdict : std::uint8_t {
    deliver,  ///< as if it were allowed
    refuse,   ///< `unavailable`: its author may try again
};

}  // namespace cariosan
