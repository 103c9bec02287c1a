#include "adapters/s3/signature_v4.hpp"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cariosan/adapters/openssl.hpp>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "encoding/hex.hpp"
#include "encoding/percent.hpp"
#include "support/test_data.hpp"

namespace cariosan::s3 {
namespace {

namespace json = boost::json;

std::optional<json::value> vectors(std::string_view file) {
    const auto path = test::test_data("vectors/" + std::string(file));
    if (!path) return std::nullopt;
    std::ifstream stream(*path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    return json::parse(text);
}

std::string text_of(const json::value& value) { return std::string(value.as_string()); }

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (true) {
        const std::size_t end = text.find(separator);
        parts.emplace_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

std::string lenient_decode(std::string_view text) {
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            bytes += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
            i += 2;
        } else {
            bytes += text[i];
        }
    }
    return bytes;
}

/// What the suite expects for services other than S3, which keeps every segment.
std::string normalised_path(std::string_view path) {
    std::vector<std::string> kept;
    for (const std::string& segment : split(path, '/')) {
        if (segment == "..") {
            if (!kept.empty()) kept.pop_back();
        } else if (!segment.empty() && segment != ".") {
            kept.push_back(segment);
        }
    }
    std::string out;
    for (const std::string& segment : kept) out += "/" + segment;
    const bool folder = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
    return out.empty() || folder ? out + "/" : out;
}

/// A request in the suite's format: text as sent, but with bare line feeds.
Request parse_request(std::string_view text, bool normalise, std::string& body) {
    const std::size_t head_end = std::min(text.find("\n\n"), text.size());
    body = text.size() > head_end + 2 ? std::string(text.substr(head_end + 2)) : std::string();
    const std::vector<std::string> lines = split(text.substr(0, head_end), '\n');

    Request request;
    const std::string& first = lines[0];
    const std::size_t target_start = first.find(' ') + 1;
    request.method = first.substr(0, target_start - 1);
    const std::string target = first.substr(target_start, first.rfind(' ') - target_start);
    const std::size_t query_start = std::min(target.find('?'), target.size());
    const std::string path = target.substr(0, query_start);
    request.path = encoding::percent_encode_path(normalise ? normalised_path(path) : path);
    if (query_start < target.size()) {
        for (const std::string& pair : split(target.substr(query_start + 1), '&')) {
            const std::size_t equals = std::min(pair.find('='), pair.size());
            request.query.emplace_back(lenient_decode(pair.substr(0, equals)),
                                       equals < pair.size() ? lenient_decode(pair.substr(equals + 1)) : "");
        }
    }
    for (std::size_t i = 1; i < lines.size(); ++i) {
        if (lines[i].empty()) continue;
        if (lines[i][0] == ' ') {
            request.headers.back().second += "\n" + lines[i];
            continue;
        }
        const std::size_t colon = lines[i].find(':');
        request.headers.emplace_back(lines[i].substr(0, colon), lines[i].substr(colon + 1));
    }
    return request;
}

/// Credentials and scope of a case of the suite.
struct SuiteCase {
    explicit SuiteCase(const json::value& test) {
        const json::value& context = test.at("context");
        const json::object& keys = context.at("credentials").as_object();
        credentials = {text_of(keys.at("access_key_id")), text_of(keys.at("secret_access_key")), ""};
        const json::value* omitted = context.as_object().if_contains("omit_session_token");
        if (keys.contains("token") && !(omitted != nullptr && omitted->as_bool())) {
            credentials.session_token = text_of(keys.at("token"));
        }
        scope = {*Timestamp::parse(text_of(context.at("timestamp"))), text_of(context.at("region")),
                 text_of(context.at("service"))};
        life = std::chrono::seconds(context.at("expiration_in_seconds").as_int64());
        sign_body = context.at("sign_body").as_bool();
        request = parse_request(text_of(test.at("request")), context.at("normalize").as_bool(), body);
    }

