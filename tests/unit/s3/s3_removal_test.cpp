// Files are taken out of a bucket by one signed DELETE each.
#include <doctest/doctest.h>

#include <cariosan/adapters/openssl.hpp>
#include <cariosan/adapters/s3.hpp>
#include <set>
#include <string>
#include <utility>

#include "support/http_stand_in.hpp"
#include "support/manual_clock.hpp"

namespace cariosan {
namespace {

const std::string kFile =
    "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b/2026/01/0198f000-1111-7222-8333-444455556666/Foto-%C3%A9.png";

/// Knows the keys that messages name.
class NamedFiles final : public FileNames {
  public:
    Result<bool> is_named(std::string_view key) override {
        if (is_away) return Error(ErrorCode::unavailable, "the storage is away");
        return named.contains(std::string(key));
    }
    Result<bool> has_workspace(WorkspaceId) override { return true; }

    std::set<std::string> named{};
    bool is_away = false;
};

/// A bucket that gives one answer to everything.
struct Bucket {
    explicit Bucket(test::StandInAnswer answer)
        : server([answer = std::move(answer)](const std::string&) { return answer; },
                 {.is_whole = [](const std::string& read) { return read.find("\r\n\r\n") != std::string::npos; }}) {
        std::string endpoint = server.url();
        endpoint.resize(endpoint.rfind('/'));
        auto opened = open_s3({.endpoint = endpoint,
                               .bucket = "chat",
                               .access_key = "AKIDEXAMPLE",
                               .secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                               .public_url = "https://cdn.example.com/files",
                               .crypto = openssl_crypto(),
                               .clock = std::make_shared<test::ManualClock>()});
        REQUIRE(opened);
        store = *opened;
    }

    Result<bool> remove(const std::string& key = kFile) { return store->remove("https://cdn.example.com/files/" + key, names); }

    test::HttpStandIn server;
    NamedFiles names{};
    std::shared_ptr<AttachmentStore> store{};
};

/// The request that S3 signs: `DELETE /chat/<key>` with the signature in its query.
std::string first_line(const std::string& request) { return request.substr(0, request.find("\r\n")); }

TEST_CASE("a file is deleted by a signed request to the bucket, wherever it is read") {
    Bucket bucket({.bytes = test::http_answer("204 No Content")});
    const auto removed = bucket.remove();
    REQUIRE(removed);
    CHECK(*removed);
    REQUIRE(bucket.server.requests().size() == 1);
    const std::string line = first_line(bucket.server.requests()[0]);
    CHECK(line.starts_with("DELETE /chat/" + kFile + "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F"));
    CHECK(line.find("&X-Amz-SignedHeaders=host&X-Amz-Signature=") != std::string::npos);
    CHECK(bucket.remove().value());
    CHECK(bucket.server.connections() == 1);
}

TEST_CASE("a file that a message names stays, and nothing is asked") {
    Bucket bucket({.bytes = test::http_answer("204 No Content")});
    bucket.names.named.insert(kFile);
    CHECK_FALSE(bucket.remove().value());
    bucket.names.is_away = true;
    CHECK(bucket.remove().error().retryable);
    CHECK(bucket.server.requests().empty());
}

TEST_CASE("an address of another store is left alone") {
    Bucket bucket({.bytes = test::http_answer("204 No Content")});
    for (const char* url : {"", "https://cdn.example.com/files/", "https://cdn.example.com/files/a.png",
                            "https://example.com/0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b/2026/01/0198f000-1111-7222-8333-444455556666/a.png",
                            "https://cdn.example.com/files/0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b/2026/01/"
                            "0198f000-1111-7222-8333-444455556666/..%2Fa.png"}) {
        CAPTURE(url);
        CHECK_FALSE(bucket.store->remove(url, bucket.names).value());
    }
    CHECK(bucket.server.requests().empty());
}

TEST_CASE("what the bucket says decides whether it is asked again") {
    struct Row {
        const char* status;
        const char* body;
        bool retryable;
        const char* cause;
    };
    for (const Row& row : {Row{"403 Forbidden", "<Error><Code>AccessDenied</Code></Error>", false, "it answered 403 (AccessDenied)"},
                           Row{"404 Not Found", "<Error><Code>NoSuchBucket</Code></Error>", false, "it answered 404 (NoSuchBucket)"},
                           Row{"301 Moved", "", false, "it answered 301"}, Row{"408 Request Timeout", "", true, "it answered 408"},
                           Row{"429 Slow Down", "", true, "it answered 429"},
                           Row{"503 Slow Down", "<Error><Code>SlowDown</Code></Error>", true, "it answered 503 (SlowDown)"},
                           Row{"500 Oops", "<Code>\x01secret", true, "it answered 500"}}) {
        CAPTURE(row.status);
        Bucket bucket({.bytes = test::http_answer(row.status, row.body)});
        const auto removed = bucket.remove();
        REQUIRE_FALSE(removed);
        CHECK(removed.error().code == ErrorCode::unavailable);
        CHECK(removed.error().retryable == row.retryable);
        CHECK(removed.error().cause == row.cause);
    }
    Bucket gone({.bytes = "", .reset = true});
    const auto removed = gone.remove();
    REQUIRE_FALSE(removed);
    CHECK(removed.error().retryable);
    CHECK(removed.error().cause.find("AKID") == std::string::npos);
}

TEST_CASE("a file that is not in the bucket is done with") {
    Bucket bucket({.bytes = test::http_answer("404 Not Found", "<Error><Code>NoSuchKey</Code></Error>")});
    CHECK_FALSE(bucket.remove().value());
}

}  // namespace
}  // namespace cariosan
