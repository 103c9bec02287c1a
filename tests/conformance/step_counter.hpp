#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>

namespace cariosan::test {

/// Counts instructions of SQLite's virtual machine on every connection opened during its lifetime.
class StepCounter {
  public:
    StepCounter() { sqlite3_auto_extension(reinterpret_cast<void (*)()>(&watch)); }
    ~StepCounter() { sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(&watch)); }
    StepCounter(const StepCounter&) = delete;
    StepCounter& operator=(const StepCounter&) = delete;

    /// The number of instructions that `work` runs on this thread.
    static std::int64_t of(const std::function<void()>& work) {
        steps() = 0;
        work();
        return steps();
    }

  private:
    static std::int64_t& steps() {
        thread_local std::int64_t count = 0;
        return count;
    }
    static int watch(sqlite3* db, char**, const void*) {
        sqlite3_progress_handler(db, 1, [](void*) { return static_cast<int>(++steps() < 0); }, nullptr);
        return 0;
    }
};

}  // namespace cariosan::test
