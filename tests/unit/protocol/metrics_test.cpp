// What /metrics counts of requests and commits, which commands are logged as slow, and whose trace a request belongs to.
#include <algorithm>
#include <cariosan/cariosan.h>
#include <chrono>
#include <memory>

#include "unit/fake_attachments.hpp"
#include "unit/protocol/logged_shop.hpp"

namespace cariosan {
namespace {

using namespace test;
using namespace std::chrono_literals;

constexpr std::string_view kTrace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr std::string_view kUpload = R"({"filename":"a.png","content_type":"image/png","size_bytes":5})";

/// A store of files for which the clock goes on.
struct SlowAttachments final : AttachmentStore {
    SlowAttachments(std::shared_ptr<ManualClock> of, std::chrono::milliseconds time) : clock(std::move(of)), takes(time) {}

    Result<PresignedUpload> presign(const UploadRequest& request) override {
        clock->advance(takes);
        return store.presign(request);
    }
    bool accepts(std::string_view url, WorkspaceId workspace) override { return store.accepts(url, workspace); }

    std::shared_ptr<ManualClock> clock;
    std::chrono::milliseconds takes;
    FakeAttachments store{};
};

struct SlowShop {
    explicit SlowShop(std::chrono::milliseconds takes) : takes_(takes) {}

    /// The lines about slow commands after an upload was asked for.
    std::vector<LogRecord> ask() {
        reply = shop.user("alice", "POST", "/v1/attachments/presign", kUpload);
        REQUIRE(reply.status < 300);
        return book.named("command.slow");
    }

    std::chrono::milliseconds takes_;
    LogBook book;
    std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
    GatewayShop shop{GatewayWorldOptions{.gateway = {},
                                         .attachments = std::make_shared<SlowAttachments>(clock, takes_),
                                         .clock = clock,
                                         .log = book.sink(),
                                         .log_level = LogLevel::warning}};
    Reply reply;
};

bool has_line(const std::string& text, std::string_view line) {
    return text.find("\n" + std::string(line) + "\n") != std::string::npos;
}

TEST_CASE("/metrics has the durations of requests by method, route and class of status, and no path of a client") {
    SlowShop slow(700ms);
    slow.ask();
    slow.shop.user("alice", "POST", "/v1/attachments/presign", "{}");
    slow.shop.request(plain("GET", "/v1/nowhere/secret_name"));
    slow.shop.request(plain("BREW", "/healthz"));
    slow.shop.request(plain("HEAD", "/healthz"));
    const std::string text = slow.shop.gateway().metrics();
    const std::string presign = R"({method="POST",route="/v1/attachments/presign",status=)";
    CHECK(has_line(text, "# TYPE cariosan_request_duration_seconds histogram"));
    CHECK(has_line(text, "cariosan_request_duration_seconds_bucket" + presign + R"("2xx",le="0.5"} 0)"));
    CHECK(has_line(text, "cariosan_request_duration_seconds_bucket" + presign + R"("2xx",le="1"} 1)"));
    CHECK(has_line(text, "cariosan_request_duration_seconds_bucket" + presign + R"("2xx",le="+Inf"} 1)"));
    CHECK(has_line(text, "cariosan_request_duration_seconds_sum" + presign + R"("2xx"} 0.7)"));
    CHECK(has_line(text, "cariosan_request_duration_seconds_count" + presign + R"("2xx"} 1)"));
    CHECK(has_line(text, "cariosan_request_duration_seconds_count" + presign + R"("4xx"} 1)"));
    CHECK(has_line(text, R"(cariosan_request_duration_seconds_count{method="other",route="other",status="4xx"} 2)"));
    CHECK(has_line(text, R"(cariosan_request_duration_seconds_count{method="GET",route="/healthz",status="2xx"} 1)"));
    CHECK(text.find("secret_name") == std::string::npos);
    CHECK(text.find("BREW") == std::string::npos);
}

/// The value of a metric without labels.
std::uint64_t value_of(const std::string& text, std::string_view name) {
    const auto at = text.find("\n" + std::string(name) + " ");
    REQUIRE(at != std::string::npos);
    return std::stoull(text.substr(at + name.size() + 2));
}

TEST_CASE("/metrics has the sizes and times of commits, and how long commands waited for them") {
    GatewayShop shop;
    const std::string before = shop.gateway().metrics();
    REQUIRE(shop.send("alice", R"({"content":"hello"})").status == 201);
    const std::string after = shop.gateway().metrics();
    for (const std::string_view name :
         {"cariosan_commit_batch_size_count", "cariosan_commit_batch_size_sum", "cariosan_commit_duration_seconds_count",
          "cariosan_commit_wait_seconds_count"}) {
        CAPTURE(name);
        CHECK(value_of(after, name) == value_of(before, name) + 1);
    }
    // Events reach the hub after the answer does.
    const auto fanned_out = [&] { return value_of(shop.gateway().metrics(), "cariosan_fan_out_duration_seconds_count"); };
    shop.run_until([&] { return fanned_out() >= value_of(after, "cariosan_events_total"); });
    CHECK(value_of(after, "process_resident_memory_bytes") > 1'000'000);
    CHECK(value_of(after, "process_open_fds") > 2);
    CHECK(value_of(after, "process_start_time_seconds") > 1'500'000'000);
    CHECK(has_line(after, R"(cariosan_build_info{version=")" CARIOSAN_VERSION R"("} 1)"));
}

TEST_CASE("a search is timed") {
    GatewayShop shop;
    const auto searches = [&] { return value_of(shop.gateway().metrics(), "cariosan_search_duration_seconds_count"); };
    const auto before = searches();
    shop.user("alice", "GET", "/v1/search?q=hello");
    CHECK(searches() == before + 1);
}

TEST_CASE("a command that takes as long as the threshold is logged, without what it was asked") {
    SlowShop slow(500ms);
    const auto lines = slow.ask();
    REQUIRE(lines.size() == 1);
    CHECK(lines.front().level == LogLevel::warning);
    CHECK(logged_text(lines.front(), "command") == "attachment.presign");
    CHECK(logged_text(lines.front(), "duration_ms") == "500");
    CHECK(logged_text(lines.front(), "request_id") == slow.reply.header("X-Request-Id"));
    CHECK(logged_text(lines.front(), "workspace") == slow.shop.workspace().id.to_string());
    CHECK(slow.book.text().find("a.png") == std::string::npos);
    CHECK(slow.book.text().find("image") == std::string::npos);
}

TEST_CASE("a faster command is not logged as slow") { CHECK(SlowShop(499ms).ask().empty()); }

TEST_CASE("a well-formed traceparent is logged with its request") {
    LoggedShop logged;
    const auto traced = [&](std::initializer_list<std::string_view> values) {
        HttpRequest request = logged.shop.backend_request("GET", "/v1/users/alice");
        for (const std::string_view value : values) request.headers.push_back({"traceparent", std::string(value)});
        REQUIRE(logged.shop.request(std::move(request)).status == 200);
        return logged_text(logged.only(), "traceparent");
    };
    CHECK(traced({kTrace}) == kTrace);
    CHECK(traced({"  00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 "}) == kTrace);
    CHECK(traced({"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01; x"}).empty());
    CHECK(traced({kTrace, kTrace}).empty());
    CHECK(traced({}).empty());
}

}  // namespace
}  // namespace cariosan
