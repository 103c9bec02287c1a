// Files that the server keeps itself: uploads judged by their heads, and reads.
#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "unit/protocol/gateway_shop.hpp"

namespace cariosan {
namespace {

using namespace test;

const std::string kFile = "/v1/files/shop/2026/01/0198f000-1111-4222-8333-444455556666/a.png";
const Error kDiskFull = Error(ErrorCode::unavailable, "no room").with("reason", "disk_full");

/// Files in memory. Answers at once, on the thread that asks.
class MemoryFiles final : public AttachmentFiles {
  public:
    struct File {
        std::string type;
        std::string content;
    };

    std::optional<UploadPermit> permit(std::string_view target) override {
        if (target != kFile + "?signed") return std::nullopt;
        return UploadPermit{.key = kFile.substr(kFilesPath.size()),
                            .workspace = {},
                            .content_type = "image/png",
                            .size_bytes = 10,
                            .expires_at = expires_at};
    }
    void create(UploadPermit permit, Created done) override {
        done(std::unique_ptr<FileWriter>(std::make_unique<Writer>(*this, std::move(permit))));
    }
    void open(std::string path, Opened done) override {
        const auto found = stored.find(path);
        if (found == stored.end()) return done(std::unique_ptr<FileReader>());
        done(std::unique_ptr<FileReader>(std::make_unique<Reader>(found->second)));
    }

    std::map<std::string, File> stored;
    Timestamp expires_at{INT64_MAX};
    bool full = false;

  private:
    class Writer final : public FileWriter {
      public:
        Writer(MemoryFiles& files, UploadPermit permit) : files_(files), permit_(std::move(permit)) {}
        void write(std::string part, Written done) override {
            content_ += part;
            done(files_.full ? Result<Done>(kDiskFull) : Result<Done>(Done{}));
        }
        void finish(std::string part, Finished done) override {
            if (files_.full) return done(kDiskFull);
            content_ += part;
            const auto [at, is_new] = files_.stored.try_emplace(permit_.key, File{permit_.content_type, content_});
            if (is_new) return done(UploadEnd::stored);
            done(at->second.content == content_ ? UploadEnd::known : UploadEnd::taken);
        }

      private:
        MemoryFiles& files_;
        UploadPermit permit_;
        std::string content_;
    };
    class Reader final : public FileReader {
      public:
        explicit Reader(File file) : file_(std::move(file)) {}
        const std::string& content_type() const override { return file_.type; }
        std::uint64_t size() const override { return file_.content.size(); }
        void read(std::uint64_t offset, std::size_t bytes, std::function<void(Result<std::string>)> done) override {
            done(file_.content.substr(static_cast<std::size_t>(offset), bytes));
        }

      private:
        File file_;
    };
};

std::shared_ptr<MemoryFiles> made_files(std::shared_ptr<MemoryFiles>& kept) { return kept = std::make_shared<MemoryFiles>(); }

struct FileShop : GatewayShop {
    explicit FileShop(std::shared_ptr<MemoryFiles> kept = nullptr)
        : GatewayShop({.gateway = {.allowed_origins = {"https://shop.example"}, .files = made_files(kept)}}), files(kept) {}

    HttpRequest upload(const std::string& target = kFile + "?signed") const {
        HttpRequest made = plain("PUT", target);
        made.headers = {{"Content-Type", "image/png"}, {"Content-Length", "10"}, {"Origin", "https://other.example"}};
        return made;
    }
    Reply put(HttpRequest head, const std::string& body = "0123456789") {
        head.body = body;
        return request(std::move(head));
    }
    Reply get(std::vector<HttpHeader> headers = {}, std::string_view method = "GET") {
        HttpRequest made = plain(method, kFile);
        made.headers = std::move(headers);
        return request(std::move(made));
    }

