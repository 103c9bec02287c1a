#include "core/moderation/rules.hpp"

namespace cariosan {
namespace {

template <class T>
void set(T& field, const std::optional<T>& change) {
    if (change) field = *change;
}

template <class Rule>
void merge_rule(Rule& rule, const RulePatch& patch) {
    set(rule.enabled, patch.enabled);
    set(rule.action, patch.action);
}

}  // namespace

std::string_view to_string(ModerationRule rule) noexcept {
    switch (rule) {
        case ModerationRule::profanity: return "profanity";
        case ModerationRule::blocklist: return "blocklist";
        case ModerationRule::phone: return "phone";
        case ModerationRule::link: return "link";
        case ModerationRule::flood: return "flood";
        case ModerationRule::moderator: return "moderator";
    }
    return "";
}

std::string_view to_string(ModerationAction action) noexcept {
    switch (action) {
        case ModerationAction::flag: return "flag";
        case ModerationAction::mask: return "mask";
        case ModerationAction::reject: return "reject";
        case ModerationAction::auto_mute: return "auto_mute";
    }
    return "";
}

std::string_view to_string(ReportStatus status) noexcept {
    switch (status) {
        case ReportStatus::open: return "open";
        case ReportStatus::resolved: return "resolved";
        case ReportStatus::dismissed: return "dismissed";
    }
    return {};
}

std::optional<ReportStatus> parse_report_status(std::string_view text) noexcept {
    for (const auto status : {ReportStatus::open, ReportStatus::resolved, ReportStatus::dismissed}) {
        if (text == to_string(status)) return status;
    }
    return std::nullopt;
}

std::string_view to_string(ModerationSeverity severity) noexcept {
    switch (severity) {
        case ModerationSeverity::mild: return "mild";
        case ModerationSeverity::strong: return "strong";
        case ModerationSeverity::extreme: return "extreme";
    }
    return "";
}

std::optional<ModerationAction> parse_moderation_action(std::string_view text) noexcept {
    using enum ModerationAction;
    for (const auto action : {flag, mask, reject, auto_mute}) {
        if (text == to_string(action)) return action;
    }
    return std::nullopt;
}

std::optional<ModerationSeverity> parse_moderation_severity(std::string_view text) noexcept {
    using enum ModerationSeverity;
    for (const auto severity : {mild, strong, extreme}) {
        if (text == to_string(severity)) return severity;
    }
    return std::nullopt;
}

void merge(ModerationSettings& settings, const ModerationPatch& patch) {
    set(settings.enabled, patch.enabled);
    merge_rule(settings.profanity, patch.profanity.rule);
    set(settings.profanity.min_severity, patch.profanity.min_severity);
    merge_rule(settings.link, patch.link);
    merge_rule(settings.phone, patch.phone);
    merge_rule(settings.flood, patch.flood.rule);
    set(settings.flood.max_repeats, patch.flood.max_repeats);
    set(settings.flood.window_seconds, patch.flood.window_seconds);
    set(settings.blocklist, patch.blocklist);
    set(settings.allowlist, patch.allowlist);
    set(settings.auto_mute_seconds, patch.auto_mute_seconds);
}

}  // namespace cariosan
