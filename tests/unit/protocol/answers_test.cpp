// Answers whose page ends for another reason than that it is full.
#include <doctest/doctest.h>

#include "protocol/commands/answers.hpp"

namespace cariosan::protocol {

TEST_CASE("a search that has used its budget says so, and one that has not says nothing of it") {
    SearchResults results;
    CHECK(answer_text(results, {}) == R"({"results":[],"has_more":false,"next_cursor":null})");
    results.partial = true;
    results.next_cursor = "on";
    CHECK(answer_text(results, {}) == R"({"results":[],"has_more":true,"next_cursor":"on","partial":true})");
}

TEST_CASE("a page of history that was cut goes on behind what was looked through, even if it is empty") {
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
