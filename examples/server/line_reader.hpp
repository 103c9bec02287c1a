/// Reads a text file line by line, with a bound on the length of a line.
#pragma once

#include <cariosan/error.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cariosan::server {

/// Where a line stands in its file.
struct LinePlace {
    std::int64_t number = 0;  ///< counted from 1, empty lines too
    std::int64_t offset = 0;  ///< bytes before it
    std::size_t length = 0;   ///< bytes without its end
};

/// A line ends with LF or CRLF, the last one also with the file. A byte order mark at the beginning is left out.
class LineReader {
  public:
    struct Line {
        std::string_view text;    ///< without its end; valid until the next call. Empty if `too_long`.
        LinePlace place{};
        bool too_long = false;
    };
    enum class Status : std::uint8_t { line, end, failed };

    /// `unavailable` with the reason if the file cannot be opened; only regular files are taken, for they are read twice.
    static Result<LineReader> open(const std::string& path, std::size_t max_line_bytes);

    ~LineReader();
    LineReader(LineReader&& other) noexcept;
    LineReader& operator=(LineReader&&) = delete;

    Status next(Line& line);

    /// Reads a line again from where `next` found it; goes on where it was. False if the file cannot be read there any more.
    bool read_again(const LinePlace& place, std::string& text) const;

    /// Calls `take(line)` for each line that is not empty until it answers false (then `line`), or `next` gives no more.
    template <class Take>
    Status each(Take&& take) {
        Line line;
        Status status = next(line);
        for (; status == Status::line; status = next(line)) {
            if ((!line.text.empty() || line.too_long) && !take(line)) break;
        }
        return status;
    }

    std::int64_t size() const noexcept { return size_; }  ///< of the file when it was opened, in bytes
    std::int64_t position() const noexcept { return position_; }  ///< bytes of the lines given so far

  private:
    LineReader(int descriptor, std::int64_t size, std::size_t max_line_bytes);
    /// Reads more into the buffer; false at the end of the file or on failure.
    bool fill();
    void take(std::size_t length, std::size_t end_length, Line& line);

    int descriptor_;
    std::int64_t size_;
    std::size_t max_line_bytes_;
    std::string buffer_;
    std::size_t begin_ = 0;  ///< of what is not given yet, in `buffer_`
    std::int64_t position_ = 0;
    std::int64_t number_ = 0;
    bool skipping_ = false;  ///< inside a line that is too long
    bool at_end_ = false;
    bool failed_ = false;
};

}  // namespace cariosan::server
