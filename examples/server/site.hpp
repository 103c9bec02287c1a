/// What the server serves in addition to the protocol: the operator's console, and what `--demo` shows.
#pragma once

#include <cariosan/crypto.hpp>
#include <cariosan/http.hpp>

#include <chrono>
#include <optional>
#include <string>

#include "attachments.hpp"
#include "configuration.hpp"
#include "demo.hpp"
#include "page.hpp"

namespace cariosan::server {

/// Complete before the first request; from then on any thread may use it.
class Site {
  public:
    /// `with_demo`: the demo's page is served too. Refers to `crypto` only while it is constructed.
    Site(Crypto& crypto, const Configuration& configuration, bool with_demo);

    void allow_attachments(const AttachmentOrigins& origins, const Configuration& configuration);
    void allow_push(std::string public_key) { push_key_ = std::move(public_key); }
    /// The demo's tokens are issued by `gateway`, which must outlive the requests.
    void show(Demo demo, Gateway& gateway);

    /// Absent: there is nothing of that path, or not for whoever asks.
    std::optional<HttpResponse> answer(const HttpRequest& request) const;

  private:
    std::optional<HttpResponse> demo_answer(const HttpRequest& request) const;

    ConsoleAccess console_access_;
    std::optional<Page> console_;
    std::optional<Page> page_;  ///< the demo's
    std::chrono::seconds ttl_;
    std::optional<Demo> demo_;
    std::optional<DemoUploads> uploads_;
    std::string push_key_;
    Gateway* gateway_ = nullptr;
};

}  // namespace cariosan::server
