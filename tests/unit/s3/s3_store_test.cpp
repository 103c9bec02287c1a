#include <doctest/doctest.h>

#include <cariosan/adapters/openssl.hpp>
#include <cariosan/adapters/s3.hpp>
#include <string>
#include <utility>

namespace cariosan {
namespace {

const WorkspaceId kShop = *WorkspaceId::parse("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b");
const std::string kKey =
    "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b/2026/01/0198f000-1111-7222-8333-444455556666/Foto-%C3%A9.png";

S3Options minio() {
    return {.endpoint = "http://127.0.0.1:9000",
            .bucket = "chat",
            .access_key = "AKIDEXAMPLE",
            .secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            .crypto = openssl_crypto()};
}

UploadRequest photo() {
    return {.workspace = kShop,
            .id = *Uuid::parse("0198f000-1111-7222-8333-444455556666"),
            .at = *Timestamp::parse("2026-01-31T08:15:00.750Z"),
            .file_name = "Foto é.png",
            .content_type = "image/png",
            .size_bytes = 12345};
}

std::shared_ptr<AttachmentStore> store(S3Options options) {
    auto opened = open_s3(std::move(options));
    REQUIRE(opened);
    return *opened;
}

/// The name of the refused option; empty: none.
std::string refused(S3Options options) {
    const auto opened = open_s3(std::move(options));
    if (opened) return "";
    CHECK(opened.error().code == ErrorCode::validation_error);
    CHECK(opened.error().message.find('\n') == std::string::npos);
    CHECK(opened.error().message.find("EXAMPLEKEY") == std::string::npos);
    return std::get<std::string>(opened.error().detail("field")->value);
}

TEST_CASE("a presigned upload contains everything the client needs") {
    const auto upload = store(minio())->presign(photo());
    REQUIRE(upload);
    CHECK(upload->method == "PUT");
    CHECK(upload->public_url == "http://127.0.0.1:9000/chat/" + kKey);
    CHECK(upload->expires_at.to_string() == "2026-01-31T08:30:00.000Z");
    CHECK(upload->headers ==
          std::vector<UploadHeader>{{"Content-Type", "image/png"}, {"Content-Length", "12345"}});
    // Amazon's own library for Python, botocore, makes the same URL.
    CHECK(upload->upload_url ==
          "http://127.0.0.1:9000/chat/" + kKey +
              "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20260131%2Fus-east-1%2Fs3%"
              "2Faws4_request"
              "&X-Amz-Date=20260131T081500Z&X-Amz-Expires=900&X-Amz-SignedHeaders=content-length%3Bcontent-"
              "type%3Bhost"
              "&X-Amz-Signature=ab372e32bb4009110923ad20a03071ea24d30c2314e905dd08513553a4d0e240");
}

TEST_CASE("type, length, name, time, bucket and credentials change the signature") {
    const auto signature = [](const S3Options& options, const UploadRequest& request) {
        const auto upload = store(options)->presign(request);
        REQUIRE(upload);
        return upload->upload_url.substr(upload->upload_url.rfind('=') + 1);
    };
    const std::string plain = signature(minio(), photo());
    UploadRequest request = photo();
    request.content_type = "image/gif";
    CHECK(signature(minio(), request) != plain);
    request = photo();
    request.size_bytes += 1;
    CHECK(signature(minio(), request) != plain);
    request = photo();
    request.file_name = "other.png";
    CHECK(signature(minio(), request) != plain);
    request = photo();
    request.at.milliseconds += 250;
    CHECK(signature(minio(), request) != plain);
    S3Options options = minio();
    options.bucket = "chat2";
    CHECK(signature(options, photo()) != plain);
    options = minio();
    options.secret_key += "x";
    CHECK(signature(options, photo()) != plain);
    options = minio();
    options.endpoint = "http://127.0.0.1:9001";
    CHECK(signature(options, photo()) != plain);
}

TEST_CASE("the bucket is in the host or in the path") {
    const auto upload_host = [](std::string endpoint, std::string bucket, S3Addressing addressing) {
        S3Options options = minio();
        options.endpoint = std::move(endpoint);
        options.bucket = std::move(bucket);
        options.region = "eu-west-1";
        options.addressing = addressing;
        const auto upload = store(options)->presign(photo());
        REQUIRE(upload);
        return upload->upload_url.substr(0, upload->upload_url.find("/0190a1b2"));
    };
    using enum S3Addressing;
    const std::string amazon = "https://s3.eu-west-1.amazonaws.com";
    CHECK(upload_host("", "chat", automatic) == "https://chat.s3.eu-west-1.amazonaws.com");
    CHECK(upload_host(amazon, "chat", automatic) == "https://chat.s3.eu-west-1.amazonaws.com");
    CHECK(upload_host(amazon, "chat", path) == amazon + "/chat");
    // Amazon's certificate covers one label, in lower case.
    CHECK(upload_host(amazon, "my.chat", automatic) == amazon + "/my.chat");
    CHECK(upload_host(amazon, "MyChat", automatic) == amazon + "/MyChat");
    CHECK(upload_host("https://chat.s3.eu-west-1.amazonaws.com", "chat", automatic) ==
          "https://chat.s3.eu-west-1.amazonaws.com");
    CHECK(upload_host("https://storage.example.com", "storage", automatic) ==
          "https://storage.example.com/storage");
    CHECK(upload_host("https://storage.example.com:8443", "chat", virtual_host) ==
          "https://chat.storage.example.com:8443");
    CHECK(upload_host("https://example.com/storage/v1/s3/", "chat", automatic) ==
          "https://example.com/storage/v1/s3/chat");
}

TEST_CASE("a virtual-host URL equals that of botocore, too") {
    S3Options options = minio();
    options.endpoint = "";
    options.region = "eu-west-1";
    const auto upload = store(options)->presign(photo());
    REQUIRE(upload);
    CHECK(upload->upload_url ==
          "https://chat.s3.eu-west-1.amazonaws.com/" + kKey +
              "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20260131%2Feu-west-1%2Fs3%"
              "2Faws4_request"
              "&X-Amz-Date=20260131T081500Z&X-Amz-Expires=900&X-Amz-SignedHeaders=content-length%3Bcontent-"
              "type%3Bhost"
              "&X-Amz-Signature=694a21d21d595376bcad2f0bd01a50074d45e38c052a22d622b99d86548d7433");
}

TEST_CASE("regions of China have their own endpoints") {
    S3Options options = minio();
    options.endpoint = "";
    options.region = "cn-north-1";
    CHECK(store(options)->presign(photo())->public_url.starts_with(
        "https://chat.s3.cn-north-1.amazonaws.com.cn/"));
}

TEST_CASE("a session token is signed with the rest") {
    S3Options options = minio();
    options.session_token = "token/with+signs==";
    const auto upload = store(options)->presign(photo());
    REQUIRE(upload);
    CHECK(upload->upload_url.find("&X-Amz-Security-Token=token%2Fwith%2Bsigns%3D%3D&") != std::string::npos);
    // The signature is botocore's.
    CHECK(upload->upload_url.ends_with("=28323eec1cd0bbf6c095739abd216ac36e9649798e05066637706c7e613f9c84"));
}

TEST_CASE("presigned URLs are accepted, only in their own workspace") {
    S3Options options = minio();
    options.public_url = "https://CDN.example.com/files/";
    const auto s3 = store(options);
    const auto upload = s3->presign(photo());
    REQUIRE(upload);
    CHECK(upload->public_url == "https://cdn.example.com/files/" + kKey);
    CHECK(s3->accepts(upload->public_url, kShop));
    CHECK_FALSE(s3->accepts(upload->public_url, *WorkspaceId::parse("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c")));
    CHECK_FALSE(s3->accepts(upload->upload_url, kShop));
    CHECK_FALSE(s3->accepts(upload->public_url + "?x", kShop));
    CHECK_FALSE(s3->accepts("http://127.0.0.1:9000/chat/" + kKey, kShop));
}

TEST_CASE("an invalid type and a size below one byte are refused") {
    const auto s3 = store(minio());
    for (const char* type : {"", "image", "image/", "/png", "image/png;  charset=x", "image/png; ", "image/png\r\nX: y", "image/png;\x01",
                             "image png", "a/b/c", "text/html,", "t\xc3\xa9xt/plain"}) {
        CAPTURE(type);
        UploadRequest request = photo();
        request.content_type = type;
        const auto upload = s3->presign(request);
        REQUIRE_FALSE(upload);
        CHECK(upload.error().code == ErrorCode::validation_error);
        CHECK(std::get<std::string>(upload.error().detail("field")->value) == "content_type");
    }
    for (const std::int64_t size : {std::int64_t{0}, std::int64_t{-1}}) {
        UploadRequest request = photo();
        request.size_bytes = size;
        const auto upload = s3->presign(request);
        REQUIRE_FALSE(upload);
        CHECK(std::get<std::string>(upload.error().detail("field")->value) == "size_bytes");
    }
    UploadRequest request = photo();
    request.content_type = "application/vnd.oasis.opendocument.text";
    request.size_bytes = 1;
    CHECK(s3->presign(request));
    // Names that browsers give to recordings.
    request.content_type = "audio/webm;codecs=opus";
    const auto upload = s3->presign(request);
    REQUIRE(upload);
    CHECK(upload->headers.front() == UploadHeader{"Content-Type", "audio/webm;codecs=opus"});
}

TEST_CASE("an error in the options names the option") {
    CHECK(refused(minio()).empty());
    const auto with = [](auto member, auto value) {
        S3Options options = minio();
        options.*member = value;
        return refused(options);
    };
    CHECK(with(&S3Options::crypto, std::shared_ptr<Crypto>()) == "crypto");
    for (const char* bucket : {"", "ab", "a/b", "..", "a..b", "chat.", "chat room", "chat?"}) {
        CHECK(with(&S3Options::bucket, bucket) == "bucket");
    }
    CHECK(with(&S3Options::region, "") == "region");
    CHECK(with(&S3Options::region, "eu/west") == "region");
    CHECK(with(&S3Options::access_key, "") == "access_key");
    CHECK(with(&S3Options::access_key, "AKID EXAMPLE") == "access_key");
    CHECK(with(&S3Options::secret_key, "") == "secret_key");
    CHECK(with(&S3Options::secret_key, "wJalrEXAMPLEKEY\n") == "secret_key");
    CHECK(with(&S3Options::session_token, "a b") == "session_token");
    CHECK(with(&S3Options::endpoint, "127.0.0.1:9000") == "endpoint");
    CHECK(with(&S3Options::endpoint, "http://127.0.0.1:9000/?x") == "endpoint");
    CHECK(with(&S3Options::public_url, "cdn.example.com") == "public_url");
    CHECK(with(&S3Options::public_url, "https://user@cdn.example.com") == "public_url");

    S3Options options = minio();
    options.bucket = "MyChat";
    options.addressing = S3Addressing::virtual_host;
    CHECK(refused(options) == "bucket");
}

}  // namespace
}  // namespace cariosan
