#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "transfer/import/import_replies.hpp"

using namespace cariosan::transfer;

namespace {

using Parent = ImportReplies::Parent;
/// A line's name and its parent.
using Reply = std::pair<std::string, std::string>;

/// `alone`: lines without a parent.
ImportReplies judged(const std::vector<Reply>& lines, const std::vector<std::string>& alone) {
    ImportReplies replies;
    for (const auto& [name, parent] : lines) replies.ask("c", parent);
    replies.close();
    for (const auto& [name, parent] : lines) replies.offer("c", name, parent);
    for (const std::string& name : alone) replies.offer("c", name, std::nullopt);
    replies.judge();
    return replies;
}

}  // namespace

TEST_CASE("a parent is coming if its own parent is coming, and so on") {
    const ImportReplies replies = judged({{"1", "2"}, {"2", "3"}, {"4", "5"}, {"5", "nobody"}}, {"3"});
    CHECK(replies.parent("c", "2") == Parent::coming);
    CHECK(replies.parent("c", "3") == Parent::coming);
    CHECK(replies.parent("c", "5") == Parent::unknown);
    CHECK(replies.parent("c", "nobody") == Parent::unknown);
    CHECK(replies.parent("c", "1") == Parent::unknown);  // nobody replies to it
    CHECK(replies.parent("d", "3") == Parent::unknown);
    CHECK(replies.asked("c", "2"));
    CHECK_FALSE(replies.asked("c", "1"));
}

TEST_CASE("replies to themselves form a circle, and what depends on it is unknown") {
    const ImportReplies replies = judged({{"1", "1"}, {"2", "3"}, {"3", "4"}, {"4", "2"}, {"5", "2"}, {"6", "5"}}, {});
    for (const char* name : {"1", "2", "3", "4"}) CHECK(replies.parent("c", name) == Parent::circle);
    CHECK(replies.parent("c", "5") == Parent::unknown);
}

TEST_CASE("of several lines with the same name, one that can be stored counts") {
    ImportReplies replies;
    for (const char* parent : {"a", "b", "a"}) replies.ask("c", parent);
    replies.close();
    replies.offer("c", "a", "b");
    replies.offer("c", "a", std::nullopt);
    replies.offer("c", "a", "b");
    replies.judge();
    CHECK(replies.parent("c", "a") == Parent::coming);
    CHECK(replies.parent("c", "b") == Parent::unknown);
    CHECK_FALSE(replies.empty());
    CHECK(ImportReplies().empty());
}

TEST_CASE("a file is in order if each parent comes before its replies") {
    const auto in_order = [](const std::vector<std::pair<std::string, std::optional<std::string>>>& lines) {
        ImportReplies replies;
        for (const auto& [name, parent] : lines) {
            if (parent) replies.ask("c", *parent);
        }
        replies.close();
        bool all = true;
        for (const auto& [name, parent] : lines) all = replies.in_order("c", name, parent) && all;
        return all;
    };
    const auto none = std::nullopt;
    CHECK(in_order({{"1", none}, {"2", "1"}, {"3", "2"}, {"4", "1"}, {"5", "nobody"}}));
    CHECK_FALSE(in_order({{"1", "2"}, {"2", none}}));
    CHECK_FALSE(in_order({{"1", "1"}}));
    // The first of the two may be invalid.
    CHECK_FALSE(in_order({{"1", none}, {"2", "1"}, {"1", none}}));
}

TEST_CASE("a chain of any length is judged, from either end") {
    std::vector<Reply> chain;
    constexpr int kLength = 100'000;
    for (int i = 0; i < kLength; ++i) chain.emplace_back(std::to_string(i), std::to_string(i + 1));
    const ImportReplies replies = judged(chain, {std::to_string(kLength)});
    for (int i = 1; i <= kLength; ++i) REQUIRE(replies.parent("c", std::to_string(i)) == Parent::coming);
}
