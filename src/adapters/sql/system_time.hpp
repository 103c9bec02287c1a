/// The clock of a storage that was given none.
#pragma once

#include <cariosan/clock.hpp>
#include <chrono>

namespace cariosan::sql {

class SystemTime final : public Clock {
  public:
    Timestamp now() override { return {in_milliseconds(std::chrono::system_clock::now().time_since_epoch()).count()}; }
    std::chrono::milliseconds elapsed() override {
        return in_milliseconds(std::chrono::steady_clock::now().time_since_epoch());
    }

  private:
    static std::chrono::milliseconds in_milliseconds(auto duration) {
        return std::chrono::duration_cast<std::chrono::milliseconds>(duration);
    }
};

}  // namespace cariosan::sql
