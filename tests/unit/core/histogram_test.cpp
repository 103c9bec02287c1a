#include <doctest/doctest.h>

#include <chrono>

#include "core/measures/histogram.hpp"

namespace cariosan::core {
namespace {

TEST_CASE("a histogram counts a value in the first bucket whose bound it does not exceed") {
    Histogram sizes(kBatchBounds);
    for (const std::uint64_t size : {1U, 2U, 3U, 4U, 256U, 257U}) sizes.add(size);
    const auto counted = sizes.counted();
    CHECK(counted.counts[0] == 1);
    CHECK(counted.counts[1] == 1);
    CHECK(counted.counts[2] == 2);
    CHECK(counted.counts[8] == 1);
    CHECK(counted.counts[kBatchBounds.size()] == 1);
    CHECK(counted.total == 6);
    CHECK(counted.sum == 523);
}

TEST_CASE("a duration that a clock stepping back made negative counts as none") {
    using namespace std::chrono_literals;
    Histogram times;
    times.add(-5us);
    times.add(11s);
    const auto counted = times.counted();
    CHECK(counted.counts[0] == 1);
    CHECK(counted.counts[kDurationBounds.size()] == 1);
    CHECK(counted.sum == 11'000'000);
}

}  // namespace
}  // namespace cariosan::core
