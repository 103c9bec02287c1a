/// Reads a text file line by line; lines have a maximum length.
#pragma once

#include <cariosan/error.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cariosan::transfer {

/// The place of a line in its file.
struct LinePlace {
    std::int64_t number = 0;  ///< counted from 1, including empty lines
    std::int64_t offset = 0;  ///< bytes before it
    std::size_t length = 0;   ///< in bytes, without the line end
};

/// A line ends with LF or CRLF, or at the end of the file. A byte order mark at the beginning is skipped.
class LineReader {
  public:
    struct Line {
        std::string_view text;    ///< without the line end; valid until the next call; empty if `too_long`
        LinePlace place{};
        bool too_long = false;
    };
    enum class Status : std::uint8_t { line, end, failed };

    /// `unavailable` with the reason if the file cannot be opened. It must be a regular file, because it is read
    /// more than once. If `descriptor` is not negative, that open file is read instead, from its beginning.
    static Result<LineReader> open(const std::string& path, std::size_t max_line_bytes, int descriptor = -1);

    ~LineReader();
    LineReader(LineReader&& other) noexcept;
    LineReader& operator=(LineReader&&) = delete;

    Status next(Line& line);

    /// Reads the line at a place that `next` returned, without changing the position of `next`. False if it cannot be
    /// read any more.
    bool read_again(const LinePlace& place, std::string& text) const;

    /// Calls `take(line)` for each line that is not empty, until `take` returns false (the status is then `line`) or `next`
    /// finds no more.
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
    std::int64_t position() const noexcept { return position_; }  ///< bytes of the lines returned so far

  private:
    LineReader(int descriptor, std::int64_t size, std::size_t max_line_bytes);
    /// Reads more into the buffer. False at the end of the file, or on failure.
    bool fill();
    void take(std::size_t length, std::size_t end_length, Line& line);

    int descriptor_;
    std::int64_t size_;
    std::size_t max_line_bytes_;
    std::string buffer_;
    std::size_t begin_ = 0;  ///< where the unread part of `buffer_` begins
    std::int64_t read_ = 0;  ///< bytes of the file in all that was ever in `buffer_`
    std::int64_t position_ = 0;
    std::int64_t number_ = 0;
    bool skipping_ = false;  ///< inside a line that is too long
    bool at_end_ = false;
    bool failed_ = false;
};

}  // namespace cariosan::transfer
