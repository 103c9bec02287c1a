#include "protocol/openapi.hpp"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <set>

#include "protocol/json_reader.hpp"

namespace cariosan::protocol {
namespace {

namespace json = boost::json;

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = static_cast<char>(std::tolower(c));
    return out;
}

/// Follows "#/a/b" within the document.
bool resolves(const json::value& document, std::string_view reference) {
    if (!reference.starts_with("#/")) return false;
    json::error_code error;
    return document.find_pointer({reference.data() + 1, reference.size() - 1}, error) != nullptr;
}

void check_references(const json::value& document, const json::value& value) {
    if (const json::object* object = value.if_object()) {
        if (const json::value* reference = object->if_contains("$ref");
            reference != nullptr && reference->is_string()) {
            const std::string_view text(reference->get_string().data(), reference->get_string().size());
            CAPTURE(text);
            CHECK(resolves(document, text));
        }
        for (const auto& member : *object) check_references(document, member.value());
    } else if (const json::array* array = value.if_array()) {
        for (const json::value& element : *array) check_references(document, element);
    }
}

struct Fixture {
    CommandTable table;
    std::string text = openapi_document(table);
    json::value document = json::parse(text);
};

TEST_CASE_FIXTURE(Fixture, "the document is JSON in which every reference resolves") {
    JsonDocument strict;
    CHECK(strict.parse(text));
    CHECK(document.at("openapi").as_string() == "3.1.0");
    check_references(document, document);
}

TEST_CASE_FIXTURE(Fixture, "every row of the table is in the document") {
    const json::object& paths = document.at("paths").as_object();
    std::set<std::string> operations;
    for (const CommandRow& row : table.rows()) {
        for (const Route& route : row.routes) {
            CAPTURE(row.name);
            REQUIRE(paths.contains(json::string_view(route.path.data(), route.path.size())));
            const json::object& item =
                paths.at(json::string_view(route.path.data(), route.path.size())).as_object();
            REQUIRE(item.contains(lower(route.method)));
            const json::value& operation = item.at(lower(route.method));
            CHECK(operations.insert(std::string(operation.at("operationId").as_string())).second);
            CHECK_FALSE(operation.at("security").as_array().empty());
            CHECK(operation.at("responses").as_object().contains("default"));
        }
    }
    for (const std::string_view path : {"/v1/ws", "/healthz", "/readyz", "/metrics", "/openapi.json"}) {
        CHECK(paths.contains(json::string_view(path.data(), path.size())));
    }
}

TEST_CASE_FIXTURE(Fixture, "fields stand where they are read from") {
    const json::value& send = document.at("paths").at("/v1/channels/{channel}/messages").at("post");
    REQUIRE(send.at("parameters").as_array().size() == 1);
    CHECK(send.at("parameters").as_array()[0].at("in").as_string() == "path");
    const json::value& schema = send.at("requestBody").at("content").at("application/json").at("schema");
    CHECK(schema.at("properties").as_object().contains("content"));
    CHECK_FALSE(schema.at("properties").as_object().contains("channel"));
    REQUIRE(schema.at("required").as_array().size() == 1);
    CHECK(schema.at("required").as_array()[0].as_string() == "content");

    const json::value& list = document.at("paths").at("/v1/channels/{channel}/messages").at("get");
    CHECK_FALSE(list.as_object().contains("requestBody"));
    std::set<std::string> in_query;
    for (const json::value& parameter : list.at("parameters").as_array()) {
        if (parameter.at("in").as_string() == "query")
            in_query.insert(std::string(parameter.at("name").as_string()));
    }
    CHECK(in_query == std::set<std::string>{"before", "after", "around", "limit", "cursor"});
}

TEST_CASE_FIXTURE(Fixture, "every answer's schema is there") {
    const json::object& schemas = document.at("components").at("schemas").as_object();
    for (const CommandRow& row : table.rows()) {
        if (row.routes.empty() || row.answer.schema.empty()) continue;
        CAPTURE(row.name);
        CHECK(schemas.contains(json::string_view(row.answer.schema.data(), row.answer.schema.size())));
    }
}

}  // namespace
}  // namespace cariosan::protocol
