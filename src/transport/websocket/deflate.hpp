/// Compression of WebSocket messages (RFC 7692) without context takeover: every message stands for itself, so what is compressed
/// is shared by all receivers, and a connection holds no state of it.
#pragma once

#include <cariosan/session.hpp>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct z_stream_s;

namespace cariosan::transport {

/// Ends a stream of zlib's and frees it.
struct EndStream {
    int (*end)(z_stream_s*) = nullptr;
    void operator()(z_stream_s* stream) const noexcept;
};
using ZlibStream = std::unique_ptr<z_stream_s, EndStream>;

/// The window of what is compressed here, as a power of two.
inline constexpr std::uint8_t kDeflateWindowBits = 13;

/// The longest message that may be compressed for a client with this window: within it, no reference can reach further back.
constexpr std::size_t most_deflated(std::uint8_t window_bits) noexcept {
    return window_bits >= kDeflateWindowBits ? std::numeric_limits<std::size_t>::max() : std::size_t{1} << window_bits;
}

/// Compresses messages one by one. Its memory, about 64 KiB, is taken when it is first used.
class Deflater {
  public:
    /// Appends the compressed message to `out`. False, with `out` unchanged, if it would not be smaller.
    bool deflate(std::string_view message, std::string& out);

  private:
    ZlibStream stream_;
};

struct Inflated {
    enum class Verdict : std::uint8_t { done, invalid, too_big };
    Verdict verdict = Verdict::done;
    std::string_view text;  ///< valid until the next call
};

/// Decompresses messages one by one. Its memory, about 40 KiB besides the longest message, is taken when it is first used.
class Inflater {
  public:
    /// Stops at the first byte beyond `most`, and never has memory for more than that.
    Inflated inflate(std::string_view compressed, std::size_t most);

  private:
    Inflated::Verdict feed(std::string_view part, std::size_t most);
    void make_room(std::size_t most);

    ZlibStream stream_;
    std::vector<char> text_;
    std::size_t size_ = 0;        ///< of the text so far
    bool after_final_ = false;    ///< the input so far ends with a block that is marked as the last one
};

/// The longest a client may make a message of `most` bytes by compressing it: text that cannot be compressed grows a little.
constexpr std::size_t most_compressed(std::size_t most) noexcept { return most + most / 16 + 64; }

/// The compressed forms of the frames of one turn, each made once, when the first connection needs it.
class DeflatedFrames {
  public:
    /// Shorter messages gain less than they cost.
    static constexpr std::size_t kLeastBytes = 256;

    /// The frame with its messages compressed; those that would not become smaller, and frames of another kind, are as they
    /// were. Valid until the next call.
    const FrameRef& of(const FrameRef& frame);
    /// The same for several; those longer than `most` stay as they are. Valid until the next call.
    std::span<const FrameRef> of(std::span<const FrameRef> frames, std::size_t most);
    /// Releases the frames. Call it when a turn ends.
    void clear() noexcept;

  private:
    struct Known {
        FrameRef frame;
        FrameRef deflated;
    };

    FrameRef make(const FrameRef& frame);

    Deflater deflater_;
    std::vector<Known> known_;  ///< by address; a frame that falls on another's place replaces it
    std::vector<FrameRef> list_;
    bool used_ = false;
};

}  // namespace cariosan::transport
