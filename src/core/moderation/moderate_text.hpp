/// Step 5 of a send and of an edit: applies the workspace's rules to a user's text.
#pragma once

#include <cariosan/moderation.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/access.hpp"
#include "core/moderation/words/folded_text.hpp"

namespace cariosan::core {

/// A text, its author and its channel.
struct WrittenText {
    const Workspace& workspace;
    ChannelId channel;
    UserId user;
    const std::string& text;
    std::optional<std::uint64_t> send{};  ///< identifies the send for the flood rule; absent: an edit, which is never a repeat
};

/// Why nothing is stored.
struct Refusal {
    ModerationRule rule = ModerationRule::profanity;  ///< `details.rule`
    std::optional<Timestamp> silence_until{};         ///< silence the author until then
};

struct ModeratedText {
    std::string content{};                   ///< to store and deliver; empty if refused
    std::vector<moderation::Span> masked{};  ///< what of the text became `***`
    std::vector<ModerationMatch> matches{};  ///< to record
    std::optional<Refusal> refusal{};
    std::shared_ptr<moderation::FloodPlace> flood{};  ///< null: the flood rule did not count it
};

/// Judges the text, if the workspace moderates at all, and counts it for the flood rule. Masks may make it longer than a client
/// could send, by two bytes each; never empty.
Result<ModeratedText> moderate_text(const WrittenText& written, Context& context);

/// The mutation to commit for a send or an edit that still has the text as written: with the judged text and its matches or, if
/// refused, only the records (and the silence), after which the answer is `message_rejected`.
PlannedMutation with_moderation(mutation::SendMessage send, ModeratedText moderated);
PlannedMutation with_moderation(mutation::EditMessage edit, ModeratedText moderated);

}  // namespace cariosan::core
