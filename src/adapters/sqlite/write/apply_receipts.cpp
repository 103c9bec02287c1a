// Mutations of the cursors that say what was delivered and read.
#include <algorithm>

#include "adapters/sqlite/write/batch.hpp"

namespace cariosan::sqlite {
namespace {

bool move_to(std::int64_t& seq, std::optional<Timestamp>& at, std::int64_t target, Timestamp now) {
    if (target <= seq) return false;
    seq = target;
    at = now;
    return true;
}

}  // namespace

Result<Committed> Batch::apply(const mutation::MoveCursor& move) {
    ChannelRow* channel = find_channel(move.workspace, move.channel);
    if (channel == nullptr) return not_found("channel");
    MemberRow* member = find_member(*channel, move.user);
    if (member == nullptr || !member->present) {
        return Error(ErrorCode::not_a_member, "the caller is not a member of this channel");
    }
    const std::int64_t last = channel->channel.last_seq;
    const std::int64_t target = std::min(move.seq.value_or(last), last);
    CommittedReceipt moved;
    moved.delivered_moved = move_to(member->last_delivered_seq, member->last_delivered_at, target, move.at);
    moved.read_moved = move.kind == ReceiptKind::read &&
                       move_to(member->last_read_seq, member->last_read_at, target, move.at);
    Committed done;
    done.rev = channel->channel.rev;
    done.changed = moved.delivered_moved || moved.read_moved;
    if (done.changed) {
        member->receipt_rev = move_receipts(*channel);
        member->dirty = true;
        state_.wrote = true;
    }
    ReceiptState& state = moved.state;
    state.receipt = member->receipt();
    state.receipt_rev = channel->channel.receipt_rev;
    const UnreadRange unread{.channel = channel->id, .last_seq = last, .last_read_seq = member->last_read_seq};
    if (unread.span() > 0) {
        const HiddenAuthors hidden =
            sql_.unread.hidden_from(member->user, channel->workspace_row, member->block_count > 0);
        UnreadBudget budget;
        state.unread_count = sql_.unread.count(unread, hidden, budget);
        state.mention_count = sql_.unread.count_mentions(member->user, unread, hidden);
    }
    done.object = moved;
    return done;
}

}  // namespace cariosan::sqlite
