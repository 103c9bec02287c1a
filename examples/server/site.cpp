#include "site.hpp"

#include <utility>

#include "console_page_files.hpp"
#include "local_browser.hpp"
#include "page_files.hpp"

namespace cariosan::server {

namespace {

constexpr const char* kConsole = "/console";

}  // namespace

Site::Site(Crypto& crypto, const Configuration& configuration, bool with_demo)
    : console_access_(configuration.console), ttl_(configuration.jwt_ttl) {
    if (console_access_ != ConsoleAccess::off)
        console_.emplace(console_page_files(), PagePlace{.path = kConsole, .is_kept = false, .shows_others = false}, crypto);
    if (with_demo) page_.emplace(page_files(), PagePlace{}, crypto);
}

void Site::allow_attachments(const AttachmentOrigins& origins, const Configuration& configuration) {
    page_->allow_attachments(origins);
    uploads_ = DemoUploads{configuration.attachment_types, configuration.limits.attachment_bytes};
}

void Site::show(Demo demo, Gateway& gateway) {
    demo_ = std::move(demo);
    gateway_ = &gateway;
}

std::optional<HttpResponse> Site::answer(const HttpRequest& request) const {
    if (console_ && (console_access_ == ConsoleAccess::on || is_local_browser(request))) {
        if (auto file = console_->answer(request)) return file;
    }
    return page_ ? demo_answer(request) : std::nullopt;
}

std::optional<HttpResponse> Site::demo_answer(const HttpRequest& request) const {
    if (!is_for_loopback_host(request)) return std::nullopt;
    if (path_of(request) != "/demo.json") return page_->answer(request);
    if (!demo_ || !is_local_browser(request)) return std::nullopt;
    HttpResponse response;
    response.headers = {{"Content-Type", "application/json"},
                        {"X-Content-Type-Options", "nosniff"},
                        {"Cache-Control", "no-store"}};
    response.body = demo_json(*demo_, uploads_, push_key_, *gateway_, ttl_);
    return response;
}

}  // namespace cariosan::server
