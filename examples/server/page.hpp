/// The files of the demo page, as the gateway's fallback answers them.
#pragma once

#include <cariosan/crypto.hpp>
#include <cariosan/http.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "attachments.hpp"

namespace cariosan::server {

/// The path of a request's target, without its query.
std::string_view path_of(const HttpRequest& request);

/// Files compiled into the program, under "/" and their names. Immutable: safe from any thread.
class Page {
  public:
    explicit Page(Crypto& crypto);

    /// The page may upload to one origin and show files of the other. Only before the first answer.
    void allow_attachments(const AttachmentOrigins& origins);

    /// The file, compressed if the client takes that, or 304 if the client has it; nothing if there is no such file.
    std::optional<HttpResponse> answer(const HttpRequest& request) const;

  private:
    struct File {
        std::string_view content;
        std::string_view compressed;  ///< the same by gzip
        std::string_view type;
        std::string version;
    };
    std::string policy_;  ///< Content-Security-Policy
    std::unordered_map<std::string, File> files_;  ///< by path
};

}  // namespace cariosan::server
