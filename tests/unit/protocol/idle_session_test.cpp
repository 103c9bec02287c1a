// What a conversation keeps in memory while nothing happens.
#include <doctest/doctest.h>

// A sanitizer brings a heap of its own.
#if defined(__GLIBC__) && !defined(CARIOSAN_SANITIZED)

#include <malloc.h>

#include <memory>
#include <string>
#include <vector>

#include "unit/protocol/session_shop.hpp"

namespace cariosan {
namespace {

using namespace test;

std::size_t heap_in_use() { return ::mallinfo2().uordblks; }

struct IdleCrowd : SessionShop {
    static constexpr std::size_t kUsers = 300;

    IdleCrowd() {
        std::vector<std::string> names;
        for (std::size_t i = 0; i < kUsers; ++i) {
            names.push_back("user_" + std::to_string(i));
            make_user(names.back(), "Budi");
        }
        for (std::size_t i = 0; i < kUsers; i += 100) {
            const auto first = names.begin() + static_cast<std::ptrdiff_t>(i);
            make_group("group_" + std::to_string(i), std::vector<std::string>(first, first + 100));
        }
        clients.reserve(kUsers);
    }
    void connect(std::size_t count) {
        for (; count > 0; --count) {
            clients.push_back(std::make_unique<TestClient>(*this, "user_" + std::to_string(clients.size())));
        }
        settle();
    }
    /// What the clients were sent is not ours to keep.
    void settle() {
        clock().advance(std::chrono::seconds(1));
        lane().tick();
        for (const auto& each : clients) {
            each->types_until_pong();
            each->forget();
        }
    }
    std::vector<std::unique_ptr<TestClient>> clients;
};

TEST_CASE_FIXTURE(IdleCrowd, "an idle conversation in one channel keeps little more than 1 KiB, the transport's part apart") {
    connect(100);  // what all share is there now
    const std::size_t before = heap_in_use();
    connect(200);
    // Tables that have just grown included.
    CHECK((heap_in_use() - before) / 200 - sizeof(TestClient) < 1'250);
}

TEST_CASE_FIXTURE(IdleCrowd, "what synchronising needs is given back when it is done") {
    connect(200);
    const auto synchronise = [this](std::size_t from, std::size_t to) {
        for (std::size_t i = from; i < to; ++i) {
            clients[i]->send(R"({"type":"sync","data":{"epoch":")" + engine().epoch() + R"(","channels":{},"complete":true}})");
            clients[i]->next("sync.done");
        }
        settle();
    };
    synchronise(0, 100);  // what reading needs is there now
    const std::size_t before = heap_in_use();
    synchronise(100, 200);
    CHECK(heap_in_use() < before + 100 * std::size_t{500});
}

}  // namespace
}  // namespace cariosan

#endif
