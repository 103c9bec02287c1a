#include "memory.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <vector>

namespace cariosan::server {
namespace {

std::size_t resident_bytes() {
    std::size_t whole = 0;
    std::size_t resident = 0;
    std::ifstream("/proc/self/statm") >> whole >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

// A sanitizer uses its own allocator.
#if defined(__GLIBC__) && !defined(CARIOSAN_SANITIZED)

TEST_CASE("memory freed between blocks in use returns to the system") {
    constexpr std::size_t kBlock = 64 * 1024;
    constexpr std::size_t kBlocks = 1600;  // 100 MiB
    FreedMemory memory;
    std::vector<std::unique_ptr<std::vector<char>>> freed;
    std::vector<std::unique_ptr<std::vector<char>>> kept;
    for (std::size_t i = 0; i < kBlocks; ++i) {
        freed.push_back(std::make_unique<std::vector<char>>(kBlock, 'x'));
        kept.push_back(std::make_unique<std::vector<char>>(4096, 'x'));
    }
    freed.clear();
    const std::size_t before = resident_bytes();
    memory.give_back();
    CHECK(resident_bytes() + kBlock * kBlocks / 2 < before);
}

#endif

TEST_CASE("a large block returns when it is freed") {
    FreedMemory memory;
    constexpr std::size_t kLarge = std::size_t{16} << 20;
    const std::size_t before = resident_bytes();
    for (int i = 0; i < 4; ++i) {
        auto block = std::make_unique<std::vector<char>>(kLarge, 'x');
        CHECK(resident_bytes() >= before + kLarge / 2);
        block.reset();
#if defined(__GLIBC__) && !defined(CARIOSAN_SANITIZED)
        CHECK(resident_bytes() < before + kLarge / 2);
#endif
    }
}

TEST_CASE("while nothing is freed the heap is rarely checked, and soon again once something was") {
    std::size_t free = std::size_t{8} << 20;
    int looks = 0;
    int trims = 0;
    FreedMemory memory({.free_bytes = [&] { return ++looks, free; }, .trim = [&] { ++trims; }});
    memory.give_back();
    CHECK(trims == 1);
    looks = 0;
    for (int i = 0; i < 160; ++i) memory.give_back();
    CHECK(trims == 1);
    CHECK(looks <= 22);  // two while the pauses grow, then every eighth time
    free += std::size_t{4} << 20;
    for (int i = 0; i <= FreedMemory::kMostSkipped; ++i) memory.give_back();
    CHECK(trims == 2);
    // The pauses start over.
    free += std::size_t{4} << 20;
    for (int i = 0; i < 2; ++i) memory.give_back();
    CHECK(trims >= 3);
}

}  // namespace
}  // namespace cariosan::server
