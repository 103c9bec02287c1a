// What a host is told of commands and events: complete, and true of the encoder and of the golden files.
#include "protocol/describe/commands_document.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "protocol/json/json_event_encoder.hpp"
#include "protocol/json/json_reader.hpp"
#include "protocol/rest/router.hpp"
#include "support/source_folder.hpp"

namespace cariosan::protocol {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;
using Texts = std::set<std::string>;

struct DescribedCommands {
    CommandTable table;
    std::string text = commands_document(table, Limits{}, {});
    json::value document = json::parse(text);

    const json::value* find(std::string_view pointer) const {
        json::error_code error;
        return document.find_pointer({pointer.data(), pointer.size()}, error);
    }
    void check_references(const json::value& value) const {
        if (const json::array* array = value.if_array()) {
            for (const json::value& each : *array) check_references(each);
        } else if (const json::object* object = value.if_object()) {
            for (const auto& member : *object) {
                if (member.key() == "$ref") {
                    const std::string target(member.value().as_string());
                    CHECK_MESSAGE(find(std::string_view(target).substr(1)) != nullptr, target);
                }
                check_references(member.value());
            }
        }
    }
    Texts names(const char* list, const char* member) const {
        Texts found;
        for (const json::value& each : document.at(list).as_array()) {
            CHECK(found.emplace(each.at(member).as_string()).second);
        }
        return found;
    }
};

TEST_CASE_FIXTURE(DescribedCommands, "commands document: every command is described, and every reference resolves") {
    JsonDocument strict;
    CHECK(strict.parse(text));
    check_references(document);
    Texts rows;
    for (const CommandRow& row : table.rows()) rows.emplace(row.name);
    CHECK(names("commands", "name") == rows);
    for (const json::value& command : document.at("commands").as_array()) {
        const std::string name(command.at("name").as_string());
        CAPTURE(name);
        const CommandRow& row = *table.find(name);
        CHECK(command.at("changes").as_bool() == row.changes());
        CHECK_FALSE(command.at("callers").as_array().empty());
        CHECK(command.at("answer").is_null() == (row.answer.status == Answering::Status::no_content));
        const json::object& properties = command.at("fields").at("properties").as_object();
        for (const Field& field : row.fields) {
            CHECK(properties.contains(json::string_view(field.name.data(), field.name.size())) == !field.waits);
        }
    }
}

/// A body of each kind in each of its forms.
std::vector<EventBody> all_bodies() {
    std::vector<EventBody> bodies;
    [&]<std::size_t... index>(std::index_sequence<index...>) {
        (bodies.emplace_back(std::variant_alternative_t<index, EventBody::variant>{}), ...);
    }(std::make_index_sequence<std::variant_size_v<EventBody::variant>>());
    ReactionChanged removed;
    removed.added = false;
    ReceiptMoved read;
    read.read = true;
    Typing stopped;
    stopped.started = false;
    bodies.insert(bodies.end(), {EventBody(removed), EventBody(read), EventBody(stopped)});
    for (const auto kind : {MembersEvent::Kind::left, MembersEvent::Kind::updated}) {
        MembersEvent members;
        members.kind = kind;
        bodies.emplace_back(members);
    }
    return bodies;
}

TEST_CASE_FIXTURE(DescribedCommands, "commands document: its events are those that a subscriber can get") {
    Texts encoded;
    for (const EventBody& body : all_bodies()) {
        Event event;
        event.body = body;
        const std::string frame = encode_event(event, {.own = false});
        if (!frame.empty()) encoded.emplace(json::parse(frame).at("type").as_string());
    }
    CHECK(names("events", "type") == encoded);
    for (const json::value& event : document.at("events").as_array()) {
        CHECK(event.at("frame").at("properties").at("type").at("const") == event.at("type"));
    }
}

/// "GET /v1/users?limit=1" as the row it goes to; null if there is none.
const CommandRow* row_of_request(const Router& router, const std::string& request) {
    const std::size_t space = request.find(' ');
    const std::string path = request.substr(space + 1, request.find('?') - space - 1);
    std::vector<std::string> segments;
    for (std::size_t begin = 1; begin <= path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        segments.push_back(path.substr(begin, end - begin));
        begin = end + 1;
    }
    const auto match = router.find(request.substr(0, space), segments);
    return match ? match->row : nullptr;
}

TEST_CASE_FIXTURE(DescribedCommands, "commands document: the golden files show no error that a command does not name") {
    const Router router(table);
    // Of HTTP: credentials and their rates.
    const Texts of_requests = {"UNAUTHORIZED", "RATE_LIMITED", "UNSUPPORTED_MEDIA_TYPE"};
    std::size_t seen = 0;
    for (const auto& entry : fs::directory_iterator(test::source_folder() / "tests/golden")) {
        if (entry.path().extension() != ".json") continue;
        std::ifstream in(entry.path());
        const json::value file = json::parse(std::string(std::istreambuf_iterator<char>(in), {}));
        for (const json::value& step : file.at("steps").as_array()) {
            const json::object& members = step.as_object();
            const json::value* answer = members.if_contains("answer");
            if (answer == nullptr || !answer->is_object() || !answer->get_object().contains("error")) continue;
            const std::string request(members.at("request").as_string());
            const std::string code(answer->at("error").at("code").as_string());
            const CommandRow* row = row_of_request(router, request);
            if (row == nullptr || of_requests.contains(code)) continue;
            CAPTURE(request);
            CAPTURE(code);
            const auto errors = call_errors(*row);
            CHECK(std::ranges::any_of(errors, [&](ErrorCode each) { return to_string(each) == code; }));
            ++seen;
        }
    }
    CHECK(seen > 50);
}

}  // namespace
}  // namespace cariosan::protocol
