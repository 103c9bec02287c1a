#include "core/moderation/rules.hpp"

namespace cariosan::core::moderation {

std::string_view to_string(Rule rule) noexcept {
    switch (rule) {
        case Rule::profanity: return "profanity";
        case Rule::blocklist: return "blocklist";
        case Rule::phone: return "phone";
        case Rule::link: return "link";
        case Rule::flood: return "flood";
    }
    return "";
}

std::string_view to_string(Action action) noexcept {
    switch (action) {
        case Action::flag: return "flag";
        case Action::mask: return "mask";
        case Action::reject: return "reject";
        case Action::auto_mute: return "auto_mute";
    }
    return "";
}

std::string_view to_string(Severity severity) noexcept {
    switch (severity) {
        case Severity::mild: return "mild";
        case Severity::strong: return "strong";
        case Severity::extreme: return "extreme";
    }
    return "";
}

}  // namespace cariosan::core::moderation