    std::shared_ptr<MemoryFiles> files;
};

TEST_CASE_FIXTURE(FileShop, "an upload that differs from what was signed is refused by its head") {
    const auto changed = [&](std::string_view name, std::optional<std::string> value) {
        HttpRequest head = upload();
        std::erase_if(head.headers, [&](const HttpHeader& each) { return each.name == name; });
        if (value) head.headers.push_back({std::string(name), *value});
        const RequestOutcome outcome = begin(head);
        return outcome.pending ? 0 : outcome.response.status;
    };
    CHECK(changed("X", std::nullopt) == 0);
    CHECK(changed("Content-Type", "text/html") == 415);
    CHECK(changed("Content-Type", std::nullopt) == 415);
    CHECK(changed("Content-Encoding", "gzip") == 415);
    CHECK(changed("Content-Length", "11") == 400);
    CHECK(changed("Content-Length", std::nullopt) == 400);
    const Reply unsigned_one = put(upload(kFile + "?other"));
    check_error(unsigned_one, 403, "FORBIDDEN");
    CHECK(text_at(unsigned_one.body, "error.details.reason") == "signature");
    CHECK(unsigned_one.header("Access-Control-Allow-Origin") == "*");
    files->expires_at = Timestamp{clock().now().milliseconds - 1};
    CHECK(text_at(put(upload()).body, "error.details.reason") == "expired");
    CHECK(files->stored.empty());
}

TEST_CASE_FIXTURE(FileShop, "a file is stored once, and read as it was stored") {
    check_error(get(), 404, "NOT_FOUND");
    CHECK(put(upload()).status == 200);
    CHECK(put(upload()).status == 200);
    check_error(put(upload(), "9876543210"), 409, "CONFLICT");
    const Reply file = get();
    CHECK(file.status == 200);
    CHECK(file.text == "0123456789");
    CHECK(file.header("Content-Type") == "image/png");
    CHECK(file.header("X-Content-Type-Options") == "nosniff");
    CHECK(file.header("Content-Security-Policy") == "sandbox; default-src 'none'");
    CHECK(file.header("Content-Disposition") == "inline; filename*=UTF-8''a.png");
    CHECK(file.header("ETag") == "\"0198f000-1111-4222-8333-444455556666\"");
    const Reply part = get({{"Range", "bytes=2-4"}});
    CHECK(part.status == 206);
    CHECK(part.text == "234");
    CHECK(part.header("Content-Range") == "bytes 2-4/10");
    CHECK(get({{"Range", "bytes=10-"}}).status == 416);
    CHECK(get({{"If-None-Match", std::string(file.header("ETag"))}}).status == 304);
    CHECK(get({}, "HEAD").text.empty());
    check_error(get({}, "DELETE"), 405, "METHOD_NOT_ALLOWED");
}

TEST_CASE_FIXTURE(FileShop, "what could run as a page is saved instead of shown") {
    const auto disposition = [&](const std::string& type) {
        files->stored[kFile.substr(kFilesPath.size())] = {type, "x"};
        return std::string(get().header("Content-Disposition").substr(0, 6));
    };
    for (const char* type : {"image/png", "IMAGE/JPEG", "audio/ogg; codecs=opus", "video/mp4"}) {
        CHECK(disposition(type) == "inline");
    }
    for (const char* type : {"image/svg+xml", "text/html", "application/pdf", "image/pngx"}) {
        CHECK(disposition(type) == "attach");
    }
}

TEST_CASE_FIXTURE(FileShop, "a disk that is full answers the upload, in its middle or at its end") {
    files->full = true;
    RequestOutcome outcome = begin(upload());
    REQUIRE(outcome.pending);
    CHECK(outcome.pending->part_bytes() == 10);
    std::optional<PartTaken> taken;
    outcome.pending->receive("01234", [&](PartTaken answer) { taken = std::move(answer); });
    run_until([&] { return taken.has_value(); });
    REQUIRE(taken->response);
    CHECK(taken->response->status == 503);
    const Reply at_end = put(upload());
    check_error(at_end, 503, "UNAVAILABLE");
    CHECK(text_at(at_end.body, "error.details.reason") == "disk_full");
}

TEST_CASE_FIXTURE(FileShop, "pages of all origins may upload, but the list still holds for everything else") {
    HttpRequest asked = plain("OPTIONS", kFile);
    asked.headers = {{"Origin", "https://other.example"}, {"Access-Control-Request-Method", "PUT"}};
    const Reply files_answer = request(asked);
    CHECK(files_answer.status == 204);
    CHECK(files_answer.header("Access-Control-Allow-Origin") == "*");
    CHECK(files_answer.header("Access-Control-Allow-Methods").find("PUT") != std::string_view::npos);
    asked.target = "/v1/me";
    CHECK(request(asked).header("Access-Control-Allow-Origin").empty());
}

TEST_CASE_FIXTURE(GatewayShop, "without such files their paths do not exist") {
    check_error(request(plain("GET", kFile)), 404, "NOT_FOUND");
    check_error(request(plain("PUT", kFile)), 404, "NOT_FOUND");
}

}  // namespace
}  // namespace cariosan
