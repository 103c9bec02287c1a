#pragma once

#include <algorithm>
#include <cariosan/types.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace cariosan::realtime {

/// A channel with local sessions: which revision was delivered last, and how many sessions there are on each lane.
///
/// Events are hints; `rev` is the truth. The next revision is delivered, an old one dropped, and a gap starts a
/// repair: until it is finished, from storage, every event is dropped. For dropped events that are consecutive the
/// feed remembers the changes of the audience, so that a busy channel is repaired by one read; the sessions read its
/// messages themselves.
class ChannelFeed {
  public:
    enum class Verdict : std::uint8_t {
        deliver,
        drop,
        past,    ///< the snapshot contains it: it only changes the audience and is delivered to nobody
        gap,     ///< earlier events are missing: a repair begins
        missed,  ///< dropped because of a repair
    };
    enum class Start : std::uint8_t {
        at_event,     ///< the next revision is the next event
        at_snapshot,  ///< the snapshot may be ahead of the events
    };
    /// A user added or removed by a dropped event.
    struct Change {
        std::int64_t rev = 0;
        UserId user;
        bool joined = false;
    };

    /// The audience changes dropped during a repair that are newer than what the repair read.
    struct Rest {
        std::vector<Change> changes;
        std::int64_t member_count = -1;  ///< after them; -1: use the one that was read
    };

    ChannelFeed(std::int64_t last, Start start, std::size_t lanes)
        : last_(last), ahead_(start == Start::at_snapshot ? last : 0), sessions_(lanes) {}

    /// Whether earlier events are missing and no repair has begun.
    bool is_ahead(std::int64_t rev) const noexcept { return !missed_ && rev > last_ + 1; }

    Verdict accept(std::int64_t rev) {
        if (rev <= last_) {
            if (rev <= seen_ || rev > ahead_) return Verdict::drop;
            seen_ = rev;
            return Verdict::past;
        }
        ahead_ = 0;
        if (missed_) {
            if (rev <= missed_->to) return Verdict::drop;
            if (rev > missed_->to + 1) missed_->from = rev;
            missed_->to = rev;
            return Verdict::missed;
        }
        if (rev > last_ + 1) {
            missed_ = std::make_unique<Missed>(Missed{.from = rev, .to = rev});
            return Verdict::gap;
        }
        last_ = rev;
        return Verdict::deliver;
    }

    /// Records the audience change of the event that was just dropped.
    void note_missed(UserId user, bool joined) {
        constexpr std::size_t kMostChanges = 1'000;
        if (missed_->changes.size() >= kMostChanges) return note_unknown();
        missed_->changes.push_back({missed_->to, user, joined});
    }
    void note_missed_count(std::int64_t members) { missed_->member_count = members; }
    /// The audience after the event that was just dropped is unknown: the repair must read at least that far.
    void note_unknown() { missed_->from = missed_->to + 1; }
    /// The dropped events, until the repair is finished.
    std::span<const Change> missed() const { return missed_ ? missed_->changes : std::span<const Change>(); }

    /// Everything up to `rev` was read. Returns whether that is enough; if not, another repair is needed.
    bool finish_repair(std::int64_t rev, Rest& rest) {
        last_ = std::max(last_, rev);
        if (!missed_) return true;
        if (missed_->from > last_ + 1) return false;
        rest = {std::move(missed_->changes), missed_->member_count};
        std::erase_if(rest.changes, [&](const Change& each) { return each.rev <= last_; });
        last_ = std::max(last_, missed_->to);
        missed_.reset();
        return true;
    }

    std::int64_t last() const noexcept { return last_; }

    void resize_lanes(std::size_t lanes) { sessions_.resize(lanes); }
    void add_session(std::size_t lane) { ++sessions_[lane]; }
    void remove_session(std::size_t lane) { --sessions_[lane]; }
    bool has_sessions(std::size_t lane) const { return sessions_[lane] != 0; }
    bool has_sessions() const {
        return std::ranges::any_of(sessions_, [](std::uint32_t sessions) { return sessions != 0; });
    }

    /// A receipt was delivered. They come in no certain order: one that is not the next leaves a gap, and those after it count as not
    /// delivered.
    void note_receipt(std::int64_t receipt_rev) noexcept {
        if (receipts_ != 0 && receipt_rev == receipts_ + 1) receipts_ = receipt_rev;
    }
    /// All receipts up to `receipt_rev` were read and delivered.
    void note_receipts(std::int64_t receipt_rev) noexcept { receipts_ = std::max(receipts_, receipt_rev); }
    /// Everything up to it was delivered; 0: nothing is known, until some were lost for the first time and are read.
    std::int64_t receipts() const noexcept { return receipts_; }

    /// Members of the channel, local or not.
    std::int64_t member_count = 0;
    /// Receipts may have been lost that no read under way began after.
    bool receipts_lost = false;

  private:
    /// Events dropped because of a repair. The latest ones, revisions `from` to `to`, are consecutive.
    struct Missed {
        std::int64_t from = 0;
        std::int64_t to = 0;
        std::vector<Change> changes{};  ///< the older ones too
        std::int64_t member_count = -1;  ///< after the latest event that has it
    };

    std::int64_t last_;
    std::int64_t ahead_;     ///< events up to this one may still be `past`; 0: none
    std::int64_t seen_ = 0;  ///< the latest of them
    std::unique_ptr<Missed> missed_;  ///< null: no repair is needed
    std::int64_t receipts_ = 0;
    std::vector<std::uint32_t> sessions_;
};

}  // namespace cariosan::realtime
