#include "transport/websocket/frame_queue.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <random>
#include <string>
#include <utility>

using namespace cariosan;
using namespace cariosan::transport;

namespace {

FrameRef frame(std::string bytes) { return std::make_shared<const Frame>(Frame{std::move(bytes)}); }

struct Pair {
    Pair() {
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0);
        const int small = 4096;
        ::setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
        sender.emplace(ends[0]);
    }
    ~Pair() {
        if (ends[1] >= 0) ::close(ends[1]);
    }
    /// Everything that can be read now, but at most `most`.
    std::string drain(std::size_t most = 1 << 20) {
        std::string all;
        std::array<char, 4096> buffer;
        while (all.size() < most) {
            const IoResult got =
                receive_some(ends[1], std::span(buffer).first(std::min(buffer.size(), most - all.size())));
            if (got.bytes == 0) break;
            all.append(buffer.data(), got.bytes);
        }
        return all;
    }
    std::array<int, 2> ends{};
    std::optional<Socket> sender;  ///< owns the first
};

}  // namespace

TEST_CASE("frame queue: a socket that accepts everything at once") {
    Pair pair;
    FrameList list = {frame("one"), frame("two"), frame("three")};
    const IoResult sent = send_frames(*pair.sender, list, 0);
    CHECK(sent.bytes == 11);
    CHECK_FALSE(sent.blocked);
    CHECK(pair.drain() == "onetwothree");
    CHECK(send_frames(*pair.sender, list, 2).bytes == 9);
    CHECK(pair.drain() == "etwothree");
    FrameList many(300, frame("x"));  // more than one system call gathers
    CHECK(send_frames(*pair.sender, many, 0).bytes == 300);
    CHECK(pair.drain() == std::string(300, 'x'));
}

TEST_CASE("frame queue: what a socket does not accept is kept, in order, to the byte") {
    std::mt19937 random(3);
    for (int round = 0; round < 30; ++round) {
        Pair pair;
        FrameList list;
        std::string expected;
        for (int i = 0; i < 200; ++i) {
            const std::string bytes(1 + random() % 900, static_cast<char>('a' + i % 26));
            expected += bytes;
            list.push_back(frame(bytes));
        }
        const IoResult first = send_frames(*pair.sender, list, 0);
        REQUIRE(first.blocked);
        Backlog backlog(list, first.bytes);
        CHECK(backlog.bytes() == expected.size() - first.bytes);
        const std::string late = "and one that came later";
        backlog.push(frame(late));
        expected += late;
        std::string received;
        while (!backlog.empty()) {
            received += pair.drain(1 + random() % 3000);
            const std::size_t before = backlog.bytes();
            const IoResult more = backlog.send(*pair.sender);
            CHECK(backlog.bytes() == before - more.bytes);
        }
        received += pair.drain();
        const bool same = received == expected;
        CHECK(same);
        CHECK(backlog.bytes() == 0);
    }
}

TEST_CASE("frame queue: a peer that is gone") {
    Pair pair;
    ::close(std::exchange(pair.ends[1], -1));
    FrameList list = {frame("one"), frame("two")};
    CHECK(send_frames(*pair.sender, list, 0).failed);
    CHECK(Backlog(list, 0).send(*pair.sender).failed);
    std::array<char, 8> buffer;
    CHECK(receive_some(pair.ends[0], buffer).bytes == 0);
}

TEST_CASE("frame queue: a list that is sent repeatedly is copied into one buffer") {
    SharedBatch batch;
    const FrameList list = {frame("one"), frame("two")};
    const FrameList reversed = {list[1], list[0]};
    CHECK(batch.join(list, {}) == nullptr);
    const FrameRef joined = batch.join(list, {});
    REQUIRE(joined != nullptr);
    CHECK(joined->bytes == "onetwo");
    CHECK(batch.join(list, {}) == joined);
    CHECK(batch.join(reversed, {}) == nullptr);
    CHECK(batch.join(list, {}) == nullptr);
    CHECK(batch.join(list, {})->bytes == "onetwo");
    CHECK(list[0].use_count() == 3);
    batch.clear();
    CHECK(list[0].use_count() == 2);
    const FrameList large = {frame(std::string(40'000, 'x')), frame(std::string(40'000, 'x'))};
    CHECK(batch.join(large, {}) == nullptr);
    CHECK(batch.join(large, {}) == nullptr);
}

TEST_CASE("frame queue: lists are reused, except those that grew large") {
    FrameListPool pool;
    std::unique_ptr<FrameList> list = pool.take();
    list->push_back(frame("one"));
    const FrameList* const same = list.get();
    pool.give(std::move(list));
    list = pool.take();
    CHECK(list.get() == same);
    CHECK(list->empty());
    list->resize(1000);
    pool.give(std::move(list));
    CHECK(pool.take()->capacity() < 1000);
}

TEST_CASE("frame queue: consecutive frames are stored by position, others by reference") {
    FrameListPool pool;
    TurnFrames turn;
    const FrameRef a = frame("a"), b = frame("bb"), c = frame("ccc");
    const auto text = [&](const PendingFrames& pending) {
        std::string all;
        for (const FrameRef& one : pending.frames(turn)) all += one->bytes;
        CHECK(pending.bytes() == all.size());
        return all;
    };
    PendingFrames first, second, third;
    for (const FrameRef& one : {a, b, c}) {
        first.add(one, turn, pool);
        second.add(one, turn, pool);
        if (one != b) third.add(one, turn, pool);
    }
    CHECK(a.use_count() == 3);  // ours, the turn's, and that of the third, which has a gap
    CHECK(first.place() == FramePlace{0, 3});
    CHECK_FALSE(third.place());
    CHECK(first.frames(turn).data() == second.frames(turn).data());
    CHECK(text(first) == "abbccc");
    CHECK(text(third) == "accc");
    second.add(a, turn, pool);
    second.add(a, turn, pool);
    CHECK(text(second) == "abbcccaa");

    turn.begin_flush();
    CHECK(first.place() == FramePlace{0, 3});
    const FrameRef d = frame("dddd");
    first.add(d, turn, pool);  // while the turn is sent, to a queue whose part has not come yet
    CHECK(text(first) == "abbcccdddd");
    second.add(d, turn, pool);
    CHECK(text(second) == "abbcccaadddd");
    PendingFrames late;
    late.add(d, turn, pool);
    CHECK(late.place() == FramePlace{4, 1});
    late.add(b, turn, pool);
    for (PendingFrames* pending : {&first, &second, &third}) {
        pending->clear(pool);
        CHECK(pending->empty());
    }
    turn.end_flush();
    CHECK(a.use_count() == 1);
    CHECK(text(late) == "ddddbb");
    late.add(a, turn, pool);
    CHECK(text(late) == "ddddbba");
    first.add(a, turn, pool);
    CHECK(text(first) == "a");
    turn.begin_flush();
    PendingFrames next;
    next.add(a, turn, pool);  // the same frame as the last one of the turn being sent, but not at its place
    turn.end_flush();
    CHECK(text(next) == "a");
}
