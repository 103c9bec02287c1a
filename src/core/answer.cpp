#include <algorithm>
#include <iterator>
#include <utility>

#include "core/moderation/flood.hpp"
#include "core/propagate.hpp"
#include "core/use_case.hpp"

namespace cariosan::core {
namespace {

/// Members named in the command: those who already were members, and those it added.
void merge_members(MembersChanged& prepared, CommittedMembers&& committed) {
    std::erase_if(prepared.members, [&](const Member& member) {
        return std::ranges::any_of(committed.members,
                                   [&](const Member& changed) { return changed.user.id == member.user.id; });
    });
    std::ranges::move(committed.members, std::back_inserter(prepared.members));
}

struct AnswerOf {
    std::int64_t rev;

    Answer operator()(Done&& done) const { return done; }
    Answer operator()(Workspace&& workspace) const { return std::move(workspace); }
    Answer operator()(WorkspaceSettings&& settings) const { return std::move(settings); }
    Answer operator()(CommittedUser&& committed) const { return std::move(committed.user); }
    Answer operator()(CommittedChannel&& committed) const { return std::move(committed.channel); }
    Answer operator()(CommittedMembers&& committed) const {
        return MembersChanged{.members = std::move(committed.members), .rev = rev};
    }
    Answer operator()(Message&& message) const {
        if (message.quoted_message && message.quoted_message->hidden) {
            Quote hidden;
            hidden.id = message.quoted_message->id;
            hidden.hidden = true;
            message.quoted_message = std::move(hidden);
        }
        return std::move(message);
    }
    Answer operator()(CommittedReceipt&& committed) const { return committed.state; }
    Answer operator()(CommittedReceipts&& committed) const {
        ChannelReceipts receipts;
        for (auto& [channel, receipt] : committed.places) receipts.channels.push_back({channel, std::move(receipt.state)});
        return receipts;
    }
    Answer operator()(WebhookCredentials&& webhook) const { return std::move(webhook); }
    // The prepared channel is the answer.
    Answer operator()(Preferences&&) const { return Done{}; }
    Answer operator()(Webhook&& webhook) const { return std::move(webhook); }
    Answer operator()(Delivery&& delivery) const { return std::move(delivery); }
    // Only the engine issues these mutations; they have no answer.
    Answer operator()(LeasedWebhooks&&) const { return Done{}; }
    Answer operator()(LeasedWebhook&&) const { return Done{}; }
    Answer operator()(LeasedPushJobs&&) const { return Done{}; }
    // The prepared report is the answer.
    Answer operator()(CommittedReport&&) const { return Done{}; }
    Answer operator()(Device&& device) const { return std::move(device); }
    Answer operator()(Silence&& silence) const { return std::move(silence); }
    Answer operator()(CommittedBlock&& committed) const {
        if (!committed.blocked) return Done{};
        return BlockMade{.block = std::move(committed.block), .blocks_rev = committed.blocks_rev};
    }
};

}  // namespace

Result<Outcome> answer(PlannedMutation planned, Committed&& committed) {
    if (planned.flood && committed.changed && !committed.duplicate) planned.flood->keep();
    if (planned.charge && committed.created) planned.charge->keep();
    if (planned.charge && committed.duplicate) CARIOSAN_TRY_DONE(planned.charge->charge_read());
    // If nothing changed, nothing was refused: the message already has this text.
    if (planned.refusal && committed.changed) return std::move(*planned.refusal);
    auto& prepared = planned.prepared;
    Outcome outcome{.answer = Done{},
                    .created = committed.created,
                    .duplicate = committed.duplicate,
                    .rev = committed.rev};
    if (!prepared) {
        outcome.answer = std::visit(AnswerOf{committed.rev}, std::move(committed.object));
        return outcome;
    }
    const auto* preferences = std::get_if<Preferences>(&committed.object);
    auto* mine = std::get_if<MyChannel>(&*prepared);
    if (preferences != nullptr && mine != nullptr) mine->preferences = *preferences;
    const auto* changed = std::get_if<CommittedReport>(&committed.object);
    auto* report = std::get_if<Report>(&*prepared);
    if (changed != nullptr && report != nullptr) {
        report->status = changed->status;
        report->moderator_note = changed->moderator_note;
    }
    auto* members = std::get_if<MembersChanged>(&*prepared);
    auto* committed_members = std::get_if<CommittedMembers>(&committed.object);
    if (members != nullptr) {
        if (committed_members == nullptr) {
            return Error(ErrorCode::internal, "the storage returned something other than members");
        }
        merge_members(*members, std::move(*committed_members));
        members->rev = committed.rev;
    }
    outcome.answer = std::move(*prepared);
    return outcome;
}

}  // namespace cariosan::core
