/// Frames on their way to sockets: lists for one turn of the event loop, and what a socket did not take.
#pragma once

#include <cariosan/session.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "transport/socket_io.hpp"

namespace cariosan::transport {

using FrameList = std::vector<FrameRef>;

/// Lists that are used again: in the steady state a frame is queued without any allocation, and a connection that sends
/// nothing holds no list.
class FrameListPool {
  public:
    std::unique_ptr<FrameList> take();
    /// Empties the list.
    void give(std::unique_ptr<FrameList> list) noexcept;

  private:
    static constexpr std::size_t kMaxLists = 4096;
    static constexpr std::size_t kMaxFrames = 64;  ///< a list that grew beyond is not kept

    std::vector<std::unique_ptr<FrameList>> free_;
};

/// The frames of the present turns, each held once however many connections it goes to. A connection whose frames stand in
/// a row here, as those of a broadcast do, notes only where: queueing for it counts no references and fills no list.
///
/// Places are numbers that go on from turn to turn (and around, after 2^32), so that what is queued while a turn is being
/// written out has its place already.
class TurnFrames {
  public:
    /// The place of the frame; one and the same for a frame that is added again right after.
    std::uint32_t add(const FrameRef& frame) {
        if (frames_.size() == marked_ || frames_.back() != frame) frames_.push_back(frame);
        return base_ + static_cast<std::uint32_t>(frames_.size() - 1);
    }
    /// Valid until a frame is added.
    std::span<const FrameRef> range(std::uint32_t first, std::uint32_t count) const noexcept {
        return std::span(frames_).subspan(static_cast<std::uint32_t>(first - base_), count);
    }
    /// A turn ends: what was added up to now goes out.
    void begin_flush() noexcept { marked_ = frames_.size(); }
    /// It has gone out.
    void end_flush() noexcept;

  private:
    static constexpr std::size_t kMaxKept = 4096;  ///< of capacity, from one turn to the next

    std::vector<FrameRef> frames_;
    std::size_t marked_ = 0;  ///< how many of them belong to the turn that is going out
    std::uint32_t base_ = 0;  ///< the place of the first
};

/// Where a connection's frames stand among those of the turn.
struct FramePlace {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
    bool operator==(const FramePlace&) const = default;
};

/// What a connection has queued in this turn.
class PendingFrames {
  public:
    void add(const FrameRef& frame, TurnFrames& turn, FrameListPool& pool);
    bool empty() const noexcept { return bytes_ == 0; }
    std::size_t bytes() const noexcept { return bytes_; }
    std::span<const FrameRef> frames(const TurnFrames& turn) const noexcept;
    /// Nothing if they do not stand in a row.
    std::optional<FramePlace> place() const noexcept {
        return list_ ? std::nullopt : std::optional<FramePlace>(place_);
    }
    void clear(FrameListPool& pool) noexcept;

  private:
    std::unique_ptr<FrameList> list_;  ///< if they do not stand in a row
    std::size_t bytes_ = 0;
    FramePlace place_;
};

/// Many connections get the same frames in the same turn: they are laid in one buffer once, and each connection sends that
/// instead of gathering the pieces again.
class SharedBatch {
  public:
    /// The frames as one, or null where gathering is as good: frames seen for the first time, or many bytes.
    FrameRef join(std::span<const FrameRef> frames, std::optional<FramePlace> place);
    /// Forgets the frames; to be called when a turn ends, so that none is held longer.
    void clear() noexcept;

  private:
    static constexpr std::size_t kMaxBytes = 64 * 1024;

    bool same(std::span<const FrameRef> frames, std::optional<FramePlace> place) const noexcept;

    FrameList last_;
    std::optional<FramePlace> last_place_;
    FrameRef joined_;
};

/// Sends frames from `offset` within the first on, gathered, as far as the socket takes them.
IoResult send_frames(int descriptor, std::span<const FrameRef> frames, std::size_t offset);

/// What a socket did not take. Exists only while that is so.
class Backlog {
  public:
    /// Takes over what is left of `frames` after `sent` bytes of them.
    Backlog(std::span<const FrameRef> frames, std::size_t sent);

    void push(const FrameRef& frame);
    /// Sends what the socket takes.
    IoResult send(int descriptor);
    /// Drops all but the rest of a frame that has begun to leave.
    void drop_whole_frames() noexcept;

    bool empty() const noexcept { return frames_.empty(); }
    std::size_t bytes() const noexcept { return bytes_; }

  private:
    void drop_front(std::size_t sent) noexcept;

    std::deque<FrameRef> frames_;
    std::size_t offset_ = 0;  ///< of the first frame, sent already
    std::size_t bytes_ = 0;
};

}  // namespace cariosan::transport
