#include "adapters/postgres/write/message_insert.hpp"

namespace cariosan::postgres {
namespace {

/// `INCREMENT BY` of the sequence.
constexpr std::int64_t kBlock = 256;

}  // namespace

void MessageInsert::reserve(std::size_t messages) {
    asked_.reset();
    blocks_.reset();
    const std::int64_t missing = static_cast<std::int64_t>(messages) - (end_ - next_);
    if (missing > 0) asked_ = next_blocks_.start((missing + kBlock - 1) / kBlock);
}

std::int64_t MessageInsert::take_id() {
    if (next_ < end_) return next_++;
    if (asked_) blocks_ = asked_->rows();
    asked_.reset();
    if (!blocks_ || !blocks_->next()) {
        blocks_ = next_blocks_.query(1);
        if (!blocks_->next()) return 0;
    }
    next_ = blocks_->integer();
    end_ = next_ + kBlock;
    return next_++;
}

}  // namespace cariosan::postgres
