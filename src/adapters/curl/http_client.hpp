/// The HTTP client shared by the adapters that call other servers, over libcurl: one thread, any number of requests.
#pragma once

#include <cariosan/error.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace cariosan::curl {

enum class HttpMethod : std::uint8_t { post, remove };

/// One request. May hold secrets: never printed or logged.
struct HttpRequest {
    std::string url{};  ///< `http` or `https`; one with a user or a password in it is refused
    std::vector<std::pair<std::string, std::string>> headers{};  ///< names and values without line breaks
    std::string body{};  ///< of a `post`
    HttpMethod method = HttpMethod::post;
};

struct HttpAnswer {
    int status = 0;             ///< 0: there was no complete answer
    std::string retry_after{};  ///< the header of this name; empty where there is none
    std::string body{};         ///< its first 64 KiB
    std::string error{};        ///< if status is 0: why, in one line without URL, address, header or body
};

struct HttpClientOptions {
    /// Connects only to addresses of the public internet. Each address is checked when a socket is opened to it, whatever name
    /// it came from. A connection is reused only by its own client, so a reused one was checked as well.
    bool public_only = true;
    /// A file of certificates in PEM that are trusted instead of the system's; empty: the system's.
    std::string ca_file{};
    std::chrono::milliseconds timeout{std::chrono::seconds(10)};  ///< for one request, from its first name query to its end
    std::chrono::milliseconds connect_timeout{std::chrono::seconds(5)};  ///< the part of it until connected
    std::size_t max_running = 512;  ///< requests at once; the others wait in order, before their time begins
    bool share_connections = false;  ///< waits for a connection that HTTP/2 can share rather than opening another one
};

/// Follows no redirect, keeps no cookie, reads no `.netrc` and takes no proxy from the environment. Certificates are
/// verified. HTTP/2 over TLS where the server offers it.
class HttpClient {
  public:
    using Answered = std::function<void(HttpAnswer)>;

    /// `validation_error` with `ca_file` in `details.field` if that file cannot be read or is empty; `unavailable` if libcurl or
    /// the thread cannot be started. libcurl is initialised once per process, by the first client.
    static Result<std::unique_ptr<HttpClient>> open(HttpClientOptions options);

    /// Cancels running requests, reports them as not sent, and joins the thread. Not to be called by an `Answered`.
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    /// From any thread; never waits. `answered` is called once, on the client's thread, or on this one before `send` returns
    /// if the client is being destroyed. It must neither throw nor wait; it may send.
    void send(HttpRequest request, Answered answered);

  private:
    class Loop;
    explicit HttpClient(std::unique_ptr<Loop> loop);
    std::unique_ptr<Loop> loop_;
};

}  // namespace cariosan::curl
