#include <cariosan/import.hpp>
#include <doctest/doctest.h>

#include <set>
#include <string>

#include "transfer/import/import_line.hpp"

using namespace cariosan;
using namespace cariosan::transfer;

namespace {

ImportLine good(std::string_view text) {
    auto parsed = parse_import_line(text);
    const auto* fault = std::get_if<ImportFault>(&parsed);
    REQUIRE_MESSAGE(fault == nullptr, (fault ? fault->reason : ""));
    return std::get<ImportLine>(parsed);
}

std::string bad(std::string_view text) {
    const auto parsed = parse_import_line(text);
    const auto* fault = std::get_if<ImportFault>(&parsed);
    return fault != nullptr ? fault->reason : "";
}

}  // namespace

TEST_CASE("an import line has channel, time, user and text") {
    const ImportLine line =
        good(R"({"channel":"#a","ts":"2004-12-25T12:58:00Z","user":"Budi","text":"Halo","more":[1]})");
    CHECK(line.channel == "#a");
    CHECK(line.user == "Budi");
    CHECK(line.text == "Halo");
    CHECK(line.at.to_string() == "2004-12-25T12:58:00.000Z");
    CHECK_FALSE(line.id);
    CHECK_FALSE(line.reply_to);
}

TEST_CASE("ids of import lines are strings or integers, and null means none") {
    const std::string head = R"({"channel":"c","ts":"2004-12-25T12:58:00Z","user":"u","text":"t",)";
    CHECK(good(head + R"("id":7,"reply_to":null})").id == "7");
    CHECK(good(head + R"("id":"7a","reply_to":-6})").reply_to == "-6");
    CHECK(good(head + R"("id":18446744073709551615})").id == "18446744073709551615");
    CHECK_FALSE(good(head + R"("id":null,"reply_to":null})").reply_to);
    CHECK(bad(head + R"("id":1.5})") == "\"id\" is neither a string nor a whole number");
    CHECK(bad(head + R"("id":1e3})") == "\"id\" is neither a string nor a whole number");
    CHECK(bad(head + R"("reply_to":[]})") == "\"reply_to\" is neither a string nor a whole number");
    CHECK(bad(head + R"("id":""})") == "\"id\" is empty");
}

TEST_CASE("errors about import lines say what is wrong") {
    CHECK(bad("") == "this is not valid JSON: it is empty at byte 0");
    CHECK(bad("{") == "this is not valid JSON: it ends too early at byte 1");
    CHECK(bad("{} {}") == "this is not valid JSON: something follows the value at byte 3");
    CHECK(bad(R"({"channel":"c",})") == "this is not valid JSON: a comma before a closing bracket at byte 14");
    CHECK(bad("[]") == "not a JSON object");
    CHECK(bad("{}") == "\"channel\" is missing");
    CHECK(bad(R"({"channel":1})") == "\"channel\" is no string");
    CHECK(bad(R"({"channel":"c","ts":"yesterday"})") == "\"ts\" is no RFC 3339 time");
    CHECK(bad(R"({"channel":"c","ts":1103979480})") == "\"ts\" is no string");
    CHECK(bad(R"({"channel":"c","ts":"2004-12-25T12:58:00Z","user":"u"})") == "\"text\" is missing");
    // Invalid UTF-8 and a lone surrogate.
    CHECK(bad("{\"channel\":\"\xff\"}") == "this is not valid JSON: it is not UTF-8 at byte 12");
    CHECK(bad(R"({"channel":"\ud800"})") == "this is not valid JSON: half of a surrogate pair at byte 12");
    const std::string deep = "{\"channel\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
    CHECK(bad(deep) == "this is not valid JSON: it is nested more than 32 deep at byte 42");
}

TEST_CASE("no two sources share the key of an imported message") {
    const char* texts[] = {"a", "1", "3", "a:1", "1:1", "3:a", "3:a:1", "a:1:1", "1:", ":1", ":", "+1:a", "import:a"};
    std::set<std::string> keys;
    std::size_t pairs = 0;
    for (const char* source : texts) {
        for (const char* name : texts) {
            keys.insert(import_key(source, name));
            ++pairs;
        }
    }
    CHECK(keys.size() == pairs);
}

TEST_CASE("keys of imported messages contain source and id") {
    CHECK(import_key("chat.jsonl", "17") == "import:chat.jsonl:17");
    // Never changes, so that an import can be repeated. The id may contain colons.
    CHECK(import_key("chat.jsonl", "a:1") == "import:chat.jsonl:a:1");
    CHECK(import_source_of("/data/chat.jsonl") == "chat.jsonl");
    CHECK(is_import_source("chat.jsonl"));
    CHECK(is_import_source("obrolan-☕"));
    CHECK_FALSE(is_import_source(""));
    CHECK_FALSE(is_import_source("a\nb"));
    CHECK_FALSE(is_import_source("\xff"));
    CHECK_FALSE(is_import_source(std::string(129, 'x')));
}
