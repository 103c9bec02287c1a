#include "adapters/objects/object_key.hpp"

#include <doctest/doctest.h>

#include <string>

#include "adapters/objects/file_name.hpp"
#include "encoding/percent.hpp"

namespace cariosan::objects {
namespace {

const WorkspaceId kShop = *WorkspaceId::parse("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b");
const WorkspaceId kOther = *WorkspaceId::parse("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c");
const Uuid kUpload = *Uuid::parse("0198f000-1111-7222-8333-444455556666");
const std::string kPrefix =
    "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b/2026/01/0198f000-1111-7222-8333-444455556666/";
const std::string kBase = "https://cdn.example.com/chat";

TEST_CASE("a key is workspace, year, month, id and name") {
    const Timestamp at = *Timestamp::parse("2026-01-31T23:59:59.999Z");
    CHECK(make_object_key(kShop, kUpload, at, "My Photo.png") == kPrefix + "My-Photo.png");
    // In the UTC calendar.
    CHECK(
        make_object_key(kShop, kUpload, *Timestamp::parse("2026-01-31T23:59:59-01:00"), "a").substr(37, 7) ==
        "2026/02");
    for (const char* name : {"a.png", "../../x", "", "写真.png", "🎉"}) {
        CHECK(is_object_key(make_object_key(kShop, kUpload, at, name), kShop));
        CHECK_FALSE(is_object_key(make_object_key(kShop, kUpload, at, name), kOther));
    }
}

TEST_CASE("invalid keys are refused") {
    REQUIRE(is_object_key(kPrefix + "a.png", kShop));
    for (const std::string& key : {
             std::string(),
             std::string("/"),
             kPrefix,
             kPrefix + "a b.png",
             kPrefix + "a/b.png",
             kPrefix + ".",
             kPrefix + "..",
             kPrefix + "a.",
             kPrefix + ".a",
             kPrefix + "a\\b",
             kPrefix + "a\nb",
             "/" + kPrefix + "a.png",
             kPrefix + std::string(kMaxFileNameBytes + 1, 'a'),
             kPrefix + "e\xcc\x81.png",
             kPrefix + "\xff.png",
             std::string(
                 "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b/2026/13/0198f000-1111-7222-8333-444455556666/a"),
             std::string(
                 "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b/2026/00/0198f000-1111-7222-8333-444455556666/a"),
             std::string(
                 "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b/2026/1/0198f000-1111-7222-8333-444455556666/a"),
             std::string("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b/26/01/0198f000-1111-7222-8333-444455556666/a"),
             std::string(
                 "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b/2o26/01/0198f000-1111-7222-8333-444455556666/a"),
             std::string(
                 "0190A1B2-C3D4-7E5F-8A9B-0C1D2E3F4A5B/2026/01/0198f000-1111-7222-8333-444455556666/a"),
             std::string(
                 "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b/2026/01/0198F000-1111-7222-8333-444455556666/a"),
             std::string("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b/2026/01/not-an-id/a"),
         }) {
        CAPTURE(key);
        CHECK_FALSE(is_object_key(key, kShop));
    }
}

TEST_CASE("a URL is the base, a slash and an encoded key") {
    CHECK(is_object_url(kBase + "/" + kPrefix + "a.png", kBase, kShop));
    const std::string kanji =
        make_object_key(kShop, kUpload, *Timestamp::parse("2026-01-31T00:00:00Z"), "写真.png");
    CHECK(is_object_url(kBase + "/" + encoding::percent_encode_path(kanji), kBase, kShop));
    CHECK_FALSE(is_object_url(kBase + "/" + kPrefix + "a.png", kBase, kOther));
}

TEST_CASE("a URL that leads elsewhere, or could, is refused") {
    const std::string good = kBase + "/" + kPrefix;
    for (const std::string& url : {
             std::string(),
             std::string("/"),
             kBase,
             kBase + "/",
             good,
             good + "a.png?x=1",
             good + "a.png#x",
             good + "a.png/",
             good + "../a.png",
             good + "./a.png",
             good + "%2e%2e",
             good + "..",
             good + "a%2Fb",
             good.substr(0, good.size() - 1) + "%2Fa.png",
             good + "a%2fb",
             good + "a%5Cb",
             good + "a%00",
             good + "a%0A",
             good + "a.png%20",
             good + "%61.png",
             good + "a.png ",
             good + "a b",
             good + "写.png",
             good + "%e5%86%99.png",
             good + "%E5%86.png",
             good + "e%CC%81.png",
             kBase + "//" + kPrefix + "a.png",
             kBase + "/x/" + kPrefix + "a.png",
             kBase + "/../chat/" + kPrefix + "a.png",
             "https://cdn.example.com/" + kPrefix + "a.png",
             "https://cdn.example.com/chat2/" + kPrefix + "a.png",
             "https://cdn.example.com.evil.org/chat/" + kPrefix + "a.png",
             "https://user@cdn.example.com/chat/" + kPrefix + "a.png",
             "https://cdn.example.com:8443/chat/" + kPrefix + "a.png",
             "https://CDN.example.com/chat/" + kPrefix + "a.png",
             "http://cdn.example.com/chat/" + kPrefix + "a.png",
             "//cdn.example.com/chat/" + kPrefix + "a.png",
             "javascript:alert(1)//" + kPrefix + "a.png",
             " " + good + "a.png",
             good + "a.png\n",
             kPrefix + "a.png",
         }) {
        CAPTURE(url);
        CHECK_FALSE(is_object_url(url, kBase, kShop));
    }
}

}  // namespace
}  // namespace cariosan::objects
