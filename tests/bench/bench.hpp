#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

namespace cariosan::bench {

using Microseconds = std::chrono::duration<double, std::micro>;

inline double percentile(std::vector<double>& sorted, double share) {
    if (sorted.empty()) return 0;
    const auto index = static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1));
    return sorted[index];
}

inline double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values.empty() ? 0 : values[values.size() / 2];
}

/// Runs `call` `count` times and returns the duration of each in microseconds, sorted.
template <class Call>
std::vector<double> time_each(int count, Call&& call) {
    std::vector<double> times;
    times.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
        const auto start = std::chrono::steady_clock::now();
        call(i);
        times.push_back(Microseconds(std::chrono::steady_clock::now() - start).count());
    }
    std::ranges::sort(times);
    return times;
}

inline void print_latency(const std::string& what, std::vector<double> sorted) {
    std::printf("%-44s p50 %8.0f us   p99 %8.0f us\n", what.c_str(), percentile(sorted, 0.5), percentile(sorted, 0.99));
}

}  // namespace cariosan::bench
