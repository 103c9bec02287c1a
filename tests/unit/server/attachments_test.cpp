#include <doctest/doctest.h>

#include <cariosan/adapters/openssl.hpp>
#include <map>
#include <string>
#include <string_view>

#include "attachments.hpp"

using namespace cariosan;
using namespace cariosan::server;

namespace {

using Values = std::map<std::string, std::string>;

constexpr const char* kBucketSecret = "hunter2-of-the-bucket";

Values bucket(const Values& more = {}) {
    Values values = {{"CARIOS_S3_BUCKET", "chat-files"},
                     {"CARIOS_S3_ACCESS_KEY", "AKIDEXAMPLE"},
                     {"CARIOS_S3_SECRET_KEY", kBucketSecret}};
    for (const auto& [name, value] : more) values[name] = value;
    return values;
}

Result<Configuration> configured(const Values& values) {
    return read_configuration([&values](const std::string& name) -> std::optional<std::string> {
        const auto found = values.find(name);
        if (found == values.end() || found->second.empty()) return std::nullopt;
        return found->second;
    });
}

Result<std::shared_ptr<AttachmentStore>> opened(const Values& values) {
    const auto configuration = configured(values);
    if (!configuration) return configuration.error();
    auto attachments = open_attachments(*configuration, openssl_crypto());
    if (!attachments) return attachments.error();
    return attachments->store;
}

/// The line with which the start fails; empty if it does not.
std::string bucket_fault(const Values& values) {
    const auto store = opened(values);
    return store ? "" : store.error().message;
}

}  // namespace

TEST_CASE("without a bucket there are no attachments") {
    const auto store = opened({{"CARIOS_ATTACHMENT_TYPES", "image/png"}});
    REQUIRE(store);
    CHECK(*store == nullptr);
}

TEST_CASE("a bucket only needs its name and keys, and a page learns its origins") {
    const auto store = opened(bucket());
    REQUIRE(store);
    const AttachmentOrigins origins = origins_of(**store);
    CHECK(origins.upload == "https://chat-files.s3.us-east-1.amazonaws.com");
    CHECK(origins.files == origins.upload);
}

TEST_CASE("a page uploads to the endpoint and reads from the public URL") {
    const auto store = opened(bucket({{"CARIOS_S3_ENDPOINT", "http://127.0.0.1:9000/s3"},
                                      {"CARIOS_S3_PUBLIC_URL", "https://cdn.example.com/files"}}));
    REQUIRE(store);
    const AttachmentOrigins origins = origins_of(**store);
    CHECK(origins.upload == "http://127.0.0.1:9000");
    CHECK(origins.files == "https://cdn.example.com");
}

TEST_CASE("how a request addresses the bucket is configured, or derived from the endpoint") {
    const Values endpoint = {{"CARIOS_S3_ENDPOINT", "https://store.example.com"}};
    const auto upload_origin = [&](const std::string& addressing) {
        Values values = bucket(endpoint);
        if (!addressing.empty()) values["CARIOS_S3_ADDRESSING"] = addressing;
        const auto store = opened(values);
        REQUIRE(store);
        return origins_of(**store).upload;
    };
    CHECK(upload_origin("") == "https://store.example.com");
    CHECK(upload_origin("path") == "https://store.example.com");
    CHECK(upload_origin("virtual_host") == "https://chat-files.store.example.com");
    CHECK(bucket_fault(bucket({{"CARIOS_S3_ADDRESSING", "dns"}})) ==
          "CARIOS_S3_ADDRESSING: \"dns\" is none of the choices; accepted: automatic, path, virtual_host");
    CHECK(bucket_fault({{"CARIOS_S3_ADDRESSING", "path"}}).starts_with("CARIOS_S3_BUCKET: is not set"));
}

TEST_CASE("types and the largest size of attachments are configurable") {
    const auto configuration = configured({{"CARIOS_ATTACHMENT_TYPES", "image/png, Audio/*"},
                                           {"CARIOS_MAX_ATTACHMENT_SIZE_BYTES", "5368709120"}});
    REQUIRE(configuration);
    CHECK(configuration->attachment_types == std::vector<std::string>{"image/png", "Audio/*"});
    CHECK(configuration->limits.attachment_bytes == 5'368'709'120);
}

TEST_CASE("a partly configured bucket fails the start with the missing variable") {
    for (const char* name : {"CARIOS_S3_BUCKET", "CARIOS_S3_ACCESS_KEY", "CARIOS_S3_SECRET_KEY"}) {
        const std::string line = bucket_fault(bucket({{name, ""}}));
        CAPTURE(line);
        CHECK(line.starts_with(std::string(name) + ": is not set, but CARIOS_S3_"));
        CHECK(line.find("; accepted: ") != std::string::npos);
    }
    CHECK(bucket_fault({{"CARIOS_S3_REGION", "eu-west-1"}}).starts_with("CARIOS_S3_BUCKET: is not set"));
}

TEST_CASE("an invalid variable of a bucket fails the start with one line that shows no value") {
    const Values bad = {{"CARIOS_S3_ENDPOINT", "ftp://hunter2@host"}, {"CARIOS_S3_REGION", "hunter2 region"},
                        {"CARIOS_S3_BUCKET", "hunter2/bucket"},       {"CARIOS_S3_ACCESS_KEY", "hunter2 key"},
                        {"CARIOS_S3_SECRET_KEY", "hunter2\nkey"},     {"CARIOS_S3_PUBLIC_URL", "hunter2"}};
    for (const auto& [name, value] : bad) {
        const std::string line = bucket_fault(bucket({{name, value}}));
        CAPTURE(line);
        CHECK(line.starts_with(name + ": is not usable: "));
        CHECK(line.find("hunter2") == std::string::npos);
        CHECK(line.find('\n') == std::string::npos);
    }
}
