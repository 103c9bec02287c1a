/// One request as libcurl runs it.
#pragma once

#include <curl/curl.h>

#include <cstddef>
#include <memory>
#include <string>

#include "adapters/curl/http_client.hpp"

namespace cariosan::curl {

/// How to release what libcurl allocates.
struct EndEasy {
    void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
};
struct EndMulti {
    void operator()(CURLM* multi) const noexcept { curl_multi_cleanup(multi); }
};
struct FreeList {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};

/// Used only on the client's thread, except for its construction. Must not move: libcurl points to it.
class Transfer {
  public:
    Transfer(HttpRequest request, HttpClient::Answered answered);
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;

    /// Makes the handle; null if libcurl has no memory or a header is not accepted.
    CURL* start(const HttpClientOptions& options);
    /// Releases the handle and reports the result. The handle must have left its multi handle.
    void finish(CURLcode code, const HttpClientOptions& options);
    /// Like `finish`, but for a request that is cancelled.
    void abandon(std::string error);

  private:
    static curl_socket_t open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
    static std::size_t take_head(char* data, std::size_t size, std::size_t count, void* self);
    static std::size_t take_body(char* data, std::size_t size, std::size_t count, void* self);
    bool set_up(const HttpClientOptions& options);
    std::string fault(CURLcode code, const HttpClientOptions& options) const;
    std::string connect_fault() const;

    HttpRequest request_;
    HttpClient::Answered answered_;
    std::unique_ptr<curl_slist, FreeList> headers_{};
    std::unique_ptr<CURL, EndEasy> easy_{};
    std::string body_{};
    std::size_t head_bytes_ = 0;
    bool body_is_cut_ = false;
    bool head_is_too_large_ = false;
    bool public_only_ = true;
    bool refused_an_address_ = false;
    bool opened_a_socket_ = false;
};

}  // namespace cariosan::curl
