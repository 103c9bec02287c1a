// Reactions: at most one per user and message.
#include <algorithm>

#include "core/commit/checks.hpp"
#include "core/commit/decide.hpp"
#include "core/commit/messages/message_target.hpp"

namespace cariosan::commit {
namespace {

/// The identity of an emoji: its text without U+FE0F, which only selects the colour form.
std::string emoji_key(std::string_view written) {
    constexpr std::string_view kSelector = "\xEF\xB8\x8F";
    std::string key;
    for (std::size_t end = 0; (end = written.find(kSelector)) != written.npos;) {
        key += written.substr(0, end);
        written.remove_prefix(end + kSelector.size());
    }
    return key.append(written);
}

/// A change of one emoji's count: `emoji` is its key, `written` the form the user sent.
struct CountChange {
    const std::string& emoji;
    std::string_view written;
    std::int64_t by = 0;
    std::int64_t rev = 0;
};

/// Also updates the number of distinct emoji. Returns how the emoji is, or was, shown.
std::string change_count(BatchRows& rows, MessageRow& message, const CountChange& change) {
    EmojiCount known = rows.reactions.count(message.id, change.emoji);
    if (known.count == 0) {
        known.shown = change.written;
        ++message.emoji_count;
    }
    known.count += change.by;
    if (known.count > 0) {
        rows.reactions.write_count(message.id, change.emoji, change.rev, known);
    } else {
        rows.reactions.remove_count(message.id, change.emoji);
        --message.emoji_count;
    }
    return std::move(known.shown);
}

}  // namespace

Result<Committed> decide(BatchRows& rows, const mutation::AddReaction& add) {
    auto target = find_target(rows, add.workspace, add.channel, add.message, add.user, false);
    if (!target) return target.error();
    if (auto open = check_open(rows, *target->channel); !open) return open.error();
    if (auto allowed = check_not_frozen(*target->channel, *target->actor); !allowed) return allowed.error();
    MessageRow& message = target->message;
    const std::string emoji = emoji_key(add.emoji);
    const std::string before = rows.reactions.find(message.id, target->viewer());
    if (before == emoji) return message_done(rows, *target, false);
    if (add.max_emoji > 0 && rows.reactions.count(message.id, emoji).count == 0) {
        const bool frees_one = !before.empty() && rows.reactions.count(message.id, before).count == 1;
        if (message.emoji_count - (frees_one ? 1 : 0) >= add.max_emoji) {
            return too_many("emoji", add.max_emoji, "different emoji", "a message");
        }
    }
    const std::int64_t rev = BatchRows::next_rev(*target->channel);
    if (!before.empty()) change_count(rows, message, {.emoji = before, .written = before, .by = -1, .rev = rev});
    std::string shown = change_count(rows, message, {.emoji = emoji, .written = add.emoji, .by = 1, .rev = rev});
    rows.reactions.write(message.id, target->viewer(), emoji, add.at);
    rows.reactions.update_message(message.id, rev, message.emoji_count);
    Committed done = message_done(rows, *target, true);
    done.emoji = std::move(shown);
    return done;
}

Result<Committed> decide(BatchRows& rows, const mutation::RemoveReaction& remove) {
    auto target = find_target(rows, remove.workspace, remove.channel, remove.message, remove.user, false);
    if (!target) return target.error();
    if (auto allowed = check_not_frozen(*target->channel, *target->actor); !allowed) return allowed.error();
    MessageRow& message = target->message;
    const std::string emoji = emoji_key(remove.emoji);
    if (rows.reactions.find(message.id, target->viewer()) != emoji) return message_done(rows, *target, false);
    const std::int64_t rev = BatchRows::next_rev(*target->channel);
    std::string shown = change_count(rows, message, {.emoji = emoji, .written = remove.emoji, .by = -1, .rev = rev});
    rows.reactions.remove(message.id, target->viewer());
    rows.reactions.update_message(message.id, rev, message.emoji_count);
    Committed done = message_done(rows, *target, true);
    done.emoji = std::move(shown);
    return done;
}

}  // namespace cariosan::commit
