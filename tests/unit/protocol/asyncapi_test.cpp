// /asyncapi.json: complete, and true of the frames in the golden files.
#include "protocol/describe/asyncapi.hpp"

#include <doctest/doctest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "protocol/socket/frame_types.hpp"
#include "support/source_folder.hpp"

namespace cariosan::protocol {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

struct SocketDocument {
    CommandTable table;
    json::value document = json::parse(asyncapi_document(table, Limits{}, {}));

    const json::value* find(std::string_view pointer) const {
        json::error_code error;
        return document.find_pointer({pointer.data(), pointer.size()}, error);
    }
    const json::object* payload(std::string_view direction, std::string_view type) const {
        const json::value* found =
            find("/components/messages/" + std::string(direction) + "." + std::string(type) + "/payload/properties");
        return found != nullptr ? found->if_object() : nullptr;
    }

    /// Every member that a schema names, through its references and alternatives.
    void add_members(const json::value& schema, std::set<std::string>& names) const {
        const json::object& object = schema.as_object();
        if (const json::value* reference = object.if_contains("$ref")) {
            const std::string target(reference->as_string());
            const json::value* found = find(std::string_view(target).substr(1));
            REQUIRE_MESSAGE(found != nullptr, target);
            add_members(*found, names);
        }
        for (const char* several : {"anyOf", "allOf"}) {
            const json::value* list = object.if_contains(several);
            if (list == nullptr) continue;
            for (const json::value& each : list->as_array()) {
                if (each.is_object() && !each.as_object().contains("if")) add_members(each, names);
            }
        }
        if (const json::value* properties = object.if_contains("properties")) {
            for (const auto& property : properties->as_object()) names.emplace(property.key());
        }
    }
    /// The members without which no such frame is sent; none where there are alternatives.
    std::set<std::string> required(const json::value& schema) const {
        std::set<std::string> names;
        if (const json::value* list = schema.as_object().if_contains("required")) {
            for (const json::value& name : list->as_array()) names.emplace(name.as_string());
        }
        return names;
    }
};

void check_frame(const SocketDocument& socket, std::string_view direction, const json::value& frame) {
    const std::string type(frame.at("type").as_string());
    CAPTURE(type);
    const json::object* payload = socket.payload(direction, type);
    REQUIRE(payload != nullptr);
    const json::value& schema = payload->at("data");
    std::set<std::string> known;
    socket.add_members(schema, known);
    const json::value* data = frame.as_object().if_contains("data");
    if (data == nullptr || !data->is_object()) return;
    for (const auto& member : data->as_object()) {
        const std::string name(member.key());
        CAPTURE(name);
        CHECK(known.contains(name));
    }
    if (direction != "server") return;  // clients are shown to make mistakes too
    for (const std::string& name : socket.required(schema)) {
        CAPTURE(name);
        CHECK(data->as_object().contains(name));
    }
}

void check_references(const SocketDocument& socket, const json::value& value) {
    if (const json::array* array = value.if_array()) {
        for (const json::value& each : *array) check_references(socket, each);
    } else if (const json::object* object = value.if_object()) {
        for (const auto& member : *object) {
            if (member.key() == "$ref") {
                const std::string target(member.value().as_string());
                CHECK_MESSAGE(socket.find(std::string_view(target).substr(1)) != nullptr, target);
            }
            check_references(socket, member.value());
        }
    }
}

TEST_CASE("asyncapi: every frame of both directions is described") {
    const SocketDocument socket;
    CHECK(socket.document.at("asyncapi").as_string() == "3.0.0");
    for (const std::string_view type : kServerFrames) CHECK_MESSAGE(socket.payload("server", type) != nullptr, type);
    for (const std::string_view type : kBuiltInFrames) CHECK_MESSAGE(socket.payload("client", type) != nullptr, type);
    std::size_t commands = 0;
    for (const CommandRow& row : socket.table.rows()) {
        if (row.ack == Ack::none) continue;
        ++commands;
        CHECK_MESSAGE(socket.payload("client", row.name) != nullptr, row.name);
    }
    const std::size_t all = kServerFrames.size() + kBuiltInFrames.size() + commands;
    CHECK(socket.find("/components/messages")->as_object().size() == all);
    CHECK(socket.find("/channels/socket/messages")->as_object().size() == all);
    CHECK(socket.find("/operations/fromClient/messages")->as_array().size() == kBuiltInFrames.size() + commands);
    CHECK(socket.find("/operations/toClient/messages")->as_array().size() == kServerFrames.size());
    check_references(socket, socket.document);
}

TEST_CASE("asyncapi: the frames of the golden files have the members it promises, and no others") {
    const SocketDocument socket;
    std::size_t seen = 0;
    for (const auto& entry : fs::directory_iterator(test::source_folder() / "tests/golden")) {
        if (entry.path().extension() != ".json") continue;
        std::ifstream in(entry.path());
        const json::value file = json::parse(std::string(std::istreambuf_iterator<char>(in), {}));
        for (const json::value& step : file.at("steps").as_array()) {
            const json::value* received = step.as_object().if_contains("receive");
            if (received == nullptr) continue;
            for (const json::value& frame : received->as_array()) {
                check_frame(socket, "server", frame);
                ++seen;
            }
        }
    }
    CHECK(seen > kServerFrames.size());
}

}  // namespace
}  // namespace cariosan::protocol
