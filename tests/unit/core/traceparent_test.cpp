#include <cariosan/caller.hpp>
#include <cariosan/storage.hpp>
#include <doctest/doctest.h>

#include <string>

#include "core/text/traceparent.hpp"

namespace cariosan::core {
namespace {

const std::string kTrace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// `kTrace` with another text at this place.
std::string with(std::size_t at, std::string_view text) {
    std::string changed = kTrace;
    return changed.replace(at, text.size(), text);
}

TEST_CASE("a well-formed traceparent is read as it is") {
    CHECK(read_traceparent(kTrace) == kTrace);
    CHECK(read_traceparent(with(53, "ff")) == with(53, "ff"));
}

TEST_CASE("a traceparent that is not well-formed is nothing") {
    for (const std::string& wrong :
         {std::string(), std::string("00"), kTrace.substr(0, 54), kTrace + "-00", kTrace + " ", with(0, "ff"), with(0, "0g"),
          with(2, "_"), with(35, "_"), with(52, "_"), with(3, "A"), with(36, "B"), with(53, "0x"),
          with(3, std::string(32, '0')), with(36, std::string(16, '0')), "01" + kTrace.substr(2) + "x",
          "01" + kTrace.substr(2) + "-" + std::string(500, 'x')}) {
        CAPTURE(wrong);
        CHECK(read_traceparent(wrong).empty());
    }
}

TEST_CASE("of a later version, what version 00 has is sent on") {
    CHECK(read_traceparent("01" + kTrace.substr(2)) == kTrace);
    CHECK(read_traceparent("cc" + kTrace.substr(2) + "-what-ever") == kTrace);
}

TEST_CASE("a caller keeps a well-formed traceparent") {
    const Caller caller = Caller::backend({}).traced(kTrace);
    CHECK(caller.traceparent() == kTrace);
    CHECK(caller.traced("nonsense").traceparent() == kTrace);
    CHECK(Caller::host().traceparent().empty());
}

TEST_CASE("the events of a change carry its traceparent, those of a refusal too") {
    Committed user;
    user.object = CommittedUser{};
    const auto events = outbox_events(mutation::UpdateUser{.traceparent = kTrace}, user);
    REQUIRE(events.size() == 1);
    CHECK(events.front().traceparent == kTrace);

    mutation::RecordModeration record{.refused = mutation::SendMessage{.matches = {ModerationMatch{}}, .traceparent = kTrace}};
    const auto refused = outbox_events(record, {});
    REQUIRE(refused.size() == 1);
    CHECK(refused.front().traceparent == kTrace);
}

}  // namespace
}  // namespace cariosan::core
