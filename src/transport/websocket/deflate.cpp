#include "transport/websocket/deflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>
#include <utility>

namespace cariosan::transport {

namespace {

constexpr int kDeflateMemory = 6;
constexpr int kWidestWindow = 15;  // a client may use any
/// What ends every flush, and is left out of a message (RFC 7692, section 7.2.1).
constexpr std::string_view kFlushEnd("\x00\x00\xff\xff", 4);
constexpr int kAtBlockEnd = 128;  // in `data_type`, see inflate() in zlib.h

constexpr std::size_t kFirstRoom = 4 * 1024;
constexpr std::size_t kKeptRoom = 256 * 1024;  ///< more is released after the message
constexpr std::size_t kKnownFrames = 64;

constexpr char kCompressedText = '\xc1';  // FIN, RSV1 and the opcode of text
constexpr char kWholeText = '\x81';

/// zlib reads from pointers that are not const, without writing.
Bytef* bytes_of(const char* text) noexcept { return reinterpret_cast<Bytef*>(const_cast<char*>(text)); }

ZlibStream new_stream(bool deflates) {
    ZlibStream stream(new z_stream_s{}, EndStream{});
    // The fastest level loses little: what repeats within a message are mostly its keys.
    const int result =
        deflates ? ::deflateInit2(stream.get(), Z_BEST_SPEED, Z_DEFLATED, -kDeflateWindowBits, kDeflateMemory, Z_DEFAULT_STRATEGY)
                 : ::inflateInit2(stream.get(), -kWidestWindow);
    if (result != Z_OK) throw std::bad_alloc();
    stream.get_deleter().end = deflates ? ::deflateEnd : ::inflateEnd;
    return stream;
}

}  // namespace

void EndStream::operator()(z_stream_s* stream) const noexcept {
    if (end != nullptr) end(stream);
    delete stream;
}

bool Deflater::deflate(std::string_view message, std::string& out) {
    if (message.size() > std::numeric_limits<uInt>::max() || message.size() <= kFlushEnd.size()) return false;
    if (!stream_) stream_ = new_stream(true);
    ::deflateReset(stream_.get());
    const std::size_t before = out.size();
    out.resize(before + message.size() + kFlushEnd.size());
    stream_->next_in = bytes_of(message.data());
    stream_->avail_in = static_cast<uInt>(message.size());
    stream_->next_out = bytes_of(out.data() + before);
    stream_->avail_out = static_cast<uInt>(message.size() + kFlushEnd.size() - 1);
    ::deflate(stream_.get(), Z_SYNC_FLUSH);
    // With room to spare the flush is complete (zlib.h).
    const bool smaller = stream_->avail_in == 0 && stream_->avail_out != 0;
    out.resize(smaller ? out.size() - 1 - stream_->avail_out - kFlushEnd.size() : before);
    return smaller;
}

void Inflater::make_room(std::size_t most) {
    if (size_ < text_.size()) return;
    // One byte beyond `most` shows that a message is too long.
    text_.resize(std::min(std::max(text_.size() * 2, kFirstRoom), most + 1));
}

Inflated::Verdict Inflater::feed(std::string_view part, std::size_t most) {
    z_stream_s& stream = *stream_;
    stream.next_in = bytes_of(part.data());
    stream.avail_in = static_cast<uInt>(part.size());
    do {
        make_room(most);
        const std::size_t room = std::min<std::size_t>({text_.size(), most + 1}) - size_;
        stream.next_out = bytes_of(text_.data() + size_);
        stream.avail_out = static_cast<uInt>(std::min<std::size_t>(room, std::numeric_limits<uInt>::max()));
        const std::size_t offered = stream.avail_out;
        const int result = ::inflate(&stream, Z_SYNC_FLUSH);
        size_ += offered - stream.avail_out;
        if (size_ > most) return Inflated::Verdict::too_big;
        after_final_ = result == Z_STREAM_END;
        // More blocks may follow a final one (RFC 7692, section 7.2.3.5).
        if (after_final_) {
            ::inflateReset(&stream);
        } else if (result != Z_OK && result != Z_BUF_ERROR) {
            return Inflated::Verdict::invalid;
        }
    } while (stream.avail_in != 0 || (!after_final_ && stream.avail_out == 0));
    return Inflated::Verdict::done;
}

Inflated Inflater::inflate(std::string_view compressed, std::size_t most) {
    if (compressed.size() > std::numeric_limits<uInt>::max()) return {Inflated::Verdict::too_big, {}};
    if (!stream_) stream_ = new_stream(false);
    ::inflateReset(stream_.get());
    if (text_.size() > kKeptRoom) text_ = {};
    size_ = 0;
    Inflated::Verdict verdict = feed(compressed, most);
    // What was left out need not be put back behind a final block.
    if (verdict == Inflated::Verdict::done && !after_final_) {
        verdict = feed(kFlushEnd, most);
        const bool whole = !after_final_ && (stream_->data_type & kAtBlockEnd) != 0;
        if (verdict == Inflated::Verdict::done && !whole) verdict = Inflated::Verdict::invalid;
    }
    if (verdict != Inflated::Verdict::done) return {verdict, {}};
    return {verdict, {text_.data(), size_}};
}

FrameRef DeflatedFrames::make(const FrameRef& frame) {
    const std::string& bytes = frame->bytes;
    if (bytes.size() < kLeastBytes || bytes.front() != kWholeText) return frame;
    auto deflated = std::make_shared<Frame>();
    std::string message;
    bool smaller = false;
    const char* end = bytes.data();  // of what has been taken
    for (const std::string_view payload : payloads(*frame)) {
        message.clear();
        const char* const next = payload.data() + payload.size();
        if (payload.size() >= kLeastBytes && deflater_.deflate(payload, message)) {
            const std::size_t at = deflated->bytes.size();
            deflated->bytes += make_frame(message)->bytes;
            deflated->bytes[at] = kCompressedText;
            smaller = true;
        } else {
            deflated->bytes.append(end, next);
        }
        end = next;
    }
    if (!smaller || end != bytes.data() + bytes.size()) return frame;
    return deflated;
}

const FrameRef& DeflatedFrames::of(const FrameRef& frame) {
    if (known_.empty()) known_.resize(kKnownFrames);
    constexpr std::size_t kAlignment = 16;
    Known& known = known_[reinterpret_cast<std::uintptr_t>(frame.get()) / kAlignment % kKnownFrames];
    used_ = true;
    if (known.frame != frame) known = {frame, make(frame)};
    return known.deflated;
}

std::span<const FrameRef> DeflatedFrames::of(std::span<const FrameRef> frames, std::size_t most) {
    list_.clear();
    for (const FrameRef& frame : frames) list_.push_back(frame->bytes.size() <= most ? of(frame) : frame);
    return list_;
}

void DeflatedFrames::clear() noexcept {
    list_.clear();
    if (!std::exchange(used_, false)) return;
    for (Known& known : known_) known = {};
}

}  // namespace cariosan::transport
