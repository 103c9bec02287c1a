/// Messages compressed and decompressed by zlib itself, as a client does it, for tests.
#pragma once

#include <zlib.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace cariosan::test {

/// A client's compressor, which may keep what it has seen from one message to the next.
class ClientDeflate {
  public:
    explicit ClientDeflate(int window_bits = 15, int memory = 8) {
        if (::deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -window_bits, memory, Z_DEFAULT_STRATEGY) != Z_OK)
            throw std::runtime_error("deflateInit2");
    }
    ~ClientDeflate() { ::deflateEnd(&stream_); }
    ClientDeflate(const ClientDeflate&) = delete;
    ClientDeflate& operator=(const ClientDeflate&) = delete;

    std::string message(std::string text) {
        std::string out(text.size() * 2 + 1024, '\0');
        stream_.next_in = reinterpret_cast<Bytef*>(text.data());
        stream_.avail_in = static_cast<uInt>(text.size());
        stream_.next_out = reinterpret_cast<Bytef*>(out.data());
        stream_.avail_out = static_cast<uInt>(out.size());
        ::deflate(&stream_, Z_SYNC_FLUSH);
        out.resize(out.size() - stream_.avail_out - 4);
        return out;
    }

  private:
    z_stream stream_{};
};

/// One message by itself.
inline std::string deflated(const std::string& text, int window_bits = 15, int memory = 8) {
    return ClientDeflate(window_bits, memory).message(text);
}

/// The text of one message that refers to nothing outside its window; "invalid" otherwise.
inline std::string inflated_by_zlib(std::string compressed, int window_bits = 15) {
    compressed.append("\x00\x00\xff\xff", 4);
    z_stream stream{};
    if (::inflateInit2(&stream, -window_bits) != Z_OK) throw std::runtime_error("inflateInit2");
    stream.next_in = reinterpret_cast<Bytef*>(compressed.data());
    stream.avail_in = static_cast<uInt>(compressed.size());
    std::string text;
    int result = Z_OK;
    do {
        // Piece by piece, so that zlib must look into its window rather than into the output.
        char piece[64];
        stream.next_out = reinterpret_cast<Bytef*>(piece);
        stream.avail_out = sizeof piece;
        result = ::inflate(&stream, Z_SYNC_FLUSH);
        text.append(piece, sizeof piece - stream.avail_out);
    } while (result == Z_OK && (stream.avail_in > 0 || stream.avail_out == 0));
    ::inflateEnd(&stream);
    return result == Z_OK || result == Z_BUF_ERROR ? text : "invalid";
}

}  // namespace cariosan::test
