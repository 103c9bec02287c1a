#include "transport/websocket/websocket_frame.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace cariosan::transport {

namespace {

enum Opcode : std::uint8_t {
    kContinuation = 0x0,
    kText = 0x1,
    kBinary = 0x2,
    kClose = 0x8,
    kPing = 0x9,
    kPong = 0xa
};

constexpr std::uint8_t kFinal = 0x80;
constexpr std::uint8_t kReservedBits = 0x70;
constexpr std::uint8_t kCompressed = 0x40;  // the first of the reserved bits
constexpr std::uint8_t kMasked = 0x80;

std::uint32_t bounded(std::size_t bytes) noexcept {
    return static_cast<std::uint32_t>(std::min<std::size_t>(bytes, std::numeric_limits<std::uint32_t>::max()));
}

std::string control_frame_bytes(Opcode opcode, std::string_view payload) {
    std::string frame;
    frame.reserve(2 + payload.size());
    frame.push_back(static_cast<char>(kFinal | opcode));
    frame.push_back(static_cast<char>(payload.size()));
    frame.append(payload);
    return frame;
}

}  // namespace

void unmask(std::span<char> bytes, std::array<std::uint8_t, 4>& mask) noexcept {
    std::uint64_t wide;
    std::memcpy(&wide, mask.data(), 4);
    std::memcpy(reinterpret_cast<char*>(&wide) + 4, mask.data(), 4);
    char* position = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= 8; left -= 8, position += 8) {
        std::uint64_t word;
        std::memcpy(&word, position, 8);
        word ^= wide;
        std::memcpy(position, &word, 8);
    }
    for (std::size_t i = 0; i < left; ++i) {
        position[i] = static_cast<char>(static_cast<std::uint8_t>(position[i]) ^ mask[i % 4]);
    }
    std::rotate(mask.begin(), mask.begin() + static_cast<std::ptrdiff_t>(left % 4), mask.end());
}

bool valid_close_code(std::uint16_t code) noexcept {
    if (code >= 3000 && code <= 4999) return true;
    if (code < 1000 || code > 1014) return false;
    return code != 1004 && code != 1005 && code != 1006;
}

std::string ping_frame() { return control_frame_bytes(kPing, {}); }

std::string pong_frame(std::string_view payload) {
    return control_frame_bytes(kPong, payload.substr(0, 125));
}

std::string close_frame(std::uint16_t code, std::string_view reason) {
    if (code == close_code::kNoStatus) return control_frame_bytes(kClose, {});
    std::size_t length = std::min<std::size_t>(reason.size(), 123);
    while (length < reason.size() && length > 0 && (static_cast<std::uint8_t>(reason[length]) & 0xc0) == 0x80)
        --length;
    std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
    payload.append(reason.substr(0, length));
    return control_frame_bytes(kClose, payload);
}

FrameParser::FrameParser(std::size_t max_message_bytes) noexcept
    : max_message_bytes_(bounded(max_message_bytes)) {}

void FrameParser::accept_compressed(std::size_t max_compressed) noexcept { max_compressed_ = bounded(max_compressed); }

FrameParser::Partial& FrameParser::partial() {
    if (!partial_) partial_ = std::make_unique<Partial>();
    return *partial_;
}

FrameEvent FrameParser::fail(std::uint16_t code, std::string_view reason) noexcept {
    violation_ = code;
    partial_.reset();
    release_control_ = release_message_ = false;
    return {FrameKind::violation, code, reason};
}

FrameEvent FrameParser::check_first_byte(std::uint8_t byte) noexcept {
    const auto opcode = static_cast<std::uint8_t>(byte & 0x0f);
    // Only the first frame of a message says whether it is compressed (RFC 7692, section 6).
    const bool first_of_message = opcode == kText || opcode == kBinary;
    const int allowed = first_of_message && max_compressed_ != 0 ? kCompressed : 0;
    if ((byte & kReservedBits & ~allowed) != 0) return fail(close_code::kProtocolError, "reserved bits are set");
    switch (opcode) {
        case kContinuation:
            if (!in_message_) return fail(close_code::kProtocolError, "nothing to continue");
            break;
        case kText:
        case kBinary:
            if (in_message_) return fail(close_code::kProtocolError, "a continuation was expected");
            if (opcode == kBinary) return fail(close_code::kUnsupportedData, "binary messages are not used");
            break;
        case kClose:
        case kPing:
        case kPong:
            if ((byte & kFinal) == 0) return fail(close_code::kProtocolError, "fragmented control frame");
            break;
        default: return fail(close_code::kProtocolError, "unknown opcode");
    }
    if (first_of_message) compressed_ = (byte & kCompressed) != 0;
    opcode_ = opcode;
    final_ = (byte & kFinal) != 0;
    return {};
}

FrameEvent FrameParser::check_second_byte(std::uint8_t byte) noexcept {
    if ((byte & kMasked) == 0) return fail(close_code::kProtocolError, "frame is not masked");
    const std::uint8_t length = byte & 0x7f;
    if (control_frame() && length > kMaxControlPayload) {
        return fail(close_code::kProtocolError, "control frame is too long");
    }
    header_needed_ = static_cast<std::uint8_t>(6 + (length == 126 ? 2 : length == 127 ? 8 : 0));
    return {};
}

