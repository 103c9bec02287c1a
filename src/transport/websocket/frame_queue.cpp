#include "transport/websocket/frame_queue.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace cariosan::transport {

namespace {

constexpr std::size_t kGather = 64;  ///< pieces per system call

template <class Frames>
std::size_t gather(const Frames& frames, std::size_t from, std::size_t offset,
                   std::array<iovec, kGather>& parts) {
    std::size_t count = 0;
    for (std::size_t i = from; i < frames.size() && count < kGather; ++i, ++count) {
        const std::string& bytes = frames[i]->bytes;
        // iovec is not const-correct; sending does not write to the buffer.
        parts[count] = {const_cast<char*>(bytes.data()) + offset, bytes.size() - offset};
        offset = 0;
    }
    return count;
}

}  // namespace

std::unique_ptr<FrameList> FrameListPool::take() {
    if (free_.empty()) return std::make_unique<FrameList>();
    std::unique_ptr<FrameList> list = std::move(free_.back());
    free_.pop_back();
    return list;
}

void FrameListPool::give(std::unique_ptr<FrameList> list) noexcept {
    if (free_.size() >= kMaxLists || list->capacity() > kMaxFrames) return;
    list->clear();
    if (free_.capacity() == 0) free_.reserve(kMaxLists);
    free_.push_back(std::move(list));
}

void TurnFrames::end_flush() noexcept {
    base_ += static_cast<std::uint32_t>(marked_);
    frames_.erase(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(marked_));
    marked_ = 0;
    if (frames_.empty() && frames_.capacity() > kMaxKept) frames_ = {};
}

void PendingFrames::add(const FrameRef& frame, TurnFrames& turn, FrameListPool& pool) {
    bytes_ += frame->bytes.size();
    if (!list_) {
        const std::uint32_t place = turn.add(frame);
        if (place_.count == 0) place_.first = place;
        if (place == place_.first + place_.count) {
            ++place_.count;
            return;
        }
        list_ = pool.take();
        const std::span<const FrameRef> before = turn.range(place_.first, place_.count);
        list_->assign(before.begin(), before.end());
    }
    list_->push_back(frame);
}

std::span<const FrameRef> PendingFrames::frames(const TurnFrames& turn) const noexcept {
    return list_ ? std::span<const FrameRef>(*list_) : turn.range(place_.first, place_.count);
}

void PendingFrames::clear(FrameListPool& pool) noexcept {
    if (list_) pool.give(std::move(list_));
    bytes_ = 0;
    place_ = {};
}

bool SharedBatch::same(std::span<const FrameRef> frames, std::optional<FramePlace> place) const noexcept {
    if (frames.size() != last_.size()) return false;
    return (place && place == last_place_) || std::equal(frames.begin(), frames.end(), last_.begin());
}

FrameRef SharedBatch::join(std::span<const FrameRef> frames, std::optional<FramePlace> place) {
    std::size_t bytes = 0;
    if (!same(frames, place)) {
        for (const FrameRef& frame : frames) bytes += frame->bytes.size();
        if (bytes > kMaxBytes) return nullptr;
        last_.assign(frames.begin(), frames.end());
        last_place_ = place;
        joined_.reset();
        return nullptr;
    }
    if (!joined_) {
        Frame whole;
        for (const FrameRef& frame : frames) bytes += frame->bytes.size();
        whole.bytes.reserve(bytes);
        for (const FrameRef& frame : frames) whole.bytes += (forms_ != nullptr ? forms_->of(frame) : frame)->bytes;
        joined_ = std::make_shared<const Frame>(std::move(whole));
    }
    return joined_;
}

void SharedBatch::clear() noexcept {
    last_.clear();
    last_place_.reset();
    joined_.reset();
}

IoResult send_frames(Socket& socket, std::span<const FrameRef> frames, std::size_t offset) {
    IoResult total;
    for (std::size_t from = 0; from < frames.size() && !total.blocked;) {
        IoResult sent;
        if (frames.size() - from == 1) {
            sent = socket.send(std::span<const char>(frames[from]->bytes).subspan(offset));
            ++from;
        } else {
            std::array<iovec, kGather> parts;
            const std::size_t count = gather(frames, from, offset, parts);
            sent = socket.send(std::span<iovec>(parts.data(), count));
            from += count;
        }
        if (sent.failed) return sent;
        total.bytes += sent.bytes;
        total.blocked = sent.blocked;
        offset = 0;
    }
    return total;
}

Backlog::Backlog(std::span<const FrameRef> frames, std::size_t sent) {
    for (const FrameRef& frame : frames) push(frame);
    drop_front(sent);
}

void Backlog::push(const FrameRef& frame) {
    frames_.push_back(frame);
    bytes_ += frame->bytes.size();
}

void Backlog::drop_front(std::size_t sent) noexcept {
    bytes_ -= sent;
    sent += std::exchange(offset_, 0);
    while (!frames_.empty() && sent >= frames_.front()->bytes.size()) {
        sent -= frames_.front()->bytes.size();
        frames_.pop_front();
    }
    offset_ = sent;
}

void Backlog::drop_whole_frames() noexcept {
    const std::size_t kept = offset_ > 0 ? 1 : 0;
    frames_.erase(frames_.begin() + static_cast<std::ptrdiff_t>(kept), frames_.end());
    bytes_ = kept == 0 ? 0 : frames_.front()->bytes.size() - offset_;
}

IoResult Backlog::send(Socket& socket) {
    IoResult total;
    // What the socket has accepted already may still wait to be sent.
    if (frames_.empty()) return socket.send(std::span<const char>());
    while (!frames_.empty() && !total.blocked) {
        std::array<iovec, kGather> parts;
        const std::size_t count = gather(frames_, 0, offset_, parts);
        const IoResult sent = socket.send(std::span<iovec>(parts.data(), count));
        if (sent.failed) return sent;
        drop_front(sent.bytes);
        total.bytes += sent.bytes;
        total.blocked = sent.blocked;
    }
    return total;
}

}  // namespace cariosan::transport
