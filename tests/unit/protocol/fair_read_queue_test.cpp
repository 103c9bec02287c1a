// How many reads of a lane run at once, and in which order.
#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "protocol/fair_read_queue.hpp"

namespace cariosan::protocol {
namespace {

Uuid identity(std::uint8_t number) {
    Uuid uuid;
    uuid.bytes[15] = number;
    return uuid;
}

const Uuid kAttacker = identity(1);

/// Records which reads begin, as the number of the reader and a letter.
struct ReadLog {
    void ask(std::uint8_t who, char what) {
        queue.begin(identity(who), [this, who, what] {
            begun += std::to_string(who) + what + " ";
            return true;
        });
    }
    void end(std::uint8_t who) { queue.end(identity(who)); }
    std::string take() { return std::exchange(begun, {}); }

    FairReadQueue queue;
    std::string begun;
};

TEST_CASE("a limited number of reads begins, and the next when one ends, in order") {
    ReadLog log{.queue = {2, 2}, .begun = {}};
    for (const char what : std::string("abcd")) log.ask(1, what);
    CHECK(log.take() == "1a 1b ");
    CHECK(log.queue.waiting() == 2);
    log.end(1);
    CHECK(log.take() == "1c ");
    for (int i = 0; i < 3; ++i) log.end(1);
    CHECK(log.take() == "1d ");
    CHECK(log.queue.waiting() == 0);
    CHECK(log.queue.identities() == 0);
}

TEST_CASE("waiting readers take turns, whoever asked first and however much it asked for") {
    ReadLog log{.queue = {2, 2}, .begun = {}};
    for (const char what : std::string("abcdef")) log.ask(1, what);
    for (const char what : std::string("ab")) log.ask(2, what);
    log.ask(3, 'a');
    CHECK(log.take() == "1a 1b ");
    for (int i = 0; i < 2; ++i) log.end(1);
    CHECK(log.take() == "2a 3a ");
    log.end(2);
    log.end(3);
    CHECK(log.take() == "1c 2b ");
    log.end(1);
    log.end(2);
    CHECK(log.take() == "1d 1e ");
    // A new reader comes next: the other one's old requests wait until one of its reads ends.
    log.ask(1, 'g');
    log.ask(4, 'a');
    log.end(1);
    CHECK(log.take() == "4a ");
    log.end(1);
    CHECK(log.take() == "1f ");
}

TEST_CASE("the reads of one reader are limited so that another need not wait for them") {
    ReadLog log{.queue = {10, 3}, .begun = {}};
    for (const char what : std::string("abcdefgh")) log.ask(1, what);
    CHECK(log.take() == "1a 1b 1c ");
    log.ask(2, 'a');
    log.ask(3, 'a');
    CHECK(log.take() == "2a 3a ");
    log.end(1);
    CHECK(log.take() == "1d ");
}

/// Counts reads, not time: in each step the oldest running read ends.
TEST_CASE("however much one reader asks for, another's read begins as soon as a running one ends") {
    for (const int asked : {10, 1'000, 100'000}) {
        FairReadQueue queue(64, 8);
        std::deque<Uuid> under_way;
        const auto ask = [&](const Uuid& who) {
            queue.begin(who, [&, who] {
                under_way.push_back(who);
                return true;
            });
        };
        for (int i = 0; i < asked; ++i) ask(kAttacker);
        for (std::uint8_t other = 2; other < 130; ++other) ask(identity(other));
        int served = 0;
        int steps = 0;
        while (served < 128) {
            const Uuid who = under_way.front();
            under_way.pop_front();
            queue.end(who);
            if (who != kAttacker) ++served;
            ++steps;
        }
        // The others' 128, the attacker's first eight and its turns: not proportional to what it asked for.
        CHECK(steps <= 128 + 8 + 8 * 3);
    }
}

TEST_CASE("a read that is no longer wanted takes no place in the queue") {
    FairReadQueue queue(1, 1);
    int begun = 0;
    const auto read = [&] { return ++begun > 0; };
    queue.begin(kAttacker, read);
    queue.begin(kAttacker, [] { return false; });
    queue.begin(kAttacker, read);
    queue.end(kAttacker);
    CHECK(begun == 2);
    queue.begin(kAttacker, read);
    CHECK(begun == 2);
    queue.end(kAttacker);
    CHECK(begun == 3);
    queue.end(kAttacker);
    CHECK(queue.identities() == 0);
}

TEST_CASE("reads that end at once pass one after the other, however many wait") {
    FairReadQueue queue(1, 1);
    int begun = 0;
    int inside = 0;
    int deepest = 0;
    queue.begin(kAttacker, [] { return true; });
    for (int i = 0; i < 1000; ++i) {
        const Uuid who = identity(static_cast<std::uint8_t>(i % 7));
        queue.begin(who, [&, who] {
            deepest = std::max(deepest, ++inside);
            ++begun;
            queue.end(who);
            --inside;
            return true;
        });
    }
    queue.end(kAttacker);
    CHECK(begun == 1000);
    CHECK(deepest == 1);
    CHECK(queue.waiting() == 0);
    CHECK(queue.identities() == 0);
}

}  // namespace
}  // namespace cariosan::protocol