    Credentials credentials;
    Scope scope;
    std::chrono::seconds life{};
    bool sign_body = false;
    std::string body;
    Request request;
};

TEST_CASE("signatures in the query agree with AWS's suite") {
    const auto suite = vectors("aws-sigv4-suite.json");
    if (!suite) return;
    const auto crypto = openssl_crypto();
    int cases = 0;
    for (const json::value& test : suite->at("cases").as_array()) {
        CAPTURE(text_of(test.at("name")));
        SuiteCase given(test);
        given.request.payload_hash = encoding::to_hex(crypto->sha256(given.sign_body ? given.body : ""));
        const std::string query =
            presigned_query(given.request, given.credentials, given.scope, given.life, *crypto);
        const std::string signature = text_of(test.at("query").at("signature"));
        CHECK(query.substr(query.rfind('=') + 1) == signature);

        // The query without its signature is the third line of the canonical request.
        const std::string canonical = text_of(test.at("query").at("canonical_request"));
        CHECK(query.substr(0, query.rfind('&')) == split(canonical, '\n')[2]);
        ++cases;
    }
    CHECK(cases == 38);
}

TEST_CASE("each step towards a signature in the header agrees with AWS's suite") {
    const auto suite = vectors("aws-sigv4-suite.json");
    if (!suite) return;
    const auto crypto = openssl_crypto();
    for (const json::value& test : suite->at("cases").as_array()) {
        CAPTURE(text_of(test.at("name")));
        SuiteCase given(test);
        Request& request = given.request;
        request.payload_hash = encoding::to_hex(crypto->sha256(given.sign_body ? given.body : ""));
        request.headers.emplace_back("X-Amz-Date", basic_time(given.scope.at));
        if (given.sign_body) request.headers.emplace_back("x-amz-content-sha256", request.payload_hash);
        if (!given.credentials.session_token.empty()) {
            request.headers.emplace_back("X-Amz-Security-Token", given.credentials.session_token);
        }
        const json::value& expected = test.at("header");
        const std::string canonical = canonical_request(request);
        CHECK(canonical == text_of(expected.at("canonical_request")));
        const std::string to_sign = string_to_sign(canonical, given.scope, *crypto);
        CHECK(to_sign == text_of(expected.at("string_to_sign")));
        CHECK(sign(to_sign, given.credentials.secret_key, given.scope, *crypto) ==
              text_of(expected.at("signature")));
    }
}

TEST_CASE("signatures agree with the documentation of S3") {
    const auto examples = vectors("aws-s3-docs.json");
    if (!examples) return;
    const auto crypto = openssl_crypto();
    const Credentials credentials{text_of(examples->at("access_key")), text_of(examples->at("secret_key")),
                                  ""};
    const Scope scope{*Timestamp::parse("2013-05-24T00:00:00Z"), text_of(examples->at("region")),
                      text_of(examples->at("service"))};

    const json::value& presigned = examples->at("presigned_get");
    const Request request{
        .method = "GET", .path = "/test.txt", .headers = {{"Host", "examplebucket.s3.amazonaws.com"}}};
    const std::string query = presigned_query(request, credentials, scope, std::chrono::hours(24), *crypto);
    CHECK("https://examplebucket.s3.amazonaws.com/test.txt?" + query == text_of(presigned.at("url")));

    int cases = 0;
    for (const json::value& example : examples->at("header_examples").as_array()) {
        CAPTURE(text_of(example.at("name")));
        const std::string to_sign = string_to_sign(text_of(example.at("canonical_request")), scope, *crypto);
        CHECK(to_sign == text_of(example.at("string_to_sign")));
        CHECK(sign(to_sign, credentials.secret_key, scope, *crypto) == text_of(example.at("signature")));
        ++cases;
    }
    CHECK(cases == 4);
}

TEST_CASE("the canonical request does not depend on order, case or spaces") {
    const Request request{
        .method = "PUT",
        .path = "/a/b.png",
        .query = {{"b", "2"}, {"a", "1 /"}, {"a", "0"}, {"A", ""}},
        .headers = {{"Host", "example.com"}, {"Content-Type", "  image/png\t"}, {"X-B", "a   b"}}};
    CHECK(canonical_request(request) ==
          "PUT\n/a/b.png\nA=&a=0&a=1%20%2F&b=2\ncontent-type:image/png\nhost:example.com\nx-b:a b\n\n"
          "content-type;host;x-b\nUNSIGNED-PAYLOAD");
    CHECK(signed_headers(request) == "content-type;host;x-b");
}

TEST_CASE("a time is written without its fraction") {
    CHECK(basic_time(*Timestamp::parse("2015-08-30T12:36:00.999Z")) == "20150830T123600Z");
    CHECK(basic_time(Timestamp{0}) == "19700101T000000Z");
}

}  // namespace
}  // namespace cariosan::s3
