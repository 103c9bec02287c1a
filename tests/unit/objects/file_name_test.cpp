#include "adapters/objects/file_name.hpp"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "support/test_data.hpp"

namespace cariosan::objects {
namespace {

bool is_safe(const std::string& name) {
    if (name.empty() || name.size() > kMaxFileNameBytes || name.front() == '.' || name.back() == '.')
        return false;
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain =
            (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9');
        if (!plain && byte < 0x80 && c != '-' && c != '_' && c != '.') return false;
    }
    return name.find("..") == std::string::npos && sanitise_file_name(name) == name;
}

TEST_CASE("a file keeps its name as far as that is safe") {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"photo.jpg", "photo.jpg"},
        {"Foto Liburan (1).JPG", "Foto-Liburan-1.JPG"},
        {"archive.tar.gz", "archive.tar.gz"},
        {"__init__.py", "__init__.py"},
        {"laporan – akhir.pdf", "laporan-akhir.pdf"},
        {"r\xc3\xa9sum\xc3\xa9.pdf", "r\xc3\xa9sum\xc3\xa9.pdf"},
        {"re\xcc\x81sume\xcc\x81.pdf", "r\xc3\xa9sum\xc3\xa9.pdf"},
        {"写真 1.png", "写真-1.png"},
        {"हिन्दी.txt", "हिन्दी.txt"},
        {"C:\\fakepath\\me.png", "me.png"},
        {"/etc/passwd", "passwd"},
        {"a  -  b.png", "a-b.png"},
        {"a .png", "a.png"},
        {"what?.png", "what.png"},
        {"a&b=c#d%2F.png", "a-b-c-d-2F.png"},
        {"line\nbreak\r\n.txt", "line-break.txt"},
        {"<script>.html", "script.html"},
        {"party🎉.gif", "party.gif"},
    };
    for (const auto& each : cases) {
        const auto& given = each.first;
        const auto& expected = each.second;
        CAPTURE(given);
        CHECK(sanitise_file_name(given) == expected);
    }
}

TEST_CASE("an empty result becomes a valid name") {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"", "file"},         {".", "file"},
        {"..", "file"},       {"../..", "file"},
        {"/", "file"},        {"a/", "file"},
        {"\\", "file"},       {"???", "file"},
        {"-", "file"},        {"🎉🎉.png", "file.png"},
        {".png", "file.png"}, {"...", "file"},
        {". .", "file"},      {"-.-", "file"},
        {"\xff\xfe", "file"}, {std::string("\0\x01\x1f\x7f", 4), "file"},
    };
    for (const auto& each : cases) {
        const auto& given = each.first;
        const auto& expected = each.second;
        CAPTURE(given);
        CHECK(sanitise_file_name(given) == expected);
    }
}

TEST_CASE("invisible characters are dropped, so they cannot hide an extension") {
    CHECK(sanitise_file_name("photo\xe2\x80\xaegnp.exe") == "photognp.exe");  // right-to-left override
    CHECK(sanitise_file_name("a\xe2\x80\x8b"
                             "b.png") == "ab.png");             // zero-width space
    CHECK(sanitise_file_name("a\xe3\x85\xa4.png") == "a.png");  // Hangul filler, a letter by category
    CHECK(sanitise_file_name("bad\xc3.png") == "bad.png");
    CHECK(sanitise_file_name("\xed\xa0\x80.png") == "file.png");  // a surrogate
    // Dropping what is between them joins a letter and its accent.
    CHECK(sanitise_file_name("e\xe2\x80\x8d\xcc\x81.txt") == "\xc3\xa9.txt");
}

TEST_CASE("marks only stay on a character that can carry them") {
    CHECK(sanitise_file_name("\xcc\x81x.txt") == "x.txt");
    CHECK(sanitise_file_name("a.\xcc\x81txt") == "a.txt");
    CHECK(sanitise_file_name("_\xcc\x81.txt") == "_.txt");
    std::string tower = "a";
    for (int i = 0; i < 1000; ++i) tower += "\xcc\x95";
    const std::string kept = sanitise_file_name(tower + ".txt");
    CHECK(kept.starts_with("a\xcc\x95"));
    CHECK(kept.size() == 1 + 30 * 2 + 4);
    // One mark that decomposes into two.
    std::string dialytika = "a";
    for (int i = 0; i < 30; ++i) dialytika += "\xcd\x84";
    CHECK(is_safe(sanitise_file_name(dialytika)));
}

TEST_CASE("a long name is cut between characters, and keeps a short extension") {
    const std::string long_ascii(300, 'a');
    CHECK(sanitise_file_name(long_ascii) == std::string(kMaxFileNameBytes, 'a'));
    CHECK(sanitise_file_name(long_ascii + ".jpeg") == std::string(kMaxFileNameBytes - 5, 'a') + ".jpeg");
    CHECK(sanitise_file_name("a." + long_ascii) == ("a." + long_ascii).substr(0, kMaxFileNameBytes));

    std::string kanji;
    for (int i = 0; i < 100; ++i) kanji += "写";
    CHECK(sanitise_file_name(kanji).size() == kMaxFileNameBytes / 3 * 3);

    // A cluster of a letter and two marks, 5 bytes long.
    std::string clusters;
    for (int i = 0; i < 100; ++i) clusters += "x\xcc\x95\xcc\x95";
    CHECK(sanitise_file_name(clusters).size() == kMaxFileNameBytes / 5 * 5);

    // One cluster of 121 bytes leaves no room for the extension: it is cut between code points.
    std::string cluster = "x";
    for (int i = 0; i < 30; ++i) cluster += "\xf0\x9e\xa3\x90";
    CHECK(sanitise_file_name(cluster + ".extension") == cluster.substr(0, 1 + 29 * 4) + ".extension");

    // The cut leaves no dot or hyphen at the end.
    CHECK(sanitise_file_name(std::string(kMaxFileNameBytes - 1, 'a') + " " + long_ascii) ==
          std::string(kMaxFileNameBytes - 1, 'a'));
}

TEST_CASE("a name of a megabyte is handled at once") {
    std::string hostile;
    while (hostile.size() < 1'000'000) hostile += "e\xcc\x81\xcc\xa3.-";
    CHECK(is_safe(sanitise_file_name(hostile)));
    CHECK(is_safe(sanitise_file_name(std::string(1'000'000, '.'))));
}

TEST_CASE("every difficult string becomes a safe name") {
    const auto path = test::test_data("torture/blns.json");
    if (!path) return;
    std::ifstream file(*path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    const boost::json::value strings = boost::json::parse(text);
    for (const auto& string : strings.as_array()) {
        const std::string name = sanitise_file_name(string.as_string());
        CAPTURE(name);
        CHECK(is_safe(name));
    }
    CHECK(strings.as_array().size() > 500);
}

}  // namespace
}  // namespace cariosan::objects
