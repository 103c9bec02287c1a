// Answers whose page ends before it is full.
#include <doctest/doctest.h>

#include "protocol/commands/answers.hpp"

namespace cariosan::protocol {

TEST_CASE("a search that used up its budget says so, and others do not") {
    SearchResults results;
    CHECK(answer_text(results, {}) == R"({"results":[],"has_more":false,"next_cursor":null})");
    results.partial = true;
    results.next_cursor = "on";
    CHECK(answer_text(results, {}) == R"({"results":[],"has_more":true,"next_cursor":"on","partial":true})");
}

TEST_CASE("a cut page of history continues after what was looked through, even if it is empty") {
    MessagePage page{.messages = {}, .has_more = true, .cut_at = 24, .rev = 40, .receipt_rev = 2, .epoch = "e"};
    CHECK(answer_text(page, {}) ==
          R"({"messages":[],"has_more":true,"next_cursor":"before:24","rev":40,"receipt_rev":2,"epoch":"e"})");
    CHECK(answer_text(page, {.viewer = {}, .towards_newer = true}).find(R"("next_cursor":"after:24")") != std::string::npos);
    page.messages.resize(1);
    page.messages[0].seq = 31;
    CHECK(answer_text(page, {}).find(R"("next_cursor":"before:24")") != std::string::npos);
    page.cut_at.reset();
    CHECK(answer_text(page, {}).find(R"("next_cursor":"before:31")") != std::string::npos);
}

}  // namespace cariosan::protocol
