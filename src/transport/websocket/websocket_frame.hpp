/// WebSocket framing (RFC 6455, section 5) as functions over bytes: no sockets, no clock.
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
    none,  ///< all input is taken; nothing is complete
    text,  ///< a whole message: `payload`
    ping,  ///< send back `payload`
    pong,
    close,      ///< `code` (1005 if the peer gave none) and its reason in `payload`
    violation,  ///< the peer broke the rules: close with `code`, reason `payload`
};

/// What the parser found. `payload` is valid until the next call of `next`, or until the input it was found in is
/// overwritten.
struct FrameEvent {
    FrameKind kind = FrameKind::none;
    std::uint16_t code = 0;
    std::string_view payload;
};

/// Takes the bytes of a client apart, as they come. Every rule is checked as soon as the byte that breaks it is there,
/// and sizes before anything is kept. A frame that arrives whole is unmasked in place and never copied; memory is
/// held only while a message or a control frame is incomplete, and grows with what has arrived, not with what a header
/// promises.
class FrameParser {
  public:
    explicit FrameParser(std::size_t max_message_bytes) noexcept;

    /// Takes bytes from the front of `input` (and writes into them) up to the next event.
    FrameEvent next(std::span<char>& input);

    /// Within a frame or between the fragments of a message.
    bool incomplete() const noexcept { return header_size_ != 0 || in_payload_ || in_message_; }

  private:
    static constexpr std::size_t kMaxHeader = 14;
    static constexpr std::size_t kMaxControlPayload = 125;

    /// What is kept of an incomplete message and an incomplete control frame between its fragments.
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
    std::uint32_t message_bytes_ = 0;  ///< of the message so far, the present frame included
    std::uint32_t remaining_ = 0;      ///< payload bytes of the present frame still to come
    std::uint16_t violation_ = 0;
    std::array<std::uint8_t, kMaxHeader> header_{};
    std::array<std::uint8_t, 4> mask_{};  ///< rotated: the first byte belongs to the next payload byte
    std::uint8_t header_size_ = 0;
    std::uint8_t header_needed_ = 2;
    std::uint8_t opcode_ = 0;
    Utf8Validator utf8_;
    bool final_ = false;
    bool in_payload_ = false;
    bool in_message_ = false;       ///< a text frame without FIN has come, its end has not
    bool release_control_ = false;  ///< what the last event pointed to is to be freed
    bool release_message_ = false;
};

/// XORs `bytes` with the mask (RFC 6455, section 5.3) and rotates the mask to where the next byte continues.
void unmask(std::span<char> bytes, std::array<std::uint8_t, 4>& mask) noexcept;

/// Whether a peer may send this close code (RFC 6455, section 7.4, and the codes registered since).
bool valid_close_code(std::uint16_t code) noexcept;

/// Frames as a server sends them. A reason is cut to what fits, at a character; code 1005 gives an empty close frame.
std::string ping_frame();
std::string pong_frame(std::string_view payload);
std::string close_frame(std::uint16_t code, std::string_view reason);

}  // namespace cariosan::transport
