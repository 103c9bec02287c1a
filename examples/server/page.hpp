/// The files of the demo page, as the gateway's fallback answers them.
#pragma once

#include <cariosan/crypto.hpp>
#include <cariosan/http.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace cariosan::server {

/// The path of a request's target, without its query.
std::string_view path_of(const HttpRequest& request);

/// Files compiled into the program, under "/" and their names. Immutable: safe from any thread.
class Page {
  public:
    explicit Page(Crypto& crypto);

    /// The file, or 304 if the client has it; nothing if there is no such file.
    std::optional<HttpResponse> answer(const HttpRequest& request) const;

  private:
    struct File {
        std::string_view content;
        std::string_view type;
        std::string tag;
    };
    std::unordered_map<std::string, File> files_;  ///< by path
};

}  // namespace cariosan::server
