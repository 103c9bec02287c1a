/// Waiting for what a test can see but is not told of.
#pragma once

#include <chrono>
#include <thread>

namespace cariosan::test {

/// Asks until the answer is true. False only after two minutes, which no machine needs for what tests wait for.
template <typename Question>
bool becomes_true(Question question) {
    constexpr std::chrono::minutes kPatience{2};
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!question()) {
        if (std::chrono::steady_clock::now() >= deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return true;
}

}  // namespace cariosan::test
