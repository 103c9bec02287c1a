// How far a member has received and read a channel.
#include <algorithm>

#include "core/commit/checks.hpp"
#include "core/commit/decide.hpp"
#include "core/refusals.hpp"

namespace cariosan::commit {
namespace {

bool move_to(std::int64_t& seq, std::optional<Timestamp>& at, std::int64_t target, Timestamp now) {
    if (target <= seq) return false;
    seq = target;
    at = now;
    return true;
}

/// How far one receipt of a member is to move, and when.
struct Move {
    ReceiptKind kind = ReceiptKind::delivered;
    std::int64_t seq = 0;
    Timestamp at{};
};

CommittedReceipt move_receipt(BatchRows& rows, HeldChannel& channel, HeldMember& member, const Move& move) {
    const std::int64_t last = channel.channel.last_seq;
    const std::int64_t target = std::min(move.seq, last);
    CommittedReceipt moved;
    const bool ends_mark = move.kind == ReceiptKind::read && member.marked_unread();
    moved.delivered_moved = move_to(member.last_delivered_seq, member.last_delivered_at, target, move.at);
    moved.read_moved = move.kind == ReceiptKind::read &&
                       move_to(member.last_read_seq, member.last_read_at, target, move.at);
    if (moved.delivered_moved || moved.read_moved) {
        member.receipt_rev = BatchRows::move_receipts(channel);
        member.dirty = true;
        rows.wrote();
    }
    if (ends_mark) {
        member.unread_mark = std::nullopt;
        rows.write_preferences(channel, member);
        moved.preferences = member.preferences(last);
    }
    ReceiptState& state = moved.state;
    state.receipt = member.receipt();
    state.receipt_rev = channel.channel.receipt_rev;
    if (member.last_read_seq < last) {
        const UnreadCounts unread = rows.members.unread(channel, member);
        state.unread_count = unread.messages;
        state.mention_count = unread.mentions;
    }
    return moved;
}

}  // namespace

Result<Committed> decide(BatchRows& rows, const mutation::MoveReceipt& move) {
    HeldChannel* channel = rows.find_channel(move.workspace, move.channel);
    if (channel == nullptr) return not_found("channel");
    HeldMember* member = rows.find_present(*channel, move.user);
    if (member == nullptr) return core::caller_is_no_member();
    const std::int64_t seq = move.seq.value_or(channel->channel.last_seq);
    const CommittedReceipt moved = move_receipt(rows, *channel, *member, {move.kind, seq, move.at});
    Committed done;
    done.rev = channel->channel.rev;
    done.changed = moved.delivered_moved || moved.read_moved || moved.preferences;
    done.object = moved;
    return done;
}

Result<Committed> decide(BatchRows& rows, const mutation::MoveDelivered& move) {
    CommittedReceipts all;
    Committed done;
    done.changed = false;
    for (const auto& [id, seq] : move.places) {
        HeldChannel* channel = rows.find_channel(move.workspace, id);
        HeldMember* member = channel != nullptr ? rows.find_present(*channel, move.user) : nullptr;
        if (member == nullptr) continue;
        all.places.push_back({id, move_receipt(rows, *channel, *member, {ReceiptKind::delivered, seq, move.at})});
        done.changed = done.changed || all.places.back().receipt.delivered_moved;
    }
    done.object = std::move(all);
    return done;
}

}  // namespace cariosan::commit
