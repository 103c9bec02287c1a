#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace cariosan::realtime {

/// A channel with local sessions: which revision has been handed out, and to how many sessions on which lane.
///
/// Events are hints; `rev` is the truth. The next revision is delivered, an old one dropped, and a hole starts a repair:
/// until it is finished, from storage, every event is dropped, since the repair will read what it told.
class ChannelFeed {
  public:
    enum class Verdict : std::uint8_t { deliver, drop, hole };

    ChannelFeed(std::int64_t last, std::size_t lanes) : last_(last), sessions_(lanes) {}

    /// Judges an event that covers the revisions (`since`, `rev`].
    Verdict accept(std::int64_t since, std::int64_t rev) {
        if (rev <= last_) return Verdict::drop;
        if (repairing_) {
            missed_ = std::max(missed_, rev);
            return Verdict::drop;
        }
        if (since > last_) {
            missed_ = rev;
            repairing_ = true;
            return Verdict::hole;
        }
        last_ = rev;
        return Verdict::deliver;
    }

    /// Starts a repair without a hole having been seen. False if one is under way; then it is repeated.
    bool begin_repair() {
        if (repairing_) missed_ = std::max(missed_, last_ + 1);
        return !std::exchange(repairing_, true);
    }
    /// Everything up to `rev` is known. Answers whether that is enough; if not, another repair is needed.
    bool finish_repair(std::int64_t rev) {
        last_ = std::max(last_, rev);
        repairing_ = missed_ > last_;
        return !repairing_;
    }

    std::int64_t last() const noexcept { return last_; }
    /// Whether the event that makes this revision would be delivered.
    bool expects(std::int64_t rev) const noexcept { return !repairing_ && rev == last_ + 1; }

    void resize_lanes(std::size_t lanes) { sessions_.resize(lanes); }
    void add_session(std::size_t lane) { ++sessions_[lane]; }
    void remove_session(std::size_t lane) { --sessions_[lane]; }
    bool has_sessions(std::size_t lane) const { return sessions_[lane] != 0; }
    bool has_sessions() const {
        return std::ranges::any_of(sessions_, [](std::uint32_t sessions) { return sessions != 0; });
    }

    /// Members of the channel, local or not.
    std::int64_t member_count = 0;

  private:
    std::int64_t last_;
    std::int64_t missed_ = 0;
    bool repairing_ = false;
    std::vector<std::uint32_t> sessions_;
};

}  // namespace cariosan::realtime
