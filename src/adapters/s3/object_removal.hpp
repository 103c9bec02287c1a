/// Takes objects out of a bucket.
#pragma once

#include <cariosan/error.hpp>
#include <memory>
#include <string>
#include <utility>

#include "adapters/curl/http_client.hpp"

namespace cariosan::s3 {

/// One call at a time. The HTTP client, with its thread, is opened by the first.
class ObjectRemoval {
  public:
    explicit ObjectRemoval(std::string ca_file) : ca_file_(std::move(ca_file)) {}

    /// Sends a DELETE to this address, which has its signature in it, and waits for the answer, ten seconds at most. False if the
    /// server says that there is no such object; many say the same either way. The error is retryable where a webhook's would be:
    /// no answer, 408, 429 and 5xx.
    Result<bool> remove(std::string url);

  private:
    std::string ca_file_;
    std::unique_ptr<curl::HttpClient> client_{};
};

}  // namespace cariosan::s3
