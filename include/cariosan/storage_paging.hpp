/// What bounded reads from storage share: where a list continues, and what a read may cost.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace cariosan {

/// What a read may cost. Steps are counted, not timed, so that the same read always goes equally far; a step is an index entry
/// passed, a row looked up, or a few words compared. A step is about a microsecond on an ordinary machine. Not thread-safe.
class WorkBudget {
  public:
    explicit WorkBudget(std::int64_t steps) noexcept : left_(steps) {}
    void spend(std::int64_t steps) noexcept { left_ -= steps; }
    bool spent() const noexcept { return left_ <= 0; }
    std::int64_t left() const noexcept { return left_; }  ///< negative by what the last step overran

  private:
    std::int64_t left_;
};

/// Where a list in the storage's own order continues. The numbers are meaningless outside the storage.
struct RecordPosition {
    std::int64_t major = 0;
    std::int64_t minor = 0;
};

/// A page of such a list. It may hold fewer records than requested, even none, without being the last: a page takes bounded
/// time, however rare a user's records are among those of others.
template <class T>
struct RecordPage {
    std::vector<T> records;
    std::optional<RecordPosition> next;  ///< absent: this was the last one
};

}  // namespace cariosan
