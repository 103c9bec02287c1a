#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "transfer/import/import_survey.hpp"
#include "transfer/import/line_reader.hpp"
#include "support/temporary_folder.hpp"

using namespace cariosan;
using namespace cariosan::transfer;
using cariosan::test::TemporaryFolder;

namespace {

constexpr std::size_t kMost = 100;

/// The lines of a file with this content; "<too long>" for one of more than 100 bytes.
std::vector<std::string> lines_of(const std::string& content) {
    const TemporaryFolder folder;
    auto reader = LineReader::open(folder.write("lines", content), kMost);
    REQUIRE(reader);
    CHECK(reader->size() == static_cast<std::int64_t>(content.size()));
    std::vector<std::string> lines;
    LineReader::Line line;
    while (reader->next(line) == LineReader::Status::line) {
        CHECK(line.place.number == static_cast<std::int64_t>(lines.size()) + 1);
        std::string again;
        CHECK(reader->read_again(line.place, again));
        CHECK(again == line.text);
        lines.push_back(line.too_long ? "<too long>" : std::string(line.text));
    }
    CHECK(reader->position() == reader->size());
    CHECK(reader->next(line) == LineReader::Status::end);
    return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("lines end with LF, CRLF or the file") {
    CHECK(lines_of("").empty());
    CHECK(lines_of("a") == Lines{"a"});
    CHECK(lines_of("a\n") == Lines{"a"});
    CHECK(lines_of("a\nb") == Lines{"a", "b"});
    CHECK(lines_of("a\r\nb\r\n") == Lines{"a", "b"});
    CHECK(lines_of("\n\na\n") == Lines{"", "", "a"});
    CHECK(lines_of("a\rb\n") == Lines{"a\rb"});
}

TEST_CASE("a byte order mark is only skipped at the beginning") {
    CHECK(lines_of("\xEF\xBB\xBF") == Lines{""});
    CHECK(lines_of("\xEF\xBB\xBFone\n\xEF\xBB\xBFtwo") == Lines{"one", "\xEF\xBB\xBFtwo"});
}

TEST_CASE("a line that is too long is one line without content") {
    const std::string longest(kMost, 'x');
    CHECK(lines_of(longest + "\nb") == Lines{longest, "b"});
    CHECK(lines_of(longest + "\r\nb") == Lines{longest, "b"});
    CHECK(lines_of("\xEF\xBB\xBF" + longest + "\r\nb") == Lines{longest, "b"});
    CHECK(lines_of(longest + "x\nb") == Lines{"<too long>", "b"});
    // Longer than one read.
    const std::string huge(3'000'000, 'x');
    CHECK(lines_of("a\n" + huge + "\nb\n") == Lines{"a", "<too long>", "b"});
    CHECK(lines_of("a\n" + huge) == Lines{"a", "<too long>"});
}

TEST_CASE("lines may cross the boundaries of reads") {
    std::string content;
    Lines expected;
    for (int i = 0; i < 60'000; ++i) {
        expected.push_back("line " + std::to_string(i));
        content += expected.back() + "\n";
    }
    CHECK(lines_of(content) == expected);
}

TEST_CASE("only regular files are read") {
    const TemporaryFolder folder;
    CHECK(LineReader::open(folder / "nothing", kMost).error().message.ends_with("No such file or directory"));
    CHECK(LineReader::open(folder / ".", kMost).error().message.ends_with("not a regular file"));
    CHECK(LineReader::open("/dev/zero", kMost).error().message.ends_with("not a regular file"));
}

TEST_CASE("a survey lists users and channels by their first appearance") {
    const TemporaryFolder folder;
    const auto line = [](const char* channel, const char* user) {
        return std::string(R"({"channel":")") + channel + R"(","ts":"2004-12-25T12:58:00Z","user":")" + user +
               R"(","text":"t"})" + "\n";
    };
    const std::string file = folder.write("chat", line("b", "Budi") + line("a", "Alice") + "broken\n\n" +
                                                      line("b", "Alice") + line("b", "Budi"));
    const auto survey = survey_import({.path = file});
    REQUIRE(survey);
    CHECK(survey->users() == Lines{"Budi", "Alice"});
    REQUIRE(survey->channels().size() == 2);
    CHECK(survey->channels()[0].channel == "b");
    CHECK(survey->channels()[0].users == std::vector<std::size_t>{0, 1});
    CHECK(survey->channels()[1].channel == "a");
    CHECK(survey->channels()[1].users == std::vector<std::size_t>{1});
}

TEST_CASE("a descriptor that is given is read from the beginning, and stays its owner's") {
    const TemporaryFolder folder;
    const int descriptor = ::open(folder.write("lines", "a\nb\n").c_str(), O_RDONLY | O_CLOEXEC);
    REQUIRE(descriptor >= 0);
    REQUIRE(::lseek(descriptor, 2, SEEK_SET) == 2);
    for (int pass = 0; pass < 2; ++pass) {
        auto reader = LineReader::open("the lines", kMost, descriptor);
        REQUIRE(reader);
        LineReader::Line line;
        REQUIRE(reader->next(line) == LineReader::Status::line);
        CHECK(line.text == "a");
    }
    CHECK(::lseek(descriptor, 0, SEEK_CUR) == 2);
    CHECK(::close(descriptor) == 0);
    CHECK_FALSE(LineReader::open("the lines", kMost, descriptor));
}
