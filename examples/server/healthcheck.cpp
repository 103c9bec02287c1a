#include "healthcheck.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>

#include "descriptor.hpp"

namespace cariosan::server {

namespace {

constexpr int kSeconds = 5;
constexpr std::size_t kMostHealthBytes = 16 * 1024;

Error failed(const std::string& what) {
    return Error(ErrorCode::unavailable, what + ": " + std::strerror(errno));
}

/// A connected socket whose reads and writes have a deadline. `SO_SNDTIMEO` applies to connecting, too.
/// Errors name the server by its `url`.
Result<Descriptor> connect_to_address(const std::string& host, std::uint16_t port, const std::string& url) {
    sockaddr_in6 six{};
    sockaddr_in four{};
    const bool is_four = ::inet_pton(AF_INET, host.c_str(), &four.sin_addr) == 1;
    if (!is_four && ::inet_pton(AF_INET6, host.c_str(), &six.sin6_addr) != 1) {
        return Error(ErrorCode::misuse, host + " is no address");
    }
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    Descriptor socket(::socket(is_four ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket) return failed("cannot make a socket");
    const timeval timeout{kSeconds, 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    const auto* address =
        is_four ? reinterpret_cast<const sockaddr*>(&four) : reinterpret_cast<const sockaddr*>(&six);
    const socklen_t size = is_four ? sizeof(four) : sizeof(six);
    if (::connect(socket.get(), address, size) != 0)
        return failed("cannot connect to " + url);
    return socket;
}

/// A connection, plain or encrypted, whose calls are those of a blocking socket.
class Conversation {
  public:
    explicit Conversation(Descriptor socket) : socket_(std::move(socket)) {}

    /// False if the server does not speak TLS.
    bool encrypt() {
        context_.reset(SSL_CTX_new(TLS_client_method()));
        if (context_) ssl_.reset(SSL_new(context_.get()));
        return ssl_ && SSL_set_fd(ssl_.get(), socket_.get()) == 1 && SSL_connect(ssl_.get()) == 1;
    }
    ssize_t send(std::string_view bytes) {
        if (ssl_) return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
        return ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    }
    ssize_t receive(std::array<char, 1024>& into) {
        if (ssl_) return SSL_read(ssl_.get(), into.data(), static_cast<int>(into.size()));
        return ::recv(socket_.get(), into.data(), into.size(), 0);
    }

  private:
    struct Free {
        void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
        void operator()(SSL* ssl) const { SSL_free(ssl); }
    };

    Descriptor socket_;
    std::unique_ptr<SSL_CTX, Free> context_;
    std::unique_ptr<SSL, Free> ssl_;
};

}  // namespace

std::string reachable_host(const std::string& host) {
    if (host == "0.0.0.0") return "127.0.0.1";
    if (host == "::") return "::1";
    return host;
}

std::string base_url(const Configuration& configuration, std::uint16_t port) {
    const std::string host = reachable_host(configuration.http_host);
    const bool is_six = host.find(':') != std::string::npos;
    return (configuration.tls_certificate_file.empty() ? "http://" : "https://") + (is_six ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<Done> check_health(const Configuration& configuration) {
    const std::string host = reachable_host(configuration.http_host);
    if (configuration.http_port == 0) {
        return Error(ErrorCode::misuse, "CARIOS_HTTP_PORT is 0: the port of the server is not known");
    }
    const std::string url = base_url(configuration, configuration.http_port);
    auto socket = connect_to_address(host, configuration.http_port, url);
    if (!socket) return socket.error();
    Conversation conversation(*std::move(socket));
    if (!configuration.tls_certificate_file.empty() && !conversation.encrypt()) {
        return Error(ErrorCode::unavailable, url + " does not speak TLS");
    }
    const std::string request =
        "GET /healthz HTTP/1.1\r\nHost: " + url.substr(url.find("//") + 2) + "\r\nConnection: close\r\n\r\n";
    if (conversation.send(request) != static_cast<ssize_t>(request.size())) {
        return failed("cannot ask " + url + "/healthz");
    }
    std::string answer;
    while (answer.size() < kMostHealthBytes && answer.find("\r\n") == std::string::npos) {
        std::array<char, 1024> part{};
        const ssize_t count = conversation.receive(part);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failed("no answer from " + url + "/healthz");
        if (count == 0) break;
        answer.append(part.data(), static_cast<std::size_t>(count));
    }
    if (answer.starts_with("HTTP/1.1 200 ")) return Done{};
    return Error(ErrorCode::unavailable, url + "/healthz does not answer 200");
}

}  // namespace cariosan::server
