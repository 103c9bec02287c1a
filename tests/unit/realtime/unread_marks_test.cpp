#include "realtime/lanes/unread_marks.hpp"

#include <doctest/doctest.h>

#include "unit/realtime/fakes.hpp"

using namespace cariosan;
using namespace cariosan::realtime;

namespace {

using Turns = std::vector<std::pair<SessionId, ChannelId>>;

}  // namespace

TEST_CASE("each session has one turn at a time, in the order in which they began to wait") {
    UnreadMarks marks;
    marks.mark(1, kShop);
    marks.mark(2, kShop);
    marks.mark(1, kOther);
    marks.mark(1, kShop);
    CHECK(marks.take(10) == Turns{{1, kShop}, {2, kShop}});
    CHECK(marks.take(10) == Turns{{1, kOther}});
    CHECK(marks.take(10).empty());
}

TEST_CASE("what does not fit waits for the next time") {
    UnreadMarks marks;
    for (SessionId id = 1; id <= 5; ++id) marks.mark(id, kShop);
    marks.mark(1, kOther);
    CHECK(marks.take(2) == Turns{{1, kShop}, {2, kShop}});
    CHECK(marks.take(2) == Turns{{3, kShop}, {4, kShop}});
    CHECK(marks.take(5) == Turns{{5, kShop}, {1, kOther}});
}

TEST_CASE("an ended session gets no turn") {
    UnreadMarks marks;
    marks.mark(1, kShop);
    marks.mark(2, kShop);
    marks.forget(1);
    CHECK(marks.take(10) == Turns{{2, kShop}});
}

TEST_CASE("if there are too many channels, the oldest are dropped") {
    UnreadMarks marks;
    for (std::uint8_t i = 0; i <= UnreadMarks::kMaxChannels; ++i) marks.mark(1, channel_id(i));
    CHECK(marks.take(1) == Turns{{1, channel_id(1)}});
}
