/// Frames on their way to sockets: lists for one turn of the event loop, and what a socket did not take.
#pragma once

#include <cariosan/session.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
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

/// The frames of one turn, each held once however many connections it goes to. A connection whose frames stand in a row
/// here, as those of a broadcast do, notes only where: queueing for it counts no references and fills no list.
class TurnFrames {
  public:
    /// False while a turn is being written out: what is queued then is for the next one, and keeps its own references.
    bool open() const noexcept { return open_; }
    /// The place of the frame; one and the same for a frame that is added again right after.
    std::size_t add(const FrameRef& frame) {
        if (frames_.empty() || frames_.back() != frame) frames_.push_back(frame);
        return frames_.size() - 1;
    }
    std::span<const FrameRef> range(std::size_t first, std::size_t count) const noexcept {
        return std::span(frames_).subspan(first, count);
    }
    void begin_flush() noexcept { open_ = false; }
    void end_flush() noexcept;

  private:
    static constexpr std::size_t kMaxKept = 4096;  ///< of capacity, from one turn to the next

    std::vector<FrameRef> frames_;
    bool open_ = true;
};

/// What a connection has queued in this turn.
class PendingFrames {
  public:
    void add(const FrameRef& frame, TurnFrames& turn, FrameListPool& pool);
    bool empty() const noexcept { return bytes_ == 0; }
    std::size_t bytes() const noexcept { return bytes_; }
    std::span<const FrameRef> frames(const TurnFrames& turn) const noexcept;
    /// Whether the frames stay where they are until the turn is written out.
    bool in_turn() const noexcept { return list_ == nullptr; }
    void clear(FrameListPool& pool) noexcept;

  private:
    std::unique_ptr<FrameList> list_;  ///< if they do not stand in a row
    std::size_t bytes_ = 0;
    std::uint32_t first_ = 0;
    std::uint32_t count_ = 0;
};

/// Many connections get the same frames in the same turn: they are laid in one buffer once, and each connection sends that
/// instead of gathering the pieces again.
class SharedBatch {
  public:
    /// The frames as one, or null where gathering is as good: frames seen for the first time, or many bytes. `in_turn`:
    /// the span stays valid until `clear`.
    FrameRef join(std::span<const FrameRef> frames, bool in_turn);
    /// Forgets the frames; to be called when a turn ends, so that none is held longer.
    void clear() noexcept;

  private:
    static constexpr std::size_t kMaxBytes = 64 * 1024;

    bool same(std::span<const FrameRef> frames, bool in_turn) const noexcept;

    FrameList last_;
    const FrameRef* last_place_ = nullptr;
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

    bool empty() const noexcept { return frames_.empty(); }
    std::size_t bytes() const noexcept { return bytes_; }

  private:
    void drop_front(std::size_t sent) noexcept;

    std::deque<FrameRef> frames_;
    std::size_t offset_ = 0;  ///< of the first frame, sent already
    std::size_t bytes_ = 0;
};

}  // namespace cariosan::transport
