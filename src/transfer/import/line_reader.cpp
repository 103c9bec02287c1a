#include "transfer/import/line_reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace cariosan::transfer {

namespace {

constexpr std::size_t kReadBytes = 1 << 18;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

Error cannot_read(const std::string& path, const std::string& reason) {
    return Error(ErrorCode::unavailable, "cannot read " + path + ": " + reason);
}

}  // namespace

Result<LineReader> LineReader::open(const std::string& path, std::size_t max_line_bytes, int descriptor) {
    const int own = descriptor < 0 ? ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)
                                   : ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    if (own < 0) return cannot_read(path, std::strerror(errno));
    LineReader reader(own, 0, max_line_bytes);
    struct stat status {};
    if (fstat(own, &status) != 0) return cannot_read(path, std::strerror(errno));
    if (!S_ISREG(status.st_mode)) return cannot_read(path, "not a regular file");
    reader.size_ = status.st_size;
    return reader;
}

LineReader::LineReader(int descriptor, std::int64_t size, std::size_t max_line_bytes)
    : descriptor_(descriptor), size_(size), max_line_bytes_(max_line_bytes) {}

LineReader::LineReader(LineReader&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_),
      max_line_bytes_(other.max_line_bytes_),
      buffer_(std::move(other.buffer_)),
      begin_(other.begin_),
      read_(other.read_),
      position_(other.position_),
      number_(other.number_),
      skipping_(other.skipping_),
      at_end_(other.at_end_),
      failed_(other.failed_) {}

LineReader::~LineReader() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

bool LineReader::fill() {
    if (at_end_ || failed_) return false;
    buffer_.erase(0, begin_);
    begin_ = 0;
    const std::size_t held = buffer_.size();
    buffer_.resize(held + kReadBytes);
    ssize_t count = 0;
    do {
        // A given descriptor has its position in common with its owner.
        count = ::pread(descriptor_, buffer_.data() + held, kReadBytes, read_);
    } while (count < 0 && errno == EINTR);
    buffer_.resize(held + static_cast<std::size_t>(count > 0 ? count : 0));
    read_ += count > 0 ? count : 0;
    at_end_ = count == 0;
    failed_ = count < 0;
    return count > 0;
}

void LineReader::take(std::size_t length, std::size_t end_length, Line& line) {
    line.text = std::string_view(buffer_).substr(begin_, length);
    line.place = {.number = ++number_, .offset = position_, .length = 0};
    begin_ += length + end_length;
    position_ += static_cast<std::int64_t>(length + end_length);
    if (number_ == 1 && line.text.starts_with(kByteOrderMark)) {
        line.text.remove_prefix(kByteOrderMark.size());
        line.place.offset += static_cast<std::int64_t>(kByteOrderMark.size());
    }
    if (line.text.ends_with('\r')) line.text.remove_suffix(1);
    line.too_long = std::exchange(skipping_, false) || line.text.size() > max_line_bytes_;
    if (line.too_long) line.text = {};
    line.place.length = line.text.size();
}

bool LineReader::read_again(const LinePlace& place, std::string& text) const {
    text.resize(place.length);
    std::size_t held = 0;
    while (held < text.size()) {
        const ssize_t count =
            ::pread(descriptor_, text.data() + held, text.size() - held, place.offset + static_cast<std::int64_t>(held));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        held += static_cast<std::size_t>(count);
    }
    return true;
}

LineReader::Status LineReader::next(Line& line) {
    std::size_t searched = begin_;
    while (true) {
        const std::size_t end = buffer_.find('\n', searched);
        if (end != std::string::npos) {
            take(end - begin_, 1, line);
            return Status::line;
        }
        // Discards a line that is too long, and only remembers that there was one.
        if (buffer_.size() - begin_ > max_line_bytes_ + kByteOrderMark.size() + 1) {
            skipping_ = true;
            position_ += static_cast<std::int64_t>(buffer_.size() - begin_);
            begin_ = buffer_.size();
        }
        const std::size_t held = buffer_.size() - begin_;
        if (!fill()) break;
        searched = begin_ + held;
    }
    if (failed_) return Status::failed;
    if (begin_ == buffer_.size() && !skipping_) return Status::end;
    take(buffer_.size() - begin_, 0, line);
    return Status::line;
}

}  // namespace cariosan::transfer
