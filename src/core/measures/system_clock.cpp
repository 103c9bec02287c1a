#include <cariosan/clock.hpp>

namespace cariosan {
namespace {

class SystemClock final : public Clock {
  public:
    Timestamp now() override {
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        return {std::chrono::duration_cast<std::chrono::milliseconds>(now).count()};
    }
    std::chrono::milliseconds elapsed() override {
        return std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::steady_clock::now().time_since_epoch());
    }
    std::chrono::microseconds elapsed_finely() override {
        return std::chrono::duration_cast<std::chrono::microseconds>(
            std::chrono::steady_clock::now().time_since_epoch());
    }
};

}  // namespace

std::shared_ptr<Clock> system_clock() { return std::make_shared<SystemClock>(); }

}  // namespace cariosan
