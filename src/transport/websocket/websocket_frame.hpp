/// WebSocket framing (RFC 6455, section 5): no sockets, no clock.
#pragma once

#include <array>
#include <cariosan/session.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "transport/websocket/utf8_validator.hpp"

namespace cariosan::transport {

enum class FrameKind : std::uint8_t {
    none,  ///< all input was consumed; nothing is complete
    text,  ///< a complete message: `payload`
    ping,  ///< send back `payload`
    pong,
    close,      ///< `code` (1005 if the peer gave none) and its reason in `payload`
    violation,  ///< the peer violated the protocol: close with `code` and the reason `payload`
};

/// What the parser found. `payload` is valid until the next call of `next`, or until the input it was found in is
/// overwritten.
struct FrameEvent {
    FrameKind kind = FrameKind::none;
    std::uint16_t code = 0;
    std::string_view payload;
    bool compressed = false;  ///< a text's `payload` is still compressed, and neither its size nor its UTF-8 has been checked
};

/// Parses a client's bytes as they arrive. A violation is reported at the byte that causes it, and sizes are checked before
/// anything is stored. A frame that arrives complete is unmasked in place and never copied. Memory is held only while a message or a
/// control frame is incomplete, and grows with the bytes received, not with what a header announces.
class FrameParser {
  public:
    explicit FrameParser(std::size_t max_message_bytes) noexcept;

    /// From now on a message may be compressed (RFC 7692); it then has `max_compressed` bytes at most.
    void accept_compressed(std::size_t max_compressed) noexcept;

    /// Consumes bytes from the front of `input` up to the next event, unmasking them in place.
    FrameEvent next(std::span<char>& input);

    /// Whether the input so far ends within a frame or between the fragments of a message.
    bool incomplete() const noexcept { return header_size_ != 0 || in_payload_ || in_message_; }

  private:
    static constexpr std::size_t kMaxHeader = 14;
    static constexpr std::size_t kMaxControlPayload = 125;

    /// What is stored of an incomplete message, and of an incomplete control frame between its fragments.
    struct Partial {
        std::string message;
        std::string control;
    };

    bool control_frame() const noexcept { return (opcode_ & 0x8) != 0; }
    FrameEvent fail(std::uint16_t code, std::string_view reason) noexcept;
    FrameEvent take_header(std::span<char>& input);
    FrameEvent check_first_byte(std::uint8_t byte) noexcept;
    FrameEvent check_second_byte(std::uint8_t byte) noexcept;
    FrameEvent check_length() noexcept;
    std::uint64_t declared_length() const noexcept;
    void begin_payload() noexcept;
    FrameEvent finish_control(std::string_view payload) noexcept;
    FrameEvent take_control(std::string_view chunk);
    FrameEvent take_text(std::string_view chunk);
    FrameEvent finish_close(std::string_view payload) noexcept;
    Partial& partial();

    std::unique_ptr<Partial> partial_;
    std::uint32_t max_message_bytes_;
    std::uint32_t max_compressed_ = 0;  ///< 0: no message may be compressed
    std::uint32_t message_bytes_ = 0;  ///< of the message so far, including the current frame
    std::uint32_t remaining_ = 0;      ///< payload bytes of the current frame still to come
    std::uint16_t violation_ = 0;
    std::array<std::uint8_t, kMaxHeader> header_{};
    std::array<std::uint8_t, 4> mask_{};  ///< rotated: the first byte applies to the next payload byte
    std::uint8_t header_size_ = 0;
    std::uint8_t header_needed_ = 2;
    std::uint8_t opcode_ = 0;
    Utf8Validator utf8_;
    bool final_ = false;
    bool in_payload_ = false;
    bool in_message_ = false;       ///< between a text frame without FIN and the message's last frame
    bool compressed_ = false;       ///< the message is
    bool release_control_ = false;  ///< the memory that the last event pointed to must be freed
    bool release_message_ = false;
};

/// XORs `bytes` with the mask (RFC 6455, section 5.3) and rotates the mask for the byte that follows.
void unmask(std::span<char> bytes, std::array<std::uint8_t, 4>& mask) noexcept;

/// Whether a peer may send this close code (RFC 6455, section 7.4, and the codes registered since).
bool valid_close_code(std::uint16_t code) noexcept;

/// Frames that a server sends. A reason that is too long is cut at a character boundary; code 1005 makes an empty close frame.
std::string ping_frame();
std::string pong_frame(std::string_view payload);
std::string close_frame(std::uint16_t code, std::string_view reason);

}  // namespace cariosan::transport
