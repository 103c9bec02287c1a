#include <algorithm>
#include <charconv>
#include <limits>

#include "core/access.hpp"
#include "core/events/encoded_size.hpp"
#include "core/paging.hpp"
#include "core/propagate.hpp"
#include "core/refusals.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {
namespace {

constexpr std::string_view kSeqPrefix = "seq:";

/// Where a page starts: at most one of the three is given.
struct Anchor {
    enum class Kind : std::uint8_t { newest, before, after, around };
    Kind kind = Kind::newest;
    std::string_view field;
    std::string_view position;
};

Result<Anchor> find_anchor(const ListMessages& command) {
    Anchor anchor;
    int given = 0;
    const auto look = [&](Anchor::Kind kind, std::string_view field,
                          const std::optional<std::string>& position) {
        if (!position) return;
        anchor = {kind, field, *position};
        ++given;
    };
    look(Anchor::Kind::before, "before", command.before);
    look(Anchor::Kind::after, "after", command.after);
    look(Anchor::Kind::around, "around", command.around);
    if (given > 1) {
        return invalid_field(std::string(anchor.field),
                             "at most one of before, after and around may be given");
    }
    return anchor;
}

/// The `seq` of a position: that of the message with this id in the channel, or the number itself. A channel begins after 0;
/// nothing is at or before it.
Result<std::int64_t> find_seq(const Anchor& anchor, ChannelId channel, Context& context) {
    if (anchor.position.starts_with(kSeqPrefix)) {
        const std::string_view digits = anchor.position.substr(kSeqPrefix.size());
        const char* const end = digits.data() + digits.size();
        const std::int64_t first = anchor.kind == Anchor::Kind::after ? 0 : 1;
        std::int64_t seq = 0;
        const auto parsed = std::from_chars(digits.data(), end, seq);
        if (parsed.ec == std::errc() && parsed.ptr == end && seq >= first) return seq;
    } else if (const auto id = MessageId::parse(anchor.position)) {
        CARIOSAN_TRY(const auto message, context.reader.messages().find(channel, *id));
        if (!message) return message_is_missing(std::string(anchor.field));
        return message->seq;
    }
    return invalid_field(std::string(anchor.field),
                         std::string(anchor.field) + " must be a message id or seq:<n>");
}

struct Slice {
    std::vector<Message> messages;  ///< newest first
    bool has_more = false;
    std::optional<std::int64_t> cut_at{};  ///< `MessagePage::cut_at`
};

/// Messages with `seq` up to `to`, newest first.
Result<Slice> read_back(ChannelId channel, std::int64_t to, std::int64_t limit, const Viewpoint& viewer,
                       Context& context) {
    Slice slice;
    const std::int64_t from = std::max<std::int64_t>(1, to - context.limits.history_stretch + 1);
    CARIOSAN_TRY(slice.messages, context.reader.messages().page(
                                     channel, {.from = from, .to = to, .limit = limit + 1}, viewer));
    slice.has_more = std::cmp_greater(slice.messages.size(), limit);
    if (slice.has_more) slice.messages.pop_back();
    if (cut_to_page(slice.messages)) slice.has_more = true;
    // A full page continues after its last message, and a page cut short after the last position it looked at.
    if (!slice.has_more && from > 1) slice.cut_at = from;
    slice.has_more = slice.has_more || slice.cut_at;
    return slice;
}

/// The messages directly above `from`, still newest first.
Result<Slice> read_forward(const Channel& channel, std::int64_t from, std::int64_t limit, const Viewpoint& viewer,
                           Context& context) {
    Slice slice;
    if (from >= channel.last_seq) return slice;
    const std::int64_t to = std::min(channel.last_seq, from + context.limits.history_stretch);
    CARIOSAN_TRY(
        auto messages,
        context.reader.messages().page(
            channel.id, {.from = from + 1, .to = to, .limit = limit + 1, .ascending = true}, viewer));
    slice.messages = std::move(messages);
    slice.has_more = std::cmp_greater(slice.messages.size(), limit);
    if (slice.has_more) slice.messages.pop_back();
    if (cut_to_page(slice.messages)) slice.has_more = true;
    if (!slice.has_more && to < channel.last_seq) slice.cut_at = to;
    slice.has_more = slice.has_more || slice.cut_at;
    std::ranges::reverse(slice.messages);
    return slice;
}

/// Keeps as many as fit on one page, alternating between the two sides and nearest to the middle first. Both lists are newest
/// first.
void cut_around(const std::vector<Message>& older, std::int64_t& kept_older, const std::vector<Message>& newer,
                std::int64_t& kept_newer) {
    PageWeight weight;
    std::int64_t back = 0;
    std::int64_t forward = 0;
    bool full = false;
    while (!full && (back < kept_older || forward < kept_newer)) {
        if (back < kept_older) {
            full = !weight.admit(older[static_cast<std::size_t>(back)]);
            if (!full) ++back;
        }
        if (!full && forward < kept_newer) {
            full = !weight.admit(newer[newer.size() - static_cast<std::size_t>(forward) - 1]);
            if (!full) ++forward;
        }
    }
    kept_older = back;
    kept_newer = forward;
}

/// About half of the page on each side; if one side has too few, the other fills in. `has_more` is about older messages.
Result<Slice> read_around(const Channel& channel, std::int64_t seq, std::int64_t limit, const Viewpoint& viewer,
                          Context& context) {
    auto older = read_back(channel.id, std::min(seq, channel.last_seq), limit, viewer, context);
    if (!older) return older;
    auto newer = read_forward(channel, seq, limit, viewer, context);
    if (!newer) return newer;

    const auto count_of = [](const Slice& slice) { return static_cast<std::int64_t>(slice.messages.size()); };
    const std::int64_t wanted_newer = std::min(count_of(*newer), limit / 2);
    std::int64_t kept_older = std::min(count_of(*older), limit - wanted_newer);
    std::int64_t kept_newer = std::min(count_of(*newer), limit - kept_older);
    cut_around(older->messages, kept_older, newer->messages, kept_newer);

    Slice slice;
    slice.has_more = older->has_more || kept_older < count_of(*older);
    if (kept_older == count_of(*older)) slice.cut_at = older->cut_at;
    slice.messages.assign(std::make_move_iterator(newer->messages.end() - kept_newer),
                          std::make_move_iterator(newer->messages.end()));
    slice.messages.insert(slice.messages.end(), std::make_move_iterator(older->messages.begin()),
                          std::make_move_iterator(older->messages.begin() + kept_older));
    return slice;
}

Result<Slice> read_slice(const Anchor& anchor, const Channel& channel, std::int64_t limit, const Viewpoint& viewer,
                         Context& context) {
    if (anchor.kind == Anchor::Kind::newest) return read_back(channel.id, channel.last_seq, limit, viewer, context);
    CARIOSAN_TRY(const auto seq, find_seq(anchor, channel.id, context));
    switch (anchor.kind) {
        case Anchor::Kind::after: return read_forward(channel, seq, limit, viewer, context);
        case Anchor::Kind::around: return read_around(channel, seq, limit, viewer, context);
        default: return read_back(channel.id, std::min(seq - 1, channel.last_seq), limit, viewer, context);
    }
}

}  // namespace

Result<Outcome> read(const ListMessages& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<ListMessages>(caller, context));
    CARIOSAN_TRY_DONE(Fields(context.limits)
                          .reference("channel", command.channel)
                          .page(command.limit)
                          .result());
    CARIOSAN_TRY(const auto anchor, find_anchor(command));
    CARIOSAN_TRY(const auto access, open_channel<ListMessages>(actor, command.channel, context));

    Viewpoint viewer;
    viewer.user = actor.user_id();
    const std::int64_t limit = page_limit(command.limit, context.limits);
    CARIOSAN_TRY(auto slice, read_slice(anchor, access.channel, limit, viewer, context));
    return Outcome{.answer = MessagePage{.messages = std::move(slice.messages),
                                         .has_more = slice.has_more,
                                         .cut_at = slice.cut_at,
                                         .rev = access.channel.rev,
                                         .receipt_rev = access.channel.receipt_rev,
                                         .epoch = std::string(context.epoch)}};
}

}  // namespace cariosan::core
