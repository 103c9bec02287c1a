#include "protocol/json/json_metadata_check.hpp"

#include <doctest/doctest.h>

namespace cariosan::protocol {
namespace {

Result<std::string> check(std::string_view text) { return JsonMetadataCheck().canonical(text, Limits{}); }

std::string nested_objects(int depth) {
    std::string text = "1";
    for (int i = 0; i < depth; ++i) text = R"({"a":)" + text + "}";
    return text;
}

void check_refused(const Result<std::string>& result) {
    REQUIRE_FALSE(result);
    CHECK(result.error().code == ErrorCode::validation_error);
    REQUIRE(result.error().detail("field") != nullptr);
    CHECK(std::get<std::string>(result.error().detail("field")->value) == "metadata");
}

TEST_CASE("metadata becomes canonical text") {
    CHECK(*check("{}") == "{}");
    CHECK(*check(R"( {"b":1, "a":{"d":[2,1],"c":null}} )") == R"({"a":{"c":null,"d":[2,1]},"b":1})");
    CHECK(*check(*check(R"({"x":-0.0,"y":1e22,"z":12345678901234567890.0})")) ==
          *check(R"({"x":-0.0,"y":1e22,"z":12345678901234567890.0})"));
}

TEST_CASE("metadata is an object with limited depth and size") {
    check_refused(check("[]"));
    check_refused(check("1"));
    check_refused(check("{"));
    check_refused(check(R"({"a":"\u0000"})"));
    CHECK(check(nested_objects(8)));
    const auto deep = check(nested_objects(9));
    check_refused(deep);
    CHECK(std::get<std::int64_t>(deep.error().detail("limit")->value) == 8);

    const auto of_size = [](std::size_t size) { return R"({"a":")" + std::string(size - 8, 'x') + R"("})"; };
    CHECK(check(of_size(4096))->size() == 4096);
    const auto large = check(of_size(4097));
    check_refused(large);
    CHECK(std::get<std::int64_t>(large.error().detail("limit")->value) == 4096);
    // The canonical text counts.
    CHECK(check(std::string(5000, ' ') + of_size(4096)));
}

}  // namespace
}  // namespace cariosan::protocol
