/// Frames on their way to sockets: lists for one turn of the event loop, and backlogs that a socket did not accept.
#pragma once

#include <cariosan/session.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "transport/socket.hpp"
#include "transport/websocket/deflate.hpp"

namespace cariosan::transport {

using FrameList = std::vector<FrameRef>;

/// Recycles lists: in the steady state queueing a frame allocates nothing, and a connection that sends nothing holds no list.
class FrameListPool {
  public:
    std::unique_ptr<FrameList> take();
    /// Empties the list.
    void give(std::unique_ptr<FrameList> list) noexcept;

  private:
    static constexpr std::size_t kMaxLists = 4096;
    static constexpr std::size_t kMaxFrames = 64;  ///< a list with a larger capacity is not kept

    std::vector<std::unique_ptr<FrameList>> free_;
};

/// The frames of the current turns, each held once, however many connections it goes to. A connection whose frames are
/// consecutive here, as those of a broadcast are, stores only their position: queueing counts no references and fills no list.
///
/// Places are numbers that continue from turn to turn (and wrap around after 2^32), so that frames queued while a turn is being
/// flushed already have theirs.
class TurnFrames {
  public:
    /// Returns the frame's place. Adding the same frame again directly afterwards returns the same place.
    std::uint32_t add(const FrameRef& frame) {
        if (frames_.size() == marked_ || frames_.back() != frame) frames_.push_back(frame);
        return base_ + static_cast<std::uint32_t>(frames_.size() - 1);
    }
    /// Valid until a frame is added.
    std::span<const FrameRef> range(std::uint32_t first, std::uint32_t count) const noexcept {
        return std::span(frames_).subspan(static_cast<std::uint32_t>(first - base_), count);
    }
    /// The turn ends: the frames added up to now are being flushed.
    void begin_flush() noexcept { marked_ = frames_.size(); }
    /// They have been flushed.
    void end_flush() noexcept;

  private:
    static constexpr std::size_t kMaxKept = 4096;  ///< the capacity kept from one turn to the next

    std::vector<FrameRef> frames_;
    std::size_t marked_ = 0;  ///< the number of frames of the turn that is being flushed
    std::uint32_t base_ = 0;  ///< the place of the first frame
};

/// The position of a connection's frames among those of the turn.
struct FramePlace {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
    bool operator==(const FramePlace&) const = default;
};

/// The frames a connection has queued in this turn.
class PendingFrames {
  public:
    void add(const FrameRef& frame, TurnFrames& turn, FrameListPool& pool);
    bool empty() const noexcept { return bytes_ == 0; }
    std::size_t bytes() const noexcept { return bytes_; }
    std::span<const FrameRef> frames(const TurnFrames& turn) const noexcept;
    /// Absent if they are not consecutive.
    std::optional<FramePlace> place() const noexcept {
        return list_ ? std::nullopt : std::optional<FramePlace>(place_);
    }
    void clear(FrameListPool& pool) noexcept;

  private:
    std::unique_ptr<FrameList> list_;  ///< used if they are not consecutive
    std::size_t bytes_ = 0;
    FramePlace place_;
};

/// If many connections get the same frames in the same turn, the frames are copied into one buffer once, and each connection
/// sends that buffer instead of gathering the pieces again.
class SharedBatch {
  public:
    /// With `forms`, which must outlive it, the joined frames are compressed.
    explicit SharedBatch(DeflatedFrames* forms = nullptr) noexcept : forms_(forms) {}

    /// The frames as one; null if gathering is as good: for frames seen for the first time, and for many bytes.
    FrameRef join(std::span<const FrameRef> frames, std::optional<FramePlace> place);
    /// Releases the frames. Call it when a turn ends.
    void clear() noexcept;

  private:
    static constexpr std::size_t kMaxBytes = 64 * 1024;

    bool same(std::span<const FrameRef> frames, std::optional<FramePlace> place) const noexcept;

    DeflatedFrames* const forms_;
    FrameList last_;
    std::optional<FramePlace> last_place_;
    FrameRef joined_;
};

/// Sends the frames, starting at `offset` within the first, as far as the socket accepts them.
IoResult send_frames(Socket& socket, std::span<const FrameRef> frames, std::size_t offset);

/// Output that a socket has not accepted yet. Exists only while there is any.
class Backlog {
  public:
    /// Takes over what is left of `frames` after their first `sent` bytes.
    Backlog(std::span<const FrameRef> frames, std::size_t sent);

    void push(const FrameRef& frame);
    /// Sends as much as the socket accepts.
    IoResult send(Socket& socket);
    /// Drops everything except the rest of a partly sent frame.
    void drop_whole_frames() noexcept;

    bool empty() const noexcept { return frames_.empty(); }
    std::size_t bytes() const noexcept { return bytes_; }

    /// Answers the latest ping once all frames have left; earlier pings then need no answer of their own.
    FrameRef pong;

  private:
    void drop_front(std::size_t sent) noexcept;

    std::deque<FrameRef> frames_;
    std::size_t offset_ = 0;  ///< bytes of the first frame that were already sent
    std::size_t bytes_ = 0;
};

}  // namespace cariosan::transport
