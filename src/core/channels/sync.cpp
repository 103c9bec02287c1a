#include "core/channels/sync.hpp"

#include <algorithm>
#include <limits>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "core/access.hpp"
#include "core/channels/catch_up.hpp"
#include "core/channels/sync_state.hpp"
#include "core/paging.hpp"
#include "core/propagate.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {
namespace {

using Origin = SyncState::Origin;

Result<SyncState> state_of(const Sync& command, const Context& context) {
    if (command.next.empty()) {
        if (command.channels.size() > Sync::kMostChannels) {
            return over_limit("channels", Sync::kMostChannels, "channels lists too many", "channels");
        }
        return begin_sync(command, context.epoch);
    }
    auto state = decode_sync_state(command.next);
    if (!state) return invalid_field("next", "next is not one that a sync has answered");
    return std::move(*state);
}

GetChanges question(const SyncState::Left& left, const SyncState& state) {
    constexpr std::string_view kOfNoHistory = "?";
    GetChanges question{.channel = left.held.channel, .since = left.held.rev, .receipts_since = left.held.receipt_rev};
    if (left.origin == Origin::known) question.epoch = state.epoch;
    if (left.origin == Origin::foreign) question.epoch = kOfNoHistory;
    return question;
}

/// Answers one `Sync` from one snapshot.
class Answering {
  public:
    Answering(const Actor& actor, SyncState state, Context& context)
        : actor_(actor), state_(std::move(state)), context_(context) {}

    Result<Synced> answer(std::int64_t max_moved) {
        answer_.epoch = context_.epoch;
        CARIOSAN_TRY_DONE(add_changes(max_moved));
        CARIOSAN_TRY(const bool ended, add_summaries());
        if (!ended) answer_.next = encode(state_);
        ChannelReader& channels = context_.reader.channels();
        CARIOSAN_TRY(answer_.unread_total, channels.unread_total(actor_.workspace.id, actor_.user->id));
        CARIOSAN_TRY(const auto preferences, channels.preferences_of(actor_.workspace.id, actor_.user->id, 0, 0));
        answer_.preferences_rev = preferences.preferences_rev;
        CARIOSAN_TRY(const auto blocks, context_.reader.blocks().of(actor_.workspace.id, actor_.user->id));
        answer_.blocks_rev = blocks.rev;
        return std::move(answer_);
    }

  private:
    Result<Done> add_changes(std::int64_t max_moved) {
        if (state_.left.empty()) return Done{};
        std::vector<GetChanges> asked;
        asked.reserve(state_.left.size());
        for (const SyncState::Left& left : state_.left) asked.push_back(question(left, state_));
        CARIOSAN_TRY(auto read, changes_of(actor_, asked, max_moved, gathered_, context_));
        std::vector<SyncState::Left> unfinished;
        for (std::size_t i = 0; i < read.size(); ++i) {
            if (read[i] && read[i]->has_more) {
                unfinished.push_back({{asked[i].channel, read[i]->rev, read[i]->receipt_rev}, Origin::known});
            } else if (state_.complete) {
                state_.done.push_back(asked[i].channel);
            }
            if (moved(asked[i], read[i])) add_page(asked[i].channel, std::move(read[i]));
        }
        unfinished.insert(unfinished.end(), state_.left.begin() + static_cast<std::ptrdiff_t>(read.size()), state_.left.end());
        state_.left = std::move(unfinished);
        return Done{};
    }

    void add_page(ChannelId channel, Result<Changes> changes) {
        if (changes) {
            answer_.pages.emplace_back(std::move(*changes));
        } else {
            answer_.pages.emplace_back(ChannelLeft{channel});
        }
    }

    /// The channels of the user's list that the client does not hold, the most recently active ones first.
    Result<std::vector<ChannelId>> unlisted() {
        CARIOSAN_TRY(auto positions, context_.reader.channels().positions_of(actor_.workspace.id, actor_.user->id));
        const std::unordered_set<ChannelId> listed(state_.done.begin(), state_.done.end());
        std::erase_if(positions, [&](const ChannelPosition& each) { return each.archived || listed.contains(each.channel); });
        std::ranges::sort(positions, [](const ChannelPosition& a, const ChannelPosition& b) {
            return std::tie(a.last_activity, a.channel) > std::tie(b.last_activity, b.channel);
        });
        std::vector<ChannelId> channels;
        channels.reserve(positions.size());
        for (const ChannelPosition& position : positions) channels.push_back(position.channel);
        return channels;
    }

    /// Returns whether all of the answer is out.
    Result<bool> add_summaries() {
        if (!state_.left.empty()) return false;
        if (!state_.complete) return true;
        CARIOSAN_TRY(const auto channels, unlisted());
        for (const ChannelId channel : channels) {
            if (state_.summaries >= kMaxSummaries) break;
            if (gathered_.full()) return false;
            CARIOSAN_TRY(auto item, context_.reader.channels().find_of(actor_.workspace.id, actor_.user->id, channel,
                                                                       members_shown({}, context_.limits)));
            if (!item) continue;
            gathered_.add(*item);
            answer_.pages.emplace_back(std::move(*item));
            state_.done.push_back(channel);
            ++state_.summaries;
        }
        return true;
    }

    const Actor& actor_;
    SyncState state_;
    Context& context_;
    Synced answer_;
    Gathered gathered_;
};

bool is_news(const SyncPage& page) {
    const auto* changes = std::get_if<Changes>(&page);
    return changes == nullptr || changes->reset || changes->rev != changes->since || !changes->receipts.empty();
}

}  // namespace

bool has_news(const Sync& command, const Synced& answer) {
    return !answer.next.empty() || std::ranges::any_of(answer.pages, is_news) ||
           command.blocks_rev.value_or(answer.blocks_rev) != answer.blocks_rev ||
           command.preferences_rev.value_or(answer.preferences_rev) != answer.preferences_rev;
}

Result<Outcome> read(const Sync& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<Sync>(caller, context));
    constexpr auto kMostMoved = static_cast<std::int64_t>(CatchUp::kMaxChannels);
    constexpr std::int64_t kAnyRev = std::numeric_limits<std::int64_t>::max();
    CARIOSAN_TRY_DONE(Fields(context.limits)
                          .number("max_moved", command.max_moved, 1, kMostMoved)
                          .number("blocks_rev", command.blocks_rev.value_or(0), 0, kAnyRev)
                          .number("preferences_rev", command.preferences_rev.value_or(0), 0, kAnyRev)
                          .result());
    CARIOSAN_TRY(auto state, state_of(command, context));
    CARIOSAN_TRY(auto answer, Answering(actor, std::move(state), context).answer(command.max_moved));
    return Outcome{.answer = std::move(answer)};
}

}  // namespace cariosan::core