std::uint64_t FrameParser::declared_length() const noexcept {
    const std::size_t extended = static_cast<std::size_t>(header_needed_) - 6;
    if (extended == 0) return header_[1] & 0x7f;
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < extended; ++i) length = length << 8 | header_[2 + i];
    return length;
}

FrameEvent FrameParser::check_length() noexcept {
    const std::uint64_t length = declared_length();
    const std::size_t extended = static_cast<std::size_t>(header_needed_) - 6;
    if ((extended == 2 && length < 126) || (extended == 8 && length <= 0xffff)) {
        return fail(close_code::kProtocolError, "length is not in its shortest form");
    }
    if (length >> 63 != 0) return fail(close_code::kProtocolError, "length is out of range");
    if (!control_frame()) {
        const std::uint32_t before = in_message_ ? message_bytes_ : 0;
        if (length > (compressed_ ? max_compressed_ : max_message_bytes_) - before) return fail(close_code::kTooBig, "message is too big");
    }
    return {};
}

void FrameParser::begin_payload() noexcept {
    remaining_ = static_cast<std::uint32_t>(declared_length());
    std::copy_n(header_.begin() + header_needed_ - 4, 4, mask_.begin());
    if (opcode_ == kText) {
        message_bytes_ = 0;
        utf8_.reset();
    }
    if (!control_frame()) {
        message_bytes_ += remaining_;
        in_message_ = true;
    }
    in_payload_ = true;
    header_size_ = 0;
    header_needed_ = 2;
}

FrameEvent FrameParser::take_header(std::span<char>& input) {
    while (header_size_ < header_needed_) {
        if (input.empty()) return {};
        const auto byte = static_cast<std::uint8_t>(input.front());
        input = input.subspan(1);
        header_[header_size_++] = byte;
        FrameEvent found;
        if (header_size_ == 1) found = check_first_byte(byte);
        if (header_size_ == 2) found = check_second_byte(byte);
        if (found.kind == FrameKind::none && header_size_ >= 2 && header_size_ == header_needed_ - 4) {
            found = check_length();
        }
        if (found.kind != FrameKind::none) return found;
    }
    begin_payload();
    return {};
}

FrameEvent FrameParser::finish_close(std::string_view payload) noexcept {
    if (payload.empty()) return {FrameKind::close, close_code::kNoStatus, {}};
    if (payload.size() == 1) return fail(close_code::kProtocolError, "close frame with half a code");
    const auto code = static_cast<std::uint16_t>(static_cast<std::uint8_t>(payload[0]) << 8 |
                                                 static_cast<std::uint8_t>(payload[1]));
    if (!valid_close_code(code)) return fail(close_code::kProtocolError, "invalid close code");
    Utf8Validator reason;
    if (!reason.feed(payload.substr(2)) || !reason.complete()) {
        return fail(close_code::kInvalidText, "close reason is not UTF-8");
    }
    return {FrameKind::close, code, payload.substr(2)};
}

FrameEvent FrameParser::finish_control(std::string_view payload) noexcept {
    in_payload_ = false;
    if (opcode_ == kClose) return finish_close(payload);
    return {opcode_ == kPing ? FrameKind::ping : FrameKind::pong, 0, payload};
}

FrameEvent FrameParser::take_control(std::string_view chunk) {
    const bool whole = remaining_ == 0;
    if (whole && (!partial_ || partial_->control.empty())) return finish_control(chunk);
    std::string& control = partial().control;
    control.append(chunk);
    if (!whole) return {};
    release_control_ = true;
    return finish_control(control);
}

FrameEvent FrameParser::take_text(std::string_view chunk) {
    if (!compressed_ && !utf8_.feed(chunk)) return fail(close_code::kInvalidText, "text is not UTF-8");
    const bool frame_done = remaining_ == 0;
    const bool message_done = frame_done && final_;
    if (frame_done) in_payload_ = false;
    if (message_done && !utf8_.complete())
        return fail(close_code::kInvalidText, "text ends within a character");
    const bool kept_before = partial_ && !partial_->message.empty();
    if (!message_done || kept_before) {
        if (!chunk.empty()) partial().message.append(chunk);
        if (!message_done) return {};
        chunk = partial_->message;
        release_message_ = true;
    }
    in_message_ = false;
    return {FrameKind::text, 0, chunk, compressed_};
}

FrameEvent FrameParser::next(std::span<char>& input) {
    if (release_control_) partial_->control.clear();
    if (release_message_) partial_->message.clear();
    if ((release_control_ || release_message_) && !in_message_) partial_.reset();
    release_control_ = release_message_ = false;

    while (violation_ == 0) {
        if (!in_payload_) {
            const FrameEvent found = take_header(input);
            if (found.kind != FrameKind::none || !in_payload_) return found;
        }
        if (input.empty() && remaining_ != 0) return {};
        const std::span<char> chunk = input.first(std::min<std::size_t>(remaining_, input.size()));
        input = input.subspan(chunk.size());
        unmask(chunk, mask_);
        remaining_ -= static_cast<std::uint32_t>(chunk.size());
        const std::string_view text(chunk.data(), chunk.size());
        const FrameEvent found = control_frame() ? take_control(text) : take_text(text);
        if (found.kind != FrameKind::none) return found;
    }
    input = {};
    return {FrameKind::violation, violation_, {}};
}

}  // namespace cariosan::transport
