/// The files of a page, served as the gateway's fallback: the demo page's and the operator's console's.
#pragma once

#include <cariosan/crypto.hpp>
#include <cariosan/http.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "attachments.hpp"
#include "embedded_file.hpp"

namespace cariosan::server {

/// The path of a request target, without its query.
std::string_view path_of(const HttpRequest& request);

/// Where a page is served, and how.
struct PagePlace {
    std::string path = "/";  ///< of its index.html; its other files are below
    bool is_kept = true;     ///< browsers may keep its files, and ask whether they have changed
    bool shows_others = true;  ///< its pictures may come from anywhere over https; false: everything is its own
};

/// Files compiled into the program, served under a path and their names. Immutable, so any thread may use it.
class Page {
  public:
    Page(std::span<const EmbeddedFile> files, PagePlace place, Crypto& crypto);

    /// Allows the page to upload to one origin and show files from the other. Call before the first request.
    void allow_attachments(const AttachmentOrigins& origins);

    /// The file, compressed if the client accepts that, or 304 if the client has it. Absent if there is no such file.
    std::optional<HttpResponse> answer(const HttpRequest& request) const;

  private:
    struct File {
        std::string_view content;
        std::string_view compressed;  ///< the same with gzip
        std::string_view type;
        std::string version;
    };
    PagePlace place_;
    std::string policy_;  ///< Content-Security-Policy
    std::unordered_map<std::string, File> files_;  ///< by path
};

}  // namespace cariosan::server
